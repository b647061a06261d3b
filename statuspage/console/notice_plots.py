"""Small plots of notice, as numbers for inline SVG. Pure; what they show stands beside them in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.sla.notice import NOTICE

WIDTH, HEIGHT = 640, 160
FOOT = 20
"""Room below the bars for the months."""


@dataclass(frozen=True)
class Course:
    """How hand-overs went: `points` of a line from nobody to everybody; where the start is, and 24 hours before it.

    `limit` None: the window was announced later than that.
    """

    points: str
    start: int
    limit: int | None
    width: int = WIDTH
    height: int = HEIGHT


def course(steps: Sequence[tuple[datetime, int]], people: int, published: datetime, start: datetime) -> Course | None:
    """From the publication to the start, or to the last hand-over where that was later. None: nobody has it."""
    if not steps or not people:
        return None
    end = max(start, steps[-1][0])
    span = max((end - published).total_seconds(), 1)

    def across(at: datetime) -> int:
        return max(0, round(WIDTH * (at - published).total_seconds() / span))

    corners, count = [(0, 0)], 0
    for at, told in steps:
        corners += [(across(at), count), (across(at), told)]
        count = told
    corners.append((WIDTH, count))
    points = " ".join(f"{x},{HEIGHT - round(HEIGHT * told / people)}" for x, told in corners)
    limit = start - NOTICE
    return Course(points, across(start), across(limit) if limit >= published else None)


@dataclass(frozen=True)
class Bar:
    """One month: the heights of what had its notice and of what lacked it, and where they stand."""

    key: str
    x: int
    middle: int
    kept_y: int
    kept: int
    wanting_y: int
    wanting: int


@dataclass(frozen=True)
class Bars:
    """Months side by side, the oldest first."""

    bars: list[Bar]
    bar_width: int
    foot: int = HEIGHT - FOOT
    width: int = WIDTH
    height: int = HEIGHT


def bars(months: Sequence[tuple[str, int, int]]) -> Bars:
    """Of each month its key, how many had their notice and how many lacked it; stacked."""
    foot = HEIGHT - FOOT
    most = max((kept + wanting for _key, kept, wanting in months), default=0) or 1
    pitch = WIDTH // max(len(months), 1)
    width = pitch * 3 // 4

    def bar(number: int, key: str, kept: int, wanting: int) -> Bar:
        low, high = foot * kept // most, foot * wanting // most
        x = number * pitch + (pitch - width) // 2
        return Bar(key, x, x + width // 2, foot - low, low, foot - low - high, high)

    return Bars([bar(number, *month) for number, month in enumerate(months)], width)
