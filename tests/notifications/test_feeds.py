"""Feeds: strictly well formed, the same bytes for the same facts, in the dialect that programs read."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.parsers import expat

import feedparser
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from notifications import feeds
from notifications.feeds.entries import SIZE_LIMIT
from statuspage.publishing.documents import ATOM, RSS

from .snapshots import NOON, component, incident, maintenance, snapshot, update

LATER = NOON + timedelta(hours=5, minutes=57)
ATOM_NAMES = {"a": "http://www.w3.org/2005/Atom"}
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def rendered(facts, path):
    """The bytes of one feed."""
    return next(document for document in feeds.documents(facts) if document.path == path).render()


def parsed(facts, path="/history.atom"):
    """One feed as a strict parser has it."""
    body = rendered(facts, path)
    expat.ParserCreate().Parse(body, True)
    return etree.fromstring(body, STRICT)


def read(facts, path="/history.atom"):
    """One feed as a feed reader has it, without a complaint of the reader's."""
    feed = feedparser.parse(rendered(facts, path))
    assert not feed.bozo, feed.bozo_exception
    return feed


def bodies(facts):
    """The HTML of every entry, from both formats."""
    atom = parsed(facts).xpath("//a:entry/a:content/text()", namespaces=ATOM_NAMES)
    rss = parsed(facts, "/history.rss").xpath("//item/description/text()")
    assert atom == rss
    return atom


@pytest.fixture
def resolved():
    return incident(
        "API is down",
        update("Fixed.", "resolved", LATER),
        update("We look into it.", "investigating"),
        id="abcdefghijkl",
    )


# --- The dialect ------------------------------------------------------------------------------


def test_updates_stand_newest_first_in_the_form_that_programs_match(resolved):
    assert bodies(snapshot(resolved)) == [
        "<p><small>Jul <var data-var='date'>19</var>, <var data-var='time'>17:57</var> UTC</small><br>"
        "<strong>Resolved</strong> - Fixed.</p>"
        "<p><small>Jul <var data-var='date'>19</var>, <var data-var='time'>12:00</var> UTC</small><br>"
        "<strong>Investigating</strong> - We look into it.</p>"
    ]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("in_progress", "In progress"),
        ("verifying", "Verifying"),
        ("completed", "Completed"),
        ("scheduled", "Scheduled"),
    ],
)
def test_every_status_has_statuspages_word(status, word):
    (body,) = bodies(snapshot(maintenance("Upgrade", update("Text.", status))))
    assert f"<strong>{word}</strong> - Text.</p>" in body


def test_a_cancelled_maintenance_is_completed_and_says_that_it_was_cancelled():
    (body,) = bodies(snapshot(maintenance("Upgrade", update("Not today.", "cancelled"))))
    assert "<strong>Completed</strong> - This maintenance was cancelled. Not today.</p>" in body


def test_a_maintenance_opens_with_its_window():
    (body,) = bodies(snapshot(maintenance()))
    assert body.startswith(
        "<p><strong>THIS IS A SCHEDULED EVENT Jul <var data-var='date'>26</var>, <var data-var='time'>12:00</var>"
        " - <var data-var='time'>14:00</var> UTC</strong></p>"
    )


def test_a_window_over_midnight_names_both_days():
    start = datetime(2026, 7, 31, 23, 0, tzinfo=UTC)
    (body,) = bodies(snapshot(maintenance(scheduled_for=start)))
    text = html.fromstring(f"<div>{body}</div>").text_content()
    assert text.startswith("THIS IS A SCHEDULED EVENT Jul 31, 23:00 - Aug 1, 01:00 UTC")


def test_an_open_incident_says_when_the_next_word_is_due():
    (body,) = bodies(snapshot(incident(next_update_by=LATER)))
    assert "Next update by Jul <var data-var='date'>19</var>, <var data-var='time'>17:57</var> UTC." in body


def test_a_resolved_incident_promises_nothing_more(resolved):
    assert "Next update by" not in bodies(snapshot(replace(resolved, next_update_by=LATER)))[0]


def test_the_affected_components_are_named():
    assert "Affected components: A &amp; B, C" in bodies(snapshot(incident(on=(component("A & B"), component("C")))))[0]


def test_a_body_of_several_paragraphs_goes_on_after_its_first():
    (body,) = bodies(snapshot(incident("X", update("One.\n\nTwo."))))
    assert body.endswith("<strong>Investigating</strong> - One.</p>\n<p>Two.</p>")


def test_a_body_that_is_a_list_follows_its_line():
    (body,) = bodies(snapshot(incident("X", update("- One\n- Two"))))
    assert "<strong>Investigating</strong> - </p><ul>" in body


