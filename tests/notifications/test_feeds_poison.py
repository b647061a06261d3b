"""Whatever a text carries, a feed is strictly well formed and brings no markup of its own."""

import re
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from notifications import feeds

from .feed_reading import ATOM_NAMES, STRICT, bodies, parsed
from .snapshots import component, incident, maintenance, snapshot, update


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
