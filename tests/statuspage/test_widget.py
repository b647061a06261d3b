"""What other people's sites show of the page: the facts of the notice, and the page that may be framed."""

import json
from dataclasses import replace

import pytest

from statuspage.actions import embed
from statuspage.publishing import html, widget
from statuspage.publishing.snapshot import Embed
from statuspage.roles import ROLES

from .factories import a_component, a_maintenance, a_snapshot, ago, an_incident
from .given import ALICE, component, incident
from .test_serve import Reader

OWNER = replace(ALICE, abilities=ROLES["owner"])


def news(**facts):
    return widget.news(a_snapshot(**facts))


def test_nothing_is_shown_while_nothing_is_wrong():
    assert news(components=(a_component(),), maintenances=(a_maintenance(),))["kind"] == ""


def test_the_gravest_incident_is_shown_with_the_headline_in_every_language(all_languages):
    api = a_component(status="major_outage")
    incidents = (an_incident("Slow", impact="minor"), an_incident("Dead", impact="critical", components=(api,)))
    found = news(components=(api, a_component("Web")), incidents=incidents)
    assert (found["kind"], found["title"], found["background"]) == ("incident", "Dead", "#B3261E")
    assert set(found["said"]) == {"en", "de", "nl", "fr", "es", "ar"}
    assert found["said"]["en"]["headline"].startswith("API is down. Everything else works.")
    assert found["said"]["ar"]["dir"] == "rtl" and found["said"]["de"]["close"] == "Schließen"
    assert found["said"]["de"]["url"].endswith(f"/de/incidents/{incidents[1].id}")


def test_work_that_is_under_way_is_shown_where_no_incident_is_and_in_its_own_colours():
    running = a_maintenance(status="in_progress", scheduled_for=ago(hours=1), started_at=ago(hours=1))
    found = news(maintenances=(running,), embed=Embed(maintenance_background_color="#00AA00", position="top-left"))
    assert (found["kind"], found["background"], found["position"]) == ("maintenance", "#00AA00", "top-left")


def test_trouble_without_an_incident_leads_to_the_page():
    found = news(components=(a_component(status="degraded_performance"),))
    assert (found["kind"], found["title"]) == ("incident", "")
    assert found["said"]["en"]["url"] == "https://status.example.com/"


def test_a_notice_that_was_closed_comes_back_when_it_gets_worse():
    one = an_incident("Delays")
    slow, dead = (a_component(status=status) for status in ("degraded_performance", "major_outage"))
    assert news(incidents=(one,), components=(slow,))["key"] != news(incidents=(one,), components=(dead,))["key"]


def test_the_framed_page_says_what_is_wrong_and_leads_out_of_the_frame():
    page = widget.framed(a_snapshot(incidents=(an_incident("<b>Delays</b>"),))).decode()
    assert "&lt;b&gt;Delays&lt;/b&gt;" in page and "<b>Delays" not in page
    assert page.count('target="_blank" rel="noopener"') == 2


@pytest.mark.django_db(transaction=True)
def test_it_is_published_as_chosen_and_one_page_alone_may_be_framed(publish_root):
    incident({component(): "major_outage"}, name="Cables were cut")
    embed.set_embed_config(actor=OWNER, position="top-right", incident_background_color="#102030")
    reader = Reader()
    _, headers, body = reader.ask("/embed/status.json")
    facts = json.loads(body)
    assert (facts["position"], facts["background"], facts["title"]) == ("top-right", "#102030", "Cables were cut")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert reader.ask("/embed/status.js")[1]["Content-Type"] == "text/javascript; charset=utf-8"
    for path in ("/embed", "/embed/", "/ar/embed"):
        status, headers, body = reader.ask(path)
        assert status == 200 and b"Cables were cut" in body
        assert "frame-ancestors *" in headers["Content-Security-Policy"] and "X-Frame-Options" not in headers
    for path in ("/", "/history", "/nothing"):
        headers = reader.ask(path)[1]
        assert headers["Content-Security-Policy"] == html.csp() and headers["X-Frame-Options"] == "DENY"
