"""One incident and one month as JSON: what clients that walk a page's history read, written as pages are."""

import gzip
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from statuspage.actions import incidents, withdrawals
from statuspage.models import Publication
from statuspage.public import answers
from statuspage.publishing import api_entries, publish, store
from statuspage.publishing.snapshot import Month
from statuspage.publishing.times import Clock

from .factories import a_component, a_maintenance, a_snapshot, affected, ago, ahead, an_incident, an_update
from .given import ALICE, NOON, component, incident, scheduled
from .test_api_v2 import COMPONENT_KEYS, INCIDENT_KEYS, PAGE_KEYS, words
from .test_serve import Reader

WHOLE_KEYS = words(
    "postmortem_body postmortem_body_last_updated_at postmortem_ignored postmortem_published_at "
    "postmortem_notified_subscribers postmortem_notified_twitter scheduled_for scheduled_until scheduled_remind_prior "
    "scheduled_reminded_at impact_override metadata code backfilled reminder_intervals"
)
MONTH_KEYS = ["name", "year", "starts_on", "days", "incidents"]
LINE_KEYS = ["code", "name", "message", "impact", "timestamp"]
UTC = Clock(ZoneInfo("UTC"))


def told(entry, **facts):
    """Both documents of an entry, parsed: the one beside the page first."""
    return [json.loads(each.render()) for each in api_entries.entry_documents(a_snapshot(**facts), entry)]


# --- What is in them -----------------------------------------------------------------------------


def test_an_incident_stands_beside_its_page_and_by_itself_with_its_postmortem():
    api = a_component(status="major_outage")
    gone = an_update("identified", affected_components=(affected(api, "operational", "partial_outage"),))
    after = an_update("postmortem", "It was a **cable**.")
    entry = an_incident(components=(api, a_component("Gone")), updates=(after, gone), updated_at=ago(hours=1))
    beside, alone = told(entry, components=(api,))
    assert list(beside) == ["page", "incident"] and list(beside["page"]) == PAGE_KEYS
    assert list(beside["incident"]) == [*INCIDENT_KEYS, "reminder_intervals"]
    assert set(alone) == {*INCIDENT_KEYS, *WHOLE_KEYS}
    assert {key: alone[key] for key in beside["incident"]} == beside["incident"]
    (left,) = alone["components"]
    assert list(left) == COMPONENT_KEYS
    assert left["status"] == "partial_outage", "as the incident left it, however it is now"
    assert (alone["postmortem_body"], alone["scheduled_for"]) == ("It was a **cable**.", None)
    assert alone["postmortem_published_at"] == alone["incident_updates"][0]["display_at"]


def test_the_documents_of_an_entry_depend_on_that_entry_alone():
    api = a_component(status="operational")
    entry = an_incident(components=(api,))
    later = a_component(status="major_outage", updated_at=ahead(hours=1))
    assert told(entry, components=(api,)) == told(entry, components=(later,), revision=99, as_of=ahead(days=1))


def test_a_maintenance_has_its_window_under_the_same_keys():
    beside, alone = told(a_maintenance())
    assert beside["incident"]["scheduled_for"] == alone["scheduled_for"] == "2026-11-12T15:00:00.000Z"
    assert set(alone) == {*INCIDENT_KEYS, *WHOLE_KEYS} - {"reminder_intervals"}


@pytest.mark.parametrize(
    ("minutes", "zone", "said"),
    [
        (None, "UTC", "Nov <var data-var='date'>2</var>, <var data-var='time'>12:00</var> UTC"),
        (
            73,
            "UTC",
            "Nov <var data-var='date'>2</var>, <var data-var='time'>12:00</var> - <var data-var='time'>13:13</var> UTC",
        ),
        (
            900,
            "Europe/Berlin",
            "Nov <var data-var='date'>2</var>, <var data-var='time'>13:00</var> - "
            "Nov <var data-var='date'>3</var>, <var data-var='time'>04:00</var> CET",
        ),
    ],
)
def test_a_months_times_are_the_dialects_in_the_pages_zone(minutes, zone, said):
    end = NOON + timedelta(minutes=minutes) if minutes else None
    assert api_entries.span(NOON, end, Clock(ZoneInfo(zone))) == said


