"""Fault 50: texts as carriers count them. The cut never touches what must arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.messages.gsm import Encoding, encoding, fitted, plain, segments

LINK = "https://status.example.com/incidents/abcdefghijkl"

COUNTED = {
    "empty": ("", 1),
    "a full one": ("a" * 160, 1),
    "one more": ("a" * 161, 2),
    "two full": ("a" * 306, 2),
    "two and one more": ("a" * 307, 3),
    "the euro takes two": ("€" * 80, 1),
    "and one more": ("€" * 80 + "a", 2),
    "an escape is not parted": ("a" * 152 + "€" + "a" * 151, 2),
    "and pushes what follows": ("a" * 152 + "€" + "a" * 152, 3),
    "UCS-2": ("я" * 70, 1),
    "UCS-2, one more": ("я" * 71, 2),
    "an emoji makes it UCS-2, and takes two": ("a" * 68 + "😀", 1),
    "and one more there": ("a" * 69 + "😀", 2),
    "a pair is not parted": ("я" * 66 + "😀" + "я" * 65, 2),
}


@pytest.mark.parametrize(("text", "count"), COUNTED.values(), ids=COUNTED.keys())
def test_segments(text, count):
    assert segments(text) == count


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("“Don’t” – wait…", '"Don\'t" - wait...'),
        ("coördinatie, Zoë, Łódź", "coördinatie, Zoe, Łodz"),
        ("10\u00a0min", "10 min"),
        ("é à ü ß ñ £ €", "é à ü ß ñ £ €"),
    ],
    ids=["quotes and dashes", "letters lose what GSM-7 lacks", "a hard space", "what it has stays"],
)
def test_plain(typed, sent):
    assert plain(typed) == sent


def test_a_language_without_gsm_keeps_its_letters():
    assert plain("Сбой") == "Сбой" and encoding("Сбой") == Encoding.UCS_2


@given(st.text(max_size=400), st.text(alphabet="abc яé€😀", max_size=40))
def test_whatever_the_title_two_segments_hold_status_time_and_link(title, word):
    after = f". Next update by 14:30 CET. {LINK}"
    text = fitted(f"{word}: ", title, after)
    if plain(title):
        assert text is not None
        assert text.startswith(f"{word}: ") and text.endswith(after)
        assert segments(text) <= 2


def test_a_title_that_fits_is_not_cut():
    assert fitted("Resolved: ", "API is down", f" {LINK}") == f"Resolved: API is down {LINK}"


def test_a_title_that_does_not_ends_in_dots():
    text = fitted("Resolved: ", "word " * 100, f" {LINK}")
    assert text is not None
    assert "... https://" in text and len(text) == 306
