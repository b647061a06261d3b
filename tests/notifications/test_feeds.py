"""Feeds: who is who, dated when, the same bytes for the same facts, and what each of them holds."""

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from django.utils import translation

from notifications import feeds
from notifications.feeds.entries import SIZE_LIMIT
from statuspage.publishing.documents import ATOM, RSS

from .feed_reading import ATOM_NAMES, LATER, RESOLVED, bodies, parsed, read, rendered
from .snapshots import NOON, component, incident, maintenance, snapshot, update

# --- Identity and dates -------------------------------------------------------------------------


def test_atom_ids_are_tags_and_rss_guids_are_the_incidents_address():
    (entry,) = read(snapshot(RESOLVED)).entries
    assert (entry.id, entry.link) == (
        "tag:status.example.com,2005:Incident/abcdefghijkl",
        "https://status.example.com/incidents/abcdefghijkl",
    )
    (item,) = read(snapshot(RESOLVED), "/history.rss").entries
    assert item.id == item.link == "https://status.example.com/incidents/abcdefghijkl"


def test_an_atom_entry_links_to_the_page_as_statuspages_does():
    (link,) = parsed(snapshot(RESOLVED)).xpath("//a:entry/a:link", namespaces=ATOM_NAMES)
    assert dict(link.attrib) == {
        "href": "https://status.example.com/incidents/abcdefghijkl", "rel": "alternate", "type": "text/html",
    }  # fmt: skip


def test_an_incident_is_dated_when_it_was_published_and_when_it_last_changed():
    (entry,) = parsed(snapshot(RESOLVED)).findall("a:entry", ATOM_NAMES)
    assert entry.findtext("a:published", namespaces=ATOM_NAMES) == "2026-07-19T12:00:00+00:00"
    assert entry.findtext("a:updated", namespaces=ATOM_NAMES) == "2026-07-19T17:57:00+00:00"


def test_a_corrected_update_moves_the_entrys_updated():
    corrected = incident("X", update(updated_at=LATER))
    assert parsed(snapshot(corrected)).findtext("a:updated", namespaces=ATOM_NAMES) == "2026-07-19T17:57:00+00:00"


def test_a_maintenance_is_dated_when_it_was_announced_never_at_its_start():
    dates = parsed(snapshot(maintenance()), "/history.rss").xpath("//pubDate/text() | //lastBuildDate/text()")
    assert {parsedate_to_datetime(date) for date in dates} == {NOON}


def test_the_channels_dates_are_the_newest_events():
    channel = parsed(snapshot(incident("Old"), RESOLVED), "/history.rss").find("channel")
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")) == LATER
    assert parsedate_to_datetime(channel.findtext("pubDate")) == LATER


def test_entries_stand_by_their_latest_update():
    old_but_reopened = incident("Reopened", update("Again.", "monitoring", LATER), update())
    facts = snapshot(incident("Newer", created_at=NOON + timedelta(hours=1)), maintenance("Between"), old_but_reopened)
    assert [entry.title for entry in read(facts).entries][0] == "Reopened"


@time_machine.travel("2026-07-19 12:00")
def test_fault_92_the_same_facts_give_the_same_bytes_whatever_the_clock_says():
    facts = snapshot(incident(), maintenance(), components=(component(),))
    before = {document.path: document.render() for document in feeds.documents(facts)}
    with time_machine.travel("2031-01-01"):
        later = replace(facts, as_of=LATER, revision=9)
        assert {document.path: document.render() for document in feeds.documents(later)} == before


def test_an_empty_feed_is_dated_by_the_page():
    assert parsed(snapshot()).findtext("a:updated", namespaces=ATOM_NAMES) == "2026-07-19T12:00:00+00:00"
    assert read(snapshot(), "/history.rss").entries == []


# --- What a feed holds --------------------------------------------------------------------------


def test_the_channel_is_named_as_statuspages():
    channel = parsed(snapshot(RESOLVED), "/history.rss").find("channel")
    assert channel.findtext("title") == "Example Status - Incident History"
    assert channel.findtext("description") == "Statuspage"
    assert channel.findtext("link") == "https://status.example.com"


def test_a_feed_is_named_in_the_sites_own_language_whatever_a_thread_speaks(settings):
    settings.LANGUAGE_CODE = "de"
    api = component("API")
    names = {"/history": "Status von Example", f"/components/{api.id}/history": "Status von Example - API"}
    for language, kind in (("ar", "rss"), ("en", "atom")):
        with translation.override(language):
            found = {path: read(snapshot(components=(api,)), f"{path}.{kind}").feed for path in names}
        assert {path: feed.title for path, feed in found.items()} == {
            path: f"{name} - Verlauf der Vorfälle" for path, name in names.items()
        }
        assert {feed.language for feed in found.values()} == {"de"}


def test_a_components_feed_holds_what_touched_it():
    api, web = component("API"), component("Web")
    facts = snapshot(
        incident("A", on=(api,)), incident("W", on=(web,)), maintenance("B", on=(api, web)), components=(api, web)
    )
    assert {entry.title for entry in read(facts, f"/components/{api.id}/history.atom").entries} == {"A", "B"}
    feed = read(facts, f"/components/{web.id}/history.rss")
    assert {entry.title for entry in feed.entries} == {"W", "B"}
    assert feed.feed.title == "Example Status - Web - Incident History"


def test_only_feeds_that_a_change_touches_get_another_key():
    api, web = component("API"), component("Web")
    old = incident("W", on=(web,))
    before = snapshot(old, components=(api, web))
    after = snapshot(old, incident("A", on=(api,)), components=(api, web), as_of=LATER, revision=8)
    keys = [{each.path: each.key for each in feeds.documents(facts)} for facts in (before, after)]
    changed = {path for path in keys[0] if keys[0][path] != keys[1][path]}
    assert changed == {
        f"{path}.{suffix}" for path in ("/history", f"/components/{api.id}/history") for suffix in ("atom", "rss")
    }


def test_documents_carry_their_content_type():
    kinds = {document.path: document.content_type for document in feeds.documents(snapshot())}
    assert kinds == {"/history.atom": ATOM, "/history.rss": RSS}


def test_a_feed_holds_the_fifty_newest():
    many = [incident(f"N{number}", update(at=NOON + timedelta(minutes=number))) for number in range(60)]
    titles = [entry.title for entry in read(snapshot(*many)).entries]
    assert titles == [f"N{number}" for number in range(59, 9, -1)]


NASTY = "&<>\"'" * 5_000
"""25,000 characters, the most an update may have, each of which grows twice on its way into XML."""


@pytest.mark.parametrize("path", ["/history.atom", "/history.rss"])
def test_a_feed_never_exceeds_its_size(path):
    many = [incident(NASTY[:255], update(NASTY)) for _ in range(50)]
    body = rendered(snapshot(*many), path)
    assert len(body) <= SIZE_LIMIT
    assert body.count(b"Incident/") + body.count(b"<guid") >= 2


def test_what_one_entry_has_no_room_for_stays_on_the_page():
    (body,) = bodies(snapshot(incident("X", *[update(f"{number} {NASTY}") for number in range(30)], id="x")))
    assert "- 0 " in body
    assert "- 29 " not in body
    assert "The other updates are on the page: <a href" in body
