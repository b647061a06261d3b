"""Calendar months and years in a contract's zone, as real elapsed time.

A month in which the clocks change is an hour longer or shorter.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from .intervals import Interval

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month(key: str, zone: ZoneInfo) -> Interval:
    """The month "2026-04" from midnight to midnight in the zone. Raises ValueError for anything else."""
    found = MONTH.fullmatch(key)
    if found is None:
        raise ValueError(f"{key!r} is not a month such as 2026-04")
    first = date(int(found[1]), int(found[2]), 1)
    return Interval(midnight(first, zone), midnight(following_month(first), zone))


def year(number: int, zone: ZoneInfo) -> Interval:
    """The calendar year from midnight to midnight in the zone."""
    return Interval(midnight(date(number, 1, 1), zone), midnight(date(number + 1, 1, 1), zone))


def months_of(number: int) -> list[str]:
    """The keys of a year's months."""
    return [f"{number}-{each:02}" for each in range(1, 13)]


def following_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a day begins in the zone: the first of two midnights, the moment after a skipped one."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
