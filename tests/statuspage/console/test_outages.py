"""The room of outages: found by component, month and cause, put right, recorded afterwards, withdrawn."""

import pytest

from statuspage.actions.outages import correct_outage
from statuspage.models import Outage
from tests.statuspage.contracting import contract
from tests.statuspage.given import ALICE, NOON, component, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

LATE = {
    "status": "major_outage",
    "cause": "third_party",
    "started_at": "2026-09-30T23:00:00",
    "ended_at": "2026-10-01T01:00:00",
    "reason": "Their logs show it.",
    "provider_name": "Cloud",
    "provider_url": "https://status.cloud.example/incidents/1",
    "key": "k",
}


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


def test_outages_are_found_by_component_month_and_cause(officer):
    api, web = component("API"), component("Web")
    incident({api: "major_outage"})
    form = LATE | {"component": web.pk}
    assert [officer.post("/admin/outages/new/", form).status_code for _ in range(2)] == [302, 302]
    assert web.outages.count() == 1, "a second press records nothing"

    def listed(**asked) -> set[str]:
        answer = officer.get("/admin/outages/", asked)
        assert answer.status_code == 200
        return {each.component.name for each in answer.context["page"]}

    assert listed() == {"API", "Web"}
    assert listed(component=web.pk) == {"Web"}
    assert listed(cause="own") == {"API"}
    assert [listed(month=each) for each in ("2026-09", "2026-10", "2026-08")] == [{"Web"}, {"Web"}, set()]
    assert listed(month="2026-13") == listed(month="0000-01") == {"API", "Web"}
    assert "such as 2026-11" in officer.get("/admin/outages/?month=x").text
    text = officer.get("/admin/outages/", {"component": web.pk}).text
    assert 'href="https://status.cloud.example/incidents/1"' in text
    assert "recorded afterwards" in text


def test_an_officer_says_whose_it_was_and_others_read_no_clients_name(officer, publisher):
    api = component("API")
    client = contract(api).client
    officer.post("/admin/outages/new/", LATE | {"component": api.pk, "client": "nobody"})
    assert not api.outages.exists()
    officer.post("/admin/outages/new/", LATE | {"component": api.pk, "client": client.reference, "interrupts": "no"})
    alone = api.outages.get()
    assert (alone.client, alone.interrupts) == (client, False)
    assert client.name in officer.get("/admin/outages/").text
    read = publisher.get(f"/admin/outages/{alone.pk}/").text + publisher.get("/admin/outages/").text
    assert client.name not in read
    assert "one client alone" in read
    said = {name: LATE[name] for name in ("cause", "started_at", "ended_at", "reason")}
    publisher.post(f"/admin/outages/{alone.pk}/", said)
    assert api.outages.get(is_current=True).client == client, "what was not shown stays"


def test_withdrawn_and_put_back(officer):
    api = component("API")
    officer.post("/admin/outages/new/", LATE | {"component": api.pk})
    address = f"/admin/outages/{api.outages.get().pk}/withdraw/"
    assert officer.get(address).status_code == 200
    assert [officer.post(address, {"reason": "A drill."}).status_code for _ in range(2)] == [302, 302]
    assert officer.post(address, {"reason": "Other."}).status_code == 409
    assert list(officer.get("/admin/outages/").context["page"]) == []
    (gone,) = officer.get("/admin/outages/?withdrawn=on").context["page"]
    page = officer.get(f"/admin/outages/{gone.pk}/").text
    assert "A drill." in page and "lets it count again" in page
    said = {name: LATE[name] for name in ("cause", "started_at", "ended_at")}
    officer.post(f"/admin/outages/{gone.pk}/", said | {"reason": "It was real."})
    assert Outage.objects.current().get().reason == "It was real."
    assert list(officer.get("/admin/outages/?withdrawn=on").context["page"]) == [Outage.objects.current().get()]


def test_an_outage_shows_what_the_providers_page_said(officer):
    api = component("API")
    incident({api: "major_outage"}, now=NOON)
    said = {"id": "u", "status": "identified", "body": "<b>It burns.</b>", "created_at": None}
    seen = {"id": "abc", "name": "Fire", "impact": "major", "url": "https://s.example/abc"}
    seen |= {"seen_at": NOON.isoformat(), "updates": [said, {**said, "created_at": NOON.isoformat()}]}
    Outage.objects.update(provider_evidence={"incidents": [seen]})
    corrected = correct_outage(outage=Outage.objects.get(), interrupts=True, reason="Checked.", actor=ALICE)
    page = officer.get(f"/admin/outages/{corrected.pk}/").text
    assert "&lt;b&gt;It burns.&lt;/b&gt;" in page
    assert 'href="https://s.example/abc"' in page
    assert "interrupted the service" in page
    assert corrected.ended_at is None
