"""The planner: what it says while a window is typed, what must be confirmed, and what it meets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import fanout
from statuspage import ports
from statuspage.models import Maintenance
from tests.notifications.given import subscribers
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import component, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NEW = "/admin/maintenance/new/"
LIVE = "/admin/maintenance/verdict/"
TWO_HOURS = timedelta(hours=2)


def full_hour():
    return timezone.now().replace(minute=0, second=0, microsecond=0) + hours(1)


def window(start, length=TWO_HOURS, **facts) -> dict:
    """A form in UTC, as a browser sends it."""
    times = {"time_zone": "UTC", "starts": f"{start:%Y-%m-%dT%H:%M}", "ends": f"{start + length:%Y-%m-%dT%H:%M}"}
    return {"name": "New disks", "body": "Read-only.", "notify": "on", "key": "k", **times, **facts}


def typed(start, length=TWO_HOURS, **facts) -> dict:
    """What the script sends of it."""
    names = {"time_zone", "starts", "ends", "notify", "components", "starts_which", "ends_which"}
    return {name: value for name, value in window(start, length, **facts).items() if name in names}


def test_nothing_is_wrong_with_a_form_that_was_not_filled_yet(publisher):
    answer = publisher.get(LIVE, {"time_zone": "UTC", "starts": "", "ends": ""})
    assert answer.status_code == 200
    assert "note" not in answer.text
    assert "need 24 hours" in answer.text


def test_both_zones_and_the_verdict_are_shown_while_typing(publisher, settings):
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    facts = {"time_zone": "Asia/Tokyo", "starts": "2027-07-01T02:00", "ends": "2027-07-01T04:00", "notify": "on"}
    text = publisher.get(LIVE, facts).text
    assert "Wed 30 June 2027, 17:00 to 19:00 UTC" in text
    assert "02:00 to 04:00 JST" in text and "Asia/Tokyo" in text
    assert "19:00 to 21:00 CEST" in text and "Europe/Amsterdam" in text
    assert "excluded from availability" in text


def test_the_clocks_two_nights_are_said_while_typing(publisher):
    night = {"time_zone": "Europe/Amsterdam", "ends": "2027-10-31T06:00"}
    asked = publisher.get(LIVE, {**night, "starts": "2027-10-31T02:30"}).text
    assert 'data-asks="starts_which"' in asked and "comes twice" in asked
    assert (
        "comes twice" not in publisher.get(LIVE, {**night, "starts": "2027-10-31T02:30", "starts_which": "later"}).text
    )
    gap = publisher.get(LIVE, {**night, "starts": "2027-03-28T02:30"}).text
    assert "Did you mean 2027-03-28 03:30?" in gap


@pytest.mark.parametrize(
    ("zone", "skipped", "then", "twice", "instants"),
    [
        ("Europe/Amsterdam", "2027-03-28T02:30", "03:30", "2027-10-31T02:30", ("00:30", "01:30")),
        ("America/New_York", "2027-03-14T02:30", "03:30", "2027-11-07T01:30", ("05:30", "06:30")),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "02:45", "2027-04-04T01:45", ("14:45", "15:15")),
    ],
)
def test_fault_52_both_nights_of_three_zones_while_typing(publisher, zone, skipped, then, twice, instants):
    gap = publisher.get(LIVE, {"time_zone": zone, "starts": skipped, "ends": f"{skipped[:11]}06:00"}).text
    assert f"Did you mean {skipped[:10]} {then}?" in gap
    night = {"time_zone": zone, "starts": twice, "ends": f"{twice[:11]}06:00", "notify": "on"}
    asked = publisher.get(LIVE, night).text
    assert f"the first is {instants[0]} UTC, the second {instants[1]} UTC" in asked
    for which, at in zip(("earlier", "later"), instants, strict=True):
        assert f"{at} to " in publisher.get(LIVE, {**night, "starts_which": which}).text


@pytest.mark.parametrize(
    ("starts", "ends", "length", "days"),
    [
        ("2027-10-31T01:00", "2027-10-31T05:00", "5 hours", "Sat 30 October 2027, 23:00 to Sun 31 October 2027, 04:00"),
        ("2027-03-28T01:00", "2027-03-28T05:00", "3 hours", "Sun 28 March 2027, 00:00 to 03:00"),
        ("2027-06-30T23:30", "2027-07-01T00:30", "1 hour", "Wed 30 June 2027, 21:30 to 22:30"),
        ("2027-12-31T23:30", "2028-01-01T02:30", "3 hours", "Fri 31 December 2027, 22:30 to Sat 1 January 2028, 01:30"),
    ],
    ids=["an hour more", "an hour less", "over a month's end", "over a year's end"],
)
def test_a_window_is_as_long_as_clocks_really_run(publisher, starts, ends, length, days):
    facts = {"time_zone": "Europe/Amsterdam", "starts": starts, "ends": ends, "notify": "on"}
    text = publisher.get(LIVE, facts).text
    assert f'<p class="dim">{length}</p>' in text
    assert f"{days} UTC" in text


def test_the_time_to_undo_and_the_fan_out_are_part_of_the_verdict(publisher, settings):
    """Without subscribers the publication is the notice; with some it is complete later."""
    settings.UNDO_SECONDS = 600
    start = full_hour() + hours(23) + minutes(70)
    assert "excluded from availability" in publisher.get(LIVE, typed(start)).text
    subscribers(email=1)
    assert ports.installed.fan_out_estimate is not None
    settings.UNDO_SECONDS = 2 * 3600
    text = publisher.get(LIVE, typed(start)).text
    assert "short of 24 hours. These 120 minutes will count as downtime." in text


def test_what_is_said_while_typing_is_what_the_review_says(publisher):
    api = component("API")
    facts = {"components": [api.pk]}
    start = full_hour() + hours(3)
    live, review = publisher.get(LIVE, typed(start, **facts)), publisher.post(NEW, window(start, **facts))
    assert live.context["verdict"].minutes == review.context["verdict"].minutes == 120


def test_short_windows_of_the_same_component_are_found_and_named(publisher):
    api = component("API")
    start = full_hour() + hours(5)
    scheduled(api, name="Router", start=start + hours(10), length=minutes(20), now=timezone.now(), notify=False)
    text = publisher.get(LIVE, typed(start, minutes(20), components=[api.pk])).text
    assert "with Router this comes to more than 30 minutes" in text
    other = component("Web")
    assert "need no notice" in publisher.get(LIVE, typed(start, minutes(20), components=[other.pk])).text


def test_a_window_short_of_notice_is_published_only_when_that_is_confirmed(publisher):
    facts = window(full_hour() + hours(3), step="publish")
    refused = publisher.post(NEW, facts)
    assert refused.status_code == 422
    assert "tick below that you mean it" in refused.text
    assert "120 minutes will count as downtime" in refused.text
    assert not Maintenance.objects.exists()
    assert publisher.post(NEW, {**facts, "confirmed": "yes"}).status_code == 302
    assert Maintenance.objects.count() == 1


def test_a_window_in_time_needs_no_tick(publisher):
    assert 'name="confirmed"' not in publisher.post(NEW, window(full_hour() + hours(72))).text
    assert publisher.post(NEW, window(full_hour() + hours(72), step="publish")).status_code == 302


def test_windows_that_meet_in_time_and_component_are_warned_of_before_publishing(publisher):
    api, web = component("API"), component("Web")
    start = full_hour() + hours(40)
    scheduled(api, name="Router", start=start + hours(1), now=timezone.now())
    warning = "At the same time Router works on API too."
    for text in (
        publisher.get(LIVE, typed(start, components=[api.pk, web.pk])).text,
        publisher.post(NEW, window(start, components=[api.pk])).text,
    ):
        assert warning in text
    assert warning not in publisher.get(LIVE, typed(start, components=[web.pk])).text
    assert warning not in publisher.get(LIVE, typed(start + hours(4), components=[api.pk])).text


def test_an_open_incident_on_the_same_component_is_warned_of_where_work_is_near(publisher):
    api = component("API")
    incident({api: "major_outage"}, name="API is down")
    warning = "An incident is open that speaks of API: API is down."
    assert warning in publisher.get(LIVE, typed(full_hour() + hours(2), components=[api.pk])).text
    assert warning not in publisher.get(LIVE, typed(full_hour() + hours(50), components=[api.pk])).text


def test_beside_the_form_stand_other_windows_and_open_incidents(publisher):
    empty = publisher.get(NEW).text
    assert "No other window is planned." in empty
    api = component("API")
    scheduled(api, name="Router", start=full_hour() + hours(40), now=timezone.now())
    incident({api: "major_outage"}, name="API is down")
    text = publisher.get(NEW).text
    assert "Router" in text and "API is down" in text


def test_moving_and_starting_early_are_judged_while_typing(publisher):
    start = full_hour() + hours(200)
    planned = scheduled(component(), start=start, now=timezone.now())
    step = f"/admin/maintenance/{planned.pk}"
    moved = publisher.get(f"{step}/move/verdict/", typed(full_hour() + hours(2)))
    assert "These 120 minutes will count as downtime." in moved.text
    early = publisher.get(f"{step}/start/verdict/", {"minutes": "45", "notify": "on"})
    assert "These 45 minutes will count as downtime." in early.text
    assert publisher.get(f"{step}/say/verdict/").status_code == 200
    assert publisher.get(f"{step}/dance/verdict/").status_code == 404


def test_of_an_extension_only_the_added_part_counts(publisher, settings):
    """What was announced two days ago stays excluded."""
    settings.UNDO_SECONDS = 0
    planned = scheduled(component(), start=full_hour() + hours(1), now=timezone.now() - hours(48))
    fanout.relay()
    address = f"/admin/maintenance/{planned.pk}/move/verdict/"
    longer, shorter = (publisher.get(address, typed(planned.scheduled_for, hours(count))).text for count in (3, 1))
    assert "60 minutes of it will count as downtime." in longer
    assert "These times were announced 24 hours ahead before" in shorter
    assert "excluded from availability" in publisher.get(f"/admin/maintenance/{planned.pk}/").text


@pytest.mark.parametrize(
    "junk", [{"starts": "x"}, {"time_zone": "Mars/Base"}, {"components": ["nowhere"]}, {"minutes": "-1"}]
)
def test_whatever_is_typed_is_answered(publisher, junk):
    planned = scheduled(component(), start=full_hour() + timedelta(days=3), now=timezone.now())
    facts = {**typed(full_hour()), **junk}
    for address in (LIVE, *(f"/admin/maintenance/{planned.pk}/{step}/verdict/" for step in ("move", "start"))):
        assert publisher.get(address, facts).status_code == 200


def test_how_it_begins_and_ends_is_stored_as_chosen(publisher):
    facts = {
        "start_by": "hand",
        "end_by": "quietly",
        "remind": "chosen",
        "reminders": ["60", "4320"],
        "impact": "minor",
    }
    answer = publisher.post(NEW, window(full_hour() + hours(100), **facts))
    assert "when somebody starts it" in answer.text and "3 days, 1 hour" in answer.text and "Minor" in answer.text
    publisher.post(NEW, window(full_hour() + hours(100), step="publish", **facts))
    made = Maintenance.objects.get()
    assert (made.auto_start, made.auto_complete, made.tells_end, made.impact) == (False, True, False, "minor")
    assert made.reminders == [4320, 60]


def test_the_usual_answers_hold_where_nothing_is_chosen(publisher):
    publisher.post(NEW, window(full_hour() + hours(100), step="publish"))
    made = Maintenance.objects.get()
    assert (made.auto_start, made.auto_complete, made.tells_start, made.tells_end) == (True, True, True, True)
    assert (made.reminders, made.impact, made.shows_notice) == (None, "maintenance", False)


def test_a_reminder_is_ticked_or_the_usual_ones_hold(publisher):
    answer = publisher.post(NEW, window(full_hour() + hours(100), remind="chosen"))
    assert answer.status_code == 422
    assert "Tick a time" in answer.text


def test_the_verdict_says_for_how_many_contracts_it_counts(publisher):
    """Each by its own rules: of two gateways one is left, and who is not covered is not named."""
    first, second, other = component("A"), component("B"), component("C")
    for number in range(2):
        contract(first, name=f"Client {number}")
    contract(agreed=redundant(first, second), name="Redundant")
    soon = full_hour()

    def said(*components) -> str:
        return publisher.get(LIVE, typed(soon, components=[each.pk for each in components])).text

    assert "These 120 minutes will count as downtime for 2 contracts." in said(first)
    assert "These 120 minutes will count as downtime for 3 contracts." in said(first, second)
    assert "These 120 minutes will count as downtime for 0 contracts." in said(second)
    assert "These 120 minutes will count as downtime." in said(other)
    assert "contract" not in publisher.get(LIVE, typed(soon + timedelta(days=9), components=[first.pk])).text


def test_what_a_window_without_notice_counted_for_stays_in_its_room(publisher):
    api = component()
    contract(api)
    planned = scheduled(api, start=full_hour(), now=timezone.now(), notify=False)
    text = publisher.get(f"/admin/maintenance/{planned.pk}/").text
    assert "will count as downtime for 1 contract." in text
