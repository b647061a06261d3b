"""What the ledger says: counts for the console, evidence of notice, the operator's report.

Reads only. The canary and the messages that one person asked for are left out of counts
about an event; no answer holds an address.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from statuspage.events import Event
from statuspage.ports import Counts, Reach

from . import audience as people
from . import labels, outbox, pseudonyms, throughput
from .delivery.canary import KIND as CANARY
from .models import Breaker, Delivery, OutboxEvent
from .notices import CURRENT, LATER, first_notice
from .stands import Phase
from .states import HANDED_OVER, UNRESTING, Channel, State

UNREACHED_SHOWN = 50
"""Recipients named on a page; all of them are in the evidence."""


# --- Ports of the status page -----------------------------------------------------------------


def audience(event: Event) -> Counts:
    """Who would be told, by channel; those who must not be sent to are not counted."""
    row = outbox.row_of(event, first_notice(event))
    told = people.of(row).exclude(people.is_suppressed(row))
    return {each["channel"]: each["count"] for each in told.values("channel").annotate(count=Count("pk"))}


def fan_out_estimate(event: Event) -> timedelta:
    """How long telling of `event` would take, from when it may begin."""
    return throughput.time_to_tell(outbox.row_of(event, first_notice(event)))


def progress(update_id: str) -> dict[str, Counts]:
    """Channel -> state -> number of deliveries of one update; empty until its fan-out begins.

    Later notices of the same window have counts of their own, in the report.
    """
    rows = Delivery.objects.filter(event__update_id=update_id).exclude(event__kind__in=LATER)
    counts: dict[str, Counts] = {}
    for channel, state, count in by(rows, "channel", "state"):
        counts.setdefault(channel, {})[state] = count
    return counts


def notice_completed_at(maintenance_id: str, window_revision: int) -> datetime | None:
    """When the last reachable recipient had notice of this window; None: not yet, or nobody was told.

    The later of its publication and the last first acceptance. Who could not be reached
    (failed, undelivered, unknown, suppressed, expired) is listed as evidence and delays nothing;
    but a notice that reached none of its recipients was no notice. Without any, its
    publication is one.
    """
    events = announcements(maintenance_id, window_revision)
    first = events.order_by("published_at").first()
    if first is None or not events.filter(fanned_out_at__isnull=False).exists():
        return None
    recipients = first_acceptances(events)
    if recipients.filter(told_at=None, waiting__gt=0).exists():
        return None
    last = recipients.aggregate(last=Max("told_at"))["last"]
    if last is None:
        return None if recipients.exists() else first.published_at
    return max(first.published_at, last)


def notice_evidence(maintenance_id: str, window_revision: int) -> list[dict[str, Any]]:
    """One row a recipient: channel, state, when accepted, how long before the start."""
    events = announcements(maintenance_id, window_revision)
    first = events.order_by("published_at").first()
    if first is None:
        return []
    start = datetime.fromisoformat(first.payload["scheduled_for"])
    return [
        {
            "subscription": str(row["subscription"]),
            "client": row["subscription__subscriber__client_reference"],
            "channel": row["channel"],
            "state": state_of(row),
            "accepted_at": row["told_at"],
            "before_start": start - row["told_at"] if row["told_at"] else None,
        }
        for row in first_acceptances(events).order_by("told_at", "subscription")
    ]


def notice_reach(maintenance_id: str, window_revision: int) -> Reach | None:
    """How far the notice of a revision has come, in one pass over the ledger; None: it was announced to nobody."""
    events = announcements(maintenance_id, window_revision)
    first = events.order_by("published_at").first()
    if first is None:
        return None
    people = first_acceptances(events)
    sums = people.aggregate(first_at=Min("told_at"), last_at=Max("told_at"), **sums_by_channel())
    unreached = people.filter(told_at=None, waiting=0).order_by("subscription__subscriber__client_reference", "channel")
    return Reach(
        starts_at=datetime.fromisoformat(first.payload["scheduled_for"]),
        first_at=sums["first_at"],
        last_at=sums["last_at"],
        channels=channels_of(sums),
        unreached=[unreached_row(row) for row in unreached[:UNREACHED_SHOWN]],
    )


def sums_by_channel() -> dict[str, Count]:
    """One count for each channel and each of told, waiting and unreached."""
    there = {"told": Q(told_at__isnull=False), "waiting": Q(told_at=None, waiting__gt=0)}
    there["unreached"] = Q(told_at=None, waiting=0)
    return {
        f"{channel}_{name}": Count("subscription", filter=Q(channel=channel) & condition)
        for channel in Channel
        for name, condition in there.items()
    }


def channels_of(sums: dict[str, Any]) -> dict[str, Counts]:
    """Channel -> told, waiting, unreached; only channels with somebody."""
    names = ("told", "waiting", "unreached")
    counts = {channel.value: {name: sums[f"{channel}_{name}"] for name in names} for channel in Channel}
    return {channel: each for channel, each in counts.items() if any(each.values())}


def unreached_row(row: dict[str, Any]) -> dict[str, Any]:
    """One recipient without notice: who, by a pseudonym, and why."""
    state = str(row["any_state"])
    return {
        "subscription": str(row["subscription"]),
        "client": row["subscription__subscriber__client_reference"],
        "recipient": pseudonyms.short(row["address_key"]),
        "channel": labels.CHANNEL.get(row["channel"], row["channel"]),
        "why": labels.meaning(state, row["channel"]),
        "code": row["code"],
    }


def announcements(maintenance_id: str, window_revision: int) -> QuerySet[OutboxEvent]:
    """Everything that told of this revision of the window before it began."""
    kinds = ["maintenance_scheduled", "maintenance_moved", "maintenance_updated", *LATER]
    told = Q(kind__in=kinds) | Q(kind=CURRENT, payload__phase=Phase.AHEAD.value)
    rows = OutboxEvent.objects.filter(told, subject_id=maintenance_id, window_revision=window_revision)
    return rows.exclude(void_reason=outbox.NOT_ASKED_FOR).exclude(audience__in=people.ONLY_INVITED)


def first_acceptances(events: QuerySet[OutboxEvent]) -> Any:
    """One row a subscription: `told_at`, how many of its deliveries still wait, their states' extremes."""
    rows = Delivery.objects.filter(event__in=events)
    grouped = rows.values("subscription", "subscription__subscriber__client_reference", "channel")
    return grouped.annotate(
        told_at=Min("accepted_at", filter=~Q(state=State.UNDELIVERED)),
        waiting=Count("pk", filter=Q(state__in=sorted(UNRESTING))),
        delivered=Count("pk", filter=Q(state=State.DELIVERED)),
        handed_over=Count("pk", filter=Q(state__in=sorted(HANDED_OVER))),
        any_state=Max("state"),
        address_key=Max("subscription__address_key"),
        code=Max("last_code"),
    )


def state_of(row: dict[str, Any]) -> str:
    """The best that is known of one recipient's notices."""
    if row["delivered"]:
        return State.DELIVERED
    if row["told_at"]:
        return State.ACCEPTED
    return State.QUEUED if row["waiting"] else str(row["any_state"])


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
    held = outbox.due(now).aggregate(first=Min("due_at"))["first"]
    first = min((moment for moment in (unsent, held) if moment), default=now)
    return max(0.0, (now - first).total_seconds())


def by(rows: QuerySet[Delivery], *names: str) -> list[tuple[Any, ...]]:
    """The values of these columns with their number of rows, in order."""
    counted = rows.order_by(*names).values(*names).annotate(count=Count("pk"))
    return [(*(row[name] for name in names), row["count"]) for row in counted]
