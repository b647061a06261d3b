"""Which times of a window readers were told last, where the page has others now. Reads only."""

from typing import Any

from django.db.models import Q

from statuspage.events import Event, MaintenanceEvent, MaintenanceMoved, MaintenanceStarted, MaintenanceUpdated

from .models import Delivery, OutboxEvent
from .states import TOLD, State

KEY = "announced_before"
"""In the payload of what may be the first word of a window's new times: the times that readers have, or None."""

NAMES_THEM = (MaintenanceMoved, MaintenanceStarted, MaintenanceUpdated)

MAY_HAVE = Q(state__in=sorted({*TOLD, State.SENDING})) | Q(ambiguous__gt=0)
"""Deliveries whose words somebody has, or may have."""


def of(event: Event) -> dict[str, Any]:
    """What the payload of `event` says of times announced before; nothing where its kind does not speak of them.

    That a window was moved says nothing of what readers have: the move may have told nobody, been taken back in time
    or been overtaken by the next one.
    """
    if not isinstance(event, NAMES_THEM) or event.window_revision < 2:
        return {}
    announced = OutboxEvent.objects.filter(subject_id=event.subject_id, window_revision__lte=event.window_revision)
    rows = list(announced.order_by("-window_revision", "-published_at", "-pk"))
    if not any((row.window_revision or 0) < event.window_revision for row in rows):
        return {}  # The ledger knows nothing of it: it came from elsewhere, or is too old.
    told = next((row for row in rows if may_be_known(row)), None)
    return {KEY: told and times_of(told, event)}


def may_be_known(row: OutboxEvent) -> bool:
    """Whether somebody has, or may have, the times that `row` speaks of: from it, or from what listed its window."""
    its = Q(event=row)
    if lead := row.payload.get("told_with"):
        its |= Q(event__update_id=lead)
    return Delivery.objects.filter(MAY_HAVE, its).exists()


def times_of(row: OutboxEvent, event: MaintenanceEvent) -> dict[str, str] | None:
    """Start and end as told by `row`, named as the event names the replaced ones; None where it has the same."""
    told = row.payload["scheduled_for"], row.payload["scheduled_until"]
    if told == (event.scheduled_for.isoformat(), event.scheduled_until.isoformat()):
        return None
    return dict(zip(("previous_scheduled_for", "previous_scheduled_until"), told, strict=True))
