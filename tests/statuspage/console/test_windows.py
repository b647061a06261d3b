"""Windows as staff type them: the clocks' two nights (fault 52)."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from statuspage.console.maintenance_forms import ENDS
from statuspage.models import Maintenance
from tests.statuspage.given import component, hours, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NEW = "/admin/maintenance/new/"


def window(**facts: str) -> dict[str, str]:
    return {
        "name": "New disks",
        "body": "Read-only.",
        "time_zone": "Europe/Amsterdam",
        "starts": "2027-10-31T01:00",
        "ends": "2027-10-31T05:00",
        "notify": "on",
        "key": "k",
        "step": "publish",
    } | facts


def questions(answer) -> list[str]:
    """Which of the two times staff are asked to tell apart: the others' selects are there, and hidden."""
    asked = re.findall(r'<div class="which">.*?name="(\w+)"', answer.text, re.DOTALL)
    assert len(re.findall('<div class="which" hidden>', answer.text)) == 2 - len(asked)
    return asked


@pytest.mark.parametrize(
    ("zone", "starts", "which", "expected"),
    [
        ("Europe/Amsterdam", "2027-10-31T02:30", "earlier", (0, 30)),
        ("Europe/Amsterdam", "2027-10-31T02:30", "later", (1, 30)),
        ("America/New_York", "2027-11-07T01:30", "earlier", (5, 30)),
        ("America/New_York", "2027-11-07T01:30", "later", (6, 30)),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "earlier", (14, 45)),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "later", (15, 15)),
    ],
)
def test_fault_52_a_start_that_comes_twice_is_asked_then_taken(publisher, zone, starts, which, expected):
    facts = window(time_zone=zone, starts=starts, ends=f"{starts[:11]}06:00")
    asked = publisher.post(NEW, facts)
    assert asked.status_code == 422
    assert questions(asked) == ["starts_which"]
    assert f"{expected[0]:02}:{expected[1]:02} UTC" in asked.text
    assert publisher.post(NEW, {**facts, "starts_which": which}).status_code == 302
    planned = Maintenance.objects.get()
    assert (planned.scheduled_for.hour, planned.scheduled_for.minute) == expected


def test_fault_52_both_ends_may_be_asked_at_once(publisher):
    facts = window(starts="2027-10-31T02:10", ends="2027-10-31T02:50")
    asked = publisher.post(NEW, facts)
    assert questions(asked) == ["starts_which", "ends_which"]
    publisher.post(NEW, {**facts, "starts_which": "earlier", "ends_which": "later"})
    planned = Maintenance.objects.get()
    assert planned.scheduled_until - planned.scheduled_for == minutes(100)


def test_fault_52_a_time_that_is_skipped_is_refused_with_the_next_one(publisher):
    answer = publisher.post(NEW, window(starts="2027-03-28T02:30", ends="2027-03-28T05:00"))
    assert answer.status_code == 422
    assert "Did you mean 2027-03-28 03:30?" in answer.text


@pytest.mark.parametrize(
    "typed", ["2027-01-12T02:00+05:00", "2027-01-12T02:00Z", "0001-01-01T00:00", "9999-12-31T23:59", "2027-02-30T00:00"]
)
def test_a_time_that_names_no_minute_on_a_wall_is_refused(publisher, typed):
    answer = publisher.post(NEW, window(starts=typed))
    assert answer.status_code == 422
    assert 'id="id_starts_error"' in answer.text


def move(publisher, planned, **typed):
    """The form as it is shown, with what is typed over it, published."""
    address = f"/admin/maintenance/{planned.pk}/move/"
    form = publisher.get(address).context["form"]
    shown = {name: form[name].value() or "" for name in ("time_zone", *ENDS, *ENDS.values(), "version", "key")}
    shown |= {name: f"{shown[name]:%Y-%m-%dT%H:%M}" for name in ENDS}
    answer = publisher.post(address, {**shown, "body": "Other.", "notify": "on", "step": "publish", **typed})
    planned.refresh_from_db()
    return answer


