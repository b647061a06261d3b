"""The quiet hours: what happened before, by weekday and hour, and the quietest slot ahead."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.quiet import AROUND, WEEK, busiest, by_day, by_hour, cell, happened, quietest, starts

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NAMES = ("UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
ZONES = [ZoneInfo(name) for name in NAMES]
NIGHTS = [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 4, 3, tzinfo=UTC)]
"""The days before clocks change in one of these zones."""

MOMENTS = st.builds(lambda first, later: first + later * MINUTE, st.sampled_from(NIGHTS), st.integers(0, 3 * 24 * 60))
COUNTS = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(1, 9), max_size=60)
LENGTHS = st.integers(1, 24).map(lambda count: count * timedelta(minutes=15))
BUSY = st.lists(st.tuples(MOMENTS, st.integers(1, 600)), max_size=6)


def test_an_hour_is_the_one_that_clocks_in_the_zone_show():
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert cell(sunday_night, ZoneInfo("UTC")) == (6, 23)
    assert cell(sunday_night, AMSTERDAM) == (0, 0)


def test_the_quietest_of_a_week_in_which_only_one_night_was_calm():
    counts = {(day, hour): 5 for day in range(7) for hour in range(24)} | {(6, 3): 0, (6, 4): 0}
    found = quietest(counts, AMSTERDAM, length=2 * HOUR, earliest=datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert found is not None
    assert found.start.astimezone(AMSTERDAM) == datetime(2026, 11, 29, 3, tzinfo=AMSTERDAM)
    assert found.happened == 0


def test_of_two_calm_hours_the_one_in_a_calm_night_is_chosen():
    counts = {(0, hour): 5 for hour in range(24) if hour != 12} | {(1, 12): 0, (2, 0): 5}
    found = quietest(counts, ZoneInfo("UTC"), length=HOUR, earliest=datetime(2026, 11, 23, tzinfo=UTC))
    assert found is not None and found.start == datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_where_everything_is_taken_there_is_none():
    first = datetime(2026, 11, 23, tzinfo=UTC)
    assert quietest({}, AMSTERDAM, length=HOUR, earliest=first, busy=[(first, first + 9 * 24 * HOUR)]) is None


def test_where_nothing_happened_nothing_is_busiest():
    assert busiest({}) is None
    assert busiest({(1, 2): 3, (0, 5): 3, (4, 4): 1}) == ((0, 5), 3)


@given(st.lists(MOMENTS, max_size=60), st.sampled_from(ZONES))
def test_nothing_that_happened_is_lost_or_counted_twice(instants, zone):
    counts = by_hour(instants, zone)
    assert sum(counts.values()) == len(instants) == sum(by_day(counts))


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_week_begins_at_each_full_hour_once(earliest, zone):
    found = starts(earliest, zone)
    assert found == sorted(set(found))
    assert all(earliest <= at < earliest + WEEK and at.astimezone(zone).minute == 0 for at in found)
    steps = {later - sooner for sooner, later in zip(found, found[1:], strict=False)}
    half = {HOUR / 2, HOUR * 3 / 2} if zone.key == "Australia/Lord_Howe" else set()
    assert steps <= {HOUR} | half


@given(COUNTS, st.sampled_from(ZONES), LENGTHS, MOMENTS, BUSY)
@settings(max_examples=60)
def test_no_free_slot_is_quieter_than_the_one_that_is_suggested(counts, zone, length, earliest, busy):
    """Against counting minute by minute over all that may begin."""
    taken = [(start, start + timedelta(minutes=minutes)) for start, minutes in busy]
    found = quietest(counts, zone, length=length, earliest=earliest, busy=taken)
    free = [at for at in starts(earliest, zone) if all(at + length <= start or end <= at for start, end in taken)]
    if found is None:
        assert free == []
        return
    assert found.start in free and found.end - found.start == length
    assert noise(counts, zone, found.start, length) == min(noise(counts, zone, at, length) for at in free)
    assert found.happened == happened(counts, zone, found.start, found.end)


def noise(counts, zone, start, length) -> int:
    minutes = (start + timedelta(minutes=each) for each in range(length // timedelta(minutes=1)))
    return sum(number * counts.get(each, 0) for each, number in Counter(cell(at, zone) for at in minutes).items())


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("night", NIGHTS, ids=str)
def test_the_clocks_nights_are_weeks_like_others(zone, night):
    found = quietest({}, zone, length=2 * HOUR, earliest=night)
    assert found is not None and found.start - night < 2 * HOUR
    assert AROUND > HOUR