def test_a_month_has_its_calendar_and_what_began_in_it():
    over = a_maintenance("over", status="completed", scheduled_for=ago(days=2))
    entries = (an_incident("Delays"), over, a_maintenance("planned"))
    month = Month(key="2026-11", entries=entries, earlier=None, later=None)
    (document,) = api_entries.month_document(a_snapshot(), month)
    said = json.loads(document.render())
    assert list(said) == MONTH_KEYS
    assert [said[key] for key in MONTH_KEYS[:4]] == ["November", 2026, 0, 30]
    assert [each["name"] for each in said["incidents"]] == ["Delays", "over"]
    assert [list(each) for each in said["incidents"]] == [LINE_KEYS, LINE_KEYS]
    assert said["incidents"][1]["impact"] == "maintenance"


# --- Where they are ------------------------------------------------------------------------------

published = pytest.mark.django_db(transaction=True)


def asked(reader, path, query=""):
    """What a program gets, which may run in any page of any site."""
    status, headers, body = reader.ask(path, query=query)
    assert headers["Access-Control-Allow-Origin"] == "*" and headers["Content-Type"] == answers.documents.JSON
    return status, json.loads(body)


@published
def test_every_entry_is_found_by_its_id_and_whatever_is_not_there_is_404_as_json(publish_root):
    api = component()
    for entry in (incident({api: "major_outage"}, name="Cables"), scheduled(api)):
        reader = Reader()
        status, beside = asked(reader, f"/api/v2/incidents/{entry.pk}.json")
        assert (status, beside["incident"]["id"]) == (200, entry.pk)
        status, alone = asked(reader, f"/incidents/{entry.pk}.json")
        assert (status, alone["name"]) == (200, entry.name)
    for path in ("/api/v2/incidents/nonesuch0000.json", "/incidents/nonesuch0000.json", "/api/v2/nothing.json"):
        assert asked(reader, path) == (404, api_entries.NOTHING)
    assert reader.passed_on == []


@published
def test_an_update_writes_its_own_documents_and_what_is_withdrawn_is_gone(publish_root):
    first, second = incident(name="First"), incident(name="Second", now=NOON + timedelta(minutes=1))
    files = [publish_root / "pages" / path for path in places(first.pk)]
    before = [each.stat().st_ino for each in files]
    incidents.publish_update(incident=second, status="resolved", body="Over.", actor=ALICE)
    assert [each.stat().st_ino for each in files] == before
    assert asked(Reader(), f"/incidents/{second.pk}.json")[1]["status"] == "resolved"
    withdrawals.withdraw(entry=first, reason="A drill.", actor=ALICE)
    assert not any(each.exists() for each in files)
    assert store.page_files(publish_root) >= set(places(second.pk))


def places(pk):
    return (f"incidents/{pk}.json", f"api/v2/incidents/{pk}.json")


@published
def test_history_goes_back_three_months_a_page_empty_ones_too_until_there_are_no_more(publish_root, settings):
    now = timezone.now()
    newest = Clock(ZoneInfo(settings.PAGE_TIME_ZONE)).month_of(now)
    recent, old = incident(name="Recent", now=now), incident(name="Old", now=now - timedelta(days=31 * 4))
    scheduled(name="Ahead", start=now + timedelta(days=70), now=now)
    pages = [asked(Reader(), "/history.json", query)[1] for query in ("", "page=2", "page=3", "page=x")]
    assert [len(each["months"]) for each in pages[:3]] == [3, len(pages[1]["months"]), 0]
    months = [each for page in pages[:3] for each in page["months"]]
    assert months[0]["year"] == int(newest[:4]) and len(months) in {5, 6}
    codes = [[line["code"] for line in each["incidents"]] for each in months]
    assert codes[0] == [recent.pk] and codes[-1] == [old.pk] and not any(codes[1:-1])
    assert pages[3] == pages[0]
    assert list(pages[0]["page_status"]) == ["page", "status"]


@published
def test_a_page_of_history_is_packed_and_asked_for_again_for_nothing(publish_root):
    incident(name="Recent", now=timezone.now())
    reader = Reader()
    _, plain, body = reader.ask("/history.json")
    _, headers, packed = reader.ask("/history.json", accept_encoding="br, gzip")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == body
    assert reader.ask("/history.json", if_none_match=headers["ETag"])[0] == 304
    assert headers["X-Revision"] == plain["X-Revision"] == str(Publication.objects.current().revision)
    assert publish.publish() is False
