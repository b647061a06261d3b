"""What text may enter."""

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from statuspage.text import clean_line, clean_text


@given(st.text(alphabet=st.characters(codec=None)))
def test_fault_70_cleaned_text_is_always_xml(text):
    """Whatever is typed, an XML parser takes what is left, unchanged."""
    cleaned = clean_text(text)
    element = ElementTree.Element("t")
    element.text = cleaned
    parsed = ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8"))
    assert (parsed.text or "") == cleaned


@given(st.text())
def test_fault_66_a_line_has_no_line_break(text):
    assert len(clean_line(text).splitlines()) <= 1


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)


def test_fault_67_direction_overrides_are_dropped():
    assert clean_line("pay\u202egnp.exe\u200b") == "paygnp.exe"


def test_emoji_and_arabic_stay():
    assert clean_line("Störung 🔥 انقطاع") == "Störung 🔥 انقطاع"
