"""What the ledger says: counts for the console, the operator's report.

Reads only. The canary and the messages that one person asked for are left out of counts
about an event; no answer holds an address.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone

from statuspage.events import Event, MaintenanceEvent
from statuspage.ports import Counts

from . import audience as people
from . import due_rows, outbox, throughput
from .delivery.canary import KIND as CANARY
from .models import Breaker, Delivery, OutboxEvent
from .notices import LATER, first_notice, notices_of
from .states import UNRESTING

LISTED = "listed"
"""In place of the update that will list a window, before there is one."""

# --- Ports of the status page -----------------------------------------------------------------


def audience(event: Event) -> Counts:
    """Who would be told, by channel; those who must not be sent to are not counted."""
    row = outbox.row_of(event, first_notice(event))
    told = people.of(row).exclude(people.is_suppressed(row))
    return {each["channel"]: each["count"] for each in told.values("channel").annotate(count=Count("pk"))}


def fan_out_estimate(event: Event) -> timedelta:
    """How long telling of `event` would take, from when it may begin."""
    return throughput.time_to_tell(outbox.row_of(event, first_notice(event)))


def listed_notice_due_at(event: MaintenanceEvent, telling: timedelta) -> datetime:
    """When a window that another one's message lists is told of by itself: its advance notice, or at once."""
    planned = notices_of(replace(event, told_with=event.told_with or LISTED), telling)
    return min(each.due_at for each in planned if each.audience not in people.ONLY_INVITED)


def progress(update_id: str) -> dict[str, Counts]:
    """Channel -> state -> number of deliveries of one update; empty until its fan-out begins.

    Later notices of the same window have counts of their own, in the report.
    """
    rows = Delivery.objects.filter(event__update_id=update_id).exclude(event__kind__in=LATER)
    counts: dict[str, Counts] = {}
    for channel, state, count in by(rows, "channel", "state"):
        counts.setdefault(channel, {})[state] = count
    return counts


# --- The operator's report --------------------------------------------------------------------


def delivery_report(incident_id: str | None = None) -> dict[str, Any]:
    """The ledger counted: by event, channel and state; ambiguous; attempts; oldest unsent age."""
    events = OutboxEvent.objects.exclude(kind=CANARY)
    if incident_id:
        events = events.filter(subject_id=incident_id)
    rows = Delivery.objects.filter(event__in=events)
    sums = rows.aggregate(ambiguous=Sum("ambiguous"), attempts=Sum("attempts"), deliveries=Count("pk"))
    return {
        "deliveries": sums["deliveries"],
        "states": dict(by(rows, "state")),
        "ambiguous": sums["ambiguous"] or 0,
        "attempts": sums["attempts"] or 0,
        "oldest_unsent_seconds": oldest_unsent_seconds(rows),
        "held_back": held_back(),
        "events": [event_report(event) for event in events.order_by("id").iterator(chunk_size=500)],
    }


def held_back() -> list[dict[str, Any]]:
    """Where nothing is sent just now, and why: a provider's refusal, or a limit of our own such as the day's texts."""
    return [
        {
            "scope": each.scope,
            "reason": each.reason,
            "code": each.code,
            "since": each.opened_at.isoformat(),
            "until": each.retry_at.isoformat(),
        }
        for each in Breaker.objects.order_by("scope")
    ]


def event_report(event: OutboxEvent) -> dict[str, Any]:
    """One event: what it was, when, and channel -> state -> count."""
    channels: dict[str, Counts] = {}
    for channel, state, count in by(event.deliveries.all(), "channel", "state"):
        channels.setdefault(channel, {})[state] = count
    return {
        "id": event.pk,
        "kind": event.kind,
        "subject": event.subject_id,
        "update": event.update_id,
        "published_at": event.published_at.isoformat(),
        "due_at": event.due_at.isoformat(),
        "fanned_out_at": event.fanned_out_at.isoformat() if event.fanned_out_at else None,
        "voided": event.void_reason or None,
        "channels": channels,
    }


def oldest_unsent_seconds(rows: QuerySet[Delivery], now: datetime | None = None) -> float:
    """How long the longest-waiting delivery has been due and is not handed over; 0 where none is.

    An outbox row that is due and not fanned out counts too: its deliveries do not exist yet.
    """
    now = now or timezone.now()
    unsent = rows.filter(state__in=sorted(UNRESTING)).aggregate(first=Min("not_before"))["first"]
    held = due_rows.due(now).aggregate(first=Min("due_at"))["first"]
    first = min((moment for moment in (unsent, held) if moment), default=now)
    return max(0.0, (now - first).total_seconds())


def by(rows: QuerySet[Delivery], *names: str) -> list[tuple[Any, ...]]:
    """The values of these columns with their number of rows, in order."""
    counted = rows.order_by(*names).values(*names).annotate(count=Count("pk"))
    return [(*(row[name] for name in names), row["count"]) for row in counted]
