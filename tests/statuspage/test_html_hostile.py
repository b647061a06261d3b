"""Whatever a text says, a page keeps its form, its direction and its script to itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.publishing import html

from .factories import a_component, a_group, a_maintenance, a_page, a_snapshot, an_incident, an_update, id_of
from .pages import Page, front, of

pytestmark = pytest.mark.usefixtures("all_languages")


HOSTILE = st.text(max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", '" onload="alert(1)', "'><img src=x onerror=alert(1)>", "{{ settings.SECRET_KEY }}"]
)


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_fault_66_whatever_names_say_the_page_keeps_its_form(site, title, component):
    api = a_component(component, description=title, status="partial_outage", group_id=id_of(title))
    incident = an_incident(title, components=(api,), updates=(an_update(body=component),))
    snapshot = a_snapshot(
        page=a_page(name=site),
        components=(api,),
        groups=(a_group(title, [api]),),
        incidents=(incident,),
        maintenances=(a_maintenance(title, components=(api,)),),
    )
    for body in (html.front(snapshot), next(iter(html.entry_page(snapshot, incident))).render()):
        page = Page(body)
        assert page.open == []
        assert len(page.all("script")) == 1 and page.all("img") == []
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_fault_67_names_keep_their_direction_to_themselves():
    rtl = a_component("خدمة الرسائل", status="major_outage")
    body = html.front(a_snapshot(components=(rtl,), incidents=(an_incident("تأخير", components=(rtl,)),))).decode()
    shown = body.partition("<body")[2]  # a title and a description can hold no <bdi>
    assert shown.count("خدمة الرسائل") == shown.count("<bdi>خدمة الرسائل</bdi>")
    assert "<bdi>تأخير</bdi>" in body
    assert 'class="body" dir="auto"' in body


def test_fault_67_a_huge_body_is_rendered():
    updates = (an_update(body="x" * 1_000_000), an_update(body="é" * 25_000))
    assert len(html.front(a_snapshot(incidents=(an_incident(updates=updates),)))) > 1_000_000


def test_fault_68_a_body_is_sanitised_on_the_page():
    updates = (an_update(body="<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://t.example/p.png)"),)
    incident = an_incident(updates=updates)
    for page in (front(incidents=(incident,)), of(incident)):
        assert len(page.all("script")) == 1 and page.all("img") == []
        assert not [each for each in page.all("a") if "javascript" in each["href"]]


def test_fault_69_text_is_never_compiled_as_a_template():
    secret = "{{ settings.SECRET_KEY }}{% debug %}{% load i18n %}"
    incident = an_incident(secret, updates=(an_update(body=secret),))
    for page in (front(incidents=(incident,), page=a_page(name=secret)), of(incident)):
        assert secret in page.text


def test_fault_70_a_lone_surrogate_does_not_stop_the_publication():
    incident = an_incident("x\ud800y", updates=(an_update(body="x\udfffy"),))
    assert "x?y" in front(incidents=(incident,)).words()
