"""A contract's statements in the console, and the link by which its client reads them."""

import io
import json

import pypdf
import pytest

from statuspage.actions import statements
from statuspage.models import AuditEntry, Component, FrozenStatement
from statuspage.statements import links
from tests.statuspage import contracting
from tests.statuspage.console.conftest import sign_in

from . import held

__all__ = ["sign_in"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root", "all_languages")]


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


@pytest.fixture
def acme():
    """Its April is frozen, and its months before."""
    contract, _api = held.april()
    statements.freeze_due(held.at(721))
    return contract


def rooms(contract) -> str:
    return f"/admin/contracts/{contract.pk}/statements/"


def test_all_periods_stand_in_a_list_and_one_shows_its_statement(officer, acme):
    assert rooms(acme) in officer.get(f"/admin/contracts/{acme.pk}/").text
    text = officer.get(rooms(acme)).text
    assert "99.5833 %" in text
    assert "2026-01" in text
    one = officer.get(f"{rooms(acme)}2026-04/").text
    for words in ("Version 1, frozen at", "239/240", "API is down", "<svg", "How to check it", "Make a new version"):
        assert words in one, words
    assert officer.get(f"{rooms(acme)}2031-04/").status_code == 404
    assert officer.get(f"{rooms(acme)}2026-04/?number=7").status_code == 404


def test_files_are_what_the_command_prints(officer, acme):
    row = FrozenStatement.objects.get(period="2026-04")
    answer = officer.get(f"{rooms(acme)}2026-04/?format=json")
    assert json.loads(answer.content)["statement"]["digest"] == row.digest
    assert answer["Content-Disposition"] == 'attachment; filename="statement-2026-04.json"'
    paper = officer.get(f"{rooms(acme)}2026-04/?format=pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert len(pypdf.PdfReader(io.BytesIO(paper.content)).pages) >= 1


def test_a_new_version_says_what_changed_and_why(officer, acme):
    address = f"{rooms(acme)}2026-04/"
    refused = officer.post(address, {"number": "1", "reason": "Just so."})
    assert refused.status_code == 422
    assert "there is nothing to make anew" in refused.text
    assert "Just so." in refused.text
    held.outage(acme.versions.get().services.get().components.get(), 500, 501)
    assert officer.post(address, {"number": "1", "reason": "Found in the logs."}).status_code == 302
    text = officer.get(address).text
    assert "What changed with version 2" in text
    assert "Found in the logs." in text
    assert officer.post(address, {"number": "1", "reason": "Again."}).status_code == 409
    assert FrozenStatement.objects.filter(period="2026-04").count() == 2


def test_where_the_record_differs_by_now_is_said_with_what_it_comes_to(officer, acme):
    address, api = f"{rooms(acme)}2026-04/", acme.versions.get().services.get().components.get()
    assert officer.get(address).context["differing"] is None
    row = held.outage(api, 500, 501)
    text = officer.get(address).text
    assert "The record differs from this version" in text
    assert f"outage {row.pk}: – →" in text
    assert "As the record stands, 14400 s (4:00:00) would count instead of 10800 s (3:00:00)." in text
    assert "as_it_stands" not in text
    Component.objects.filter(pk=api.pk).update(is_third_party=True)
    assert f"period third_party: third_party: – → {api.pk}" in officer.get(address).text
    assert officer.post(address, {"number": "1", "as_it_stands": "on"}).status_code == 422
    assert officer.post(address, {"number": "1", "as_it_stands": "on", "reason": "Theirs."}).status_code == 302
    again = officer.get(address)
    assert again.context["differing"] is None
    assert officer.get(f"{address}?number=1").context["differing"] is None
    acme.versions.update(redundancy="single")
    assert officer.get(address).status_code == 200, "what was frozen is shown though its record is impossible by now"


def test_the_client_reads_by_a_link_until_it_is_withdrawn(officer, client, acme):
    address = f"{rooms(acme)}2026-04/"
    assert "/statements/" not in officer.get(address).context["address"]
    officer.post(f"{rooms(acme)}links/", {"step": "open"})
    link = officer.get(address).context["address"].removeprefix("http://127.0.0.1:8000")
    link = link[link.index("/statements/") :]
    answer = client.get(link)
    assert answer.status_code == 200
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert "style-src 'sha256-" in answer["Content-Security-Policy"]
    assert "99.5833 %" in answer.text
    assert client.get(f"{link}?format=pdf").content.startswith(b"%PDF-")
    assert json.loads(client.get(f"{link}?format=json").content)["number"] == 1
    assert "Verfügbarkeitsnachweis" in client.get(f"{link}?language=de").text
    assert client.get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404
    assert client.get("/statements/nothing").status_code == 404
    officer.post(f"{rooms(acme)}links/", {"step": "revoke"})
    assert client.get(link).status_code == 404
    officer.post(f"{rooms(acme)}links/", {"step": "open"})
    assert client.get(link).status_code == 404, "a link that was withdrawn stays so"
    acts = AuditEntry.objects.filter(action__endswith="statement_links").order_by("id")
    assert list(acts.values_list("action", flat=True)) == [
        "open_statement_links",
        "revoke_statement_links",
        "open_statement_links",
    ]


def test_a_link_reads_its_own_contract_alone(officer, client, acme):
    held.april("Beta")
    link = statements.open_links(contract=acme, actor=contracting.OLGA)
    path = links.address(link, "2026-04").partition("/statements/")[2]
    text = client.get(f"/statements/{path}").text
    assert "Acme" in text
    assert "Beta" not in text
