"""A statement: every second of the period accounted for, by which rule, under which version of the contract."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla.availability import Interruption, availability
from statuspage.sla.contracts import ENTERPRISE, PLATFORM, Contract, Redundancy
from statuspage.sla.excuses import COUNTING
from statuspage.sla.intervals import Interval, clip, seconds, union
from statuspage.sla.judgement import Announcement, Planned
from statuspage.sla.stated import Failure, Inputs, Service, Stretch, as_data, bounds
from statuspage.sla.statement import parts, statement
from statuspage.vocabulary import Cause

START = datetime(2026, 4, 1, tzinfo=UTC)
APRIL = Interval(START, datetime(2026, 5, 1, tzinfo=UTC))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def failure(start: float, end: float, component: str = "api", **facts) -> Failure:
    facts = {"id": f"{component}-{start}", "cause": Cause.OWN, "interrupts": True} | facts
    return Failure(component=component, interval=Interval(at(start), at(end)), **facts)


def work(start: float, end: float, noticed: float | None = 25, components=("api",), **facts) -> Planned:
    """Announced so many hours ahead, done as announced."""
    told = Announcement(at(start), at(end), None if noticed is None else at(start - noticed))
    known = {"began_at": at(start), "ended_at": at(end)} | facts
    return Planned(known.pop("id", f"work-{start}"), components, (told,), **known)


def stretch(start: datetime = APRIL.start, end: datetime = APRIL.end, **facts) -> Stretch:
    facts = {"number": 1, "terms": ENTERPRISE, "zone": "UTC", "redundancy": None} | facts
    services = facts.pop("services", (Service("Platform", "Platform", ("api", "app")),))
    return Stretch(interval=Interval(start, end), services=services, **facts)


def gateways(**facts) -> Stretch:
    services = tuple(Service(each, each.title(), (each,)) for each in ("primary", "secondary"))
    return stretch(terms=PLATFORM, redundancy=Redundancy.REDUNDANT, services=services, **facts)


def inputs(*failures: Failure, works=(), stretches=(), **facts) -> Inputs:
    facts = {"contract": "acme", "period_key": "2026-04", "period": APRIL} | facts
    return Inputs(stretches=tuple(stretches) or (stretch(),), failures=failures, works=tuple(works), **facts)


def told(found) -> list[tuple[str, float]]:
    """The rules of all pieces, line after line, with their hours."""
    return [(str(piece.rule), float(piece.seconds / 3600)) for line in found.lines for piece in line.pieces]


# --- What is printed ----------------------------------------------------------------------------------

CASES = {
    "an interruption counts": (inputs(failure(1, 2)), [("interruption", 1)]),
    "a partial outage does not": (inputs(failure(1, 2, interrupts=False)), [("no_interruption", 1)]),
    "a third party's does not": (inputs(failure(1, 2, cause=Cause.THIRD_PARTY)), [("third_party", 1)]),
    "an overlap counts once": (
        inputs(failure(1, 3), failure(2, 4, "app")),
        [("interruption", 2), ("overlap", 1), ("interruption", 1)],
    ),
    "own failure beside a third party's counts": (
        inputs(failure(1, 3, cause=Cause.THIRD_PARTY), failure(2, 4, "app")),
        [("third_party", 2), ("interruption", 2)],
    ),
    "a month's end cuts it": (inputs(failure(-1, 1)), [("interruption", 1)]),
    "noticed work does not count": (inputs(works=[work(40, 42)]), [("noticed", 2)]),
    "work without notice counts": (inputs(works=[work(40, 42, 23)]), [("late_notice", 2)]),
    "an overrun counts": (
        inputs(works=[work(40, 42, ended_at=at(43))]),
        [("noticed", 2), ("outside_window", 1)],
    ),
    "an approved emergency does not": (inputs(works=[work(40, 42, 1, is_emergency=True)]), [("emergency", 2)]),
    "work that was called off counts": (inputs(works=[work(40, 42, is_cancelled=True)]), [("called_off", 2)]),
    "half an hour needs no notice": (inputs(works=[work(40, 40.5, None)]), [("short", 0.5)]),
    "two of them on one service do": (
        inputs(works=[work(40, 40.5, None), work(50, 50.5, None, ("app",))]),
        [("chained", 0.5), ("chained", 0.5)],
    ),
    "one of them on two components is one": (
        inputs(works=[work(40, 40.5, None, ("api", "app"))]),
        [("short", 0.5), ("short", 0.5)],
    ),
    "an outage inside a window, and after it": (
        inputs(failure(41, 43), works=[work(40, 42)]),
        [("noticed", 2), ("outage_in_window", 1), ("interruption", 1)],
    ),
    "an outage of another component beside the work counts": (
        inputs(failure(41, 42, "app"), works=[work(40, 42)]),
        [("noticed", 2), ("interruption", 1)],
    ),
    "one gateway of two": (
        inputs(failure(1, 3, "primary"), failure(2, 4, "secondary"), stretches=[gateways()]),
        [("other_gateway", 1), ("both_gateways", 1), ("overlap", 1), ("other_gateway", 1)],
    ),
    "one gateway maintained while the other is dead": (
        inputs(failure(41, 42, "secondary"), works=[work(40, 43, components=("primary",))], stretches=[gateways()]),
        [("noticed", 3), ("both_gateways", 1)],
    ),
    "both maintained in time": (
        inputs(works=[work(40, 43, components=("primary", "secondary"))], stretches=[gateways()]),
        [("noticed", 3), ("noticed", 3)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_second_has_its_rule(name):
    facts, expected = CASES[name]
    assert told(statement(facts)) == expected


def test_a_moved_window_excludes_by_the_rule_of_moved_ones():
    earlier = Announcement(at(60), at(62), at(1))
    later = Announcement(at(61), at(63), at(50))
    moved = Planned("moved", ("api",), (earlier, later), at(61), at(63))
    assert told(statement(inputs(works=[moved]))) == [("moved", 1), ("late_notice", 1)]


def test_an_overlap_names_the_line_that_counted_it():
    found = statement(inputs(failure(1, 3), failure(2, 4, "app")))
    assert [piece.lines for piece in found.lines[1].pieces] == [(1,), ()]


# --- The figures --------------------------------------------------------------------------------------


def test_the_figures_of_a_month_that_is_missed():
    found = statement(inputs(failure(0, 8)))
    assert (found.counted_seconds, found.total_seconds) == (8 * 3600, 30 * 24 * 3600)
    assert found.share == Fraction(712, 720)
    assert found.is_met is False
    assert found.credit_days == 7
    assert found.allowed_seconds == Fraction(2592, 10)
    assert found.left_seconds == Fraction(2592, 10) - 8 * 3600
    assert not found.is_provisional


def test_an_outage_that_goes_on_makes_it_provisional():
    found = statement(inputs(failure(1, 2, is_open=True), as_of=at(2)))
    assert found.is_provisional
    assert found.counted_seconds == 3600


def test_each_stretch_is_judged_by_its_own_version():
    """From the 11th on a third party's outages count, the app is no longer covered, and 99.8 % is promised."""
    change = START + 10 * DAY
    other = replace(ENTERPRISE, targets={None: Fraction(998, 1000)}, not_counted=frozenset())
    second = stretch(change, number=2, terms=other, services=(Service("Platform", "Platform", ("api",)),))
    outages = [failure(hour, hour + 1, each, cause=Cause.THIRD_PARTY) for hour in (0, 300) for each in ("api", "app")]
    found = statement(inputs(*outages, failure(239, 242), stretches=[stretch(end=change), second]))
    assert told(found) == [
        ("third_party", 1),
        ("third_party", 1),
        ("interruption", 1),
        ("interruption", 2),
        ("interruption", 1),
    ]
    assert [line.version for line in found.lines] == [1, 1, 1, 2, 2]
    assert found.target == (Fraction(9999, 10000) * 10 + Fraction(998, 1000) * 20) / 30
    assert found.counted_seconds == 4 * 3600


