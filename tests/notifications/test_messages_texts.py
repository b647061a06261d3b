"""Texts as people get them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.messages import text_of, times
from notifications.messages.gsm import segments
from notifications.models import OutboxEvent
from statuspage.publishing.times import zone_name
from tests.notifications.ledger import payload

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LINK = "https://status.example.com/incidents/abcdefghijkl"


def event(kind: str = "incident_update", **facts) -> OutboxEvent:
    """An event that is nowhere stored."""
    subject = "incident" if kind == "incident_update" else "maintenance"
    said = payload(**{"published_at": NOON.isoformat(), **facts})
    return OutboxEvent(
        kind=kind, subject_kind=subject, subject_id="abcdefghijkl", payload=said, audience="members", published_at=NOON
    )


def window(kind: str, **facts) -> OutboxEvent:
    start = NOON + timedelta(days=7)
    times = {"scheduled_for": start.isoformat(), "scheduled_until": (start + timedelta(hours=2)).isoformat()}
    return event(kind, **{"name": "Database upgrade", "status": "scheduled", **times, **facts})


def text(row: OutboxEvent, zone: str = "Europe/Amsterdam") -> str:
    return text_of(row, "en", zone)


def test_an_incident(quick):
    next_update = (NOON + timedelta(minutes=30)).isoformat()
    assert text(event(next_update_by=next_update)) == (
        f"Example: Investigating: API is down. Next update by 13:30 CET. {LINK}"
    )


def test_the_next_word_on_another_day_has_its_day(quick):
    next_update = (NOON + timedelta(hours=20)).isoformat()
    assert "by 3 Nov 09:00 CET." in text(event(next_update_by=next_update))


def test_a_zone_without_a_name_says_how_far_it_is(quick):
    next_update = (NOON + timedelta(minutes=30)).isoformat()
    assert "by 16:30 UTC+04." in text(event(next_update_by=next_update), "Asia/Dubai")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("maintenance_scheduled", "Maintenance scheduled: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("maintenance_moved", "Maintenance moved: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("maintenance_advance", "Upcoming maintenance: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("maintenance_reminder", "Maintenance begins soon: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("maintenance_delayed", "Maintenance delayed: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("maintenance_completed", "Maintenance completed: Database upgrade."),
        ("maintenance_cancelled", "Maintenance cancelled: Database upgrade."),
    ],
)
def test_a_window(quick, kind, words):
    assert text(window(kind)) == f"Example: {words} {LINK}"


def test_running_work_says_until_when(quick):
    row = window("maintenance_started", status="in_progress")
    assert text(row) == f"Example: Maintenance in progress: Database upgrade. Until 9 Nov 15:00 CET. {LINK}"


def test_work_that_overruns_says_until_when_it_was_announced(quick):
    said_at = (NOON + timedelta(days=7, hours=2)).isoformat()
    row = window("maintenance_overran", status="in_progress", published_at=said_at)
    assert text(row) == f"Example: Maintenance takes longer: Database upgrade. Announced until 9 Nov 15:00 CET. {LINK}"


@pytest.mark.parametrize(
    ("phase", "status", "words"),
    [
        ("ahead", "scheduled", "Upcoming maintenance: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("delayed", "scheduled", "Maintenance delayed: Database upgrade. 9 Nov 13:00 - 15:00 CET."),
        ("running", "in_progress", "Maintenance in progress: Database upgrade. Until 9 Nov 15:00 CET."),
        ("over", "completed", "Maintenance completed: Database upgrade."),
    ],
)
def test_what_stands_in_for_late_notices_says_how_it_stands(quick, phase, status, words):
    assert text(window("maintenance_current", status=status, phase=phase)) == f"Example: {words} {LINK}"


def test_in_cyrillic_status_a_cut_title_one_time_and_the_link_remain(quick):
    next_update = (NOON + timedelta(minutes=30)).isoformat()
    said = text(event(name="Сбой при обработке платежей в нескольких регионах сразу", next_update_by=next_update))
    assert segments(said) <= 2
    assert said.startswith("Example: Investigating: Сбой") and "13:30 CET" in said and said.endswith(LINK)


def test_where_the_address_of_the_site_is_long_the_link_is_still_whole(quick):
    quick.SITE_URL = "https://" + "status." * 25 + "example.com"
    said = text(event(name="Сбой " * 50))
    assert said.endswith(f"{quick.SITE_URL}/incidents/abcdefghijkl") and said.startswith("Investigating")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-09T22:00", "2026-11-10T00:30", "9 Nov 23:00 - 10 Nov 01:30 CET"),
        ("2027-03-28T00:30", "2027-03-28T01:30", "28 Mar 01:30 CET - 28 Mar 03:30 CEST"),
    ],
)
def test_a_window_names_the_days_and_zones_that_differ(start, end, words):
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end))
    assert times.short_window(first, last, ZoneInfo("Europe/Amsterdam")) == words


def test_a_zone_has_one_name_on_the_page_and_in_messages():
    at, zone = datetime(2026, 11, 9, 12, tzinfo=UTC), ZoneInfo("Asia/Kathmandu")
    assert times.short(at, zone) == "9 Nov 17:45 UTC+05:45"
    assert zone_name(at.astimezone(zone)) == "UTC+05:45"
