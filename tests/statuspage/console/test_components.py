"""Components, their order, outages and the audit log, each through its action."""

from datetime import UTC, datetime

import pytest

from statuspage.models import AuditEntry, Component, ComponentGroup, Outage
from tests.statuspage.given import NOON, component, group, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def test_a_publisher_sets_statuses_without_an_incident(publisher):
    api, web = component("API"), component("Web")
    assert publisher.post("/admin/components/", {f"component_{api.pk}": "partial_outage"}).status_code == 302
    api.refresh_from_db()
    web.refresh_from_db()
    assert (api.status, web.status) == ("partial_outage", "operational")
    assert Outage.objects.get().component == api


def test_nothing_chosen_publishes_nothing(publisher):
    api = component("API")
    answer = publisher.post("/admin/components/", {f"component_{api.pk}": ""}, follow=True)
    assert "Nothing was changed." in answer.text
    assert not AuditEntry.objects.exists()


def test_an_owner_archives_a_component_and_brings_it_back(sign_in):
    owner, core = sign_in("owner"), group("Core")
    api = component("API", group=core)
    assert f'action="/admin/components/{api.pk}/archive/"' in owner.get(f"/admin/components/{api.pk}/").text
    answer = owner.post(f"/admin/components/{api.pk}/archive/", follow=True)
    assert "Core - API is archived." in answer.text
    assert "Archived components" in answer.text
    assert "Edit Core - API" not in answer.text
    assert f"component_{api.pk}" not in owner.get("/admin/incident/new/").text
    assert "API (archived)" in owner.get("/admin/contracts/new/").text, "a contract may still cover it"
    restored = owner.post(f"/admin/components/{api.pk}/restore/", follow=True)
    assert "Core - API is on the page again." in restored.text
    gone = owner.post(f"/admin/groups/{core.pk}/remove/", follow=True)
    assert "its components stand alone" in gone.text
    assert Component.objects.get().group is None
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(acts) == ["archive_component", "restore_component", "delete_group"]


def test_an_owner_adds_edits_and_orders(sign_in):
    owner, core = sign_in("owner"), group("Core")
    form = {"name": "API", "description": "", "group": core.pk, "position": "2", "showcase": "on"}
    assert owner.post("/admin/components/new/", form).status_code == 302
    api = Component.objects.get()
    assert owner.post(f"/admin/components/{api.pk}/", {**form, "name": "Web API"}).status_code == 302
    places = {f"component_{api.pk}": "7", f"group_{core.pk}": "3"}
    assert owner.post("/admin/components/order/", places).status_code == 302
    api.refresh_from_db()
    assert (api.name, api.position, api.group.position) == ("Web API", 7, 3)
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(acts) == ["create_component", "edit_component", "arrange"]


def test_fault_57_adding_twice_adds_one(sign_in):
    owner = sign_in("owner")
    form = {"name": "API", "position": "1"}
    assert [owner.post("/admin/components/new/", form).status_code for _ in range(2)] == [302, 422]
    assert [owner.post("/admin/groups/new/", form).status_code for _ in range(2)] == [302, 422]
    assert (Component.objects.count(), ComponentGroup.objects.count()) == (1, 1)


@pytest.mark.parametrize("value", ["-1", "10001", "first"])
def test_a_place_that_is_none_names_its_field(sign_in, value):
    api = component("API")
    answer = sign_in("owner").post("/admin/components/order/", {f"component_{api.pk}": value})
    assert answer.status_code == 422
    assert f'id="id_component_{api.pk}_error"' in answer.text


@pytest.fixture
def outage() -> Outage:
    incident({component(): "major_outage"})
    return Outage.objects.get()


def correction(**facts: str) -> dict[str, str]:
    return {"started_at": "2026-11-02T11:50:00", "cause": "own", "reason": "The monitor saw it earlier."} | facts


def test_an_outage_is_corrected_as_a_new_version(publisher, outage):
    assert publisher.post(f"/admin/outages/{outage.pk}/", correction()).status_code == 302
    newer = Outage.objects.get(is_current=True)
    assert newer.started_at == datetime(2026, 11, 2, 11, 50, tzinfo=UTC)
    assert (newer.replaces, newer.ended_at) == (outage, None)
    assert "The monitor saw it earlier." in publisher.get(f"/admin/outages/{outage.pk}/").text


def test_a_time_that_was_not_touched_keeps_its_fraction(publisher, outage):
    Outage.objects.update(started_at=NOON.replace(microsecond=123456))
    form = publisher.get(f"/admin/outages/{outage.pk}/").context["form"]
    typed = f"{form.initial['started_at']:%Y-%m-%dT%H:%M:%S}"
    publisher.post(f"/admin/outages/{outage.pk}/", correction(started_at=typed, cause="third_party"))
    newer = Outage.objects.get(is_current=True)
    assert (newer.started_at.microsecond, newer.cause) == (123456, "third_party")


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("reason", {"reason": " "}),
        ("started_at", {"started_at": "2999-01-01T00:00:00"}),
        ("started_at", {"started_at": "2099-01-01T00:00:00"}),
        ("started_at", {"started_at": "2026-11-02T11:50:00+01:00"}),
        ("cause", {"cause": "bad luck"}),
    ],
)
def test_a_correction_that_cannot_be_names_its_field(publisher, outage, field, facts):
    answer = publisher.post(f"/admin/outages/{outage.pk}/", correction(**facts))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.text
    assert Outage.objects.count() == 1


def test_fault_57_correcting_twice_corrects_once(publisher, outage):
    address = f"/admin/outages/{outage.pk}/"
    assert [publisher.post(address, correction()).status_code for _ in range(2)] == [302, 302]
    assert Outage.objects.count() == 2


def test_fault_56_a_correction_of_what_was_corrected_is_refused(publisher, outage):
    address = f"/admin/outages/{outage.pk}/"
    publisher.post(address, correction())
    answer = publisher.post(address, correction(reason="Mine.", cause="third_party"))
    assert answer.status_code == 409
    assert "corrected already" in answer.text
    assert Outage.objects.count() == 2


def test_the_audit_log_tells_who_did_what(publisher):
    opened = incident({component(): "major_outage"})
    found = publisher.get("/admin/audit/?q=alice").text.split("<ol")[1]
    assert "opened an incident" in found
    assert f"/admin/incident/{opened.pk}/" in found
    assert "<ol" not in publisher.get("/admin/audit/?q=nobody").text


def test_closed_incidents_are_found_by_their_title(publisher):
    closed = incident(name="Disk full", status="resolved")
    incident(name="Other")
    text = publisher.get("/admin/incident/?q=disk").text
    assert f"/admin/incident/{closed.pk}/" in text
    assert "Other" not in text
