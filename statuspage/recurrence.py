"""Windows that recur: a rule over the clock on the wall -> windows as instants. Pure: text and times in, times out.

A rule is an RRULE (RFC 5545, 3.3.10) without DTSTART: the first start is given beside it, as clocks in a zone show
it. The rule is counted out on the wall by dateutil, and each wall-clock time becomes an instant as RFC 5545, 3.3.5
has it: one that the clocks skip is read by the offset from before the gap, so that it moves on by the gap's length to
one that exists; one that they show twice is the first of both. A window's length is elapsed time.

    >>> nightly = recurrence("FREQ=DAILY;COUNT=3", datetime(2026, 3, 28, 2, 30), "Europe/Amsterdam", timedelta(hours=1))
    >>> [f"{each.start:%d %H:%M} UTC" for each in nightly.windows()]
    ['28 01:30 UTC', '29 01:30 UTC', '30 00:30 UTC']

On the 29th the clocks go from 02:00 to 03:00, so that this window begins at 03:30 there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_RULE = 255
MOST = 400
"""Windows that are looked at or announced at once: a year of nights."""

BY_DATE = frozenset({"BYMONTH", "BYDAY", "BYSETPOS"})
PARTS = {
    "DAILY": frozenset({"BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"}),
    "WEEKLY": BY_DATE,
    "MONTHLY": BY_DATE | {"BYMONTHDAY"},
    "YEARLY": BY_DATE | {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"},
}
"""Frequency -> what narrows it, by the table of RFC 5545, 3.3.10. Hours and less are no maintenance's rhythm."""

COMMON = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"


def _numbers(most: int, sign: str = "[+-]?") -> Callable[[str], bool]:
    """Whether a text is a list of whole numbers from 1 to `most`, where `sign` allows also backwards from the end."""
    one = re.compile(rf"{sign}(\d{{1,3}})", re.ASCII)
    return lambda text: all((found := one.fullmatch(each)) and 1 <= int(found[1]) <= most for each in text.split(","))


VALUES: dict[str, Callable[[str], object]] = {
    "FREQ": PARTS.__contains__,
    "INTERVAL": _numbers(366, ""),
    "COUNT": _numbers(999, ""),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII).fullmatch,
    "WKST": re.compile(DAY).fullmatch,
    "BYDAY": re.compile(rf"([+-]?[1-9]\d?)?{DAY}(,([+-]?[1-9]\d?)?{DAY})*", re.ASCII).fullmatch,
    "BYMONTH": _numbers(12, ""),
    "BYMONTHDAY": _numbers(31),
    "BYYEARDAY": _numbers(366),
    "BYWEEKNO": _numbers(53),
    "BYSETPOS": _numbers(366),
}

CALENDAR = 400
"""Years after which the Gregorian calendar repeats itself, weekdays and all: 146,097 days are whole weeks."""
LAST_YEAR = 9999


@dataclass(frozen=True, order=True)
class Window:
    """One occurrence: [start, end) as instants in UTC, and what the clock showed by the rule when it was to begin."""

    start: datetime
    end: datetime
    wall: datetime


@dataclass(frozen=True)
class Recurrence:
    """A checked rule, and all else that its windows follow from. An `until` without an offset is on the wall."""

    rule: str
    wall_start: datetime
    zone: ZoneInfo
    length: timedelta
    count: int | None = None
    until: datetime | None = None

    def windows(self) -> Iterator[Window]:
        """All windows, the first one first; there may be no end of them."""
        for wall in islice(self._walls(), self.count):
            start = instant(wall, self.zone)
            if self.until and self.until < (start if self.until.tzinfo else wall):
                return
            yield Window(start, start + self.length, wall)

    def between(self, since: datetime, until: datetime) -> list[Window]:
        """The windows that begin in [since, until), MOST of them at the most."""
        return list(islice(_from(self.windows(), since, until), MOST))

    def following(self, since: datetime, count: int) -> list[Window]:
        """The first so many windows that begin at `since` or later."""
        return list(islice(_from(self.windows(), since), count))

    def _walls(self) -> Iterator[datetime]:
        """What clocks show at each start, by the rule alone.

        A rule that has no (further) occurrence makes dateutil look for one until the year
        9999, for seconds. So it is counted out in the last of the calendar's 400 years that
        have the same days, where that is soon over.
        """
        years = (LAST_YEAR - self.wall_start.year) // CALENDAR * CALENDAR
        shifted = self.wall_start.replace(year=self.wall_start.year + years)
        for wall in rrulestr(self.rule, dtstart=shifted):
            yield wall.replace(year=wall.year - years)


