"""Overdue: texts the provider took and said no more of. A callback is lost where our end was down for long.

Hands out what is to be asked about; each row's next question is written down before anybody
asks, so that any number of copies together ask no more often than one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from notifications.models import Delivery
from notifications.retry import next_question
from notifications.states import Channel, State

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""In the column of the next question, for a receipt that nobody asks for any more."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """One text without a receipt. `reference` is the provider's name for it."""

    id: UUID
    reference: str


@transaction.atomic
def take(limit: int, now: datetime, first_wait: timedelta) -> list[Overdue]:
    """Up to `limit` texts whose receipt is to be asked for now, the longest overdue first."""
    waiting = Delivery.objects.filter(channel=Channel.SMS, state=State.ACCEPTED, next_attempt_at__lte=Now())
    named = waiting.exclude(provider_reference="").order_by("next_attempt_at")
    rows = list(named.select_for_update(skip_locked=True)[:limit])
    for row in rows:
        row.next_attempt_at = next_question(row.accepted_at or row.created_at, now, first_wait) or NEVER
    Delivery.objects.bulk_update(rows, ["next_attempt_at"])
    return [Overdue(row.pk, row.provider_reference) for row in rows]
