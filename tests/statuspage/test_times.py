"""Instants, windows and durations in words: both zones, always named, never ambiguous."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statuspage.publishing.times import Clock, duration, relative_words, zone_name, zone_of

from .factories import NOW, ago, ahead


def plain(html):
    return re.sub(r"<[^>]+>", "", html)


def clock(zone="UTC", now=NOW):
    return Clock(ZoneInfo(zone), now)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "instant", "text"),
    [
        ("UTC", "2026-11-10T14:02", "14:02 UTC"),
        ("Etc/UTC", "2026-11-10T14:02", "14:02 UTC"),
        ("UTC", "2026-11-09T14:02", "Mon 9 November, 14:02 UTC"),
        ("UTC", "2025-11-09T14:02", "Sun 9 November 2025, 14:02 UTC"),
        ("Europe/Amsterdam", "2026-11-10T14:02", "14:02 UTC (15:02 CET)"),
        ("Europe/Amsterdam", "2026-08-10T14:02", "Mon 10 August, 14:02 UTC (16:02 CEST)"),
        ("Europe/Amsterdam", "2026-11-10T23:30", "23:30 UTC (Wed 11 November, 00:30 CET)"),
        ("Asia/Kathmandu", "2026-11-10T14:02", "14:02 UTC (19:47 UTC+05:45)"),
        ("Europe/London", "2026-11-10T14:02", "14:02 UTC (14:02 GMT)"),
    ],
)
def test_a_moment_is_told_in_utc_and_in_the_pages_zone(zone, instant, text):
    assert plain(clock(zone).moment(at(instant))) == text


def test_a_moment_carries_its_instant_for_machines():
    assert str(clock().moment(NOW)) == '<time datetime="2026-11-10T14:32:00Z">14:32 UTC</time>'


def test_a_page_that_stays_as_it_is_writes_whole_dates_and_nothing_relative():
    lasting = clock(now=None)
    assert plain(lasting.moment(NOW)) == "Tue 10 November 2026, 14:32 UTC"
    assert lasting.relative(NOW) == ""
    assert not lasting.is_past(NOW)


@pytest.mark.parametrize(
    ("zone", "start", "end", "text"),
    [
        ("UTC", "2026-11-12T02:00", "2026-11-12T04:00", "Thu 12 November, 02:00 to 04:00 UTC"),
        ("UTC", "2026-11-12T22:00", "2026-11-13T04:00", "Thu 12 November, 22:00 to Fri 13 November, 04:00 UTC"),
        (
            "Europe/Amsterdam",
            "2026-11-12T02:00",
            "2026-11-12T04:00",
            "Thu 12 November, 02:00 to 04:00 UTC (03:00 to 05:00 CET)",
        ),
        (
            "Europe/Amsterdam",
            "2026-11-12T22:30",
            "2026-11-12T23:30",
            "Thu 12 November, 22:30 to 23:30 UTC (Thu 12 November, 23:30 to Fri 13 November, 00:30 CET)",
        ),
    ],
)
def test_a_window_is_told_in_both_zones(zone, start, end, text):
    assert plain(clock(zone).window(at(start), at(end))) == text


def test_fault_52_a_window_over_the_change_of_clocks_names_both_offsets():
    text = plain(clock("Europe/Amsterdam").window(at("2026-10-25T00:30"), at("2026-10-25T02:30")))
    assert text == "Sun 25 October, 00:30 to 02:30 UTC (02:30 CEST to 03:30 CET)"


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (ahead(minutes=28), "in 28 minutes"),
        (ahead(minutes=1), "in 1 minute"),
        (ahead(minutes=88), "in 88 minutes"),
        (ahead(minutes=27, seconds=53), "in 28 minutes"),
        (ahead(hours=2), "in 2 hours"),
        (ahead(hours=47), "in 47 hours"),
        (ahead(days=2, hours=3), "in 2 days"),
        (ahead(days=2, hours=20), "in 2 days"),
        (ahead(seconds=20), "now"),
        (NOW, "just now"),
        (ago(seconds=59), "just now"),
        (ago(minutes=34), "34 minutes ago"),
        (ago(hours=2, minutes=50), "2 hours ago"),
        (ago(hours=30), "30 hours ago"),
        (ago(days=9), "9 days ago"),
    ],
)
def test_relative_words_use_one_unit(instant, words):
    assert relative_words(instant, NOW) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=30), "less than a minute"),
        (timedelta(minutes=-5), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=72), "1 hour 12 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=1, minutes=3), "1 day"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hours"),
    ],
)
def test_a_duration_has_at_most_two_units(span, words):
    assert duration(span) == words


@pytest.mark.parametrize("name", ["../../etc/passwd", "Nowhere/Nothing", "", "x" * 10_000, "\x00", "/etc/passwd"])
def test_fault_55_a_zone_that_is_none_is_utc(name):
    assert zone_of(name).key == "UTC"


def test_every_zone_has_a_name_of_its_own():
    assert zone_name(NOW.astimezone(ZoneInfo("America/Sao_Paulo"))) == "UTC-03"
    assert zone_name(NOW.astimezone(ZoneInfo("America/New_York"))) == "EST"
