"""The calendar: one event a maintenance, which two independent parsers read alike."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications import pages
from notifications.feeds import calendar
from tests.notifications.snapshots import NOON, component, maintenance, snapshot, update


def of_page(*entries, **facts) -> bytes:
    return next(calendar.documents(snapshot(*entries, **facts))).render()


def events(text: bytes) -> list:
    return Calendar.from_ical(text).walk("VEVENT")


def test_an_event_says_when_what_and_where():
    api = component("API")
    planned = maintenance("Database upgrade", on=(api,))
    (event,) = events(of_page(planned, components=(api,)))
    assert event["uid"] == f"{planned.id}@status.example.com"
    assert event.decoded("dtstart") == planned.scheduled_for
    assert event.decoded("dtend") == planned.scheduled_until
    assert event["summary"] == "Database upgrade"
    assert event["description"] == "Read-only.\n\nAffected components: API"
    assert event["url"] == f"https://status.example.com/incidents/{planned.id}"
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)


def test_two_parsers_read_the_same():
    text = of_page(maintenance("One; with, signs\\"), maintenance("Zwei – ä"))
    ours = {(str(each["uid"]), str(each["summary"]), each.decoded("dtstart")) for each in events(text)}
    theirs = {
        (each.uid.value, each.summary.value, each.dtstart.value)
        for each in vobject.readOne(text.decode()).contents["vevent"]
    }
    assert {(uid, name, at.isoformat()) for uid, name, at in ours} == {(u, n, a.isoformat()) for u, n, a in theirs}


def test_a_moved_window_keeps_its_id_and_raises_its_sequence():
    planned = maintenance()
    moved = replace(planned, window_revision=2, scheduled_for=planned.scheduled_for + timedelta(hours=3))
    cancelled = replace(moved, status="cancelled")
    seen = [events(of_page(each))[0] for each in (planned, moved, cancelled)]
    assert len({str(each["uid"]) for each in seen}) == 1
    assert all(before["sequence"] < after["sequence"] for before, after in pairwise(seen))
    assert seen[-1]["status"] == "CANCELLED"


def test_the_same_snapshot_gives_the_same_bytes_and_its_time_is_no_clocks():
    planned = maintenance("Database upgrade", update("Now two hours.", "scheduled", NOON + timedelta(hours=1)))
    (event,) = events(of_page(planned))
    assert of_page(planned) == of_page(planned)
    assert event.decoded("dtstamp") == NOON + timedelta(hours=1)


def test_a_components_calendar_holds_what_touches_it():
    api, web = component("API"), component("Web")
    one, two = maintenance("One", on=(api,)), maintenance("Two", on=(web,))
    made = {each.path: each for each in calendar.documents(snapshot(one, two, components=(api, web)))}
    assert [each["summary"] for each in events(made[f"/components/{web.id}/maintenance.ics"].render())] == ["Two"]


def test_each_planned_maintenance_is_a_calendar_by_itself():
    planned, over = maintenance("One"), maintenance("Two", status="completed")
    made = {each.path: each for each in calendar.documents(snapshot(planned, over))}
    assert [each["summary"] for each in events(made[f"{planned.path}.ics"].render())] == ["One"]
    assert f"{over.path}.ics" not in made


def test_the_form_to_subscribe_leads_to_every_calendar():
    api = component("API")
    made = {each.path: each.render().decode() for each in pages.documents(snapshot(components=(api,)))}
    assert f'<a href="/components/{api.id}/maintenance.ics" aria-label="Calendar of API">' in made["/subscribe"]
    assert made["/subscribe"].count('<a href="/maintenance.ics">') == 2  # and in the footer, as on all pages


def test_no_maintenance_is_an_empty_calendar():
    assert events(of_page()) == []


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_gives_lines_of_75_octets_that_parse(name, body):
    text = of_page(maintenance(name, update(body, "scheduled")))
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    assert len(events(text)) == 1
    assert len(vobject.readOne(text.decode()).contents["vevent"]) == 1
