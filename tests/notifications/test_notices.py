"""Which notices an event calls for, and when. No database."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.notices import ADVANCE, REMINDER, notices_of
from statuspage import events

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def window(kind=events.MaintenanceScheduled, *, ahead=7 * 24 * HOUR, length=2 * HOUR, **facts):
    start = NOON + ahead
    return kind(
        subject_id="m", update_id="u", name="Upgrade", status="scheduled", body="x", published_at=NOON,
        window_revision=1, scheduled_for=start, scheduled_until=start + length, **facts,
    )  # fmt: skip


def incident(**facts):
    facts = {"status": "investigating"} | facts
    return events.IncidentUpdatePublished(
        subject_id="i", update_id="u", name="API is down", body="x", published_at=NOON, **facts
    )


def plan(event) -> dict[str, timedelta]:
    """Kind -> how long after the announcement it is due."""
    return {notice.kind: notice.due_at - NOON for notice in notices_of(event)}


def test_an_update_is_told_once_and_for_a_day():
    (notice,) = notices_of(incident())
    assert (notice.kind, notice.audience, notice.due_at) == ("incident_update", "members", NOON)
    assert notice.expires_at == NOON + 24 * HOUR


PLANS = {
    "a long window far ahead": (
        7 * 24 * HOUR,
        2 * HOUR,
        {ADVANCE: (7 * 24 - 25) * HOUR, REMINDER: (7 * 24 - 1) * HOUR},
    ),
    "half an hour needs no advance notice": (7 * 24 * HOUR, 30 * MINUTE, {REMINDER: (7 * 24 - 1) * HOUR}),
    "a minute more does": (48 * HOUR, 31 * MINUTE, {ADVANCE: 23 * HOUR, REMINDER: 47 * HOUR}),
    "too near for an advance notice of its own": (
        25 * HOUR + 14 * MINUTE,
        2 * HOUR,
        {REMINDER: 24 * HOUR + 14 * MINUTE},
    ),
    "just far enough": (25 * HOUR + 15 * MINUTE, 2 * HOUR, {ADVANCE: 15 * MINUTE, REMINDER: 24 * HOUR + 15 * MINUTE}),
    "too near for a reminder": (HOUR + 14 * MINUTE, 2 * HOUR, {}),
    "an emergency": (5 * MINUTE, 2 * HOUR, {}),
}


@pytest.mark.parametrize("kind", [events.MaintenanceScheduled, events.MaintenanceMoved])
@pytest.mark.parametrize(("ahead", "length", "later"), PLANS.values(), ids=PLANS.keys())
def test_the_notices_of_a_window(kind, ahead, length, later):
    event = window(kind, ahead=ahead, length=length)
    assert plan(event) == {kind.kind: timedelta(0), **later}


def test_later_notices_are_published_when_they_are_due_so_that_new_subscribers_get_them():
    for notice in notices_of(window())[1:]:
        assert notice.published_at == notice.due_at


def test_that_it_begins_soon_is_of_no_use_a_quarter_of_an_hour_later_an_advance_notice_is_until_the_start():
    start = NOON + 7 * 24 * HOUR
    _, advance, reminder = notices_of(window())
    assert (advance.expires_at, reminder.expires_at) == (start, start - 45 * MINUTE)
    (_, soon) = notices_of(window(reminders=(5,)))
    assert soon.expires_at == start, "never into the work"


def offsets(event, telling=timedelta(0)) -> list[tuple[str, int]]:
    """Kind and minutes before the start of each later notice."""
    return [(notice.kind, notice.minutes) for notice in notices_of(event, telling)[1:]]


@pytest.mark.parametrize(
    ("telling", "minutes"),
    [
        (0 * HOUR, 25 * 60),
        (30 * MINUTE, 25 * 60),
        (31 * MINUTE, 24 * 60 + 62),
        (5 * HOUR, 34 * 60),
        (timedelta(seconds=1801), 25 * 60 + 1),
        (timedelta(days=90), 30 * 24 * 60),
    ],
)
def test_the_advance_notice_comes_earlier_where_telling_takes_longer(telling, minutes):
    """25 hours, or 24 and twice the estimate where that is longer, in whole minutes."""
    far = window(ahead=timedelta(days=60))
    assert offsets(far, telling) == [(ADVANCE, minutes), (REMINDER, 60)]


def test_a_window_may_have_reminders_of_its_own():
    assert offsets(window(reminders=(5, 2880, 120, 121))) == [
        (ADVANCE, 2880), (ADVANCE, 121), (REMINDER, 120), (REMINDER, 5)
    ]  # fmt: skip


def test_a_window_may_have_none_and_then_has_its_first_word_alone():
    assert offsets(window(reminders=())) == []
    listed = notices_of(window(reminders=(), told_with="u0"))
    assert [(each.kind, each.audience) for each in listed] == [("maintenance_scheduled", "members")], "it needs its own"


def test_a_new_plan_tells_nobody_now_and_only_what_is_still_to_come():
    event = window(events.MaintenanceReplanned, ahead=2 * HOUR, reminders=(180, 120, 110, 5))
    assert [(notice.minutes, notice.due_at - NOON) for notice in notices_of(event)] == [
        (120, 0 * HOUR), (110, 10 * MINUTE), (5, 115 * MINUTE)
    ]  # fmt: skip


EXPIRIES = {
    "announced: until it begins": (window(), 7 * 24 * HOUR),
    "announced while it begins: until it ends": (window(ahead=5 * MINUTE), 2 * HOUR + 5 * MINUTE),
    "begun: half an hour (fault 14)": (window(events.MaintenanceStarted, ahead=0 * HOUR), 30 * MINUTE),
    "updated: until it ends": (window(events.MaintenanceUpdated, ahead=0 * HOUR), 2 * HOUR),
    "completed: a day": (window(events.MaintenanceCompleted, ahead=-2 * HOUR), 24 * HOUR),
    "delayed: a day": (window(events.MaintenanceDelayed, ahead=-1 * HOUR), 24 * HOUR),
    "overran: a day": (window(events.MaintenanceOverran, ahead=-3 * HOUR), 24 * HOUR),
    "broken off: a day": (window(events.MaintenanceCancelled, ahead=-1 * HOUR), 24 * HOUR),
    "called off: until it would have ended": (window(events.MaintenanceCancelled), (7 * 24 + 2) * HOUR),
}


@pytest.mark.parametrize(("event", "age"), EXPIRIES.values(), ids=EXPIRIES.keys())
def test_for_how_long_a_notice_is_of_use(event, age):
    assert notices_of(event)[0].expires_at == NOON + age


def test_who_is_concerned():
    audiences = {kind: notices_of(window(kind))[0].audience for kind in (
        events.MaintenanceScheduled, events.MaintenanceMoved, events.MaintenanceCancelled, events.MaintenanceStarted
    )}  # fmt: skip
    assert list(audiences.values()) == ["members", "members_and_told", "told", "members"]


def test_work_that_begins_early_is_a_changed_window_for_whoever_was_told_of_the_old_one():
    early = window(
        events.MaintenanceStarted, previous_scheduled_for=NOON + HOUR, previous_scheduled_until=NOON + 3 * HOUR
    )
    assert notices_of(early)[0].audience == "members_and_told"
