"""Sets of instants, against sets of seconds."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla.exact import decimal, percentage
from statuspage.sla.intervals import Interval, clip, difference, intersection, seconds, union

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
LENGTH = 60


def between(start: int, end: int) -> Interval:
    return Interval(EPOCH + timedelta(seconds=start), EPOCH + timedelta(seconds=end))


intervals = st.lists(
    st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(lambda pair: between(*pair)), max_size=8
)
spans = intervals.map(union)


def held(span) -> set[int]:
    """The seconds that begin inside."""
    instants = {number: EPOCH + timedelta(seconds=number) for number in range(LENGTH)}
    return {number for number, at in instants.items() if any(each.start <= at < each.end for each in span)}


@given(intervals)
def test_a_union_holds_what_any_holds_in_disjoint_pieces(given_intervals):
    span = union(given_intervals)
    assert held(span) == held(given_intervals)
    assert all(before.end < after.start for before, after in zip(span, span[1:], strict=False))
    assert union(reversed(given_intervals)) == union(span) == span
    assert seconds(span) == len(held(span))


@given(spans, spans)
def test_intersection_and_difference_are_those_of_sets(first, second):
    assert held(intersection(first, second)) == held(first) & held(second)
    assert held(difference(first, second)) == held(first) - held(second)
    assert union(difference(first, second)) == difference(first, second)
    assert seconds(first) == seconds(intersection(first, second)) + seconds(difference(first, second))


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_decimal_is_exact(number, places):
    value = Fraction(number, 10**places)
    assert Fraction(decimal(value)) == value
    assert not ("." in decimal(value) and decimal(value).endswith("0"))


def test_a_third_is_no_decimal():
    with pytest.raises(ValueError, match="1/3"):
        decimal(Fraction(1, 3))


@given(st.fractions(0, 1), st.integers(1, 8))
def test_a_percentage_is_truncated_never_rounded_up(share, places):
    shown = Fraction(percentage(share, places))
    assert 0 <= share * 100 - shown < Fraction(1, 10**places)


@given(spans, intervals)
def test_what_is_inside_a_period_is_its_intersection_with_it(span, periods):
    for period in periods:
        assert clip(span, period) == intersection(span, union([period]))