def test_a_month_joined_late_keeps_its_length_and_a_year_does_not():
    joined = START + 15 * DAY
    monthly = statement(inputs(failure(1, 2), failure(400, 401), stretches=[stretch(joined)]))
    assert (monthly.total_seconds, monthly.counted_seconds) == (30 * 86_400, 3600)
    yearly = statement(inputs(failure(400, 401, "primary"), stretches=[gateways(start=joined)]))
    assert yearly.total_seconds == 15 * 86_400
    assert yearly.is_met is None


def test_the_months_of_a_year_add_up_to_it():
    year = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    both = [failure(hour, hour + 3, each) for hour in (-1, 500, 719) for each in ("primary", "secondary")]
    held = gateways(start=START, end=year.end)
    found = statement(inputs(*both, stretches=[held], period_key="2026", period=year))
    versions = [(START, ZoneInfo("UTC"))]
    months = parts(found, [(f"2026-{each:02}", bounds(f"2026-{each:02}", versions)) for each in range(1, 13)])
    assert [each.key for each in months] == [f"2026-{each:02}" for each in range(4, 13)]
    assert sum(each.counted_seconds for each in months) == found.counted_seconds == 8 * 3600
    assert sum(each.total_seconds for each in months) == found.total_seconds


@pytest.mark.parametrize(
    ("period_key", "held"), [("2026-04", stretch(APRIL.end, APRIL.end + DAY)), ("2026", stretch())]
)
def test_a_period_that_nothing_is_promised_for_is_refused(period_key, held):
    with pytest.raises(ValueError, match="2026"):
        statement(inputs(stretches=[held], period_key=period_key))


