"""Properties of an availability that no worked case shows alone, and a count by the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla.availability import Interruption, availability
from statuspage.sla.contracts import ENTERPRISE, PLATFORM, Redundancy
from statuspage.sla.intervals import Interval
from statuspage.sla.notice import NOTICE, Revision, Window, excluded
from statuspage.sla.periods import month, months_of, year
from statuspage.vocabulary import Cause

ZONES = [
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
]
START = datetime(2026, 4, 1, tzinfo=UTC)
MINUTES = 240
PERIOD = Interval(START, START + timedelta(minutes=MINUTES))


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@st.composite
def stretches(draw) -> Interval:
    start = draw(st.integers(-30, MINUTES))
    return Interval(at(start), at(start + draw(st.integers(0, 120))))


services = st.sampled_from(["primary", "secondary"])
interruptions = st.lists(
    st.builds(
        Interruption, services, stretches(), st.sampled_from([Cause.OWN, Cause.THIRD_PARTY, Cause.BEYOND_CONTROL])
    ),
    max_size=6,
)


@st.composite
def windows(draw) -> Window:
    revisions = []
    for stretch in draw(st.lists(stretches(), min_size=1, max_size=3)):
        hours = draw(st.sampled_from([0, 6, 23, 24, 25, 48]))
        revisions.append(Revision(*stretch, stretch.start - timedelta(hours=hours)))
    flags = [draw(st.sampled_from([False, False, True])) for _ in range(2)]
    return Window(draw(services), tuple(revisions), *flags)


plans = st.lists(windows(), max_size=4)
redundancies = st.sampled_from([(ENTERPRISE, None), (PLATFORM, Redundancy.SINGLE), (PLATFORM, Redundancy.REDUNDANT)])


def counted_by_minute(contract, down, planned, redundancy) -> int:
    """The same rules asked of every minute; windows, which `notice` judges, are given as their excluded spans."""
    names = ("primary", "secondary")
    free = excluded(planned)
    total = 0
    for minute in range(MINUTES):
        now = at(minute)
        lacks, noticed = {}, {}
        for name in names:
            lacks[name] = any(
                each.service == name
                and each.cause not in contract.not_counted
                and each.interval.start <= now < each.interval.end
                for each in down
            )
            noticed[name] = any(start <= now < end for start, end in free.get(name, ()))
        if redundancy == Redundancy.REDUNDANT:
            total += all(lacks[each] or noticed[each] for each in names) and not all(noticed.values())
        else:
            total += any(lacks[each] and not noticed[each] for each in names)
    return total


@given(redundancies, interruptions, plans)
def test_it_is_what_a_count_by_the_minute_says(kind, down, planned):
    contract, redundancy = kind
    found = availability(contract, PERIOD, down, planned, redundancy)
    assert found.counted_seconds == 60 * counted_by_minute(contract, down, planned, redundancy)
    assert 0 <= found.share <= 1


@given(redundancies, interruptions, plans, interruptions)
def test_another_interruption_never_raises_it(kind, down, planned, more):
    contract, redundancy = kind
    before = availability(contract, PERIOD, down, planned, redundancy).share
    assert availability(contract, PERIOD, [*down, *more], planned, redundancy).share <= before


@given(st.sampled_from([(ENTERPRISE, None), (PLATFORM, Redundancy.SINGLE)]), interruptions, plans, stretches())
def test_another_exclusion_never_lowers_it(kind, down, planned, stretch):
    contract, redundancy = kind
    before = availability(contract, PERIOD, down, planned, redundancy).share
    noticed = Window("primary", (Revision(*stretch, stretch.start - NOTICE),))
    assert availability(contract, PERIOD, down, [*planned, noticed], redundancy).share >= before


@given(redundancies, interruptions, plans, st.integers(1, MINUTES - 1))
def test_it_adds_up_over_a_partition_of_time(kind, down, planned, cut):
    contract, redundancy = kind
    parts = [Interval(PERIOD.start, at(cut)), Interval(at(cut), PERIOD.end)]
    whole = availability(contract, PERIOD, down, planned, redundancy).counted_seconds
    assert whole == sum(availability(contract, each, down, planned, redundancy).counted_seconds for each in parts)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("number", [2011, 2024, 2026])
def test_fault_54_the_months_of_a_year_are_the_year(name, number):
    zone = ZoneInfo(name)
    months = [month(key, zone) for key in months_of(number)]
    assert all(before.end == after.start for before, after in zip(months, months[1:], strict=False))
    assert Interval(months[0].start, months[-1].end) == year(number, zone)


def test_fault_54_months_are_as_long_as_their_clocks_ran():
    def minutes(key, zone):
        start, end = month(key, ZoneInfo(zone))
        return (end - start) / timedelta(minutes=1)

    assert minutes("2026-04", "Australia/Sydney") == 43_260
    assert minutes("2026-10", "Australia/Sydney") == 44_580
    assert minutes("2011-12", "Pacific/Apia") == 30 * 24 * 60


# --- Notice ------------------------------------------------------------------------------------


def planned(start: int, end: int, ahead: timedelta, **facts) -> Window:
    return Window("primary", (Revision(at(start), at(end), at(start) - ahead),), **facts)


def excluded_minutes(*given_windows: Window) -> Fraction:
    found = excluded(given_windows).get("primary", ())
    return sum(((each.end - each.start) / timedelta(minutes=1) for each in found), Fraction(0))


@pytest.mark.parametrize(("length", "ahead", "minutes"), [
    (31, NOTICE, 31),
    (31, NOTICE - timedelta(microseconds=1), 0),
    (30, timedelta(0), 30),
    (30, -timedelta(hours=1), 30),
])  # fmt: skip
def test_notice_is_needed_above_thirty_minutes_and_a_day_is_enough(length, ahead, minutes):
    assert excluded_minutes(planned(0, length, ahead)) == minutes


def test_a_cancelled_window_excludes_nothing_and_an_approved_one_all():
    assert excluded_minutes(planned(0, 60, NOTICE, cancelled=True, emergency_approved=True)) == 0
    assert excluded_minutes(planned(0, 60, timedelta(0), emergency_approved=True)) == 60


def test_a_cancelled_window_is_no_link_of_a_chain():
    short = [planned(0, 20, timedelta(0)), planned(60, 80, timedelta(0), cancelled=True)]
    assert excluded_minutes(*short) == 20


@pytest.mark.parametrize(("gap_hours", "minutes"), [(23, 0), (24, 40)])
def test_short_windows_are_one_where_their_starts_are_less_than_a_day_apart(gap_hours, minutes):
    later = gap_hours * 60
    assert excluded_minutes(planned(0, 20, timedelta(0)), planned(later, later + 20, timedelta(0))) == minutes


def test_short_windows_on_other_services_and_noticed_ones_are_no_links():
    first = planned(0, 20, timedelta(0))
    assert excluded_minutes(first, replace(planned(60, 80, timedelta(0)), service="secondary")) == 20
    assert excluded_minutes(first, planned(60, 80, NOTICE)) == 40


def test_a_late_extension_does_not_help_and_an_early_one_does():
    first = Revision(at(0), at(60), at(0) - 2 * NOTICE)
    late = replace(
        planned(0, 0, NOTICE), revisions=(first, Revision(at(0), at(120), at(60) - NOTICE + timedelta(seconds=1)))
    )
    early = replace(late, revisions=(first, Revision(at(0), at(120), at(60) - NOTICE)))
    assert (excluded_minutes(late), excluded_minutes(early)) == (60, 120)


def test_a_time_moved_away_from_is_no_window_any_more():
    first = Revision(at(0), at(60), at(0) - 2 * NOTICE)
    moved = Window("primary", (first, Revision(at(30), at(90), at(30) - timedelta(hours=1))))
    assert excluded_minutes(moved) == 30
