"""What Prometheus is told of the telling: read from the ledger, so that many processes and restarts agree.

The deliveries of the last day are counted by `tally`, a little with each scrape.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily, Metric

from . import doorbell, health
from .clock import database_now
from .states import Channel
from .tally import BOUNDS, NOT_HANDED_OVER, Row, counted


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
    rows, uncounted = counted.rows(now)
    yield states(rows)
    yield handovers(rows)
    yield gauge(
        "statuspage_publications_uncounted", "Of those, publications whose deliveries are not counted yet", uncounted
    )


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


def states(rows: Iterable[Row]) -> Metric:
    words = "Deliveries of the last 24 hours' publications, by channel and state"
    family = GaugeMetricFamily("statuspage_deliveries", words, labels=["channel", "state"])
    totals: Counter[tuple[str, str]] = Counter()
    for channel, state, _bucket, count, _seconds in rows:
        totals[channel, state] += count
    for labels, count in sorted(totals.items()):
        family.add_metric(list(labels), count)
    return family


def handovers(rows: Iterable[Row]) -> Metric:
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
