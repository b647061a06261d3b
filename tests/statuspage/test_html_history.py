"""The history: months by year, days newest first."""

from dataclasses import replace

import brotli
import pytest

from statuspage.publishing import html

from .factories import a_maintenance, a_month, a_snapshot, ago, an_incident
from .pages import FIRST_FLIGHT, Page, busy_snapshot, month

pytestmark = pytest.mark.usefixtures("all_languages")


def test_history_has_the_newest_month_and_all_months_by_year():
    months = (a_month("2026-11", 1, 1), a_month("2026-01", 0, 2), a_month("2025-12", 3))
    snapshot = a_snapshot(incidents=(an_incident("Now"),), maintenances=(a_maintenance("Soon"),), months=months)
    page = Page(html.history(snapshot))
    words = page.words()
    assert "History November 2026 Thu 12 Nov Soon" in words and "Tue 10 Nov Now" in words
    assert "2026 November 1 incident, 1 maintenance January 2 maintenances 2025 December 3 incidents" in words
    assert "/history/2025-12" in [each["href"] for each in page.all("a")]
    assert "All of November 2026" not in words


def test_a_month_that_holds_more_than_the_snapshot_links_to_its_page():
    snapshot = a_snapshot(incidents=(an_incident(),), months=(a_month("2026-11", 70),))
    assert "All of November 2026" in Page(html.history(snapshot)).words()


def test_a_page_without_history_says_so():
    assert "Nothing has happened yet." in Page(html.history(a_snapshot())).words()


def test_a_month_lists_its_days_newest_first_and_links_its_neighbours():
    older = an_incident("Older", status="resolved", started_at=ago(days=5))
    newer = an_incident("Newer", status="resolved", started_at=ago(days=2), impact="critical")
    page = month(older, newer, earlier="2026-09", later="2026-12")
    words = page.words()
    assert "Sun 8 Nov Newer Critical impact Resolved 30 minutes Thu 5 Nov Older" in words
    assert "← September 2026" in words and "December 2026 →" in words
    assert {each["href"] for each in page.all("a") if "rel" in each} == {"/history/2026-09", "/history/2026-12"}


def test_an_empty_month_says_so():
    assert "Nothing happened in this month." in month().words()


def test_fault_87_an_unusually_long_history_is_one_page_of_links():
    months = tuple(a_month(f"{year}-{number:02}") for year in range(2026, 1990, -1) for number in range(12, 0, -1))
    snapshot = replace(busy_snapshot(), months=months)
    assert len(brotli.compress(html.history(snapshot), quality=5)) <= FIRST_FLIGHT
