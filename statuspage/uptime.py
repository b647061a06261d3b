"""Published uptime of components between two instants of one's choice: what was asked for, and what it comes to.

Pure: the standard library and the bars' arithmetic. The formula is that of the figure beside the bars
(`publishing.bars.uptime`), with a partial outage at three tenths, over whole seconds of [start, end):

    100 * (1 - (major + 0.3 partial) / total)

Of several components each of the three is the sum over them, so that the figure is the mean of theirs, weighed by
how long each was in service. A component counts from the day it came into service.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from statuspage.publishing.bars import PARTIAL_WEIGHT, Outage, down
from statuspage.publishing.snapshot import DAYS

MOST_MONTHS = 6
"""The longest range in calendar months, as on Statuspage."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
PART_OF_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
DIGITS = 6
"""Decimals of a percentage, rounded down: what was ever down is never 100."""


class Unusable(ValueError):
    """A range that cannot be had; `field` is the parameter that makes it so."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True)
class Range:
    """[start, end); `warnings` say where it is not what was asked for."""

    start: datetime
    end: datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Uptime:
    """Seconds of one component, or of several together."""

    major: int
    partial: int
    total: int

    @property
    def percentage(self) -> float:
        """0 to 100; a range in which nothing was in service has no outage."""
        if not self.total:
            return 100.0
        share = 100 * (1 - (self.major + PARTIAL_WEIGHT * self.partial) / Fraction(self.total))
        return int(share * 10**DIGITS) / 10**DIGITS


@dataclass(frozen=True)
class Served:
    """One component: since which day, and its outages."""

    since: date | None
    outages: tuple[Outage, ...] = ()


def of(components: Iterable[Served], asked: Range, zone: ZoneInfo) -> Uptime:
    """What these components come to together."""
    found = [_of_one(each, asked, zone) for each in components]
    return Uptime(*(sum(column) for column in zip(*found, strict=True))) if found else Uptime(0, 0, 0)


def _of_one(served: Served, asked: Range, zone: ZoneInfo) -> tuple[int, int, int]:
    start = max(asked.start, first_moment(served.since, zone)) if served.since else asked.start
    if start >= asked.end:
        return 0, 0, 0
    total = int(asked.end.timestamp()) - int(start.timestamp())
    return *down(served.outages, start=start, end=asked.end), total


def wanted(start: str, end: str, *, since: date | None, now: datetime, zone: ZoneInfo) -> Range:
    """The range that these parameters name: a year, a month, a day or an instant each, "" for the default.

    A start is the first moment of what it names, an end the last. By default a range ends now and begins 90 days
    before its end, or on the day `since` which there was something to count, whichever is later. It ends now at the
    latest, and is `MOST_MONTHS` long at most; where that changes what was asked for, a warning says so.

    Raises Unusable.
    """
    now, warnings = now.replace(microsecond=0), []
    until = moment(end, "end", zone, is_end=True) if end else now
    if until > now:
        if until.astimezone(zone).date() > now.astimezone(zone).date() + timedelta(days=1):
            warnings.append("The end lies in the future; counted until now.")
        until = now
    begin = moment(start, "start", zone) if start else max(EARLIEST, until - timedelta(days=DAYS))
    if since and begin < (first := first_moment(since, zone)):
        if start:
            warnings.append(f"Counted from {since.isoformat()}, since when it is in service.")
        begin = first
    if begin < (longest := months_before(until, MOST_MONTHS, zone)):
        warnings.append(f"A range is {MOST_MONTHS} months long at most; it was begun later.")
        begin = longest
    if begin >= until:
        raise Unusable("start" if start else "end", "There is nothing to count before the start of the range.")
    return Range(begin, until, tuple(warnings))


def moment(text: str, field: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """The instant at which what `text` names begins; for an end, at which it is over.

    Raises Unusable.
    """
    try:
        if part := PART_OF_DATE.fullmatch(text):
            day = _behind(part) if is_end else date(int(part[1]), int(part[2] or 1), int(part[3] or 1))
            found = first_moment(day, zone)
        else:
            found = datetime.fromisoformat(text)
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise Unusable(
            field, "Give a year, a month, a day or an instant, such as 2026, 2026-11 or 2026-11-05."
        ) from None
    if found < EARLIEST:
        raise Unusable(field, "The earliest date is 1970-01-01.")
    return found


def _behind(part: re.Match[str]) -> date:
    """The day behind a year, a month or a day."""
    year, month, day = int(part[1]), int(part[2] or 12), int(part[3] or 0)
    if day:
        return date(year, month, day) + timedelta(days=1)
    return date(year + month // 12, month % 12 + 1, 1) if 1 <= month <= 12 else date(year, month, 1)


def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def months_before(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same moment of the clock so many months before, on the month's last day where it has no such day."""
    there = at.astimezone(zone)
    year, month = divmod(there.year * 12 + there.month - 1 - months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return there.replace(year=year, month=month + 1, day=min(there.day, last)).astimezone(UTC)
