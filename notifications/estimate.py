"""How long it will take to tell people: pure arithmetic over how many, by channel, and how fast each channel goes.

`throughput` looks the numbers up. An estimate, not a promise: a relay that puts mail off
makes it longer, and what counts as notice is what the ledger says afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

FIRST_STEP = timedelta(seconds=5)
"""Until the relay is rung up or the sweep comes by, and the first message leaves (docs/performance.md: 0.2 s)."""

FAN_OUT_PER_SECOND = 20_000.0
"""Rows a second, half of what docs/performance.md measured on PostgreSQL: other work goes on beside it."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """What a channel does: messages a second, more than 0, and how many at the most in a day; None: any number."""

    per_second: float
    per_day: int | None = None


def fan_out(people: Mapping[str, int], rates: Mapping[str, Rate]) -> timedelta:
    """Until the last of `people` (channel -> number) has been handed over, from when the fan-out may begin.

    Channels work side by side, so the slowest decides. One without a rate adds nothing
    but its rows. Nobody to tell takes no time.
    """
    everybody = sum(people.values())
    if everybody <= 0:
        return timedelta()
    slowest = max(
        (lasts(count, rates[channel]) for channel, count in people.items() if channel in rates), default=DAY * 0
    )
    return FIRST_STEP + timedelta(seconds=everybody / FAN_OUT_PER_SECOND) + slowest


def lasts(count: int, rate: Rate) -> timedelta:
    """How long one channel takes for so many. Beyond the day's limit it waits for the next day, as often as it must."""
    if count <= 0:
        return timedelta()
    if rate.per_day is None or count <= rate.per_day:
        return timedelta(seconds=count / rate.per_second)
    full_days, rest = divmod(count - 1, max(1, rate.per_day))
    return DAY * full_days + timedelta(seconds=(rest + 1) / rate.per_second)
