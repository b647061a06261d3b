"""Fault 52: the two nights in which wall clocks lie."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from statuspage.console import times

ZONES = st.sampled_from(sorted(available_timezones()))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "wall", "suggested"),
    [
        ("Europe/Amsterdam", datetime(2027, 3, 28, 2, 30), "2027-03-28 03:30"),
        ("America/New_York", datetime(2027, 3, 14, 2, 15), "2027-03-14 03:15"),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 10), "2026-10-04 02:40"),
    ],
)
def test_fault_52_a_time_the_clocks_skip_is_refused_with_a_suggestion(zone, wall, suggested):
    with pytest.raises(ValidationError) as refused:
        times.instant(wall, zone, "", "starts")
    (said,) = refused.value.message_dict["starts"]
    assert f"Did you mean {suggested}?" in said


@pytest.mark.parametrize(
    ("zone", "wall", "first", "second"),
    [
        ("Europe/Amsterdam", datetime(2026, 10, 25, 2, 30), (0, 30), (1, 30)),
        ("America/New_York", datetime(2026, 11, 1, 1, 30), (5, 30), (6, 30)),
        ("Australia/Lord_Howe", datetime(2027, 4, 4, 1, 45), (14, 45), (15, 15)),
    ],
)
def test_fault_52_a_time_that_comes_twice_is_asked(zone, wall, first, second):
    with pytest.raises(ValidationError, match="comes twice"):
        times.instant(wall, zone, "", "starts")
    found = [times.instant(wall, zone, which, "starts") for which in (times.EARLIER, times.LATER)]
    assert [(each.hour, each.minute) for each in found] == [first, second]


@given(zone=ZONES, at=INSTANTS)
def test_every_instant_is_one_of_the_readings_of_its_own_wall_clock(zone, at):
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    found = times.readings(wall, ZoneInfo(zone)).instants
    assert at in found
    assert len(found) <= 2