def _from(windows: Iterator[Window], since: datetime, until: datetime | None = None) -> Iterator[Window]:
    for each in windows:
        if until and each.start >= until:
            return
        if each.start >= since:
            yield each


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a naive wall-clock time (see above for those that come twice or not at all)."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


# --- Checking ---------------------------------------------------------------------------------------


def recurrence(rule: str, wall_start: datetime, zone: str, length: timedelta) -> Recurrence:
    """The rule with its first start, zone and length, checked.

    Raises ValidationError naming `rule` or `length`: what cannot be read, what RFC 5545 does
    not allow, a rule without any occurrence, windows that would overlap.
    """
    parts = parsed(rule)
    plain = ";".join(f"{name}={value}" for name, value in parts.items() if name not in {"COUNT", "UNTIL"})
    count, until = parts.get("COUNT"), parts.get("UNTIL")
    made = Recurrence(
        plain, wall_start, ZoneInfo(zone), length, int(count) if count else None, _until(until) if until else None
    )
    _check_windows(made)
    return made


def normal(rule: str) -> str:
    """A rule as it is stored: in capitals, without spaces, and without the name that calendars write before it."""
    return re.sub(r"\s+", "", rule).upper().removeprefix("RRULE:").rstrip(";")


def parsed(rule: str) -> dict[str, str]:
    """Name -> value, in the rule's order, each of them allowed where it stands."""
    if len(rule) > LONGEST_RULE:
        raise _refused(_("The rule is too long."))
    pairs = [part.partition("=") for part in normal(rule).split(";")]
    parts = {name: value for name, _equals, value in pairs}
    if len(parts) < len(pairs):
        raise _refused(_("A part of the rule stands there twice."))
    frequency = parts.get("FREQ", "")
    if frequency not in PARTS:
        raise _refused(_("The rule must say FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."))
    for name, value in parts.items():
        _check_part(name, value, frequency)
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise _refused(_("Give COUNT or UNTIL, not both."))
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise _refused(_("BYSETPOS chooses among days: name them with BYDAY or BYMONTHDAY."))
    return parts


def _check_part(name: str, value: str, frequency: str) -> None:
    words = {"part": f"{name}={value}"[:64], "frequency": frequency}
    if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
        raise _refused(_("%(part)s: the time of day is that of the first start.") % words)
    if name not in COMMON | PARTS[frequency]:
        raise _refused(_("%(part)s is not known in a rule with FREQ=%(frequency)s.") % words)
    if not VALUES[name](value):
        raise _refused(_("%(part)s cannot be read.") % words)
    if name == "BYDAY" and frequency in {"DAILY", "WEEKLY"} and re.search(r"\d", value):
        raise _refused(_("%(part)s: days are numbered within months and years only.") % words)


def _until(text: str) -> datetime:
    """UNTIL as calendars write it: in UTC, or on the wall; a date alone means all of that day."""
    try:
        if len(text) == len("20261231"):
            return datetime.combine(datetime.strptime(text, "%Y%m%d"), time.max)
        at = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        raise _refused(_("%(part)s cannot be read.") % {"part": f"UNTIL={text}"}) from None
    return at.replace(tzinfo=UTC) if text.endswith("Z") else at


def _check_windows(made: Recurrence) -> None:
    """There is a first window, and each ends before the next one begins."""
    if made.length <= timedelta():
        raise ValidationError({"length": _("The window must end after it starts.")})
    try:
        first = list(islice(made.windows(), MOST))
    except (ValueError, OverflowError):
        raise _refused(_("This rule cannot be counted out.")) from None
    if not first:
        raise _refused(_("No window follows from this rule and this first start."))
    if any(later.start < earlier.end for earlier, later in pairwise(first)):
        raise ValidationError({"length": _("The windows would overlap: each begins before the last one has ended.")})


def _refused(said: str) -> ValidationError:
    return ValidationError({"rule": said})
