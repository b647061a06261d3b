"""When readers are least likely to be disturbed: what happened before by weekday and hour, and the quietest slot.

Pure. Instants are UTC; weekdays and hours are those of clocks in a zone, Monday 0. What
happened at 03:59 counts for the hour of 03:00. A week has 168 hours, also where a night
has one hour more or less.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Cell = tuple[int, int]
"""A weekday and an hour of it."""

STEP = timedelta(minutes=15)
"""How finely a slot is laid over the hours: also where a zone is three quarters of an hour from UTC."""

HOUR = timedelta(hours=1)
AROUND = timedelta(hours=3)
"""Of two equally quiet slots the one whose neighbourhood is quieter is chosen: work overruns."""

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Slot:
    """[start, end), and how much happened in its hours before."""

    start: datetime
    end: datetime
    happened: int


def by_hour(instants: Iterable[datetime], zone: ZoneInfo) -> Counter[Cell]:
    """How often something happened in each hour of the week, by clocks in `zone`."""
    return Counter(cell(at, zone) for at in instants)


def cell(at: datetime, zone: ZoneInfo) -> Cell:
    local = at.astimezone(zone)
    return local.weekday(), local.hour


def quietest(
    counts: Mapping[Cell, int],
    zone: ZoneInfo,
    *,
    length: timedelta,
    earliest: datetime,
    busy: Sequence[tuple[datetime, datetime]] = (),
) -> Slot | None:
    """The quietest slot that begins at a full hour within a week from `earliest` on and meets nothing in `busy`.

    None where everything is taken. Of equals the one with the quieter hours around it,
    then the soonest.
    """
    free = [start for start in starts(earliest, zone) if is_free(start, start + length, busy)]
    if not free:
        return None
    first = min(free, key=lambda start: (*weight(counts, zone, start, start + length), start))
    return Slot(first, first + length, happened(counts, zone, first, first + length))


def starts(earliest: datetime, zone: ZoneInfo) -> list[datetime]:
    """The full hours of clocks in `zone` in the week from `earliest` on."""
    first = earliest.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = (WEEK + HOUR) // STEP
    moments = (first + STEP * number for number in range(count))
    return [at for at in moments if earliest <= at < earliest + WEEK and at.astimezone(zone).minute == 0]


def is_free(start: datetime, end: datetime, busy: Sequence[tuple[datetime, datetime]]) -> bool:
    return not any(begun < end and start < ended for begun, ended in busy)


def weight(counts: Mapping[Cell, int], zone: ZoneInfo, start: datetime, end: datetime) -> tuple[int, int]:
    """What happened in its hours, and in those around it too; comparable between slots of one length."""
    return quarters(counts, zone, start, end), quarters(counts, zone, start - AROUND, end + AROUND)


def quarters(counts: Mapping[Cell, int], zone: ZoneInfo, start: datetime, end: datetime) -> int:
    """The counts of the hours that [start, end) lies in, each as often as it holds a quarter of an hour of it."""
    total, at = 0, start
    while at < end:
        total += counts.get(cell(at, zone), 0)
        at += STEP
    return total


def happened(counts: Mapping[Cell, int], zone: ZoneInfo, start: datetime, end: datetime) -> int:
    """How much happened in the hours that [start, end) touches, each hour counted once."""
    cells, at = set(), start
    while at < end:
        cells.add(cell(at, zone))
        at += STEP
    return sum(counts.get(each, 0) for each in cells)


def busiest(counts: Mapping[Cell, int]) -> tuple[Cell, int] | None:
    """The hour of the week in which most happened, the first of equals; None where nothing did."""
    if not any(counts.values()):
        return None
    first = min(counts, key=lambda each: (-counts[each], each))
    return first, counts[first]


def by_day(counts: Mapping[Cell, int]) -> list[int]:
    """How much happened on each weekday, Monday first."""
    return [sum(counts.get((day, hour), 0) for hour in range(24)) for day in range(7)]
