"""The pace: places behind one stored moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.ratelimit import back_off, place, reserve

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_places_are_evenly_spaced():
    first, free_at = reserve(NOON, NOON, 10, per_second=10)
    assert [place(first, number, 10) for number in range(3)] == [NOON, NOON + seconds(0.1), NOON + seconds(0.2)]
    assert free_at == NOON + seconds(1)


def test_places_that_nobody_used_are_gone():
    first, _ = reserve(NOON - seconds(60), NOON, 1, per_second=10)
    assert first == NOON


def test_too_many_closes_the_lane_for_everybody():
    free_at = back_off(NOON, NOON, seconds(5))
    assert reserve(free_at, NOON, 1, per_second=10)[0] == NOON + seconds(5)
    assert back_off(NOON + seconds(9), NOON, seconds(5)) == NOON + seconds(9)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 20)), min_size=1, max_size=40), st.integers(1, 100))
def test_no_second_ever_holds_more_than_allowed(arrivals, per_second):
    """Whoever comes when, and however many they want: one second has at most so many places."""
    now, free_at, taken = NOON, NOON, []
    for pause, count in arrivals:
        now += seconds(pause)
        first, free_at = reserve(free_at, now, count, per_second)
        taken += [place(first, number, per_second) for number in range(count)]
    for moment in taken:
        within = [other for other in taken if moment <= other < moment + seconds(1) - timedelta(milliseconds=1)]
        assert len(within) <= per_second
