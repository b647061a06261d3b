"""The last closed months of a contract as a small drawing: how much downtime counted in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 120, 28
PITCH, BAR = 10, 7
MISSED, KEPT = "missed", "kept"


@dataclass(frozen=True)
class Bar:
    """One month: a bar as high as its downtime among the others, or a line where there was none."""

    x: int
    y: int
    height: int
    role: str
    month: str
    availability: str


@dataclass(frozen=True)
class Trend:
    """Months side by side, the oldest first; the newest is at the end."""

    bars: list[Bar]
    missed: int
    width: int = WIDTH
    height: int = HEIGHT
    bar: int = BAR


def trend(months: Sequence[Mapping[str, Any]]) -> Trend | None:
    """None where no month is closed yet. `months` are those of a `ContractStanding`."""
    if not months:
        return None
    most = max(each["seconds"] for each in months) or 1

    def bar(number: int, each: Mapping[str, Any]) -> Bar:
        height = max(2, HEIGHT * each["seconds"] // most)
        role = MISSED if each["met"] is False else KEPT
        return Bar(number * PITCH, HEIGHT - height, height, role, each["month"], each["availability"])

    bars = [bar(number, each) for number, each in enumerate(months)]
    return Trend(bars, sum(each.role == MISSED for each in bars))
