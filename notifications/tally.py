"""Tally: the deliveries of the last day's publications, counted a little with each scrape.

By the database, page by page, and never for longer than a second: a publication to a million
is counted in several scrapes, and until the next count is complete the last one stands. One
whose deliveries rest is counted once and remembered. What was counted is paid for with a
pause, so that scraping never costs the database more than a twentieth of its time.
"""

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection

from .delivery import statements
from .delivery.canary import KIND as CANARY
from .models import Audience, Delivery, OutboxEvent

SPAN = timedelta(days=1)
SETTLED_FOR = timedelta(hours=2)
"""Receipts come after a message rests; after this long they are no longer waited for."""

SCRAPE_SECONDS = 1.0
"""So long one scrape counts, and a page more: far from the five seconds that a web process's statements have."""

PAGE = 20_000
"""Deliveries that one statement counts: some hundredths of a second, a second from a cold disk."""

SHARE = 20
"""A count that took a second is good for twenty."""

BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
"""Seconds between publication and hand-over."""

Row = tuple[str, str, int, int, float]
"""Channel, state, index of the bucket, deliveries, seconds in all."""

NOT_HANDED_OVER = len(BOUNDS) + 1
"""The bucket of those that no provider took."""


@dataclass
class Pass:
    """One publication, counted up to `cursor`, a subscription's key; from when on that holds."""

    event: OutboxEvent
    begun_at: datetime
    cursor: UUID | None = None
    deliveries: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def go_on(self) -> bool:
        """Count one page; True where it was the last."""
        last = boundary(self.event, self.cursor)
        for channel, state, bucket, count, seconds in counts_of(self.event, self.cursor, last):
            self.deliveries[channel, state, bucket] += count
            self.seconds[channel, state, bucket] += seconds
        self.cursor = last
        return last is None

    @property
    def rows(self) -> list[Row]:
        return [(*key, count, self.seconds[key]) for key, count in self.deliveries.items()]

    @property
    def is_final(self) -> bool:
        return bool(self.event.settled_at and self.event.settled_at < self.begun_at - SETTLED_FOR)


class Counts:
    """The deliveries of the last day, kept by this process between two scrapes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[int, list[Row]] = {}
        self._final: set[int] = set()
        self._round: deque[Pass] = deque()
        self._good_until = 0.0

    def rows(self, now: datetime) -> tuple[list[Row], int]:
        """What is known, and of how many publications nothing is known yet."""
        with self._lock:
            if time.monotonic() >= self._good_until:
                self.count(now)
            unknown = {each.event.pk for each in self._round} - self._rows.keys()
            return [row for each in self._rows.values() for row in each], len(unknown)

    def count(self, now: datetime) -> None:
        """Go on with this round of what may have changed, or begin the next one; as far as the time goes."""
        started = time.monotonic()
        if not self._round:
            self.begin(now)
        while self._round:
            if self._round[0].go_on():
                self.keep(self._round.popleft())
            if time.monotonic() - started >= SCRAPE_SECONDS:
                break
        ended = time.monotonic()
        self._good_until = ended + SHARE * (ended - started)

    def begin(self, now: datetime) -> None:
        """A round: everything of the day but what is known for good. Forget what is older than a day."""
        events = {event.pk: event for event in newest(now - SPAN)}
        for gone in self._rows.keys() - events.keys():
            del self._rows[gone]
        self._final &= events.keys()
        self._round.extend(Pass(event, now) for pk, event in events.items() if pk not in self._final)

    def keep(self, done: Pass) -> None:
        self._rows[done.event.pk] = done.rows
        if done.is_final:
            self._final.add(done.event.pk)


def newest(since: datetime) -> Iterator[OutboxEvent]:
    """What was published since, the newest first: from the end of the table, as long as it may be.

    Links that one person asked for are no publications, and there may be thousands. The last
    row of before is looked for first: outside a transaction PostgreSQL gathers all that an
    iterator may come to, read or not, and that would be the whole ledger.
    """
    events = OutboxEvent.objects.order_by("-id")
    last = events.filter(created_at__lte=since).values_list("pk", flat=True).first() or 0
    return events.filter(pk__gt=last).exclude(kind=CANARY).exclude(audience=Audience.ONE).iterator(chunk_size=200)


counted = Counts()


# --- One page -----------------------------------------------------------------------------------

COUNT = """
    SELECT channel, state, CASE {whens} END AS bucket, COUNT(*), COALESCE(SUM({seconds}), 0)
      FROM notifications_delivery WHERE event_id = %s{bounds} GROUP BY 1, 2, 3
"""
"""By the index of `delivery_once`, and with moments compared as they are stored: a day may hold a million."""

SECONDS = {
    "postgresql": "EXTRACT(EPOCH FROM accepted_at - %s)",
    "sqlite": "(julianday(accepted_at) - julianday(%s)) * 86400",
}


def boundary(event: OutboxEvent, after: UUID | None) -> UUID | None:
    """The subscription that a page behind `after` ends with; None where it goes to the end."""
    keys = Delivery.objects.filter(event=event).order_by("subscription_id").values_list("subscription_id", flat=True)
    if after is not None:
        keys = keys.filter(subscription_id__gt=after)
    return next(iter(keys[PAGE - 1 : PAGE]), None)


def counts_of(event: OutboxEvent, after: UUID | None = None, until: UUID | None = None) -> list[Row]:
    """One publication's deliveries to subscriptions in (after, until], counted by the database."""
    bounds = [event.published_at + timedelta(seconds=bound) for bound in BOUNDS]
    adapted: list[Any] = [connection.ops.adapt_datetimefield_value(each) for each in (*bounds, event.published_at)]
    whens = [f"WHEN accepted_at IS NULL THEN {NOT_HANDED_OVER}"]
    whens += [f"WHEN accepted_at <= %s THEN {place}" for place in range(len(BOUNDS))]
    whens += [f"ELSE {len(BOUNDS)}"]
    keys = {" AND subscription_id > %s": after, " AND subscription_id <= %s": until}
    given = {words: key for words, key in keys.items() if key is not None}
    sql = COUNT.format(whens=" ".join(whens), seconds=SECONDS[connection.vendor], bounds="".join(given))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*adapted, event.pk, *statements.adapted(given.values())])
        return [(row[0], row[1], int(row[2]), int(row[3]), float(row[4])) for row in cursor.fetchall()]
