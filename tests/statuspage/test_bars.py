"""Bars and uptime: what a component's outages look like day by day, checked by counting."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.publishing.bars import Outage, days, midnight, uptime
from statuspage.status import worst
from statuspage.vocabulary import ComponentStatus

MAJOR = ComponentStatus.MAJOR_OUTAGE
PARTIAL = ComponentStatus.PARTIAL_OUTAGE
DEGRADED = ComponentStatus.DEGRADED_PERFORMANCE
MAINTENANCE = ComponentStatus.UNDER_MAINTENANCE
OPERATIONAL = ComponentStatus.OPERATIONAL

UTC_ZONE = ZoneInfo("UTC")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_outages_every_day_is_operational():
    shown = days([], as_of=NOON, zone=UTC_ZONE)
    assert len(shown) == 90
    assert {day.worst for day in shown} == {OPERATIONAL}
    assert uptime(shown, as_of=NOON, zone=UTC_ZONE) == 1


def test_the_last_day_is_today_in_the_pages_zone():
    late = at("2026-11-10T23:30")
    assert days([], as_of=late, zone=UTC_ZONE)[-1].date == date(2026, 11, 10)
    assert days([], as_of=late, zone=AMSTERDAM)[-1].date == date(2026, 11, 11)


def test_an_outage_over_midnight_is_on_both_days():
    outage = Outage(at("2026-11-08T23:50"), at("2026-11-09T00:20"), MAJOR)
    before, after, today = days([outage], as_of=NOON, zone=UTC_ZONE, count=3)
    assert (before.worst, before.major_seconds) == (MAJOR, 600)
    assert (after.worst, after.major_seconds) == (MAJOR, 1200)
    assert today.worst == OPERATIONAL


def test_an_outage_that_ends_at_midnight_does_not_touch_the_next_day():
    outage = Outage(at("2026-11-09T23:00"), at("2026-11-10T00:00"), PARTIAL)
    assert days([outage], as_of=NOON, zone=UTC_ZONE, count=1)[0].worst == OPERATIONAL


def test_an_open_outage_counts_until_now():
    outage = Outage(at("2026-11-10T11:00"), None, MAJOR)
    assert days([outage], as_of=NOON, zone=UTC_ZONE, count=1)[0].major_seconds == 3600


def test_what_has_not_happened_is_not_counted():
    ahead = Outage(at("2026-11-10T11:30"), at("2026-11-10T13:00"), MAJOR)
    later = Outage(at("2026-11-10T12:30"), None, MAJOR)
    assert days([ahead, later], as_of=NOON, zone=UTC_ZONE, count=1)[0].major_seconds == 1800


def test_overlapping_outages_count_once_as_the_worst():
    overlapping = [
        Outage(at("2026-11-10T08:00"), at("2026-11-10T10:00"), PARTIAL),
        Outage(at("2026-11-10T09:00"), at("2026-11-10T09:30"), MAJOR),
        Outage(at("2026-11-10T09:15"), at("2026-11-10T09:45"), MAJOR),
    ]
    day = days(overlapping, as_of=NOON, zone=UTC_ZONE, count=1)[0]
    assert (day.major_seconds, day.partial_seconds) == (45 * 60, 75 * 60)


@pytest.mark.parametrize("status", [DEGRADED, MAINTENANCE])
def test_degraded_and_maintenance_are_shown_and_cost_no_uptime(status):
    shown = days([Outage(at("2026-11-10T08:00"), None, status)], as_of=NOON, zone=UTC_ZONE)
    assert shown[-1].worst == status
    assert uptime(shown, as_of=NOON, zone=UTC_ZONE) == 1


def test_uptime_counts_a_partial_outage_at_three_tenths():
    half = Outage(at("2026-11-09T00:00"), at("2026-11-09T12:00"), PARTIAL)
    shown = days([half], as_of=NOON, zone=UTC_ZONE, count=2)
    assert uptime(shown, as_of=NOON, zone=UTC_ZONE) == 1 - Fraction(3, 10) * Fraction(12, 36)


def test_a_component_in_service_since_yesterday_is_measured_since_yesterday():
    outage = Outage(at("2026-11-10T00:00"), at("2026-11-10T06:00"), MAJOR)
    shown = days([outage], as_of=NOON, zone=UTC_ZONE)
    assert uptime(shown, as_of=NOON, zone=UTC_ZONE, start_date=date(2026, 11, 9)) == 1 - Fraction(6, 36)


def test_no_time_shown_is_no_uptime():
    shown = days([], as_of=NOON, zone=UTC_ZONE)
    assert uptime((), as_of=NOON, zone=UTC_ZONE) is None
    assert uptime(shown, as_of=NOON, zone=UTC_ZONE, start_date=date(2026, 12, 1)) is None
    midnight_now = at("2026-11-10T00:00")
    only_today = days([], as_of=midnight_now, zone=UTC_ZONE, count=1)
    assert uptime(only_today, as_of=midnight_now, zone=UTC_ZONE) is None


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Amsterdam", date(2026, 3, 29), 23),
        ("Europe/Amsterdam", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # the clocks skip midnight itself
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Pacific/Apia", date(2011, 12, 30), 0),  # a day that never was
        ("UTC", date(2016, 12, 31), 24),  # a leap second: POSIX time has none
    ],
)
def test_fault_54_a_day_is_as_long_as_its_clocks_ran(zone, day, hours):
    here = ZoneInfo(zone)
    outage = Outage(at("2010-01-01T00:00"), None, MAJOR)
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=3)
    shown = {each.date: each for each in days([outage], as_of=end, zone=here, count=5)}
    assert shown[day].major_seconds == hours * 3600


def test_days_follow_each_other_without_a_gap():
    zone = ZoneInfo("America/Havana")
    shown = days([Outage(at("2026-01-01T00:00"), None, MAJOR)], as_of=NOON, zone=zone, count=200)
    total = sum(day.major_seconds for day in shown)
    assert total == int(NOON.timestamp()) - midnight(shown[0].date, zone)


# --- Against counting every minute ---------------------------------------------------------

START = at("2026-10-23T00:00")
SPAN = 5 * 24 * 60
STATUSES = st.sampled_from([MAJOR, PARTIAL, DEGRADED, MAINTENANCE])


@st.composite
def outages(draw):
    first, last = sorted(draw(st.tuples(st.integers(0, SPAN), st.integers(0, SPAN))))
    end = draw(st.sampled_from([START + timedelta(minutes=last + 1), None]))
    return Outage(START + timedelta(minutes=first), end, draw(STATUSES))


@given(
    st.lists(outages(), max_size=5),
    st.integers(0, SPAN),
    st.sampled_from(["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu"]),
)
def test_bars_and_uptime_equal_a_count_of_every_minute(facts, minutes, zone_name):
    zone, as_of = ZoneInfo(zone_name), START + timedelta(minutes=minutes)
    shown = days(facts, as_of=as_of, zone=zone, count=4)
    counted = {day.date: ([], 0, 0) for day in shown}
    total, instant = 0, as_of - timedelta(days=6)
    while instant < as_of:
        if (day := instant.astimezone(zone).date()) in counted:
            seen, major, partial = counted[day]
            now = [each.status for each in facts if each.start <= instant < (each.end or as_of)]
            counted[day] = (
                seen + now,
                major + 60 * (MAJOR in now),
                partial + 60 * (PARTIAL in now and MAJOR not in now),
            )
            total += 60
        instant += timedelta(minutes=1)
    for day in shown:
        seen, major, partial = counted[day.date]
        assert (day.worst, day.major_seconds, day.partial_seconds) == (worst(seen), major, partial)
    down = sum(Fraction(major) + Fraction(3, 10) * partial for _, major, partial in counted.values())
    expected = 1 - down / total if total else None
    assert uptime(shown, as_of=as_of, zone=zone) == expected


@given(st.lists(outages(), max_size=6), st.randoms())
def test_the_order_of_outages_and_repeating_them_change_nothing(facts, random):
    shuffled = facts + facts
    random.shuffle(shuffled)
    as_of = START + timedelta(minutes=SPAN)
    assert days(shuffled, as_of=as_of, zone=AMSTERDAM, count=7) == days(facts, as_of=as_of, zone=AMSTERDAM, count=7)
