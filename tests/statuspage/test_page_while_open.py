"""The page while it stands open in a browser: what it looks up, exchanges, leaves alone and says."""

from dataclasses import replace

import pytest

from .factories import (
    a_component,
    a_maintenance,
    a_page,
    a_snapshot,
    ago,
    ahead,
    an_incident,
    an_update,
    id_of,
)
from .pages import busy_snapshot

LASTING = ".row, .updates li, h1, h2"
"""What a refresh without news has no reason to touch."""


def news(**facts):
    """A snapshot of one minute later."""
    later = ahead(minutes=1)
    return a_snapshot(revision=8, as_of=later, page=a_page(updated_at=later), **facts)


def test_relative_words_stay_true_while_the_page_is_open(reader):
    window = reader(a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=28)),)))
    window.open()
    window.wait(100)
    assert "in 26 minutes" in window.page.inner_text(".next")


def test_a_publication_is_shown_without_a_reload_and_said_once(reader):
    down = a_component("Actions", status="major_outage")
    window = reader()
    window.open()
    window.wait(60)
    assert window.asked == ["/", "/api/v2/status.json", "/api/v2/status.json"]
    window.snapshot = a_snapshot(
        revision=8, as_of=ahead(minutes=1), components=(down,), page=a_page(updated_at=ahead(minutes=1))
    )
    window.wait(60)
    assert window.page.inner_text("h1") == "Actions is down."
    assert window.page.text_content("#said") == "Actions is down."
    assert window.page.title() == "Actions is down. · Example Status"
    assert window.page.get_attribute(".top", "data-status") == "major_outage"
    assert window.asked.count("/") == 2


@pytest.mark.parametrize("trouble", ["refused", "behind"])
def test_news_whose_page_did_not_come_is_asked_for_again(reader, trouble):
    window = reader()
    window.open()
    window.wait(35)
    before, window.snapshot = window.snapshot, news(components=(a_component("Actions", status="major_outage"),))
    setattr(window, trouble, {"/": before})
    window.wait(60)
    assert window.page.inner_text("h1") == "All systems work."
    setattr(window, trouble, {})
    window.wait(35)
    assert window.page.inner_text("h1") == "Actions is down."


def test_an_incidents_page_of_a_server_that_is_behind_is_asked_for_again(reader):
    incident = an_incident()
    window = reader(a_snapshot(incidents=(incident,)))
    window.open(incident.path)
    window.wait(35)
    before = window.snapshot
    said = (an_update("identified", "A queue is full.", at=ahead(minutes=1)), *incident.updates)
    window.snapshot = news(incidents=(replace(incident, status="identified", updates=said),))
    window.behind = {incident.path: before}
    window.wait(30)
    assert window.asked.count(incident.path) == 2
    assert "A queue is full." not in window.words()
    window.behind = {}
    window.wait(120)
    assert "A queue is full." in window.words()
    assert window.asked.count(incident.path) == 3


@pytest.mark.parametrize(
    ("is_front", "words"),
    [(True, "Delays: Identified 14:33 UTC"), (False, "Identified Tue 10 November 2026, 14:33 UTC")],
)
def test_a_new_word_of_an_incident_is_said_to_who_hears_the_page(reader, is_front, words):
    incident = an_incident()
    window = reader(a_snapshot(incidents=(incident,)))
    window.open("/" if is_front else incident.path)
    window.snapshot = replace(window.snapshot, as_of=ahead(minutes=1))
    window.wait(310)
    assert window.page.text_content("#said") == ""
    said = (an_update("identified", "A queue is full.", at=ahead(minutes=1)), *incident.updates)
    window.snapshot = news(incidents=(replace(incident, status="identified", updates=said),))
    window.wait(60)
    assert window.page.text_content("#said").endswith(words)


def test_a_refresh_without_news_leaves_all_but_the_time_where_it_is(reader):
    window = reader(busy_snapshot())
    page = window.open()
    page.focus(".top .button")
    page.evaluate(f"document.querySelectorAll('{LASTING}').forEach((each) => {{ each.isMine = true; }})")
    window.snapshot = replace(busy_snapshot(), as_of=ahead(minutes=5))
    window.wait(310)
    assert window.asked.count("/") == 2
    assert "As of 14:37 UTC" in window.words()
    assert page.evaluate("document.activeElement.className") == "button"
    assert page.evaluate(f"[...document.querySelectorAll('{LASTING}')].every((each) => each.isMine)")


