"""The front page: what is down, what happens, what is planned, as of when; and the same when it is old."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from statuspage.publishing import html

from .factories import (
    NOW,
    a_component,
    a_group,
    a_maintenance,
    a_page,
    a_snapshot,
    ago,
    ahead,
    an_incident,
    an_outage,
    an_update,
    id_of,
)
from .pages import Page, front, of

pytestmark = pytest.mark.usefixtures("all_languages")


def test_an_empty_page_says_what_is_not_there_yet():
    page = front(components=())
    assert page.text.count("No problems are known.") == 2  # title and headline
    assert "No components are listed yet." in page.words()
    assert "28 Oct to 10 Nov No incidents" in page.words()


def test_the_front_page_says_what_is_down_and_as_of_when():
    page = front(components=(a_component("Actions", status="partial_outage"), a_component("Web")))
    assert "Actions is partly down. Everything else works." in page.words()
    assert "As of 14:32 UTC" in page.words()
    assert page.words().startswith("Actions is partly down. Everything else works. · Example Status")


def test_a_status_is_a_word_and_an_icon_and_not_only_a_colour():
    page = front(components=(a_component(status="major_outage"),))
    assert "Major outage" in page.words()
    assert {"href": "#major_outage"} in page.all("use")
    assert "major_outage" in [each["id"] for each in page.all("symbol")]


def test_an_open_incident_is_told_newest_update_first():
    api = a_component(status="partial_outage")
    updates = (
        an_update("identified", "Second word", at=ago(minutes=2)),
        an_update(body="First word", at=ago(minutes=31)),
    )
    words = front(components=(api,), incidents=(an_incident(components=(api,), updates=updates),)).words()
    assert "Happening now Delays Partial outage API since 13:58 UTC, 34 minutes ago" in words
    assert "Identified 14:30 UTC, 2 minutes ago Second word" in words
    assert words.index("Second word") < words.index("First word")


def test_the_incident_with_the_newest_word_comes_first():
    older = an_incident("Older", updates=(an_update(at=ago(minutes=9)),))
    newer = an_incident("Newer", updates=(an_update(at=ago(minutes=1)),))
    words = front(incidents=(older, newer)).words()
    assert words.index("Newer") < words.index("Older")


def test_the_next_update_is_a_promise_with_a_time():
    words = front(incidents=(an_incident(next_update_by=ahead(minutes=28)),)).words()
    assert "Next update by 15:00 UTC, in 28 minutes" in words


def test_a_promise_that_was_not_kept_says_so():
    words = front(incidents=(an_incident(next_update_by=ago(minutes=12)),)).words()
    assert "An update was due by 14:20 UTC, 12 minutes ago" in words
    assert "Next update by" not in words


def test_a_maintenance_in_progress_says_when_it_ends():
    running = a_maintenance(status="in_progress", scheduled_for=ago(minutes=30), scheduled_until=ahead(minutes=88))
    words = front(maintenances=(running,)).words()
    assert "In progress Tue 10 November, 14:02 to 16:00 UTC" in words
    assert "Ends in 88 minutes" in words
    late = replace(running, scheduled_until=ago(minutes=3))
    assert "Was to end 3 minutes ago" in front(maintenances=(late,)).words()


def test_a_planned_maintenance_says_when_how_long_and_how_far_ahead():
    words = front(maintenances=(a_maintenance(components=(a_component("Issues"),), window_revision=2),)).words()
    assert "Planned maintenance Database upgrade Thu 12 November, 15:00 to 17:00 UTC in 2 days, for 2 hours" in words
    assert "Issues announced 6 days ahead the window was changed Add to calendar We upgrade the database." in words


def test_what_is_planned_is_offered_as_a_calendar_by_itself():
    planned = a_maintenance()
    offered = f"{planned.path}.ics"
    shown = (front(maintenances=(planned,)), of(planned), of(a_maintenance(status="completed")))
    assert [offered in [each["href"] for each in page.all("a")] for page in shown] == [True, True, False]


def weekly(count: int) -> list:
    """So many windows of one series, a week apart."""
    start = ahead(days=2)
    return [
        a_maintenance(f"Window {number}", series="seriesseries", scheduled_for=start + timedelta(weeks=number))
        for number in range(count)
    ]


def test_a_series_shows_its_next_window_and_folds_the_others_behind_it():
    first, *others = windows = weekly(5)
    beside = a_maintenance("Once", scheduled_for=ahead(days=3))
    page = front(maintenances=(*windows, beside))
    assert len(page.all("article")) == 2
    assert "and 4 more windows" in page.words()
    links = [each["href"] for each in page.all("a") if each["href"].startswith("/incidents/")]
    assert [link for link in links if not link.endswith(".ics")] == [each.path for each in (first, *others, beside)]
    assert "and 1 more window" in front(maintenances=tuple(weekly(2))).words()


def test_a_window_of_a_series_that_was_moved_or_spoken_of_keeps_its_own_card():
    first, moved, spoken_of, last = weekly(4)
    moved = replace(moved, window_revision=2)
    spoken_of = replace(spoken_of, updates=(an_update("scheduled", "Longer than usual."), *spoken_of.updates))
    page = front(maintenances=(first, moved, spoken_of, last))
    assert len(page.all("article")) == 3
    assert "Longer than usual." in page.words() and "and 1 more window" in page.words()


def test_a_cancelled_maintenance_is_not_planned():
    assert "Planned maintenance" not in front(maintenances=(a_maintenance(status="cancelled"),)).words()


def test_the_soonest_maintenance_comes_first():
    late, soon = a_maintenance("Late", scheduled_for=ahead(days=9)), a_maintenance("Soon", scheduled_for=ahead(days=1))
    words = front(maintenances=(late, soon)).words()
    assert words.index("Soon") < words.index("Late")


def test_a_group_is_open_while_something_in_it_is_wrong():
    works, fails = (
        a_component(name, group_id=id_of(f"Group {name}"), status=status)
        for name, status in (("works", "operational"), ("fails", "major_outage"))
    )
    groups = (a_group("Group works", [works], position=1), a_group("Group fails", [fails], position=2))
    folded, unfolded = front(components=(works, fails), groups=groups).all("details")
    assert "open" not in folded and "open" in unfolded


def test_bars_have_an_uptime_beside_them_and_words_for_who_does_not_see_them():
    outage = an_outage(ago(days=4, minutes=30), ago(days=4), "major_outage")
    words = front(components=(a_component(outages=[outage]),)).words()
    assert "API 99.976% uptime Operational" in words
    assert "The last 90 days: Major outage: 6 Nov." in words
    assert "Uptime = 1 − (time in major outage + 0.3 × time in partial outage) ÷ time shown" in words


def test_a_page_without_bars_explains_none():
    words = front(components=(a_component(showcase=False, days=(), uptime=None),)).words()
    assert "Uptime" not in words and "89 days ago" not in words


def test_a_third_party_is_called_one():
    assert "SMS third party" in front(components=(a_component("SMS", is_third_party=True),)).words()


def test_times_are_told_in_the_pages_zone_too():
    page = front(page=a_page(time_zone="Europe/Amsterdam"))
    assert "As of 14:32 UTC (15:32 CET)" in page.words()
    assert "Times are in UTC and in Europe/Amsterdam." in page.words()
    assert "Days begin at midnight CET." in page.words()


def test_the_front_page_tells_the_script_what_it_knows():
    (main,) = front().all("main")
    assert main["data-live"] == "2026-11-10T14:30:00.000Z"


def test_the_page_of_a_site_that_tells_nobody_offers_no_updates(monkeypatch):
    monkeypatch.setattr(html.apps, "is_installed", lambda name: False)
    page = front()
    assert "Get updates" not in page.words() and "RSS" not in page.words()
    assert [each["rel"] for each in page.all("link") if "hreflang" not in each] == ["icon", "canonical"]


def test_a_component_in_service_since_last_week_is_drawn_from_then():
    page = front(components=(a_component(start_date=date(2026, 11, 4)),))
    assert {"class": "none", "d": "M0 31H332"} in page.all("path")


def test_an_incident_of_the_turn_of_the_year_is_dated_with_its_year():
    incident = an_incident(started_at=NOW - timedelta(days=320))
    assert "since Thu 25 December 2025, 14:32 UTC, 320 days ago" in front(incidents=(incident,)).words()


# --- When the data is old --------------------------------------------------------------------------------------------


def test_a_stale_page_says_since_when_and_nothing_relative():
    snapshot = a_snapshot(incidents=(an_incident(next_update_by=ahead(minutes=28)),), maintenances=(a_maintenance(),))
    words = Page(html.front(snapshot, is_stale=True)).words()
    assert "This page has not been refreshed since Tue 10 November 2026, 14:32 UTC." in words
    assert "What it says may be out of date." in words
    assert "Next update promised by Tue 10 November 2026, 15:00 UTC" in words
    assert " ago " not in words.replace("89 days ago", "") and "in 28 minutes" not in words


def test_a_fresh_page_says_nothing_of_the_kind():
    assert "refreshed" not in front().words()
