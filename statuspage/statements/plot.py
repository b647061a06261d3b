"""Downtime over the period as numbers for a drawing; the table beside it says the same. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

WIDTH, HEIGHT, FOOT = 640, 130, 18
"""Drawing units; the foot has the days or months."""
CEILING = 3600
"""Seconds: the least height of the scale, so that a short outage does not look like a long one."""


@dataclass(frozen=True)
class Bar:
    """A day, or a month of a year: seconds counted from the foot up, seconds not counted above them."""

    label: str
    x: int
    middle: int
    counted_y: int
    counted: int
    excluded_y: int
    excluded: int


@dataclass(frozen=True)
class Plot:
    """`most`: what the whole height stands for, in minutes. Labels are empty where there is no room."""

    bars: tuple[Bar, ...]
    bar_width: int
    most: int
    foot: int = HEIGHT - FOOT
    width: int = WIDTH
    height: int = HEIGHT


def plot(figures: dict[str, Any]) -> Plot | None:
    """None where nothing happened."""
    if not figures["days"]:
        return None
    sums = by_slot(figures)
    most = max([Fraction(CEILING), *(counted + excluded for counted, excluded in sums.values())])
    pitch = WIDTH // len(sums)
    width = max(pitch * 3 // 4, 1)
    every = 1 if len(sums) <= 12 else 5
    bars = [
        bar(number, key, *pair, Scale(most, pitch, width), is_named=number % every == 0)
        for number, (key, pair) in enumerate(sums.items())
    ]
    return Plot(tuple(bars), width, int(most) // 60)


def by_slot(figures: dict[str, Any]) -> dict[str, tuple[Fraction, Fraction]]:
    """Every day of a month, every month of a year, in order, with the seconds counted and not counted."""
    found = {key: (Fraction(0), Fraction(0)) for key in slots(figures["period"])}
    for each in figures["days"]:
        key = each["day"] if each["day"] in found else each["day"][:7]
        counted, excluded = found.get(key, (Fraction(0), Fraction(0)))
        found[key] = (counted + Fraction(each["counted_seconds"]), excluded + Fraction(each["excluded_seconds"]))
    return found


def slots(period: dict[str, Any]) -> list[str]:
    if len(period["key"]) == len("2026"):
        return [f"{period['key']}-{each:02}" for each in range(1, 13)]
    zone = ZoneInfo(period["time_zone"])
    first, last = (day_of(period[name], zone) for name in ("starts_at", "ends_at"))
    return [(first + timedelta(days=each)).isoformat() for each in range(max((last - first).days, 1))]


def day_of(stamp: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(stamp).astimezone(zone).date()


@dataclass(frozen=True)
class Scale:
    """Seconds that the height stands for, from bar to bar, and how wide one is."""

    most: Fraction
    pitch: int
    width: int

    def high(self, seconds: Fraction) -> int:
        """At least one unit where there is anything."""
        return max(int(seconds * (HEIGHT - FOOT) / self.most), 1) if seconds else 0


def bar(number: int, key: str, counted: Fraction, excluded: Fraction, scale: Scale, *, is_named: bool) -> Bar:
    foot, low, high = HEIGHT - FOOT, scale.high(counted), scale.high(excluded)
    x = number * scale.pitch + (scale.pitch - scale.width) // 2
    label = str(int(key[-2:])) if is_named else ""
    return Bar(label, x, x + scale.width // 2, foot - low, low, foot - low - high, high)
