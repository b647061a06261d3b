"""Sets of instants as sorted, disjoint, half-open intervals: union, intersection, difference, length."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from operator import itemgetter
from typing import NamedTuple

MICROSECOND = timedelta(microseconds=1)


class Interval(NamedTuple):
    """`[start, end)`; both instants in one zone, UTC by habit. Empty where start is not before end."""

    start: datetime
    end: datetime


Span = tuple[Interval, ...]
"""A set of instants: intervals sorted, disjoint and not touching. What `union` returns."""


def union(intervals: Iterable[Interval]) -> Span:
    """All instants that any of these holds; overlapping and touching ones become one."""
    merged: list[Interval] = []
    for start, end in sorted(each for each in intervals if each.start < each.end):
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Interval(start, end))
    return tuple(merged)


def intersection(first: Sequence[Interval], second: Sequence[Interval]) -> Span:
    """The instants that both spans hold."""
    found, left, right = [], 0, 0
    while left < len(first) and right < len(second):
        start = max(first[left].start, second[right].start)
        end = min(first[left].end, second[right].end)
        if start < end:
            found.append(Interval(start, end))
        if first[left].end <= second[right].end:
            left += 1
        else:
            right += 1
    return tuple(found)


def difference(first: Sequence[Interval], second: Sequence[Interval]) -> Span:
    """The instants of the first span that the second does not hold."""
    found, right = [], 0
    for start, end in first:
        while right < len(second) and second[right].end <= start:
            right += 1
        next_hole = right
        while next_hole < len(second) and second[next_hole].start < end:
            hole = second[next_hole]
            if start < hole.start:
                found.append(Interval(start, hole.start))
            start = max(start, hole.end)
            next_hole += 1
        if start < end:
            found.append(Interval(start, end))
    return tuple(found)


def clip(span: Sequence[Interval], period: Interval) -> Span:
    """The part of a span inside a period. Looks at that part alone: a year's downtime is asked for each of its days."""
    found = []
    for place in range(bisect_right(span, period.start, key=end_of), len(span)):
        start, end = max(span[place].start, period.start), min(span[place].end, period.end)
        if start >= end:
            break
        found.append(Interval(start, end))
    return tuple(found)


end_of = itemgetter(1)


def seconds(span: Iterable[Interval]) -> Fraction:
    """How long a span is, in elapsed seconds; exact to the microsecond."""
    return sum((elapsed(each.end - each.start) for each in span), Fraction(0))


def elapsed(length: timedelta) -> Fraction:
    """A length in seconds, exact."""
    return Fraction(length // MICROSECOND, 1_000_000)
