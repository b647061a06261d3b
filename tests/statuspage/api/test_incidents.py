"""Incidents over the API: opened, updated, planned, recorded afterwards, withdrawn; each as the console would do it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import OutboxEvent
from statuspage.models import AuditEntry, Component, Incident, Maintenance, Outage
from tests.statuspage.given import component, group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def unhurried(settings):
    settings.API_RATE = 1000


def status(row: Component) -> str:
    return Component.objects.get(pk=row.pk).status


def ids(answer) -> list[str]:
    return [each["id"] for each in answer.json()]


def test_an_incident_from_its_first_word_to_its_withdrawal(api):
    program, rest, web = api("incidents"), component("API", group=group()), component("Web")
    fields = {"name": "API is down", "body": "Requests fail.", "components": {rest.pk: "major_outage"}}
    made = program.post("incidents", {"incident": fields | {"component_ids": [rest.pk, web.pk], "status": ""}})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["status"], told["impact"], told["impact_override"], told["page_id"]) == (
        "investigating", "critical", None, program.page_id,
    )  # fmt: skip
    assert {each["id"]: each["status"] for each in told["components"]} == {
        rest.pk: "major_outage",
        web.pk: "operational",
    }
    affected = told["incident_updates"][0]["affected_components"]
    assert affected[0]["name"] == "Core - API"
    assert OutboxEvent.objects.filter(subject_id=told["id"], voided_at=None).count() == 1
    entry = AuditEntry.objects.get(action="open_incident")
    assert (entry.actor_name, entry.source) == ("API key program 0", "api")
    one = f"incidents/{told['id']}"
    assert program.get(one).json() == told
    assert ids(program.get("incidents/unresolved")) == [told["id"]]

    again = program.put(one, {"incident": told})
    assert again.json() == told, "what is so already asks for nothing"

    program.patch(one, {"incident": {"components": {rest.pk: "partial_outage"}}})
    assert (status(rest), program.get(one).json()["incident_updates"][1:]) == ("partial_outage", [])
    named = program.patch(one, {"incident": {"name": "API errs", "impact_override": "minor"}}).json()
    assert (named["name"], named["impact"], named["impact_override"]) == ("API errs", "minor", "minor")

    body = (
        f"incident[status]=resolved&incident[components][{rest.pk}]=operational&incident[deliver_notifications]=false"
    )
    over = program.patch(f"{one}.json", body, content_type=FORM).json()
    assert (over["status"], status(rest)) == ("resolved", "operational")
    said = over["incident_updates"][0]
    assert (said["body"], said["deliver_notifications"]) == ("This incident is over.", False)
    assert over["resolved_at"] and not Outage.objects.filter(ended_at=None).exists()
    assert program.get("incidents/unresolved").json() == []

    corrected = program.patch(
        f"{one}/incident_updates/{said['id']}",
        {"incident_update": {"body": "It is over.", "display_at": "2026-01-01T00:00:00"}},
    ).json()
    assert (corrected["body"], corrected["display_at"]) == ("It is over.", "2026-01-01T00:00:00.000Z")
    opened = program.patch(one, {"incident": {"status": "investigating", "body": "Again."}}).json()
    assert (opened["status"], opened["resolved_at"]) == ("investigating", None)

    assert program.delete(one).json()["id"] == told["id"]
    assert (program.get(one).status_code, program.delete(one).status_code) == (404, 404)
    assert program.get("incidents").json() == []
    assert Incident.everything.get().withdrawn_at is not None
    assert AuditEntry.objects.filter(action="withdraw_incident", actor_name="API key program 0").count() == 1


def test_a_maintenance_from_its_announcement_to_its_end(api):
    program, rest = api(), component()
    start = timezone.now().replace(microsecond=0) + timedelta(days=7)
    fields = {
        "name": "Disks",
        "status": "scheduled",
        "scheduled_for": start.isoformat(),
        "scheduled_until": f"{start + timedelta(hours=2):%Y-%m-%d %H:%M:%S} UTC",  # as Ruby writes it
        "scheduled_remind_prior": True,
        "scheduled_auto_in_progress": "true",
        "auto_transition_deliver_notifications_at_end": False,
        "components": {rest.pk: "under_maintenance"},
        "metadata": {"ticket": {"id": 7}},
    }
    told = program.post("incidents", {"incident": fields}).json()
    one = f"incidents/{told['id']}"
    assert (told["status"], told["impact"], status(rest)) == ("scheduled", "maintenance", "operational")
    assert told["incident_updates"][0]["body"] == "Work is planned."
    assert told["metadata"] == {"ticket": {"id": 7}}
    row = Maintenance.objects.get()
    assert (row.auto_start, row.auto_complete, row.tells_start, row.tells_end) == (True, False, True, False)
    assert OutboxEvent.objects.filter(kind="maintenance_reminder", voided_at=None).count() == 1
    for place in ("upcoming", "scheduled"):
        assert ids(program.get(f"incidents/{place}")) == [told["id"]]
    for again in (fields, told):
        assert program.patch(one, {"incident": again}).json() == told

    later = (start + timedelta(hours=3)).isoformat()
    moved = program.patch(one, {"incident": {"scheduled_until": later, "scheduled_remind_prior": False}}).json()
    assert moved["scheduled_until"] == later.replace("+00:00", ".000Z")
    assert (moved["incident_updates"][0]["body"], moved["scheduled_remind_prior"]) == (
        "The planned work has been moved to other times.", False,
    )  # fmt: skip
    begun = program.patch(one, {"incident": {"status": "in_progress", "name": "All disks"}}).json()
    assert (begun["status"], begun["name"], status(rest)) == ("in_progress", "All disks", "under_maintenance")
    assert ids(program.get("incidents/active_maintenance")) == [told["id"]]
    assert program.patch(one, {"incident": {"status": "verifying", "body": "Done?"}}).json()["status"] == "verifying"
    over = program.patch(one, {"incident": {"status": "completed", "components": {rest.pk: "degraded_performance"}}})
    assert (over.json()["status"], status(rest)) == ("completed", "degraded_performance")
    assert program.get("incidents/upcoming").json() == program.get("incidents/active_maintenance").json() == []

    past = {"name": "Old", "scheduled_for": "2020-01-01T00:00Z", "scheduled_until": "2020-01-01T01:00Z"}
    done = program.post("incidents", {"incident": past | {"status": "completed", "component_ids": [rest.pk]}}).json()
    assert [each["status"] for each in done["incident_updates"]] == ["completed", "in_progress", "scheduled"]
    called_off = program.post("incidents", {"incident": fields | {"name": "Not at all"}}).json()
    program.patch(f"incidents/{called_off['id']}", {"incident": {"status": "cancelled", "body": "No need."}})
    assert Maintenance.objects.get(pk=called_off["id"]).status == "cancelled"
    assert program.get(f"incidents/{called_off['id']}").json()["status"] == "completed"
    assert ids(program.get("incidents?q=no%20need&limit=5")) == [called_off["id"]]


def test_lists_postmortems_templates_and_the_past(api):
    program, rest = api(), component()
    old = {"name": "Long ago", "backfilled": True, "backfill_date": "2025-03-01", "impact_override": "major"}
    past = program.post("incidents", {"incident": old}).json()
    assert (past["status"], past["impact"], past["backfilled"]) == ("resolved", "major", True)
    assert past["created_at"] == past["resolved_at"] == "2025-03-01T00:00:00.000Z"
    assert not OutboxEvent.objects.filter(voided_at=None).exists()
    made = [program.post("incidents", {"incident": {"name": f"Incident {each}"}}).json()["id"] for each in range(3)]
    assert ids(program.get("incidents")) == [*reversed(made), past["id"]]
    assert ids(program.get("incidents?limit=2&page=2")) == [made[0], past["id"]]
    assert ids(program.get("incidents?q=INCIDENT 1")) == [made[1]]

    one = f"incidents/{made[0]}"
    assert program.get(f"{one}/postmortem").json()["body"] is None
    assert program.put(f"{one}/postmortem/publish").status_code == 409
    program.patch(one, {"incident": {"status": "resolved"}})
    draft = program.put(f"{one}/postmortem", {"postmortem": {"body_draft": "A cable."}}).json()
    assert (draft["body"], draft["body_draft"], draft["published_at"]) == (None, "A cable.", None)
    told = program.put(f"{one}/postmortem/publish", {"postmortem": {"notify_subscribers": False}}).json()
    assert (told["body"], told["notify_subscribers"]) == ("A cable.", False)
    assert told["published_at"] == program.get(one).json()["postmortem_published_at"]
    assert program.get(one).json()["postmortem_body"] == "A cable."
    back = program.put(f"{one}/postmortem/revert").json()
    assert (back["body"], back["body_draft"]) == (None, "A cable.")
    assert program.delete(f"{one}/postmortem").status_code == 204
    assert program.get(f"{one}/postmortem").json()["body_draft"] is None

    words = {"name": "slow", "title": "API is slow", "body": "Slow.", "component_ids": [rest.pk]}
    kept = program.post("incident_templates", {"template": words | {"update_status": "identified"}})
    assert kept.status_code == 201
    planned = {"name": "disks", "title": "Disks", "body": "Disks.", "update_status": "scheduled"}
    program.post("incident_templates", {"template": planned})
    assert [(each["name"], each["update_status"]) for each in program.get("incident_templates").json()] == [
        ("disks", "scheduled"), ("slow", "identified"),
    ]  # fmt: skip
    assert kept.json()["components"][0]["id"] == rest.pk


STATUSES = {"components": 404, "backfill_date": 409}
"""Nothing of that id; possible, and not now. All else the document says already."""


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({}, "incident.name"),
        ({"name": "x", "status": "on fire"}, None),
        ({"name": "x", "components": {"zzzzzzzzzzzz": "major_outage"}}, "components"),
        ({"name": "x", "scheduled_for": "2030-01-01T00:00Z"}, "scheduled_until"),
        ({"name": "x", "scheduled_for": "0001-01-01T00:00+14:00"}, "incident.scheduled_for"),
        ({"name": "x", "backfilled": True, "component_ids": ["a"]}, None),
        ({"name": "x", "backfilled": True, "backfill_date": "2150-01-01"}, "backfill_date"),
        ({"name": "x" * 256}, "incident.name"),
        ({"name": "x", "metadata": {"a": {"b": "x" * 25_000}}}, "incident.metadata"),
        ({"name": "x", "metadata": {"a": 5}}, None),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(api, fields, at_fault):
    refused = api("incidents").post("incidents", {"incident": fields})
    assert refused.status_code == STATUSES.get(at_fault, 422), refused.text
    assert at_fault is None or at_fault in refused.json()["errors"]
    assert not Incident.everything.exists() and not Maintenance.everything.exists()


def test_odd_addresses_and_small_keys_are_refused(api):
    program = api()
    for address in ("incidents/%00", "incidents/nothing", "incidents/%00/postmortem", "incidents/a/incident_updates/b"):
        assert program.patch(address, {"incident": {}, "incident_update": {}}).status_code in {404, 405}, address
    assert program.get("incidents/%00/postmortem").status_code == 404
    assert program.get("incidents?q=%00%EF%BF%BF").json() == []
    assert program.get("incidents?page=0").json() == []
    reader = api("read")
    assert reader.get("incidents").status_code == 200
    assert reader.post("incidents", {"incident": {"name": "x"}}).status_code == 403
    assert api("components").delete("incidents/aaaaaaaaaaaa").status_code == 403