# --- Bounds -------------------------------------------------------------------------------------------


def test_months_of_a_contract_that_changes_its_zone_leave_no_gap():
    cairo, tokyo = ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Tokyo")
    versions = [(datetime(2026, 1, 1, tzinfo=cairo), cairo), (datetime(2026, 4, 1, tzinfo=tokyo), tokyo)]
    months = [bounds(f"2026-{each:02}", versions) for each in range(1, 13)]
    assert all(one.end == other.start for one, other in zip(months, months[1:], strict=False))
    assert months[2].end == datetime(2026, 4, 1, tzinfo=tokyo)
    assert bounds("2026", versions) == Interval(months[0].start, months[-1].end)


@pytest.mark.parametrize("key", ["2026-13", "26-04", "2026-4", "April", "", "0000", "9999", "9999-12", "2026-04-01"])
def test_what_is_no_period_is_refused(key):
    with pytest.raises(ValueError, match="neither a month"):
        bounds(key, [(START, ZoneInfo("UTC"))])


# --- Properties ---------------------------------------------------------------------------------------

HOURS = st.integers(-20, 740)
components = st.sampled_from(["primary", "secondary"])
CAUSES = st.sampled_from([Cause.OWN, Cause.THIRD_PARTY, Cause.BEYOND_CONTROL])


@st.composite
def failures(draw) -> Failure:
    start = draw(HOURS)
    facts = {"cause": draw(CAUSES), "id": str(draw(st.integers()))}
    return failure(start, start + draw(st.integers(1, 200)), draw(components), **facts)


@st.composite
def works(draw) -> Planned:
    start, length = draw(HOURS), draw(st.sampled_from([0.25, 0.5, 2, 100]))
    facts = {"id": str(draw(st.integers())), "is_emergency": draw(st.booleans())}
    return work(start, start + length, draw(st.sampled_from([1, 24, 25])), (draw(components),), **facts)


SHAPES: list[tuple[Contract, Redundancy | None]] = [
    (ENTERPRISE, None),
    (PLATFORM, Redundancy.SINGLE),
    (PLATFORM, Redundancy.REDUNDANT),
]


@given(
    st.lists(failures(), max_size=6),
    st.lists(works(), max_size=5, unique_by=lambda each: each.id),
    st.sampled_from(SHAPES),
)
def test_it_is_the_availability_and_its_lines_add_up(outages, maintenances, shape):
    """The same figure as the worked cases' code, and every second of every line in exactly one piece."""
    terms, redundancy = shape
    held = replace(gateways(), terms=terms, redundancy=redundancy)
    found = statement(inputs(*outages, works=maintenances, stretches=[held]))
    interruptions = [Interruption(each.component, each.interval, each.cause) for each in outages]
    interruptions += [
        Interruption(service, span, Cause.OWN)
        for each in maintenances
        for service in each.services
        for span in each.work
    ]
    windows = [window for each in maintenances for window in each.windows()]
    assert found.counted == availability(terms, APRIL, interruptions, windows, redundancy).counted
    counted = [piece.interval for line in found.lines for piece in line.pieces if piece.rule in COUNTING]
    assert union(counted) == found.counted
    assert sum((line.counted_seconds for line in found.lines), Fraction(0)) == found.counted_seconds
    for line in found.lines:
        assert union(piece.interval for piece in line.pieces) == clip((line.interval,), APRIL)
        assert sum(piece.seconds for piece in line.pieces) == seconds((line.interval,))


def test_the_plain_form_holds_all_that_the_figures_depend_on():
    base = inputs(failure(1, 2), works=[work(40, 42)])
    data = as_data(base)
    assert data["outages"][0]["interval"] == ["2026-04-01T01:00:00Z", "2026-04-01T02:00:00Z"]
    others = [
        inputs(failure(1, 3), works=[work(40, 42)]),
        inputs(failure(1, 2, cause=Cause.THIRD_PARTY), works=[work(40, 42)]),
        inputs(failure(1, 2, interrupts=False), works=[work(40, 42)]),
        inputs(failure(1, 2), works=[work(40, 42, 23)]),
        inputs(failure(1, 2), works=[work(40, 42, is_cancelled=True)]),
        inputs(failure(1, 2), works=[work(40, 42)], third_party=frozenset({"api"})),
        inputs(failure(1, 2), works=[work(40, 42)], stretches=[stretch(START + DAY)]),
        inputs(failure(1, 2), works=[work(40, 42)], stretches=[stretch(terms=replace(ENTERPRISE, not_counted=()))]),
    ]
    assert all(as_data(each) != data for each in others)
