"""What a notice is worth, in words and at the boundary second; the rule is the service levels' own."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.console import notice
from statuspage.sla.intervals import Interval, difference
from statuspage.sla.notice import Revision, Window, excluded
from statuspage.windows import NEVER
from tests.statuspage.given import NOON, hours, minutes

SECOND = timedelta(seconds=1)


def window(start, length, *told, service="api", **facts) -> Window:
    """A window whose announcements, all of the same times, were noticed at `told`."""
    return Window(service, tuple(Revision(start, start + length, at) for at in told), **facts)


def said(*windows, beside=(), **how) -> notice.Verdict:
    return notice.verdict(notice.judge(windows, beside), **how)


@pytest.mark.parametrize(
    ("ahead", "length", "minutes_counted", "words"),
    [
        (hours(24), hours(2), 0, "Mon 2 November, 12:00 UTC, 24 h before the start: excluded from availability"),
        (hours(24) - SECOND, hours(2), 120, "23 h 59 min before the start: 1 min short of 24 hours. These 120 minutes"),
        (hours(25) + minutes(50), hours(2), 0, "25 h 50 min before the start"),
        (hours(21) + minutes(50), minutes(90), 90, "2 h 10 min short of 24 hours. These 90 minutes will count"),
        (hours(1), minutes(30), 0, "At most 30 minutes of work need no notice"),
        (hours(1), minutes(30) + SECOND, 31, "These 31 minutes will count as downtime"),
        (-hours(1), hours(2), 120, "12:00 UTC, when the work has begun. These 120 minutes"),
        (timedelta(days=7), hours(2), 0, "7 days before the start"),
    ],
)
def test_a_window_that_is_announced_now(ahead, length, minutes_counted, words):
    found = said(window(NOON + ahead, length, NOON))
    assert (found.is_kept, found.minutes) == (minutes_counted == 0, minutes_counted)
    assert words in found.sentence


def test_what_nobody_is_told_of_is_work_without_notice():
    found = said(window(NOON + hours(30), hours(1), NEVER), tells=False)
    assert found.sentence == "Nobody is told, so this is work without notice. These 60 minutes will count as downtime."


def test_a_notice_that_is_behind_us_is_spoken_of_so():
    assert said(window(NOON + hours(30), hours(1), NOON), is_over=True).sentence.startswith("Notice was complete at")


def test_of_an_extension_only_what_was_added_counts():
    start = NOON + hours(2)
    revisions = (Revision(start, start + hours(1), NOON - hours(30)), Revision(start, start + hours(2), NOON))
    found = said(Window("api", revisions))
    assert (found.is_kept, found.minutes) == (False, 60)
    assert "60 minutes of it will count as downtime" in found.sentence
    assert "3 h before the start: 21 h short" in found.sentence


def test_a_window_that_stays_within_what_was_announced_needs_no_new_notice():
    start = NOON + hours(2)
    revisions = (Revision(start, start + hours(3), NOON - hours(30)), Revision(start, start + hours(1), NOON))
    assert said(Window("api", revisions)).sentence == (
        "These times were announced 24 hours ahead before: excluded from availability."
    )


def test_short_windows_of_one_component_are_added_up_within_a_day():
    mine, other = window(NOON + hours(3), minutes(20), NOON), window(NOON + hours(20), minutes(20), NOON)
    found = said(mine, beside=[("Cable 100 %s", other)])
    assert (found.is_kept, found.minutes) == (False, 20)
    assert "with Cable 100 %s this comes to more than 30 minutes" in found.sentence
    assert said(mine, beside=[("Router", window(NOON + hours(27), minutes(20), NOON))]).is_kept
    assert said(mine, beside=[("Router", window(NOON + hours(20), minutes(20), NOON, service="web"))]).is_kept
    assert said(mine, beside=[("Router", window(NOON + hours(20), minutes(10), NOON))]).is_kept


def test_an_approved_emergency_is_excluded():
    found = said(window(NOON + hours(1), hours(4), NOON, emergency_approved=True))
    assert found.is_kept
    assert "not reasonably possible" in found.sentence


@pytest.mark.parametrize(
    ("span", "words"),
    [(minutes(0), "0 min"), (minutes(59), "59 min"), (hours(3), "3 h"), (hours(47) + minutes(59), "47 h 59 min"),
     (hours(48), "2 days"), (hours(50) + minutes(5), "2 days 2 hours")],
)  # fmt: skip
def test_spans_are_said_in_hours_up_to_two_days(span, words):
    assert notice.hours(span) == words


MOMENTS = st.integers(-60 * 60, 60 * 60).map(lambda count: NOON + minutes(count))
LENGTHS = st.integers(1, 240).map(minutes)
WINDOWS = st.builds(window, MOMENTS, LENGTHS, MOMENTS, service=st.sampled_from(["api", "web"]))


@given(WINDOWS, st.lists(WINDOWS, max_size=5))
@settings(max_examples=200)
def test_the_verdict_is_the_service_levels_own(mine, others):
    """By going through the minutes one by one: those that the rule does not exclude, and no others."""
    found = said(mine, beside=[(f"Window {number}", each) for number, each in enumerate(others)])
    free = excluded([mine, *others]).get(mine.service, ())
    left = difference((mine.last.interval,), free)
    moments = [mine.last.start + minutes(each) for each in range((mine.last.end - mine.last.start) // minutes(1))]
    assert found.minutes == sum(any(start <= at < end for start, end in left) for at in moments)
    assert found.is_kept is (not left)


@given(MOMENTS, LENGTHS, st.integers(0, 48))
def test_later_notice_never_makes_fewer_minutes_count(start, length, later):
    sooner = said(window(start, length, NOON))
    assert said(window(start, length, NOON + hours(later))).minutes >= sooner.minutes


def test_more_than_one_component_counts_once():
    found = said(window(NOON + hours(3), hours(1), NOON), window(NOON + hours(3), hours(1), NOON, service="web"))
    assert found.minutes == 60
    assert Interval(NOON, NOON + hours(1)) == Window("x", (Revision(NOON, NOON + hours(1), NOON),)).last.interval


def test_a_notice_of_long_ago_names_its_day():
    assert notice.instant(datetime(2026, 11, 10, 22, 10, tzinfo=UTC)) == "Tue 10 November, 22:10 UTC"
