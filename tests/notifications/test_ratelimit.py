"""The pace: places behind one stored moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.ratelimit import (
    FARTHEST,
    FORGIVEN_AFTER,
    back_off,
    block,
    earliest,
    in_a_row,
    pause_after,
    place,
    reserve,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_places_are_evenly_spaced_a_little_wider_than_allowed():
    first, free_at = reserve(NOON, NOON, 10, per_second=10)
    steps = [place(first, number + 1, 10) - place(first, number, 10) for number in range(9)]
    assert all(seconds(0.1) < step < seconds(0.1 / 0.97) for step in steps)
    assert free_at == place(first, 10, 10)


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


@pytest.mark.parametrize(("per_second", "count"), [(0.1, 1), (10, 1), (100, 1), (1000, 10)])
def test_so_many_places_are_reserved_at_once(per_second, count):
    assert block(per_second) == count


def test_the_next_call_comes_a_places_width_after_the_last_arrived():
    usual, step = seconds(0.002), place(NOON, 1, 10) - NOON
    assert earliest(NOON, usual, usual, 10) == NOON + step
    assert earliest(NOON, usual + seconds(0.001), usual, 10) == NOON + step + seconds(0.001)
    assert earliest(NOON, usual + seconds(5), usual, 10) == NOON + step + seconds(0.005)
    assert earliest(NOON, seconds(0.001), usual, 10) == NOON + step, "the quickest so far"


def test_of_the_first_call_nobody_knows_when_it_arrived():
    assert earliest(NOON, seconds(0.04), None, 10) == place(NOON + seconds(0.04), 1, 10)


def test_fault_51_what_a_clock_wrote_that_ran_an_hour_ahead_is_no_limit():
    ahead = NOON + seconds(3600)
    assert reserve(ahead, NOON, 1, 10)[0] == NOON
    assert back_off(ahead, NOON, seconds(2)) == NOON + seconds(2)
    assert back_off(NOON, NOON, seconds(86_400)) == NOON + FARTHEST, "nor what a provider asks for"
    assert reserve(NOON + FARTHEST, NOON, 1, 10)[0] == NOON + FARTHEST


def test_each_too_many_in_a_row_closes_the_lane_for_longer():
    pauses = [pause_after(refusals) for refusals in range(1, 12)]
    assert pauses[:4] == [seconds(1), seconds(2), seconds(4), seconds(8)] and pauses[-1] == seconds(60)
    assert pause_after(1) < pause_after(1, chance=0.7) <= seconds(1.25)


def test_what_several_hear_at_once_is_one_too_many():
    assert in_a_row(0, None, NOON) == 1
    assert in_a_row(1, NOON, NOON + seconds(0.2)) == 1
    assert in_a_row(1, NOON, NOON + seconds(2)) == 2
    assert in_a_row(2, NOON, NOON + pause_after(2) + 2 * FORGIVEN_AFTER) == 1