# --- Identity and dates -------------------------------------------------------------------------


def test_atom_ids_are_tags_and_rss_guids_are_the_incidents_address(resolved):
    (entry,) = read(snapshot(resolved)).entries
    assert (entry.id, entry.link) == (
        "tag:status.example.com,2005:Incident/abcdefghijkl",
        "https://status.example.com/incidents/abcdefghijkl",
    )
    (item,) = read(snapshot(resolved), "/history.rss").entries
    assert item.id == item.link == "https://status.example.com/incidents/abcdefghijkl"


def test_an_atom_entry_links_to_the_page_as_statuspages_does(resolved):
    (link,) = parsed(snapshot(resolved)).xpath("//a:entry/a:link", namespaces=ATOM_NAMES)
    assert dict(link.attrib) == {
        "href": "https://status.example.com/incidents/abcdefghijkl", "rel": "alternate", "type": "text/html",
    }  # fmt: skip


def test_an_incident_is_dated_when_it_was_published_and_when_it_last_changed(resolved):
    (entry,) = parsed(snapshot(resolved)).findall("a:entry", ATOM_NAMES)
    assert entry.findtext("a:published", namespaces=ATOM_NAMES) == "2026-07-19T12:00:00+00:00"
    assert entry.findtext("a:updated", namespaces=ATOM_NAMES) == "2026-07-19T17:57:00+00:00"


def test_a_corrected_update_moves_the_entrys_updated():
    corrected = incident("X", update(updated_at=LATER))
    assert parsed(snapshot(corrected)).findtext("a:updated", namespaces=ATOM_NAMES) == "2026-07-19T17:57:00+00:00"


def test_a_maintenance_is_dated_when_it_was_announced_never_at_its_start():
    dates = parsed(snapshot(maintenance()), "/history.rss").xpath("//pubDate/text() | //lastBuildDate/text()")
    assert {parsedate_to_datetime(date) for date in dates} == {NOON}


def test_the_channels_dates_are_the_newest_events(resolved):
    channel = parsed(snapshot(incident("Old"), resolved), "/history.rss").find("channel")
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


# --- What a feed holds ---------------------------------------------------------------------------


def test_the_channel_is_named_as_statuspages(resolved):
    channel = parsed(snapshot(resolved), "/history.rss").find("channel")
    assert channel.findtext("title") == "Example Status - Incident History"
    assert channel.findtext("description") == "Statuspage"
    assert channel.findtext("link") == "https://status.example.com"


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


# --- Poison ---------------------------------------------------------------------------------------


@given(title=st.text(), body=st.text(), name=st.text(), site=st.text())
def test_fault_70_any_text_gives_a_feed_that_strict_parsers_take(title, body, name, site):
    part = component(name)
    facts = snapshot(
        incident(title, update(body), on=(part,)), maintenance(title, update(body)), components=(part,), name=site
    )
    for document in feeds.documents(facts):
        expat.ParserCreate().Parse(document.render(), True)
        etree.fromstring(document.render(), STRICT)


POISON = st.text(
    alphabet=["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\U0001ffff", "]", ">", "<", "&", "a", "\r", "\n"]
)


@given(POISON)
def test_fault_70_what_xml_forbids_is_stripped(text):
    assert parsed(snapshot(incident(text, update(text)))) is not None


@given(st.text())
def test_fault_66_a_title_is_one_line(title):
    (found,) = parsed(snapshot(incident(title))).xpath("//a:entry/a:title", namespaces=ATOM_NAMES)
    assert found.text
    assert not re.search(r"[\x00-\x1f\x7f]", found.text)


@pytest.mark.parametrize(
    "body",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "[x](data:text/html,x)",
     "</p></strong><iframe src=//x>", "<svg onload=alert(1)>", "<https://x.org/\" onmouseover=alert(1)>"],
)  # fmt: skip
def test_fault_68_a_body_brings_no_markup_of_its_own_into_a_feed(body):
    (found,) = bodies(snapshot(incident("X", update(body))))
    tree = html.fromstring(f"<div>{found}</div>")
    assert not tree.xpath("//script | //img | //iframe | //svg | //@*[starts-with(name(), 'on')]")
    assert all(href.startswith(("https:", "http:")) for href in tree.xpath("//@href"))


@given(st.text(max_size=40))
def test_fault_68_a_title_and_a_components_name_are_text(text):
    (found,) = bodies(snapshot(incident(text, on=(component(text),))))
    names = {element.tag for element in html.fromstring(f"<div>{found}</div>").iter()}
    assert names <= {"div", "p", "small", "br", "strong", "var"}
