"""The published pages to subscribe: one form for everybody, read without a database."""

import re
from dataclasses import replace

import pytest
from django.db import OperationalError
from django.test import Client
from lxml import html

from notifications import pages, places, views
from statuspage.publishing.documents import HTML
from statuspage.publishing.languages import published
from statuspage.vocabulary import ComponentStatus

from .snapshots import component, group, incident, snapshot


@pytest.fixture
def facts():
    web, api = component("Web"), component("API", group_id="core")
    return snapshot(incident(on=(web,)), components=(web, api), groups=(group("Core", api),))


def rendered(facts, path="/subscribe"):
    (document,) = [each for each in pages.documents(facts) if each.path == path]
    assert document.content_type == HTML
    return html.document_fromstring(document.render().decode())


def test_the_form_posts_to_its_own_address_and_holds_no_token(facts):
    (form,) = rendered(facts).forms
    assert (form.method, form.get("action")) == ("POST", "/subscribe")
    assert form.xpath(".//input[@type='hidden']/@name") == ["page_language", "asks_invitations"]


def test_every_control_has_a_label(facts):
    tree = rendered(facts)
    for control in tree.xpath("//form//input[not(@type='hidden')] | //form//select"):
        assert tree.xpath("//label[@for=$id]", id=control.get("id", "")) or control.xpath("ancestor::label"), (
            control.name
        )


def test_groups_and_components_can_be_chosen_in_the_order_of_the_page(facts):
    web, api = facts.components
    tree = rendered(facts)
    assert tree.xpath("//input[@name='component_ids']/@value") == [api.id, web.id]
    assert tree.xpath("//input[@name='group_ids']/@value") == ["core"]
    assert not tree.xpath("//input[@name='component_ids'][@checked]"), "nothing ticked is everything"


def test_a_page_without_components_offers_everything(facts):
    tree = rendered(snapshot())
    assert not tree.xpath("//input[@name='component_ids']")
    assert tree.xpath("//a[@href='/history.rss']")


def test_the_feeds_of_the_page_and_of_every_component_are_linked(facts):
    links = rendered(facts).xpath("//section[@aria-labelledby='feeds']//a/@href")
    assert {"/history.rss", "/history.atom"} <= set(links)
    for each in facts.components:
        assert {f"/components/{each.id}/history.rss", f"/components/{each.id}/history.atom"} <= set(links)


def test_countries_are_the_ones_that_are_texted(facts, settings):
    settings.SMS_COUNTRIES = ["GB", "NL"]
    options = rendered(facts).xpath("//select[@name='phone_country']/option")
    assert [(each.get("value"), each.text) for each in options] == [
        ("GB", "Britain (UK) (+44)"),
        ("NL", "Netherlands (+31)"),
    ]
    settings.SMS_COUNTRIES = []
    assert not rendered(facts).xpath("//input[@name='phone_number']")


def test_the_pages_zone_is_chosen_first(facts, settings):
    settings.PAGE_TIME_ZONE = "Europe/Amsterdam"
    assert rendered(facts).xpath("//select[@name='time_zone']//option[@selected]/@value") == ["Europe/Amsterdam"]


def test_a_zone_by_an_old_name_stays_choosable():
    (_label, first), *_others = places.zone_choices("Asia/Calcutta")
    assert first == [("Etc/UTC", "UTC"), ("Asia/Calcutta", "Calcutta")]
    assert places.city("America/Argentina/Buenos_Aires") == "Buenos Aires, Argentina"


def test_the_honeypot_is_out_of_every_readers_way(facts):
    trap = rendered(facts).get_element_by_id("id_website")
    assert (trap.get("tabindex"), trap.get("autocomplete")) == ("-1", "off")
    (around,) = trap.xpath("ancestor::*[@aria-hidden='true']")
    assert "hide" in around.get("class")


def test_the_form_lets_browsers_name_its_origin(facts):
    """Under no-referrer a browser sends `Origin: null`, and over plain HTTP nothing else."""
    assert rendered(facts).xpath("//meta[@name='referrer']/@content") == ["same-origin"]


def test_the_same_facts_give_the_same_bytes_and_keys(facts):
    later = replace(facts, revision=8, as_of=facts.as_of.replace(year=2031))
    before, after = (
        {each.path: (each.key, each.render()) for each in pages.documents(every)} for every in (facts, later)
    )
    assert before == after


def test_the_key_follows_what_the_form_shows(facts):
    web, api = facts.components
    keys = [
        {each.path: each.key for each in pages.documents(replace(facts, components=(one, api)))}
        for one in (web, replace(web, status=ComponentStatus.MAJOR_OUTAGE), replace(web, name="Website"))
    ]
    assert keys[0] == keys[1]
    assert [path for path in keys[0] if keys[0][path] != keys[2][path]] == [
        language.place("/subscribe") for language in published()
    ]


def test_the_key_follows_the_seconds_that_the_form_names(facts, settings):
    settings.WEBHOOKS = True
    said = {}
    for seconds in (30.0, 1.0, 2.5, 0.2):
        settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS = seconds
        (form,) = [each for each in pages.documents(facts) if each.path == "/subscribe"]
        said[form.key] = re.findall("within ([0-9]+ seconds?)[.]", form.render().decode())
    assert [*said.values()] == [["30 seconds"], ["1 second"], ["2 seconds"], ["1 second"]]


@pytest.mark.parametrize("path", pages.SAID)
def test_words_after_a_form_say_where_to_go_on(facts, path):
    tree = rendered(facts, path)
    assert tree.xpath("//h1")
    assert tree.xpath("//main//a[@class='button']/@href")[0] in {"/", "/subscribe"}


def test_names_are_text(facts):
    evil = component("<script>alert(1)</script>")
    tree = rendered(replace(facts, components=(evil, *facts.components)))
    assert not tree.xpath("//main//script")
    assert "<script>alert(1)</script>" in tree.text_content()


# --- With the database down ------------------------------------------------------------------------


@pytest.fixture
def no_database(monkeypatch, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path

    def refuse(*arguments, **options):
        raise OperationalError("connection refused")

    for name in ("usable_link", "subscription_of"):
        monkeypatch.setattr(views.subscriptions, name, refuse)
    monkeypatch.setattr(views.forms, "topics_now", refuse)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/subscribe", "/subscriptions/token", "/unsubscribe/token"])
def test_with_the_database_down_a_door_says_so_in_words(no_database, method, path):
    response = getattr(Client(), method)(path, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "120"
    assert "does not work just now" in html.document_fromstring(response.content.decode()).text_content()