def test_moving_keeps_an_instant_that_was_not_touched(publisher):
    planned = scheduled(component(), start=datetime(2027, 10, 31, 1, 30, 15, tzinfo=UTC), time_zone="Europe/Amsterdam")
    address = f"/admin/maintenance/{planned.pk}/move/"
    form = publisher.get(address).context["form"]
    shown = {name: form[name].value() for name in ("time_zone", "starts", "version", "key")}
    shown["starts"] = f"{shown['starts']:%Y-%m-%dT%H:%M}"
    typed = {**shown, "ends": "2027-10-31T06:00", "body": "Longer.", "notify": "on", "step": "publish"}
    assert publisher.post(address, typed).status_code == 302
    planned.refresh_from_db()
    assert planned.scheduled_for == datetime(2027, 10, 31, 1, 30, 15, tzinfo=UTC)
    assert planned.scheduled_until == datetime(2027, 10, 31, 5, 0, tzinfo=UTC)


SECOND_READING = datetime(2027, 10, 31, 1, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("held", "which", "moved"),
    [
        (SECOND_READING - hours(1), "later", SECOND_READING.replace(second=0)),
        (SECOND_READING, "earlier", SECOND_READING.replace(second=0) - hours(1)),
        (SECOND_READING, "later", SECOND_READING),
    ],
)
def test_fault_52_a_held_time_that_comes_twice_can_be_moved_to_the_other(publisher, held, which, moved):
    planned = scheduled(component(), start=held, length=hours(4), time_zone="Europe/Amsterdam")
    page = publisher.get(f"/admin/maintenance/{planned.pk}/move/")
    assert questions(page) == ["starts_which"]
    assert page.context["form"]["starts_which"].value() == ("later" if held == SECOND_READING else "earlier")
    assert move(publisher, planned, ends="2027-10-31T07:00", starts_which=which).status_code == 302
    assert planned.scheduled_for == moved


def test_moving_takes_the_zone_that_was_chosen(publisher):
    planned = scheduled(component(), start=datetime(2099, 1, 1, 11, tzinfo=UTC), time_zone="Europe/Amsterdam")
    assert move(publisher, planned, time_zone="America/New_York").status_code == 302
    assert (planned.time_zone, planned.scheduled_for) == ("America/New_York", datetime(2099, 1, 1, 17, tzinfo=UTC))
    assert planned.windows.last().wall_for == "2099-01-01 12:00"


def test_a_late_start_asks_for_no_length_and_drops_none_unsaid(publisher):
    """Whoever typed one while the start was ahead is told where it can be said now."""
    now = timezone.now()
    planned = scheduled(component(), now=now - hours(30), start=now - minutes(50), auto_start=False)
    address = f"/admin/maintenance/{planned.pk}/start/"
    assert 'name="minutes"' not in publisher.get(address).text
    typed = {"body": "Now.", "version": planned.version, "key": "k", "notify": "on", "step": "publish"}
    refused = publisher.post(address, {**typed, "minutes": "240"})
    assert refused.status_code == 422 and "move the end of the window" in refused.text
    assert publisher.post(address, {**typed, "minutes": "120"}).status_code == 302
    planned.refresh_from_db()
    assert (planned.status, planned.window_revision) == ("in_progress", 1)


def test_starting_early_is_a_new_window_and_its_minutes_are_judged(publisher):
    planned = scheduled(component(), start=datetime(2099, 1, 1, tzinfo=UTC))
    address = f"/admin/maintenance/{planned.pk}/start/"
    typed = {"body": "Now.", "minutes": "45", "version": planned.version, "key": "k", "notify": "on"}
    text = publisher.post(address, {**typed, "step": "review"}).text
    assert "It was:" in text
    assert "These 45 minutes will count as downtime." in text


@pytest.mark.parametrize(
    ("notify", "said"), [(True, "Reminders to come follow it."), (False, "Nobody is told of this")]
)
def test_reminders_of_a_window_that_nobody_is_told_of_are_said_not_to_be_sent(publisher, notify, said):
    row = scheduled(component(), notify=notify)
    answers = {"start_by": "itself", "end_by": "itself", "reminders": ["60"]}
    address = f"/admin/maintenance/{row.pk}/notices/"
    answer = publisher.post(address, answers, follow=True)
    assert answer.status_code == 200 and said in answer.text
