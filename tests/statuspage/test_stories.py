"""Incidents and maintenances as the page tells them."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statuspage.publishing import html
from statuspage.publishing.past import recent
from statuspage.publishing.snapshot import RECENT
from statuspage.publishing.stories import open_story, told
from statuspage.publishing.times import Clock

from .factories import NOW, a_component, a_maintenance, a_snapshot, ago, ahead, an_incident, an_update

CLOCK = Clock(ZoneInfo("UTC"), NOW)


def history(**facts):
    return [
        (day.first.isoformat(), day.last.isoformat(), [story.entry.name for story in day.stories])
        for day in recent(a_snapshot(**facts), CLOCK)
    ]


def test_without_anything_two_weeks_are_one_quiet_line():
    assert history() == [("2026-10-28", "2026-11-10", [])]


def test_days_with_entries_stand_between_folded_quiet_ones():
    older = an_incident("older", status="resolved", started_at=ago(days=3, hours=1))
    newer = an_incident("newer", status="resolved", started_at=ago(days=3))
    done = a_maintenance("done", status="completed", scheduled_for=ago(days=5))
    assert history(incidents=(newer, older), maintenances=(done,)) == [
        ("2026-11-08", "2026-11-10", []),
        ("2026-11-07", "2026-11-07", ["newer", "older"]),
        ("2026-11-06", "2026-11-06", []),
        ("2026-11-05", "2026-11-05", ["done"]),
        ("2026-10-28", "2026-11-04", []),
    ]


def test_a_day_on_which_an_incident_was_open_is_never_called_quiet():
    still_open = an_incident(started_at=ago(days=2))
    assert history(incidents=(still_open,)) == [("2026-10-28", "2026-11-07", [])]


def test_an_incident_that_began_earlier_stands_on_the_day_it_ended():
    long = an_incident("long", status="resolved", started_at=ago(days=40), resolved_at=ago(days=12))
    assert ("2026-10-29", "2026-10-29", ["long"]) in history(incidents=(long,))
    assert history(incidents=(long,))[0] == ("2026-10-30", "2026-11-10", [])


def test_what_is_older_or_still_to_come_is_not_recent():
    old = an_incident("old", status="resolved", started_at=ago(days=15))
    assert history(incidents=(old,), maintenances=(a_maintenance(),)) == [("2026-10-28", "2026-11-10", [])]


def test_a_maintenance_that_was_called_off_stands_on_the_day_it_was():
    off = a_maintenance("off", status="cancelled", scheduled_for=ahead(days=2), resolved_at=ago(days=1))
    assert ("2026-11-09", "2026-11-09", ["off"]) in history(maintenances=(off,))


def busy(count, days):
    """So many incidents, evenly over so many days, the newest first."""
    return tuple(
        an_incident(f"{number}", status="resolved", started_at=ago(hours=days * 24 * number / count, minutes=40))
        for number in range(count)
    )


def test_days_of_which_not_everything_is_held_are_not_called_quiet():
    """Sixty incidents in thirty days, fifty of them held: what the five days before had, nobody here knows."""
    found = recent(a_snapshot(incidents=busy(RECENT, 5)), CLOCK)
    assert not [day for day in found if day.is_known and not day.stories]
    assert [(f"{day.first}", f"{day.last}") for day in found if not day.is_known] == [("2026-10-28", "2026-11-04")]
    assert found[-1].is_known is False
    page = html.front(a_snapshot(incidents=busy(RECENT, 5))).decode()
    assert "No incidents" not in page
    assert re.search(r'<dt>28 Oct to 4 Nov</dt>\s*<dd><a href="/history">', page)


def test_a_page_that_holds_two_weeks_whole_calls_its_quiet_days_quiet():
    found = recent(a_snapshot(incidents=busy(RECENT, 100)), CLOCK)
    assert all(day.is_known for day in found)
    assert [day for day in found if not day.stories]


def test_the_day_of_the_last_that_is_held_is_not_called_quiet_either():
    """Others of that day may be the ones that are not held."""
    corrected = an_incident("corrected", status="resolved", started_at=ago(days=5), updated_at=ago(days=1))
    found = recent(a_snapshot(incidents=(*busy(RECENT - 1, 0), corrected)), CLOCK)
    assert [(f"{day.first}", day.is_known, bool(day.stories)) for day in found] == [
        ("2026-11-10", True, True),
        ("2026-10-28", False, False),
    ]


def test_an_open_incident_has_the_tone_of_what_its_components_are_now():
    api = a_component(status="partial_outage")
    snapshot = a_snapshot(components=(api,))
    assert open_story(an_incident(components=(api,), impact="critical"), snapshot).tone == "partial_outage"
    assert open_story(an_incident(impact="critical"), snapshot).tone == "major_outage"
    assert open_story(an_incident(impact="critical"), snapshot).label == "Critical impact"


def test_the_front_page_shows_the_newest_updates_and_counts_the_rest():
    incident = an_incident(updates=tuple(an_update(body=f"{n}", at=ago(minutes=n)) for n in range(1, 6)))
    story = told(incident)
    assert [update.body for update in story.shown] == ["1", "2", "3"]
    assert story.hidden_count == 2
    assert told(an_incident(updates=())).newest is None


@pytest.mark.parametrize(
    ("facts", "length"),
    [
        ({}, "2 hours"),
        ({"status": "cancelled", "resolved_at": ago(hours=1)}, ""),
        (
            {
                "status": "completed",
                "scheduled_for": ago(hours=9),
                "started_at": ago(hours=9),
                "resolved_at": ago(hours=6),
            },
            "3 hours",
        ),
    ],
)
def test_a_maintenance_lasts_as_long_as_it_took_or_is_planned_to(facts, length):
    assert told(a_maintenance(**facts)).length == length


@pytest.mark.parametrize(
    ("announced", "notice"),
    [
        (timedelta(days=6, hours=5), "6 days ahead"),
        (timedelta(days=1), "1 day ahead"),
        (timedelta(hours=5), "5 hours ahead"),
        (timedelta(0), ""),
        (timedelta(hours=-1), ""),
    ],
)
def test_how_far_ahead_a_maintenance_was_announced(announced, notice):
    start = datetime(2026, 11, 12, 15, tzinfo=UTC)
    story = told(a_maintenance(scheduled_for=start, announced_at=start - announced))
    assert story.notice == notice
    assert story.announced == (f"announced {notice}" if notice else "")


def test_an_incident_lasts_from_start_to_resolution():
    incident = an_incident(status="resolved", started_at=ago(hours=3), resolved_at=ago(hours=2, minutes=19))
    assert told(incident).length == "41 minutes"
    assert told(an_incident()).length == ""


def test_days_are_those_of_the_pages_zone():
    late = an_incident("late", status="resolved", started_at=datetime(2026, 11, 8, 23, 30, tzinfo=UTC))
    days = recent(a_snapshot(incidents=(late,)), Clock(ZoneInfo("Europe/Amsterdam"), NOW))
    assert [day.first for day in days if day.stories] == [date(2026, 11, 9)]


def test_what_is_open_is_open():
    assert told(an_incident()).is_open
    assert told(a_maintenance()).is_open
    assert told(a_maintenance(status="in_progress")).is_open
    assert not told(an_incident(status="postmortem")).is_open
    assert not told(a_maintenance(status="cancelled", scheduled_until=ahead(days=3))).is_open
