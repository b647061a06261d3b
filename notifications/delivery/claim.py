"""Claim: a worker takes a batch of due deliveries for the length of a lease.

By conditional UPDATE, which holds on every database; where the database can, rows that
another worker looks at are skipped instead of waited for. Each claim raises the row's
fence, and whoever holds an older one can write nothing any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from notifications.clock import later
from notifications.models import Delivery
from notifications.retry import Tries
from notifications.states import Channel, State


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery in a worker's hands. `fence` is the claim's own."""

    id: UUID
    event_id: int
    channel: str
    priority: int
    fence: int
    tries: Tries


FACTS = ("id", "event_id", "channel", "priority", "fence", "attempts", "ambiguous", "ask_first")


def due(channel: str) -> QuerySet[Delivery]:
    """What a channel has to send now: urgent first, newest event first.

    Ordered as the index `delivery_queue` is, so that the first rows cost the same
    however many wait behind them.
    """
    queued = Delivery.objects.filter(state=State.QUEUED, channel=channel)
    ready = queued.filter(next_attempt_at__lte=Now(), not_after__gt=Now())
    return ready.order_by("priority", "-event_id", "next_attempt_at")


@transaction.atomic
def take(channel: str, limit: int, lease: timedelta) -> list[Claimed]:
    """Claim up to `limit` due deliveries, in the order in which they are to be sent."""
    rows = list(due(channel).select_for_update(skip_locked=True).values_list(*FACTS)[:limit])
    if not rows:
        return []
    Delivery.objects.filter(pk__in=[row[0] for row in rows]).update(
        state=State.SENDING, fence=F("fence") + 1, lease_expires_at=later(lease), opened_at=None
    )
    return [claimed(*row) for row in rows]


def claimed(
    id: UUID, event_id: int, channel: str, priority: int, fence: int, attempts: int, ambiguous: int, ask_first: bool
) -> Claimed:
    return Claimed(id, event_id, channel, priority, fence + 1, Tries(attempts, ambiguous, ask_first))


def renew(rows: Sequence[Claimed], lease: timedelta) -> None:
    """Hold what was not opened yet for another lease; what was lost meanwhile stays lost."""
    for mine in unopened(rows):
        mine.filter(lease_expires_at__gt=Now()).update(lease_expires_at=later(lease))


def release(rows: Sequence[Claimed], pause: timedelta | None = None) -> None:
    """Give back what was never opened, for at once or for after a pause; no try is spent."""
    facts = {"next_attempt_at": later(pause)} if pause else {}
    for mine in unopened(rows):
        mine.update(state=State.QUEUED, lease_expires_at=None, **facts)


# --- Put off: a breaker is open ------------------------------------------------------------------

CROWD_AT_ONCE = 2_000
"""Rows one statement puts off: short enough that nobody waits for its locks."""


def put_off(ids: Sequence[UUID], until: datetime) -> None:
    """Give back what is in our hands and may not go now. No try is spent, but others go before it: the claim is not to
    wade through a crowd that waits."""
    rows = Delivery.objects.filter(pk__in=ids)
    rows.update(state=State.QUEUED, lease_expires_at=None, next_attempt_at=until, priority=TRIED)


def put_off_domain(domain: str, until: datetime) -> int:
    """Let what is due to one mail domain wait, so many at a time, without any of it being claimed; how many.

    Rows that somebody else looks at are left to them.
    """
    crowd = due(Channel.EMAIL).filter(subscription__address__endswith=f"@{domain}")
    with transaction.atomic():
        ids = list(crowd.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:CROWD_AT_ONCE])
        return Delivery.objects.filter(pk__in=ids).update(next_attempt_at=until, priority=TRIED)


TRIED = F("priority").bitor(1)
"""As `after_a_try`, in the database."""


def unopened(rows: Sequence[Claimed]) -> Iterator[QuerySet[Delivery]]:
    """Those of `rows` that are still ours, one queryset a fence: almost always one or two."""
    ids: dict[int, list[UUID]] = {}
    for row in rows:
        ids.setdefault(row.fence, []).append(row.id)
    for fence, group in ids.items():
        yield Delivery.objects.filter(pk__in=group, fence=fence, state=State.SENDING, opened_at=None)
