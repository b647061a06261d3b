"""Uptime over a range: the figure against one that is counted second by second, and the range that is meant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.publishing.bars import Outage
from statuspage.uptime import Range, Served, Unusable, of, wanted
from statuspage.vocabulary import ComponentStatus

NOW = datetime(2026, 11, 10, 14, 32, 7, 5, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 11, 1, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text)


@st.composite
def an_outage(draw):
    start = draw(st.integers(-50, 150))
    length = draw(st.one_of(st.none(), st.integers(1, 120)))
    begin = START + timedelta(seconds=start)
    return Outage(begin, begin + timedelta(seconds=length) if length else None, draw(st.sampled_from(ComponentStatus)))


@given(outages=st.lists(an_outage(), max_size=6), length=st.integers(1, 150))
def test_every_second_counts_once_as_the_worst_it_was(outages, length):
    end = START + timedelta(seconds=length)
    worst = []
    for second in (START + timedelta(seconds=each) for each in range(length)):
        under = {each.status for each in outages if each.start <= second < (each.end or end)}
        is_major = ComponentStatus.MAJOR_OUTAGE in under
        worst.append("major" if is_major else "partial" if ComponentStatus.PARTIAL_OUTAGE in under else "")
    found = of([Served(None, tuple(outages))], Range(START, end), UTC_ZONE)
    assert (found.major, found.partial, found.total) == (worst.count("major"), worst.count("partial"), length)
    assert found.percentage == pytest.approx(100 - 100 * (found.major + 0.3 * found.partial) / length, abs=2e-6)
    assert (found.percentage == 100) == (found.major + found.partial == 0)


def test_of_several_each_counts_from_its_first_day():
    day = timedelta(days=1)
    asked = Range(START, START + 4 * day)
    down = Outage(START, START + 4 * day, ComponentStatus.MAJOR_OUTAGE)
    new, old = Served(date(2026, 11, 4), (down,)), Served(date(2026, 1, 1))
    found = of([new, old], asked, UTC_ZONE)
    assert (found.major, found.total, found.percentage) == (86_400, 5 * 86_400, 80.0)
    assert of([Served(date(2027, 1, 1))], asked, UTC_ZONE).percentage == 100


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        ("", "", "2026-08-12T14:32:07Z", "2026-11-10T14:32:07Z"),
        ("2026-09", "2026-10", "2026-08-31T22:00Z", "2026-10-31T23:00Z"),
        ("2026-10-25", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        ("2026-11-05T10:00:00+02:00", "2026-11-05T12:00:00", "2026-11-05T08:00Z", "2026-11-05T11:00Z"),
        ("2026-11-10", "2026-11-10", "2026-11-09T23:00Z", "2026-11-10T14:32:07Z"),
        ("2020", "2020-03-31", "2019-12-31T23:00Z", "2020-03-31T22:00Z"),
    ],
)
def test_what_is_asked_for_is_what_is_counted(start, end, begins, ends):
    found = wanted(start, end, since=None, now=NOW, zone=AMSTERDAM)
    assert (found.start, found.end, found.warnings) == (at(begins), at(ends), ())


@pytest.mark.parametrize(
    ("start", "end", "since", "begins", "ends", "word"),
    [
        ("2026", "", None, "2026-05-10T13:32:07Z", "2026-11-10T14:32:07Z", "6 months"),
        ("2026-10", "2027", None, "2026-09-30T22:00Z", "2026-11-10T14:32:07Z", "future"),
        ("2026-10", "2026-11-01", date(2026, 10, 20), "2026-10-19T22:00Z", "2026-11-01T23:00Z", "since when"),
    ],
)
def test_what_is_counted_instead_is_said(start, end, since, begins, ends, word):
    found = wanted(start, end, since=since, now=NOW, zone=AMSTERDAM)
    assert (found.start, found.end) == (at(begins), at(ends))
    assert word in " ".join(found.warnings)


def test_a_default_begins_with_the_component_and_needs_no_warning():
    found = wanted("", "", since=date(2026, 11, 3), now=NOW, zone=AMSTERDAM)
    assert (found.start, found.warnings) == (at("2026-11-02T23:00Z"), ())


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-13", "", "start"), ("yesterday", "", "start"), ("", "2026-02-30", "end"), ("1969", "", "start"),
        ("2026-11-05", "2026-11-04", "start"), ("2027", "", "start"), ("", "0001-01-01T00:00+14:00", "end"),
        ("9999-12", "", "start"), ("", "9999", "end"), ("\x00", "", "start"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_names_the_parameter(start, end, field):
    with pytest.raises(Unusable) as refused:
        wanted(start, end, since=None, now=NOW, zone=AMSTERDAM)
    assert refused.value.field == field
