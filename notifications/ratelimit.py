"""How long to wait before a call. Pure: whoever calls keeps the time at which the lane is free.

A lane is what a provider's limit counts over, such as one sender number. Any number of
processes share it through one stored moment, `free_at`: each reserves places behind it.
"""

from datetime import datetime, timedelta

SHARE = 0.985
"""Of the allowed rate so much is used: calls that arrive a little early or late then still keep the limit."""

SLACK = 0.05
"""Of an interval between calls: so much later than usual one may have arrived, and the next one waits for it."""

BLOCK_SECONDS = 0.01
"""As many places as come in this time are reserved at once: one statement for ten calls at a thousand a second."""

LATEST = timedelta(milliseconds=100)
"""A place that passed so long ago is given up: whoever was stopped does not catch up in a rush."""

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)
"""After the first "too many", and after many in a row."""

FARTHEST = timedelta(minutes=10)
"""No lane is closed for longer, whatever a provider asks for. A moment beyond that was written by a clock that ran
ahead and was put right: believed, it would stop every text for as long as the clock was wrong (fault 51)."""

FORGIVEN_AFTER = timedelta(seconds=3)
"""Whoever called for so long without hearing "too many" starts from the shortest pause again."""

JITTER = 0.25
"""Pauses grow by up to so much at random, so that two sites with one account do not come back as one."""


def block(per_second: float) -> int:
    """How many places are reserved at once."""
    return max(1, int(per_second * BLOCK_SECONDS))


def reserve(free_at: datetime, now: datetime, count: int, per_second: float) -> tuple[datetime, datetime]:
    """The first of `count` places, evenly spaced, and when the lane is free again.

    Places that nobody used are gone: a limit is per second, not on average.
    """
    first = max(believed(free_at, now), now)
    return first, place(first, count, per_second)


def place(first: datetime, number: int, per_second: float) -> datetime:
    """When the place of that number, counted from 0, has come."""
    return first + timedelta(seconds=number / (per_second * SHARE))


def earliest(started: datetime, took: timedelta, quickest: timedelta | None, per_second: float) -> datetime:
    """When the caller of a call may make the next: as far behind it as two places are apart, from when it arrived.

    What it took longer than the `quickest` before it, it may have arrived later; a little of that is believed,
    because the answer may have been slow instead. Of the first nobody knows, and it is the slow one: the
    connection was not there yet, or had slept. So it counts from its answer.
    """
    late = took if quickest is None else min(max(took - quickest, timedelta()), timedelta(seconds=SLACK / per_second))
    return place(started + late, 1, per_second)


def back_off(free_at: datetime, now: datetime, pause: timedelta) -> datetime:
    """The lane after a provider said "too many": closed for `pause` at least."""
    return max(believed(free_at, now), now + min(pause, FARTHEST))


def believed(free_at: datetime, now: datetime) -> datetime:
    """When the lane is free, as far as that can be true."""
    return free_at if free_at <= now + FARTHEST else now


def in_a_row(refusals: int, refused_at: datetime | None, now: datetime) -> int:
    """The number of this "too many": several processes that hear it at once heard one."""
    if refused_at is None or now - refused_at > FORGIVEN_AFTER + pause_after(refusals):
        return 1
    return refusals if now - refused_at < SHORTEST_PAUSE else refusals + 1


def pause_after(refusals: int, chance: float = 0.0) -> timedelta:
    """How long nobody calls after so many in a row: a second, doubled each time, a little longer at random."""
    doubled: timedelta = SHORTEST_PAUSE * (1 << min(max(refusals - 1, 0), 10))
    return min(doubled, LONGEST_PAUSE) * (1 + JITTER * chance)
