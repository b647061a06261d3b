"""`/report`: the page says what is known first; a report is taken without a cookie, within limits."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from notifications.forms import topics_of
from statuspage import tasks
from statuspage.actions import reports
from statuspage.models import FailureReport
from statuspage.public import reporting
from statuspage.publishing import board, publish, store

from .factories import a_component, a_group, a_snapshot, id_of
from .given import component, group, incident, scheduled
from .pages import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

WORDS = {"what": "Nothing loads.", "since": "60"}


def document(path: str = "/report") -> str:
    folder = store.root()
    held = store.read_manifest(folder).documents[path]
    return (store.current(folder) / held.file).read_text()


def send(client: Client, **data: str):
    return client.post("/report", data, headers={"Sec-Fetch-Site": "same-origin"})


def test_the_page_says_what_is_known_and_offers_this_is_it():
    opened = incident({component("API"): "major_outage"}, name="Cables were cut")
    page = document()
    assert page.index("Cables were cut") < page.index("What does not work?")
    assert f'name="incident" value="{opened.pk}"' in page
    assert "This is it" in page


def test_places_are_offered_in_the_pages_order():
    core = a_group("Core", [a_component("API", group_id=id_of("Core"))], position=2)
    components = (a_component("API", group_id=core.id), a_component("Mail", position=1), a_component("Web", position=3))
    snapshot = a_snapshot(components=components, groups=(core,))
    assert [name for _id, name in reporting.places(snapshot)] == ["Mail", [(id_of("API"), "API")], "Web"]
    assert [each.name for each in topics_of(snapshot)] == ["Mail", "Core", "Web"]
    on_page = [block.group.name if block.group else block.rows[0].component.name for block in board.blocks(snapshot)]
    assert on_page == ["Mail", "Core", "Web"]


@pytest.mark.parametrize(("language", "staffs", "own"), [("en", None, None), ("de", "en", "de")])
def test_places_say_that_they_are_in_staffs_words_where_the_page_speaks_another_language(language, staffs, own):
    snapshot = a_snapshot(components=(a_component("API"),))
    with translation.override(language):
        page = Page(reporting.page_of(snapshot))
    select = next(each for each in page.all("select") if each["name"] == "component")
    (unknown,) = [each for each in page.all("option") if not each["value"]]
    (api,) = [each for each in page.all("option") if each["value"] == id_of("API")]
    assert (select.get("lang"), unknown.get("lang"), api.get("lang")) == (staffs, own, None)


def test_a_report_is_kept_with_its_place_and_time(client):
    api = component("API", group=group("Core"))
    publish.publish()
    answer = send(client, **WORDS, component=api.pk)
    assert (answer.status_code, answer["Location"]) == (303, "/report/received")
    report = FailureReport.objects.get()
    assert (report.what, report.component, report.incident) == ("Nothing loads.", api, None)
    assert 3590 < (report.created_at - report.since).total_seconds() < 3610
    assert "Thank you" in document("/report/received")
    assert answer.cookies == {}


def test_this_is_it_counts_a_network_once(client):
    opened = incident({component("API"): "major_outage"})
    for _ in range(3):
        assert send(client, incident=opened.pk).status_code == 303
    assert opened.failure_reports.count() == 1
    client.post("/report", {"incident": opened.pk}, REMOTE_ADDR="198.51.100.7")
    assert opened.failure_reports.count() == 2


def test_an_incident_that_is_over_is_named(client):
    opened = incident(status="resolved")
    answer = send(client, incident=opened.pk)
    assert answer.status_code == 422
    assert "This incident is over" in answer.text
    assert FailureReport.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"what": ""}, "Say in a sentence what does not work."),
        ({"what": " \u202e\n"}, "Say in a sentence what does not work."),
        ({"what": "x" * 2001}, "1 character too long; 2000 fit"),
        ({"what": "x", "component": "nowhere"}, "nowhere"),
        ({"what": "x", "since": "yesterday"}, "yesterday is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_named_and_the_words_stay(client, data, named):
    publish.publish()
    answer = send(client, **WORDS | data)
    assert answer.status_code == 422
    assert named in answer.text
    assert data["what"].strip()[:100] in answer.text
    assert FailureReport.objects.count() == 0


def test_markup_in_a_report_stays_text(client, admin_client):
    publish.publish()
    send(client, what="<script>alert(1)</script>")
    page = admin_client.get("/admin/reports/").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_another_sites_form_and_a_robots_are_not_taken(client):
    publish.publish()
    answer = client.post("/report", WORDS, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert send(client, **WORDS, website="http://spam.example").status_code == 303
    assert FailureReport.objects.count() == 0


def test_one_network_and_all_together_have_their_limits(client, monkeypatch):
    publish.publish()
    monkeypatch.setattr(reports, "PER_NETWORK_HOUR", 2)
    monkeypatch.setattr(reports, "PER_HOUR", 3)
    seen = [send(client, what=f"Failure {number}").status_code for number in range(3)]
    seen += [client.post("/report", {"what": "x"}, REMOTE_ADDR=f"198.51.{number}.7").status_code for number in range(2)]
    assert seen == [303, 303, 429, 303, 429]


def test_it_is_read_only_by_get(client):
    assert client.get("/report").status_code == 405


def test_staff_see_the_reports_and_how_many_say_this_is_it(client, admin_client):
    opened = incident({component("API"): "major_outage"})
    scheduled(component("Web"))
    send(client, **WORDS)
    send(client, incident=opened.pk)
    page = admin_client.get("/admin/reports/").text
    assert "Nothing loads." in page and "This is it:" in page
    assert "2 readers reported failures in the last hour" in admin_client.get("/admin/").text
    assert "1 reader says: this is it" in admin_client.get(f"/admin/incident/{opened.pk}/").text


def test_staff_are_not_kept_from_publishing_by_reports(client):
    opened = incident({component("API"): "major_outage"})
    before = store.read_manifest(store.root()).revision
    send(client, incident=opened.pk)
    assert store.read_manifest(store.root()).revision == before


def test_what_was_reported_long_ago_is_forgotten(client):
    for what in ("An old one.", "A new one."):
        send(client, what=what)
    FailureReport.objects.filter(what="An old one.").update(created_at=timezone.now() - timedelta(days=91))
    tasks.tend()
    assert FailureReport.objects.get().what == "A new one."
