"""What Prometheus is told of the telling: read from the ledger, so that many processes and restarts agree.

Deliveries are counted for the events of the last day, event by event. One whose deliveries rest
is counted once and remembered; and a count that took long is not taken again soon, so that
scraping never costs the database more than a twentieth of its time.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from threading import Lock
from typing import Any

from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily, Metric

from . import doorbell, health
from .clock import database_now
from .delivery.canary import KIND as CANARY
from .models import Audience, OutboxEvent
from .states import Channel

SPAN = timedelta(days=1)
SETTLED_FOR = timedelta(hours=2)
"""Receipts come after a message rests; after this long they are no longer waited for."""

SHARE = 20
"""A count that took a second is good for twenty."""

BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
"""Seconds between publication and hand-over."""


def families() -> Iterator[Metric]:
    """Everything, as it is now."""
    now = database_now()
    found = health.facts(now)
    yield by_channel(
        "statuspage_oldest_unsent_seconds", "How long the oldest unsent message has been due", found.unsent
    )
    yield by_channel("statuspage_oldest_untried_seconds", "The same of those never tried", found.untried)
    yield from ages(found)
    yield by_channel("statuspage_breakers_open", "Places that are held back", open_breakers(found))
    lost = CounterMetricFamily("statuspage_doorbell_lost", "Rings that did not sound, of the workers and this process")
    lost.add_metric([], found.rings_lost + doorbell.losses())
    yield lost
    yield from counted.families(now)


def ages(found: health.Facts) -> Iterator[Metric]:
    yield gauge("statuspage_sending_held", "1: nothing is sent until somebody releases it", float(bool(found.held)))
    yield gauge("statuspage_outbox_waiting", "Publications that are due and not fanned out", found.unfanned)
    yield gauge("statuspage_outbox_oldest_seconds", "How long the oldest of them has been due", found.unfanned_age)
    yield gauge(
        "statuspage_dead_letters",
        "Messages given up in the last hour, not for the recipient's sake; 1000 at most",
        found.dead_letters,
    )
    if found.canary_age is not None:
        yield gauge(
            "statuspage_canary_age_seconds", "Since a test message came through the whole path", found.canary_age
        )


def gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def by_channel(name: str, words: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["channel"])
    for channel, value in values.items():
        family.add_metric([channel], value)
    return family


def open_breakers(found: health.Facts) -> dict[str, float]:
    """By channel only: the rest of a scope may be a recipient's own domain."""
    counts = Counter(each.scope.partition(":")[0] for each in found.breakers)
    return {each.value: float(counts[each.value]) for each in Channel if each != Channel.NULL}


# --- Counts of the last day ---------------------------------------------------------------------

Row = tuple[str, str, int, int, float]
"""Channel, state, index of the bucket, deliveries, seconds in all."""

NOT_HANDED_OVER = len(BOUNDS) + 1
"""The bucket of those that no provider took."""


class Counts:
    """The deliveries of the last day, kept by this process between two scrapes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[int, list[Row]] = {}
        self._final: set[int] = set()
        self._good_until = 0.0

    def families(self, now: datetime) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() >= self._good_until:
                self.count(now)
            rows = [row for each in self._rows.values() for row in each]
        yield states(rows)
        yield handovers(rows)

    def count(self, now: datetime) -> None:
        """Count again what may have changed; forget what is older than a day."""
        started = time.monotonic()
        events = {event.pk: event for event in newest(now - SPAN)}
        for gone in self._rows.keys() - events.keys():
            del self._rows[gone]
        self._final &= events.keys()
        for pk, event in events.items():
            if pk not in self._final:
                self._rows[pk] = counts_of(event)
                if event.settled_at and event.settled_at < now - SETTLED_FOR:
                    self._final.add(pk)
        ended = time.monotonic()
        self._good_until = ended + SHARE * (ended - started)


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


def states(rows: list[Row]) -> Metric:
    words = "Deliveries of the last 24 hours' publications, by channel and state"
    family = GaugeMetricFamily("statuspage_deliveries", words, labels=["channel", "state"])
    totals: Counter[tuple[str, str]] = Counter()
    for channel, state, _bucket, count, _seconds in rows:
        totals[channel, state] += count
    for labels, count in sorted(totals.items()):
        family.add_metric(list(labels), count)
    return family


def handovers(rows: list[Row]) -> Metric:
    """Not a counter: a day's distribution, to be used without rate()."""
    words = "From publication to hand-over, of the last 24 hours' publications"
    family = GaugeHistogramMetricFamily("statuspage_handover_seconds", words, labels=["channel"])
    taken = [row for row in rows if row[2] != NOT_HANDED_OVER]
    for channel in sorted({row[0] for row in taken}):
        mine = [row for row in taken if row[0] == channel]
        counts = [sum(row[3] for row in mine if row[2] == bucket) for bucket in range(NOT_HANDED_OVER)]
        names = [*(f"{bound:.1f}" for bound in BOUNDS), "+Inf"]
        family.add_metric([channel], list(zip(names, accumulate(counts), strict=True)), sum(row[4] for row in mine))
    return family


COUNT = """
    SELECT channel, state, CASE {whens} END AS bucket, COUNT(*), COALESCE(SUM({seconds}), 0)
      FROM notifications_delivery WHERE event_id = %s GROUP BY 1, 2, 3
"""
"""By the index of `delivery_once`, and with moments compared as they are stored: a day may hold a million."""

SECONDS = {
    "postgresql": "EXTRACT(EPOCH FROM accepted_at - %s)",
    "sqlite": "(julianday(accepted_at) - julianday(%s)) * 86400",
}


def counts_of(event: OutboxEvent) -> list[Row]:
    """One event's deliveries, counted by the database."""
    bounds = [event.published_at + timedelta(seconds=bound) for bound in BOUNDS]
    adapted: list[Any] = [connection.ops.adapt_datetimefield_value(each) for each in (*bounds, event.published_at)]
    whens = [f"WHEN accepted_at IS NULL THEN {NOT_HANDED_OVER}"]
    whens += [f"WHEN accepted_at <= %s THEN {place}" for place in range(len(BOUNDS))]
    whens += [f"ELSE {len(BOUNDS)}"]
    sql = COUNT.format(whens=" ".join(whens), seconds=SECONDS[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*adapted, event.pk])
        return [(row[0], row[1], int(row[2]), int(row[3]), float(row[4])) for row in cursor.fetchall()]
