"""What a feed's entries say, in the very form that programs match."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import translation
from lxml import html

from notifications.feeds import dialect

from .feed_reading import LATER, RESOLVED, bodies
from .snapshots import component, incident, maintenance, snapshot, update


def test_updates_stand_newest_first_in_the_form_that_programs_match():
    assert bodies(snapshot(RESOLVED)) == [
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


def test_the_sentences_around_the_dialect_are_in_the_pages_language(settings):
    settings.LANGUAGE_CODE = "de"
    (body,) = bodies(snapshot(maintenance("Upgrade", update("Not today.", "cancelled"))))
    assert "<strong>Completed</strong> - Diese Wartung wurde abgesagt. Not today.</p>" in body
    with translation.override("de"):
        assert dialect.rest_is_at("/").startswith("<p>Die übrigen Updates stehen auf der Seite: <a ")


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
    assert (
        "<p>Next update promised by Jul <var data-var='date'>19</var>, <var data-var='time'>17:57</var> UTC</p>" in body
    )
    assert "Next update by" not in body, "read when that has passed, it would not be true"


def test_a_resolved_incident_promises_nothing_more():
    assert "Next update" not in bodies(snapshot(replace(RESOLVED, next_update_by=LATER)))[0]


def test_the_affected_components_are_named():
    assert "Affected components: A &amp; B, C" in bodies(snapshot(incident(on=(component("A & B"), component("C")))))[0]


def test_a_body_of_several_paragraphs_goes_on_after_its_first():
    (body,) = bodies(snapshot(incident("X", update("One.\n\nTwo."))))
    assert body.endswith("<strong>Investigating</strong> - One.</p>\n<p>Two.</p>")


def test_a_body_that_is_a_list_follows_its_line():
    (body,) = bodies(snapshot(incident("X", update("- One\n- Two"))))
    assert "<strong>Investigating</strong> - </p><ul>" in body
