"""Quiet hours beside the planner: what past incidents and reports suggest, and that a slot can be taken."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from statuspage.actions import reports
from statuspage.console import quiet_hours
from statuspage.models import Incident
from tests.statuspage.console.test_planner import NEW, window
from tests.statuspage.given import component, hours, incident, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

QUIET = "/admin/maintenance/quiet/"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def busy_but(day: int, first: int, last: int, zone: ZoneInfo = AMSTERDAM) -> None:
    """An incident in each hour of last week, but for these of one weekday."""
    monday = (timezone.now().astimezone(zone) - timedelta(days=14)).date()
    monday -= timedelta(days=monday.weekday())
    hours_of_week = [(each, hour) for each in range(7) for hour in range(24)]
    starts = [
        datetime(monday.year, monday.month, monday.day, hour, 30, tzinfo=zone) + timedelta(days=each)
        for each, hour in hours_of_week
        if not (each == day and first <= hour < last)
    ]
    Incident.objects.bulk_create(
        Incident(name="Then", status="resolved", created_at=at, updated_at=at, started_at=at, resolved_at=at)
        for at in starts
    )


def test_without_a_past_the_room_says_so_and_suggests_nothing(publisher):
    text = publisher.get(NEW).text
    assert "no hour is known to be quieter" in text
    assert 'value="slot"' not in text


def test_the_quietest_slot_of_the_coming_week_is_named_and_drawn(publisher, settings):
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    busy_but(6, 3, 5)
    text = publisher.get(NEW).text
    assert re.search(r"Quietest slot of the coming week: Sun \d+ \w+, 03:00 to 05:00 Europe/Amsterdam\.", text)
    assert "In these hours of the week there were no incidents and no reports in the past year." in text
    assert text.count("<circle") == 7 * 24 - 2
    assert text.count("<rect") == 2
    assert 'role="img" aria-label="Most happened on Monday between 00:00 and 01:00: 1."' in text


def test_it_is_free_of_other_windows_and_far_enough_ahead(settings):
    settings.PAGE_TIME_ZONE = "UTC"
    busy_but(6, 3, 5)
    slot = quiet_hours.of("Europe/Amsterdam").slot
    assert slot is not None and slot.start >= timezone.now() + hours(25)
    scheduled(component(), start=slot.start + hours(1), now=timezone.now())
    other = quiet_hours.of("Europe/Amsterdam").slot
    assert other is not None and (other.end <= slot.start + hours(1) or other.start >= slot.start + hours(3))


def test_readers_reports_count_as_incidents_do(publisher):
    incident(now=timezone.now() - hours(50))
    reports.report_failure(what="Nothing loads.", network="n", now=timezone.now() - hours(2))
    assert quiet_hours.of("UTC").total == 2


def test_it_follows_the_zone_and_the_length_that_are_typed(publisher):
    busy_but(6, 3, 5)
    start = timezone.now() + hours(30)
    facts = window(start.replace(minute=0), hours(1), time_zone="Asia/Tokyo")
    text = publisher.get(QUIET, facts).text
    assert "Asia/Tokyo" in text
    assert re.search(r", (11|12):00 to (12|13):00 Asia/Tokyo", text)


def test_taking_it_fills_the_form_and_loses_nothing(publisher, settings):
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    busy_but(6, 3, 5)
    sent = dict(re.findall(r'name="(slot_\w+)" value="([^"]*)"', publisher.get(NEW).text))
    typed = {"name": "New disks", "body": "Read-only.", "key": "k", "time_zone": "UTC", "starts": "", "ends": ""}
    answer = publisher.post(NEW, {**typed, **sent, "step": "slot"})
    form = answer.context["form"]
    assert (form["name"].value(), form["time_zone"].value()) == ("New disks", "Europe/Amsterdam")
    assert form["starts"].value().endswith("T03:00") and form["ends"].value().endswith("T05:00")
    assert "must be put right" not in answer.text


def test_where_clocks_show_an_hour_twice_the_slot_says_which_it_means():
    first = datetime(2027, 10, 31, 2, 0, tzinfo=AMSTERDAM)
    assert quiet_hours.which_of(first) == "earlier"
    assert quiet_hours.which_of(first.replace(fold=1)) == "later"
    assert quiet_hours.which_of(first.replace(hour=4)) == ""
