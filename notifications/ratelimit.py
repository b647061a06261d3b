"""How long to wait before a call. Pure: whoever calls keeps the time at which the lane is free.

A lane is what a provider's limit counts over, such as one sender number. Any number of
processes share it through one stored moment, `free_at`: each reserves places behind it.
"""

from datetime import datetime, timedelta


def reserve(free_at: datetime, now: datetime, count: int, per_second: float) -> tuple[datetime, datetime]:
    """The first of `count` places, evenly spaced, and when the lane is free again.

    Places that nobody used are gone: a limit is per second, not on average.
    """
    first = max(free_at, now)
    return first, first + timedelta(seconds=count / per_second)


def place(first: datetime, number: int, per_second: float) -> datetime:
    """When the place of that number, counted from 0, has come."""
    return first + timedelta(seconds=number / per_second)


def back_off(free_at: datetime, now: datetime, pause: timedelta) -> datetime:
    """The lane after a provider said "too many": closed for `pause` at least."""
    return max(free_at, now + pause)
