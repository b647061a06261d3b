"""Fault 50: before they publish, staff see how an update reads as a text message and as how many it is paid."""

import re
from html import unescape

import pytest

from tests.notifications.given import subscribers
from tests.statuspage.console.test_publishing import NEW, typed

pytestmark = pytest.mark.django_db


def review(client, **facts: str) -> str:
    """What the review reads as."""
    answer = client.post(NEW, typed(**facts))
    return " ".join(unescape(re.sub("<[^>]+>", "", answer.text)).split())


def test_fault_50_the_review_shows_the_text_and_its_segments(publisher, settings):
    settings.SITE_URL = "https://status.example.com"
    subscribers(sms=3)
    said = review(publisher, name="Requests fail", next_update="")
    assert "As a text message in English, 1 segment: Example: Investigating: Requests fail" in said
    assert "https://status.example.com/incidents/xxxxxxxxxxxx" in said and "GSM-7" not in said


def test_fault_50_a_long_title_is_shown_as_it_is_cut(publisher):
    subscribers(sms=1)
    said = review(publisher, name="Requests fail " * 17)
    assert "2 segments:" in said and "..." in said and "/incidents/xxxxxxxxxxxx" in said


def test_fault_50_letters_that_double_the_bill_are_named(publisher):
    subscribers(sms=1)
    assert "letters beyond GSM-7" in review(publisher, name="Сбой 😀")


@pytest.mark.parametrize("facts", [{"notify": ""}, {}], ids=["nobody is told", "nobody is texted"])
def test_where_nobody_is_texted_no_text_is_shown(publisher, facts):
    subscribers(email=2, sms=0 if not facts else 2)
    said = review(publisher, **facts)
    assert "As a text message" not in said
