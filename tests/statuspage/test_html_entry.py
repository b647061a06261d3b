"""The page of one incident or maintenance: its whole story, true however long it is not rendered again."""

import pytest

from statuspage.publishing import html

from .factories import NOW, a_component, a_maintenance, a_snapshot, affected, ago, ahead, an_incident, an_update
from .pages import Page, of

pytestmark = pytest.mark.usefixtures("all_languages")


def test_an_incidents_page_tells_its_whole_story():
    api = a_component("API")
    updates = (
        an_update(
            "resolved", "It works.", at=ago(days=2), affected_components=(affected(api, "major_outage", "operational"),)
        ),
        an_update("investigating", "We look.", at=ago(days=2, hours=1)),
    )
    incident = an_incident(
        "API is down",
        components=(api,),
        status="resolved",
        impact="critical",
        started_at=ago(days=2, hours=1),
        resolved_at=ago(days=2),
        updates=updates,
    )
    page = of(incident)
    words = page.words()
    assert words.startswith("API is down · Example Status")
    assert "API is down Critical impact Resolved Started Sun 8 November 2026, 13:32 UTC" in words
    assert "Resolved Sun 8 November 2026, 14:32 UTC Duration 1 hour Components API" in words
    assert "API: Major outage → Operational" in words
    assert words.index("It works.") < words.index("We look.")
    assert "/history/2026-11" in [each["href"] for each in page.all("a")]


def test_an_open_incidents_page_says_when_the_next_word_is_due_in_words_that_stay_true():
    words = of(an_incident(next_update_by=ahead(minutes=28))).words()
    assert "Next update promised by Tue 10 November 2026, 15:00 UTC" in words
    assert "Next update by" not in words
    assert "Resolved" not in words and "Duration" not in words


def test_an_incidents_page_that_is_rendered_after_its_promise_says_that_it_was_not_kept():
    incident = an_incident(next_update_by=ahead(minutes=28))
    before, then, later = (of(incident, as_of=ahead(minutes=n)).words() for n in (27, 28, 60 * 24 * 40))
    assert "Next update promised by Tue 10 November 2026, 15:00 UTC" in before
    assert then == later
    assert "An update was due by Tue 10 November 2026, 15:00 UTC" in then and "promised" not in then


def test_a_resolved_incident_promises_nothing_more():
    assert "Next update" not in of(an_incident(status="resolved", next_update_by=ahead(minutes=5))).words()


def test_an_entrys_page_stays_true_however_long_it_is_not_rendered_again():
    for entry in (an_incident(), a_maintenance(), an_incident(status="resolved")):
        first, second = (
            next(iter(html.entry_page(a_snapshot(as_of=instant), entry))).render() for instant in (NOW, ahead(days=40))
        )
        assert first == second
        assert "ago" not in Page(first).words()


def test_a_maintenances_page_tells_its_window_and_its_notice():
    work = a_maintenance(
        status="completed",
        window_revision=2,
        components=(a_component("Issues"),),
        started_at=ahead(days=2),
        resolved_at=ahead(days=2, hours=1),
    )
    words = of(work).words()
    assert "Window Thu 12 November 2026, 15:00 to 17:00 UTC, 2 hours" in words
    assert "Announced Fri 6 November 2026, 14:32 UTC, 6 days ahead · the window was changed" in words
    assert "Work began" in words and "Ended" in words and "Components Issues" in words


def test_an_entry_without_updates_says_so():
    assert "Nothing has been published yet." in of(an_incident(updates=())).words()
