"""What the ledger says of the notice of a window: when everybody had it, whom it reached, and whom not.

Answers the ports of the status page. Reads only; no answer holds an address. One row is
one recipient with all that told of one revision of the window before it began.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q

from statuspage.ports import Counts, Notice, Reach

from . import labels, outbox, pseudonyms
from .audience import ONLY_INVITED
from .models import Delivery, OutboxEvent
from .notices import CURRENT, LATER
from .stands import Phase
from .states import HANDED_OVER, UNRESTING, Channel, State

BEGUN_EARLY = Q(kind="maintenance_started") & ~Q(payload__previous_scheduled_for=None)
ANNOUNCING = Q(kind__in=["maintenance_scheduled", "maintenance_moved"]) | BEGUN_EARLY
"""What gives a window new times; a window that the ledger has none of came from elsewhere, or is too old for it."""
BEFORE_THE_START = (
    ANNOUNCING | Q(kind__in=["maintenance_updated", *LATER]) | Q(kind=CURRENT, payload__phase=Phase.AHEAD.value)
)
GIVES_TIMES = frozenset({"maintenance_scheduled", "maintenance_moved", "maintenance_started"})
"""The kinds by which those of BEFORE_THE_START are known that are ANNOUNCING."""
NOBODY_TOLD = (outbox.NOT_ASKED_FOR, outbox.RECALLED)
UNREACHED_SHOWN = 50
"""Recipients named on a page; all of them are in the evidence."""
ENOUGH = timedelta(hours=24)
CHUNK = 1_000
MOMENTS = 40
"""Steps of a course: more than a small plot can show."""

CUT_OFF = Q(state__in=[State.EXPIRED, State.SUPERSEDED], attempts=0)
"""Given up before a call was made: nothing says that this recipient could not be reached."""
TROUBLE = Q(state__in=[State.FAILED, State.UNDELIVERED, State.UNKNOWN, State.SUPPRESSED]) | Q(
    state__in=[State.EXPIRED, State.SUPERSEDED], attempts__gt=0
)
"""Could not be reached: is listed, and delays nothing."""

TOLD = Q(told_at__isnull=False)
WAITING = Q(told_at=None, waiting__gt=0)
MISSED = Q(told_at=None, waiting=0, cut_off__gt=0, in_trouble=0)
UNREACHED = Q(told_at=None, waiting=0) & ~Q(cut_off__gt=0, in_trouble=0)
HOW = {"told": TOLD, "waiting": WAITING, "missed": MISSED, "unreached": UNREACHED}
"""How a recipient stands to the notice of one revision; each is one of them."""
MEMBER = Q(of_the_first__gt=0)
"""Subscribed when the revision was published. Who came later is told too, and delays nothing."""


def notice_completed_at(maintenance_id: str, window_revision: int) -> datetime | None:
    """When the last reachable recipient had notice of this window; None: not everybody has, or nobody was told."""
    return notice(maintenance_id, window_revision).completed_at


def notices(maintenance_id: str) -> dict[int, Notice]:
    """What became of each announcement of a window, by its revision."""
    return {revision: notice_of(events) for (_id, revision), events in by_revision([maintenance_id]).items()}


def notice(maintenance_id: str, window_revision: int) -> Notice:
    """Of one revision, also of one that the ledger has no announcement of."""
    return notice_of(announcements(maintenance_id, window_revision))


def notice_of(events: Sequence[OutboxEvent]) -> Notice:
    """When everybody had it, and how many.

    It is complete at the later of its publication and the last first acceptance among those
    who were subscribed then and could be reached (I12). Who could not (failed, undelivered,
    unknown, suppressed, tried in vain) is counted and delays nothing; but a notice that
    reached none of its recipients was no notice. Without any, its publication is one.
    """
    first = first_of(events)
    if first is None or first.fanned_out_at is None:
        return Notice(completed_at=None, due_at=due_at(events))
    sums = recipients(events, first).aggregate(
        last_at=Max("told_at", filter=MEMBER),
        **{f"sum_{name}": Count("subscription", filter=MEMBER & those) for name, those in HOW.items()},
    )
    counts = {name: sums[f"sum_{name}"] for name in HOW}
    if not is_complete(counts):
        return Notice(completed_at=None, due_at=due_at(events, has_begun=counts["waiting"] > 0), **counts)
    return Notice(completed_at=max(first.published_at, sums["last_at"] or first.published_at), **counts)


def is_complete(counts: Mapping[str, int]) -> bool:
    """Whether nobody is left to be told, and somebody was where there was anybody."""
    return not (counts["waiting"] or counts["missed"]) and bool(counts["told"] or not counts["unreached"])


def due_at(events: Iterable[OutboxEvent], *, has_begun: bool = False) -> datetime | None:
    """From when those are told before the start who have not been; None: there is no more to come.

    `has_begun`: somebody waits in the queue of what was fanned out.
    """
    going_on = (each for each in events if each.voided_at is None and each.due_at < starts_at(each))
    return min((each.due_at for each in going_on if has_begun or each.fanned_out_at is None), default=None)


def notice_evidence(maintenance_id: str, window_revision: int) -> Iterator[dict[str, Any]]:
    """One row a recipient, by when they had it, the others behind; as `statuspage.ports` describes it."""
    events = announcements(maintenance_id, window_revision)
    first = first_of(events)
    if first is None:
        return
    people = recipients(events, first).annotate(notices=Count("pk"))
    for row in people.order_by(F("told_at").asc(nulls_last=True), "subscription").iterator(chunk_size=CHUNK):
        yield evidence_of(row, first)


def evidence_of(row: dict[str, Any], first: OutboxEvent) -> dict[str, Any]:
    """One recipient: who, by a pseudonym, by which channel, when, how long before the start, or why not."""
    start, told_at, state = starts_at(first), row["told_at"], state_of(row)
    lead = start - told_at if told_at else None
    return {
        "window_revision": first.window_revision,
        "window_start": start,
        "subscription": str(row["subscription"]),
        "recipient": pseudonyms.short(row["address_key"]),
        "client": row["subscription__subscriber__client_reference"],
        "channel": row["channel"],
        "was_subscribed": row["of_the_first"] > 0,
        "notices": row["notices"],
        "state": str(state),
        "meaning": str(labels.meaning(state, row["channel"], is_taken=told_at is not None)),
        "code": row["code"],
        "accepted_at": told_at,
        "before_start": lead,
        "lead_seconds": int(lead.total_seconds()) if lead is not None else None,
        "told_24_hours_before": lead is not None and lead >= ENOUGH,
    }


def notice_course(maintenance_id: str, window_revision: int) -> list[tuple[datetime, int]]:
    """How many had it at MOMENTS moments from the first hand-over to the last; nothing where nobody has it."""
    events = announcements(maintenance_id, window_revision)
    first = first_of(events)
    if first is None:
        return []
    people = recipients(events, first)
    edges = people.aggregate(since=Min("told_at", filter=MEMBER), until=Max("told_at", filter=MEMBER))
    if edges["since"] is None:
        return []
    step = (edges["until"] - edges["since"]) / MOMENTS
    moments = [edges["since"] + step * number for number in range(MOMENTS)] + [edges["until"]]
    had_it = {f"by_{number}": MEMBER & Q(told_at__lte=at) for number, at in enumerate(moments)}
    counts = people.aggregate(**{name: Count("subscription", filter=those) for name, those in had_it.items()})
    return list(zip(moments, (counts[name] for name in had_it), strict=True))


def starts_at(event: OutboxEvent) -> datetime:
    """When the announced window was to begin, as it was published."""
    return datetime.fromisoformat(event.payload["scheduled_for"])


def notice_reach(maintenance_id: str, window_revision: int) -> Reach | None:
    """How far the notice of a revision has come, in one pass over the ledger; None: it was announced to nobody."""
    events = announcements(maintenance_id, window_revision)
    first = next(iter(events), None)
    if first is None:
        return None
    people = recipients(events, first)
    sums = people.aggregate(first_at=Min("told_at"), last_at=Max("told_at"), **sums_by_channel())
    unreached = people.filter(told_at=None, waiting=0).order_by("subscription__subscriber__client_reference", "channel")
    return Reach(
        starts_at=starts_at(first),
        first_at=sums["first_at"],
        last_at=sums["last_at"],
        channels=channels_of(sums),
        unreached=[unreached_row(row) for row in unreached[:UNREACHED_SHOWN]],
    )


def sums_by_channel() -> dict[str, Count]:
    """One count for each channel and each of told, waiting and unreached, those who were missed among them."""
    there = {"told": TOLD, "waiting": WAITING, "unreached": Q(told_at=None, waiting=0)}
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


def by_revision(maintenance_ids: Collection[str]) -> dict[tuple[str, int], list[OutboxEvent]]:
    """(maintenance, revision) -> what told of it, as `announcements`; in one query, for those the ledger announced."""
    rows = OutboxEvent.objects.filter(BEFORE_THE_START, subject_id__in=maintenance_ids, window_revision__isnull=False)
    found: dict[tuple[str, int], list[OutboxEvent]] = {}
    announced = set()
    for row in rows.order_by("subject_id", "window_revision", "published_at", "id"):
        key = (row.subject_id, row.window_revision or 0)
        found.setdefault(key, []).append(row)
        if row.kind in GIVES_TIMES:
            announced.add(key)
    return {key: [each for each in events if tells(each)] for key, events in found.items() if key in announced}


def announcements(maintenance_id: str, window_revision: int) -> list[OutboxEvent]:
    """Everything that told, or is to tell, of this revision of the window before it began, in order."""
    rows = OutboxEvent.objects.filter(BEFORE_THE_START, subject_id=maintenance_id, window_revision=window_revision)
    return [each for each in rows.order_by("published_at", "id") if tells(each)]


def tells(event: OutboxEvent) -> bool:
    """Whether it is a notice: not one that nobody was to hear, nor what is for calendars alone."""
    return event.void_reason not in NOBODY_TOLD and event.audience not in ONLY_INVITED


def first_of(events: Sequence[OutboxEvent]) -> OutboxEvent | None:
    """The announcement that fixed who had subscribed: not one that was called off before everybody's was made."""
    begun = (each for each in events if each.voided_at is None or each.fanned_out_at)
    return next(begun, next(iter(events), None))


def recipients(events: Iterable[OutboxEvent], first: OutboxEvent) -> Any:
    """One row a subscription: `told_at`, and how its deliveries stand; `of_the_first`: told of by the first of them."""
    rows = Delivery.objects.filter(event__in=[each.pk for each in events])
    grouped = rows.values("subscription", "subscription__subscriber__client_reference", "channel")
    return grouped.annotate(
        told_at=Min("accepted_at", filter=~Q(state=State.UNDELIVERED)),
        of_the_first=Count("pk", filter=Q(event=first)),
        waiting=Count("pk", filter=Q(state__in=sorted(UNRESTING))),
        cut_off=Count("pk", filter=CUT_OFF),
        in_trouble=Count("pk", filter=TROUBLE),
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