def test_a_page_that_something_else_changed_is_exchanged_as_a_whole(reader):
    window = reader()
    page = window.open()
    page.evaluate("document.querySelector('.row').prepend(document.createElement('mark'))")
    window.snapshot = news(components=(a_component(status="major_outage"),))
    window.wait(60)
    assert page.inner_text("h1") == "API is down."
    assert page.inner_text(".row .status") == "Major outage"
    assert page.locator("mark").count() == 0


def test_a_troubled_group_that_the_reader_folded_stays_folded(reader):
    window = reader(busy_snapshot())
    page = window.open()
    troubled = f"#g-{id_of('Group 0')}"
    page.locator(f"{troubled} > summary").click()
    for minutes in (1, 2):
        at = ahead(minutes=minutes)
        window.snapshot = replace(busy_snapshot(), revision=7 + minutes, page=a_page(updated_at=at), incidents=())
        window.wait(60)
        assert window.asked.count("/") == 1 + minutes
        assert page.locator(troubled).get_attribute("open") is None
    others = busy_snapshot().components
    down = replace(others[-1], status="major_outage")
    later = a_page(updated_at=ahead(minutes=3))
    window.snapshot = replace(busy_snapshot(), revision=10, page=later, components=(*others[:-1], down))
    window.wait(60)
    assert page.locator(f"#g-{id_of('Group 4')}").get_attribute("open") is not None


def test_a_browser_of_some_years_ago_is_told_of_news_too(reader):
    window = reader()
    window.page.add_init_script("delete AbortSignal.timeout")
    window.open()
    window.snapshot = news(components=(a_component(status="major_outage"),))
    window.wait(60)
    assert window.page.inner_text("h1") == "API is down."


def test_a_refresh_keeps_what_the_reader_unfolded_and_where_they_are(reader):
    window = reader(busy_snapshot())
    page = window.open()
    last = f"#g-{id_of('Group 4')}"
    page.locator(f"{last} > summary").click()
    window.snapshot = replace(busy_snapshot(), revision=8, page=a_page(updated_at=ahead(minutes=1)))
    window.wait(60)
    assert window.asked.count("/") == 2
    assert page.locator(last).get_attribute("open") is not None
    assert page.evaluate("document.activeElement.parentNode.id") == last[1:]


def test_a_missed_promise_is_none_any_more_and_is_looked_up_again(reader):
    window = reader(a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=2)),)))
    window.open()
    window.refused, window.snapshot = {"/"}, replace(window.snapshot, as_of=ahead(minutes=3))
    window.wait(140)
    assert window.page.inner_text(".next").strip() == "An update was due by 14:34 UTC, now"
    window.refused = set()
    window.wait(40)
    assert "As of 14:35 UTC" in window.words()
    assert window.page.inner_text(".next").strip().startswith("An update was due by 14:34 UTC, 1 minute ago")


def test_a_maintenance_that_lasts_too_long_was_to_end(reader):
    running = a_maintenance(status="in_progress", scheduled_for=ago(hours=1), scheduled_until=ahead(minutes=2))
    window = reader(a_snapshot(maintenances=(running,)))
    window.open()
    assert window.page.inner_text(".next").strip() == "Ends in 2 minutes"
    window.wait(140)
    assert window.page.inner_text(".next").strip() == "Was to end now"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_an_incidents_page_promises_nothing_of_the_past(reader, zone):
    incident = an_incident(next_update_by=ahead(minutes=2))
    window = reader(a_snapshot(incidents=(incident,)), timezone_id=zone)
    window.open(incident.path)
    assert window.page.inner_text(".next").strip().startswith("Next update promised by Tue 10 November 2026, 14:34 UTC")
    window.wait(140)
    assert window.page.inner_text(".next").strip().startswith("An update was due by Tue 10 November 2026, 14:34 UTC")
    window.wait(120)
    assert window.asked.count(incident.path) == 1


def test_a_page_that_gets_no_answer_says_since_when(reader):
    window = reader(timezone_id="America/New_York")
    window.open()
    window.wait(31)
    assert "checked" in window.page.inner_text("#checked")
    window.is_down = True
    window.wait(150)
    assert window.page.inner_text("#checked") == "· no answer since 09:32 your time"
    window.is_down = False
    window.wait(60)
    assert "checked" in window.page.inner_text("#checked")


def test_a_hidden_page_asks_nothing(reader):
    window = reader()
    page = window.open()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    window.wait(120)
    assert window.asked == ["/"]


def test_a_page_of_the_past_is_left_alone(reader):
    over = an_incident(status="resolved", started_at=ago(days=3))
    window = reader(a_snapshot(incidents=(over,)))
    window.open(over.path)
    window.wait(120)
    assert window.asked == [over.path]
