"""Outages of one component -> one Day for each bar beside it, and its published uptime.

Pure: standard library, `vocabulary` and the facts' own types. Days are real days of the
page's zone, 23 or 25 hours long in the nights the clocks change. The uptime is Statuspage's
public figure, with a partial outage at three tenths; a contract's figure is `sla/`'s affair.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from statuspage.status import worst
from statuspage.vocabulary import ComponentStatus

from .snapshot import DAYS, Day

PARTIAL_WEIGHT = Fraction(3, 10)
"""How much of a partial outage counts, as on Statuspage. Printed on the page."""

MAJOR, PARTIAL = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.PARTIAL_OUTAGE

Seconds = tuple[int, int]
"""A half-open interval of whole seconds since 1970."""

Happened = tuple[float, float, ComponentStatus]
"""The part of an outage that has happened, in seconds since 1970."""


@dataclass(frozen=True)
class Outage:
    """[start, end) in which a component had `status`; `end` None: it still has."""

    start: datetime
    end: datetime | None
    status: ComponentStatus


def days(outages: Iterable[Outage], *, as_of: datetime, zone: ZoneInfo, count: int = DAYS) -> tuple[Day, ...]:
    """The last `count` days up to `as_of`, oldest first, with what each was worst.

    Time after `as_of` has not happened. A second under several outages counts once, as
    the worst of them.
    """
    happened = list(_happened(outages, as_of))
    today = as_of.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in reversed(range(count))]
    if not happened:
        return tuple(Day(date=each, worst=ComponentStatus.OPERATIONAL) for each in dates)
    edges = [midnight(each, zone) for each in (*dates, today + timedelta(days=1))]
    return tuple(
        _day(day, inside, edges[place], edges[place + 1])
        for place, (day, inside) in enumerate(zip(dates, _by_day(happened, edges), strict=True))
    )


def uptime(days: Sequence[Day], *, as_of: datetime, zone: ZoneInfo, start_date: date | None = None) -> Fraction | None:
    """1 - (major + 0.3 partial) / total, 0 to 1, exact, over the shown `days` until `as_of`.

    Days before `start_date` are no part of it. None where no time is left to speak of.
    """
    shown = [day for day in days if start_date is None or day.date >= start_date]
    if not shown:
        return None
    total = int(as_of.timestamp()) - midnight(shown[0].date, zone)
    if total <= 0:
        return None
    major = sum(day.major_seconds for day in shown)
    partial = sum(day.partial_seconds for day in shown)
    return 1 - (major + PARTIAL_WEIGHT * partial) / total


def down(outages: Iterable[Outage], *, start: datetime, end: datetime) -> tuple[int, int]:
    """How many whole seconds of [start, end) were a major outage, and how many a partial one and no major one.

    A second under several outages counts once. Neither degraded performance nor maintenance is an outage.
    """
    happened = list(_happened(outages, end))
    return _seconds(happened, int(start.timestamp()), int(end.timestamp()))


@lru_cache(maxsize=1024)
def midnight(day: date, zone: ZoneInfo) -> int:
    """When `day` begins in `zone`, in seconds since 1970.

    Where the clocks skip midnight it is the first instant after it, where they repeat it
    the first of the two: what zoneinfo's `fold=0` means. Kept, since all components
    share their days.
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _happened(outages: Iterable[Outage], as_of: datetime) -> Iterator[Happened]:
    """The outages up to `as_of`."""
    now = as_of.timestamp()
    for outage in outages:
        start, end = outage.start.timestamp(), outage.end.timestamp() if outage.end else now
        if start < now:
            yield start, min(end, now), outage.status


def _by_day(happened: Iterable[Happened], edges: Sequence[int]) -> list[list[Happened]]:
    """What reaches into each day; day `n` is [edges[n], edges[n + 1])."""
    found: list[list[Happened]] = [[] for _ in edges[1:]]
    for outage in happened:
        first, behind = bisect_right(edges, outage[0]) - 1, bisect_left(edges, outage[1])
        for place in range(max(first, 0), min(behind, len(found))):
            found[place].append(outage)
    return found


def _day(day: date, inside: Sequence[Happened], start: int, end: int) -> Day:
    if not inside:
        return Day(date=day, worst=ComponentStatus.OPERATIONAL)
    major, partial = _seconds(inside, start, end)
    found = worst(status for _, _, status in inside)
    return Day(date=day, worst=found, major_seconds=major, partial_seconds=partial)


def _seconds(happened: Sequence[Happened], start: int, end: int) -> tuple[int, int]:
    """Whole seconds of [start, end) under a major outage, and under a partial one alone."""
    major = list(_parts(happened, MAJOR, start, end))
    partial = list(_parts(happened, PARTIAL, start, end))
    major_seconds = _covered(major)
    return major_seconds, _covered(major + partial) - major_seconds


def _parts(happened: Iterable[Happened], wanted: ComponentStatus, start: int, end: int) -> Iterator[Seconds]:
    """The whole seconds of `wanted` inside [start, end)."""
    for first, last, status in happened:
        if status == wanted:
            yield max(start, int(first)), min(end, int(last))


def _covered(intervals: Iterable[Seconds]) -> int:
    """How many seconds lie in at least one interval."""
    seconds, reached = 0, 0
    for start, end in sorted(intervals):
        seconds += max(0, end - max(start, reached))
        reached = max(reached, end)
    return seconds
