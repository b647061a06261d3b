"""Windows that recur, against an independent count: day by day on the wall, minute by minute on the clock."""

import calendar
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from statuspage import recurrence
from statuspage.recurrence import Recurrence

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def made(rule: str, start: str = "2026-11-22T02:00", zone: str = "UTC", length: timedelta = HOUR) -> Recurrence:
    return recurrence.recurrence(rule, datetime.fromisoformat(start), zone, length)


def walls(rule: str, count: int, start: str = "2026-11-22T02:00", zone: str = "UTC") -> list[str]:
    found = made(rule, start, zone).following(datetime(2000, 1, 1, tzinfo=UTC), count)
    return [f"{each.wall:%Y-%m-%d %H:%M}" for each in found]


def starts(rule: str, count: int, start: str, zone: str) -> list[str]:
    found = made(rule, start, zone).following(datetime(2000, 1, 1, tzinfo=UTC), count)
    return [f"{each.start:%Y-%m-%d %H:%M}" for each in found]


# --- Rules, by a count of days -------------------------------------------------------------------------


def every_day(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def number_in_month(day: date) -> int:
    """The how-manieth weekday of its kind this is."""
    return (day.day - 1) // 7 + 1


def is_last_in_month(day: date) -> bool:
    return day.day + 7 > calendar.monthrange(day.year, day.month)[1]


dates = st.dates(date(2024, 1, 1), date(2031, 12, 31))
weekdays = st.sets(st.integers(0, 6), min_size=1)


def found_by(rule: str, first: date, days: int) -> list[date]:
    """The days of a rule's windows within so many days."""
    start = datetime.combine(first, datetime.min.time())
    windows = recurrence.recurrence(rule, start, "UTC", HOUR).between(
        start.replace(tzinfo=UTC), (start + timedelta(days=days)).replace(tzinfo=UTC)
    )
    return [each.wall.date() for each in windows]


@given(dates, st.integers(1, 40))
def test_every_so_many_days(first, interval):
    expected = [day for day in every_day(first, 300) if (day - first).days % interval == 0]
    assert found_by(f"FREQ=DAILY;INTERVAL={interval}", first, 300) == expected


@given(dates, st.integers(1, 6), weekdays)
def test_every_so_many_weeks_on_some_days(first, interval, days):
    monday = first - timedelta(days=first.weekday())
    expected = [
        day for day in every_day(first, 300) if day.weekday() in days and (day - monday).days // 7 % interval == 0
    ]
    names = ",".join(DAYS[day] for day in sorted(days))
    assert found_by(f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={names}", first, 300) == expected


@given(dates, st.integers(1, 5), st.integers(0, 6))
def test_a_numbered_weekday_of_each_month(first, number, weekday):
    expected = [day for day in every_day(first, 700) if day.weekday() == weekday and number_in_month(day) == number]
    assert found_by(f"FREQ=MONTHLY;BYDAY={number}{DAYS[weekday]}", first, 700) == expected


@given(dates, st.integers(0, 6))
def test_the_last_weekday_of_each_month(first, weekday):
    expected = [day for day in every_day(first, 700) if day.weekday() == weekday and is_last_in_month(day)]
    assert found_by(f"FREQ=MONTHLY;BYDAY=-1{DAYS[weekday]}", first, 700) == expected


@given(dates, st.integers(1, 31), st.integers(1, 4))
def test_a_date_of_every_so_many_months_and_months_without_it_are_left_out(first, number, interval):
    def months(day: date) -> int:
        return (day.year - first.year) * 12 + day.month - first.month

    expected = [day for day in every_day(first, 700) if day.day == number and months(day) % interval == 0]
    rule = f"FREQ=MONTHLY;BYMONTHDAY={number};INTERVAL={interval}"
    try:
        assert found_by(rule, first, 700) == expected
    except ValidationError:
        assert not expected  # such as the 30th of each February


@given(dates, st.integers(1, 60))
def test_a_counted_rule_counts_from_its_first_start_wherever_one_looks(first, count):
    days = found_by(f"FREQ=DAILY;COUNT={count}", first, 100)
    assert days == every_day(first, count)


# --- From the wall to instants --------------------------------------------------------------------------


def shown(zone: str, around: datetime) -> list[tuple[datetime, datetime]]:
    """(instant, what clocks show) for each minute of three days, by asking the zone in that direction only."""
    first = around.replace(tzinfo=UTC) - timedelta(days=1, hours=12)
    instants = [first + MINUTE * number for number in range(3 * 24 * 60)]
    return [(each, each.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for each in instants]


def expected_instant(wall: datetime, zone: str) -> datetime:
    """The first minute at which clocks show `wall`; in a gap as long after it as `wall` lies behind the gap's begin."""
    seen = shown(zone, wall)
    if found := [at for at, clock in seen if clock == wall]:
        return found[0]
    before = max((clock, at) for at, clock in seen if clock < wall)
    return before[1] + (wall - before[0])


CHANGES = [
    ("Europe/Amsterdam", "2026-03-29"),
    ("Europe/Amsterdam", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),
]


@pytest.mark.parametrize(("zone", "night"), CHANGES)
@given(minute=st.integers(0, 5 * 60))
def test_fault_52_on_both_nights_every_minute_is_the_first_instant_that_a_clock_shows_it(zone, night, minute):
    wall = datetime.fromisoformat(night) + minute * MINUTE
    assert recurrence.instant(wall, ZoneInfo(zone)) == expected_instant(wall, zone)


@pytest.mark.parametrize(
    ("zone", "start", "utc", "clock"),
    [
        ("Europe/Amsterdam", "2026-03-28T02:30", "29 01:30", "03:30"),
        ("Europe/Amsterdam", "2026-10-24T02:30", "25 00:30", "02:30"),
        ("America/New_York", "2026-03-07T02:30", "08 07:30", "03:30"),
        ("America/New_York", "2026-10-31T01:30", "01 05:30", "01:30"),
        ("Australia/Lord_Howe", "2026-10-03T02:10", "03 15:40", "02:40"),
        ("Australia/Lord_Howe", "2026-04-04T01:45", "04 14:45", "01:45"),
    ],
)
def test_fault_52_the_window_of_the_night_itself(zone, start, utc, clock):
    """As RFC 5545, 3.3.5 has it: skipped times by the offset before, doubled times the first."""
    window = made("FREQ=DAILY", start, zone).following(datetime(2026, 1, 1, tzinfo=UTC), 2)[1]
    assert f"{window.start:%d %H:%M}" == utc
    assert f"{window.start.astimezone(ZoneInfo(zone)):%H:%M}" == clock
    assert window.end - window.start == HOUR


@given(st.sampled_from(ZONES), dates, st.integers(0, 24 * 60 - 1), st.integers(1, 23 * 60))
def test_daily_windows_keep_to_the_wall_and_never_overlap(zone, first, minute, length):
    start = datetime.combine(first, datetime.min.time()) + minute * MINUTE
    try:
        found = recurrence.recurrence("FREQ=DAILY", start, zone, length * MINUTE).following(
            datetime(2000, 1, 1, tzinfo=UTC), recurrence.MOST
        )
    except ValidationError as refused:
        assert length > 22 * 60 and list(refused.message_dict) == ["length"]
        return
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert [each.wall for each in found] == [start + timedelta(days=number) for number in range(recurrence.MOST)]
    assert all(each.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= each.wall for each in found)


@given(st.sampled_from(ZONES), dates, st.integers(0, 2000), st.integers(0, 200))
def test_what_is_asked_for_piece_by_piece_is_the_whole(zone, first, skipped, days):
    """The sweep asks again and again, each time from where it stopped."""
    every = made("FREQ=WEEKLY;BYDAY=MO,TH", f"{first}T02:30", zone)
    since = every.following(datetime(2000, 1, 1, tzinfo=UTC), 1)[0].start
    middle = since + timedelta(hours=skipped)
    until = middle + timedelta(days=days)
    assert every.between(since, middle) + every.between(middle, until) == every.between(since, until)


def test_a_rule_that_the_first_start_does_not_fit_begins_with_its_next_window():
    assert walls("FREQ=WEEKLY;BYDAY=SU", 2, "2026-11-25T02:00") == ["2026-11-29 02:00", "2026-12-06 02:00"]


def test_leap_days_and_the_ends_of_months_and_years():
    leap = walls("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 2, "2026-11-22T23:30")
    assert leap == ["2028-02-29 23:30", "2032-02-29 23:30"]
    assert walls("FREQ=MONTHLY;BYMONTHDAY=-1", 3, "2026-12-31T23:30")[1:] == ["2027-01-31 23:30", "2027-02-28 23:30"]


# --- Ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261124", "2026-11-24 02:00"),
        ("20261124T020000", "2026-11-24 02:00"),
        ("20261124T015959", "2026-11-23 02:00"),
        ("20261124T010000Z", "2026-11-24 02:00"),
        ("20261124T005959Z", "2026-11-23 02:00"),
    ],
)
def test_until_is_read_as_calendars_write_it(until, last):
    assert walls(f"FREQ=DAILY;UNTIL={until}", 9, zone="Europe/Amsterdam")[-1] == last


def test_as_copied_from_a_calendar():
    assert recurrence.normal(" RRULE:freq=weekly; byday=su;\n") == "FREQ=WEEKLY;BYDAY=SU"


# --- Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("", "FREQ="),
        ("every day", "FREQ="),
        ("FREQ=HOURLY", "FREQ=DAILY"),
        ("FREQ=MINUTELY;COUNT=3", "FREQ=DAILY"),
        ("FREQ=SECONDLY", "FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 cannot be read"),
        ("FREQ=DAILY;INTERVAL=-1", "cannot be read"),
        ("FREQ=DAILY;INTERVAL=", "cannot be read"),
        ("FREQ=DAILY;COUNT=0", "cannot be read"),
        ("FREQ=DAILY;COUNT=99999999", "cannot be read"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;UNTIL=20271399", "cannot be read"),
        ("FREQ=DAILY;UNTIL=tomorrow", "cannot be read"),
        ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
        ("FREQ=DAILY;BYHOUR=1,2", "time of day"),
        ("FREQ=DAILY;BYEASTER=0", "not known"),
        ("FREQ=DAILY;X-OWN=1", "not known"),
        ("FREQ=DAILY;DTSTART=20260101", "not known"),
        ("FREQ=DAILY\nDTSTART:20260101T000000", "not known|cannot be read|FREQ="),
        ("FREQ=WEEKLY;BYDAY=1SU", "numbered"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "not known"),
        ("FREQ=WEEKLY;BYDAY=XX", "cannot be read"),
        ("FREQ=MONTHLY;BYDAY=0SU", "cannot be read"),
        ("FREQ=MONTHLY;BYMONTH=13", "cannot be read"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "cannot be read"),
        ("FREQ=MONTHLY;BYMONTHDAY=١", "cannot be read"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;" + "BYMONTH=1," * 50, "too long"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_by_its_part(rule, said):
    with pytest.raises(ValidationError, match=said) as refused:
        made(rule)
    assert list(refused.value.message_dict) == ["rule"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=WEEKLY;BYMONTH=2;BYDAY=SU;BYSETPOS=9",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;UNTIL=20261121",
    ],
)
def test_a_rule_without_a_window_is_refused_soon(rule):
    begun = time.process_time()
    with pytest.raises(ValidationError, match="No window follows"):
        made(rule)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("rule", "hours"), [("FREQ=DAILY", 25), ("FREQ=WEEKLY;BYDAY=SA,SU", 25), ("FREQ=MONTHLY;BYMONTHDAY=1,2,3", 24.5)]
)
def test_windows_that_would_overlap_are_refused(rule, hours):
    with pytest.raises(ValidationError, match="overlap") as refused:
        made(rule, length=timedelta(hours=hours))
    assert list(refused.value.message_dict) == ["length"]


def test_no_length_is_refused():
    with pytest.raises(ValidationError, match="end after"):
        made("FREQ=DAILY", length=timedelta())


@given(st.text(alphabet="FREQ=DAILYWKMONTHBSUPVZ;,:0123456789-+ \n", max_size=60))
def test_any_text_is_read_or_refused(rule):
    for text in (rule, f"FREQ=MONTHLY;{rule}"):
        try:
            assert made(text).following(datetime(2026, 1, 1, tzinfo=UTC), 1)
        except ValidationError as refused:
            assert set(refused.message_dict) <= {"rule", "length"}
