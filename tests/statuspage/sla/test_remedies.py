"""Credits, refunds and clocks at their boundaries, and refunds against a count by brute force."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.sla import credits
from statuspage.sla.clocks import Clocks, Event, Standing, Step, clocks
from statuspage.sla.contracts import PLATFORM
from statuspage.sla.refunds import Decided, Report, refunds
from statuspage.vocabulary import Severity

UTC_ZONE = ZoneInfo("UTC")
MARCH = datetime(2026, 3, 1, 9, tzinfo=UTC)
MET, MISSED, OPEN = Standing.MET, Standing.MISSED, Standing.OPEN


# --- Credits ----------------------------------------------------------------------------------


def test_a_claim_before_the_month_has_ended_is_refused():
    early = credits.claim("2026-03", UTC_ZONE, [3], datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    assert (early.accepted, early.days) == (False, 0)
    assert credits.claim("2026-03", UTC_ZONE, [3], datetime(2026, 4, 1, tzinfo=UTC)).accepted


def test_the_last_day_is_thirty_days_after_the_first_whatever_the_clocks_do():
    zone = ZoneInfo("America/New_York")
    claim = credits.claim("2026-02", zone, [3], datetime(2026, 4, 1, 3, 59, 59, 999_999, tzinfo=UTC))
    assert (claim.accepted, claim.last_day) == (True, date(2026, 3, 31))
    assert not credits.claim("2026-02", zone, [3], datetime(2026, 4, 1, 4, tzinfo=UTC)).accepted


def test_a_worse_revision_after_the_deadline_may_be_claimed_from_its_publication():
    """A figure that got better, or worse while a claim was possible anyway, opens nothing."""
    late = datetime(2026, 6, 10, 12, tzinfo=UTC)
    figures = [credits.Figure(3, datetime(2026, 4, 1, 1, tzinfo=UTC)), credits.Figure(7, late)]

    def judged(at: datetime, *found: credits.Figure) -> tuple[bool, date]:
        claim = credits.claim("2026-03", UTC_ZONE, [7], at, figures=found)
        return claim.accepted, claim.last_day

    assert judged(late, *figures) == (True, date(2026, 7, 10))
    assert judged(datetime(2026, 7, 11, tzinfo=UTC), *figures) == (False, date(2026, 7, 10))
    assert judged(datetime(2026, 5, 1, 23, tzinfo=UTC), *figures) == (True, date(2026, 5, 1)), "in time the first time"
    assert judged(datetime(2026, 5, 2, tzinfo=UTC), *figures) == (False, date(2026, 5, 1)), "between the two"
    better, early = credits.Figure(3, late), credits.Figure(7, datetime(2026, 4, 20, tzinfo=UTC))
    for other in (better, early):
        assert judged(late, figures[0], other) == (False, date(2026, 5, 1))


def test_several_credits_of_a_month_are_capped_together():
    assert [credits.still_due(granted, 7) for granted in ([], [3], [3, 7], [15], [15, 15])] == [7, 7, 5, 0, 0]


# --- Refunds ----------------------------------------------------------------------------------


def failure(day: float, severity: Severity = Severity.I, **facts) -> Report:
    name = f"f{day}-{severity}"
    facts = {"provider_caused": True, "failure": name} | facts
    return Report(id=f"r{name}", reported_at=MARCH + timedelta(days=day), severity=severity, **facts)


def granted(*reports: Report) -> list[tuple[str, str]]:
    return [(each.month, each.rule) for each in refunds(reports, UTC_ZONE).refunds]


def quarter(day: float, affected: int = 250, **facts) -> Report:
    return failure(day, Severity.II, affected_messages=affected, total_messages=1000, **facts)


def test_five_of_severity_two_are_not_more_than_five():
    assert granted(*(quarter(day) for day in range(5))) == []
    assert granted(*(quarter(day) for day in range(6))) == [("2026-03", "severity_2")]


def test_each_must_hit_a_quarter():
    assert granted(*(quarter(day) for day in range(5)), quarter(5, affected=249)) == []
    nothing_sent = failure(5, Severity.II, affected_messages=0, total_messages=0)
    assert granted(*(quarter(day) for day in range(5)), nothing_sent) == []


def test_one_fault_counts_once_however_many_report_it():
    assert granted(*(failure(day, failure="one") for day in range(9))) == []


def test_what_the_provider_did_not_cause_counts_nothing():
    assert granted(*(failure(day, provider_caused=False) for day in range(9))) == []


def test_a_month_has_one_refund_and_what_is_left_serves_the_next():
    many = [failure(day) for day in range(12, 31)]
    months = granted(*many)
    assert months == [("2026-03", "severity_1")]
    assert granted(*many, failure(32)) == [("2026-03", "severity_1"), ("2026-04", "severity_1")]


def test_the_rule_that_is_met_first_names_the_month():
    both = [*(quarter(day) for day in range(6)), *(failure(day + 0.5) for day in range(6))]
    assert granted(*both) == [("2026-03", "severity_1")]
    assert granted(*(quarter(day / 10) for day in range(6)), *(failure(day + 1) for day in range(4))) == [
        ("2026-03", "severity_2")
    ]


@given(
    st.lists(st.integers(0, 60), unique=True, max_size=14),
    st.sampled_from(["UTC", "Australia/Lord_Howe", "America/New_York"]),
)
def test_a_refund_is_due_exactly_where_some_28_dates_hold_four(days, name):
    zone = ZoneInfo(name)
    reports = [failure(day) for day in days]
    dates = sorted(each.reported_at.astimezone(zone).date() for each in reports)
    windows = (dates[first : first + 4] for first in range(len(dates) - 3))
    assert bool(refunds(reports, zone).refunds) == any((window[3] - window[0]).days <= 27 for window in windows)


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans()), unique=True, max_size=40))
def test_no_failure_is_used_twice_and_no_month_refunded_twice(days):
    reports = [failure(day) if is_first else quarter(day) for day, is_first in days]
    found = refunds(reports, UTC_ZONE).refunds
    used = [name for each in found for name in each.reports]
    assert len(used) == len(set(used))
    assert len(found) == len({each.month for each in found})


def test_under_the_second_rule_the_failures_of_one_service_count():
    two = [quarter(day, service="SMS" if day < 3 else "Voice") for day in range(6)]
    assert granted(*two) == []
    assert granted(*(quarter(day, service="SMS") for day in range(6))) == [("2026-03", "severity_2")]
    assert granted(*(failure(day, service=str(day)) for day in range(4))) == [("2026-03", "severity_1")]


def test_what_was_granted_is_used_up_and_what_was_declined_is_not():
    four, fifth = [failure(day) for day in range(4)], failure(5)
    first = refunds(four, UTC_ZONE).refunds[0]
    given = Decided(frozenset(first.reports), frozenset({"2026-03"}), frozenset({first.deciding}))
    assert refunds([*four, fifth], UTC_ZONE, decided=given).refunds == ()
    declined = Decided(settled=frozenset({first.deciding}))
    assert refunds(four, UTC_ZONE, decided=declined).refunds == ()
    assert refunds([*four, fifth], UTC_ZONE, decided=declined).refunds[0].deciding == fifth.id


def test_what_is_to_be_reviewed_is_named():
    reports = [failure(0.2), failure(1), failure(2), failure(28.1)]
    found = refunds(reports, UTC_ZONE)
    assert (found.refunds, found.review, found.doubtful[0].deciding) == ((), True, reports[3].id)
    settled = Decided(settled=frozenset({reports[3].id}))
    assert not refunds(reports, UTC_ZONE, decided=settled).review


# --- Clocks -----------------------------------------------------------------------------------

START = datetime(2026, 3, 10, 10, tzinfo=UTC)


def clocked(severity: Severity, *steps: tuple[int, Step], now: int = 10_000) -> Clocks:
    """Steps as minutes after the report."""
    events = [Event(START + timedelta(minutes=minute), step) for minute, step in steps]
    return clocks(PLATFORM.severities[severity], START, events, START + timedelta(minutes=now))


RESPONSE, REPORT, RESOLVED = Step.RESPONSE, Step.PROGRESS_REPORT, Step.RESOLVED


@pytest.mark.parametrize(
    ("severity", "response", "fix"), [(Severity.I, 30, 240), (Severity.II, 60, 480), (Severity.III, 240, 1440)]
)
def test_limits_are_inclusive(severity, response, fix):
    assert clocked(severity, (response, RESPONSE), (fix, RESOLVED)) == Clocks(
        MET, MET, clocked(severity, (response, RESPONSE), (fix, RESOLVED)).progress_missed
    )
    late = clocked(severity, (response + 1, RESPONSE), (fix + 1, RESOLVED))
    assert (late.response, late.fix) == (MISSED, MISSED)


def test_open_clocks_are_missed_once_their_time_is_over():
    assert clocked(Severity.I, now=30) == Clocks(OPEN, OPEN, 0)
    assert clocked(Severity.I, now=31).response == MISSED
    assert clocked(Severity.I, now=241).fix == MISSED


def test_waiting_for_the_client_pauses_the_fix_alone():
    asked = [(10, RESPONSE), (20, Step.WAITING_FOR_CLIENT), (140, Step.CLIENT_ANSWERED)]
    found = clocked(Severity.I, *asked, (360, RESOLVED))
    assert (found.fix, found.progress_missed) == (MET, 1)
    assert clocked(Severity.I, *asked, (361, RESOLVED)).fix == MISSED
    assert clocked(Severity.I, (10, RESPONSE), (20, Step.WAITING_FOR_CLIENT), now=9_000).fix == OPEN


def test_an_answer_to_no_question_is_refused():
    with pytest.raises(ValueError, match="counterpart"):
        clocked(Severity.I, (20, Step.CLIENT_ANSWERED))
    with pytest.raises(ValueError, match="counterpart"):
        clocked(Severity.I, (20, Step.WAITING_FOR_CLIENT), (30, Step.WAITING_FOR_CLIENT))


def test_an_accepted_work_around_is_a_fix_and_reports_go_on():
    found = clocked(Severity.I, (10, RESPONSE), (60, Step.WORKAROUND_ACCEPTED), (200, RESOLVED))
    assert (found.fix, found.progress_missed) == (MET, 1)


def test_each_long_gap_is_one_miss_however_long():
    assert clocked(Severity.I, (10, RESPONSE), (500, REPORT), (600, RESOLVED)).progress_missed == 2
    assert clocked(Severity.II, (10, RESPONSE), (250, REPORT), (490, RESOLVED)).progress_missed == 0
    assert clocked(Severity.III, (10, RESPONSE), (5000, RESOLVED)).progress_missed == 0


def test_without_a_response_reports_are_due_from_the_report_itself():
    assert clocked(Severity.I, now=61).progress_missed == 1
    assert clocked(Severity.I, (60, REPORT), now=120).progress_missed == 0
