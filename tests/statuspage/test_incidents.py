"""Incidents: what an action writes, and what it refuses."""

import threading
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from statuspage import events
from statuspage.actions import corrections, incidents
from statuspage.actions.base import BODY_MAX, FormUsed, IncidentClosed, StaleEdit
from statuspage.models import AuditEntry, Incident, IncidentUpdate, Outage, Publication
from statuspage.publishing.store import FolderUnusable

from .given import ALICE, BOB, NOON, component, group, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def update(of: Incident, status="identified", **facts) -> IncidentUpdate:
    facts = {"body": "More.", "actor": ALICE, "now": NOON + minutes(10)} | facts
    return incidents.publish_update(incident=of, status=status, **facts)


def test_opening_writes_update_outage_audit_event_and_revision(heard):
    api = component()
    opened = incident({api: "major_outage"}, severity=1)
    assert (opened.status, opened.impact, opened.severity) == ("investigating", "critical", 1)
    first = opened.updates.get()
    assert first.affected_components == [
        {"code": api.pk, "name": "API", "old_status": "operational", "new_status": "major_outage"}
    ]
    outage = Outage.objects.get()
    assert (outage.component, outage.status, outage.started_at) == (api, "major_outage", NOON)
    assert AuditEntry.objects.get().after["update"] == first.pk
    assert heard[0].component_ids == (api.pk,)
    assert Publication.objects.current().revision == opened.revision == 1


def test_the_incident_follows_its_newest_update():
    api = component()
    opened = incident({api: "partial_outage"})
    update(opened, "monitoring", now=NOON + minutes(5))
    update(opened, "resolved", now=NOON + minutes(9))
    opened.refresh_from_db()
    assert opened.status == "resolved"
    assert opened.monitoring_at == NOON + minutes(5)
    assert opened.resolved_at == NOON + minutes(9)


def test_an_outage_is_closed_by_recovery_and_split_by_a_change():
    api = component()
    opened = incident({api: "major_outage"})
    update(opened, components={api.pk: "degraded_performance"}, now=NOON + minutes(10))
    update(opened, "resolved", now=NOON + minutes(30))
    spans = Outage.objects.order_by("started_at").values_list("status", "started_at", "ended_at")
    assert list(spans) == [
        ("major_outage", NOON, NOON + minutes(10)),
        ("degraded_performance", NOON + minutes(10), NOON + minutes(30)),
    ]


def test_resolving_returns_components_to_what_another_open_incident_says():
    api = component()
    first = incident({api: "partial_outage"})
    second = incident({api: "major_outage"}, name="Another", now=NOON + minutes(1))
    update(second, "resolved")
    api.refresh_from_db()
    assert api.status == "partial_outage"
    update(first, "resolved", now=NOON + minutes(20))
    api.refresh_from_db()
    assert api.status == "operational"


def test_what_staff_say_of_a_component_is_the_last_word():
    api = component()
    incident({api: "major_outage"})
    second = incident({api: "major_outage"}, name="Another", now=NOON + minutes(1))
    update(second, "resolved", components={api.pk: "operational"})
    api.refresh_from_db()
    assert api.status == "operational"


def test_the_impact_rises_with_the_components_and_does_not_fall():
    api = component()
    opened = incident({api: "degraded_performance"})
    update(opened, components={api.pk: "major_outage"})
    update(opened, "resolved", now=NOON + minutes(20))
    opened.refresh_from_db()
    assert opened.impact == "critical"


def test_a_chosen_impact_stays():
    api = component()
    opened = incident({api: "major_outage"}, impact="minor")
    update(opened, components={api.pk: "major_outage"})
    opened.refresh_from_db()
    assert opened.impact == "minor"


def test_an_update_names_a_grouped_component_with_its_group():
    api = component("API", group=group("Core"))
    opened = incident({api: "partial_outage"})
    assert opened.updates.get().affected_components[0]["name"] == "Core - API"


def test_a_third_partys_outage_says_so():
    incident({component("Carrier", is_third_party=True): "major_outage"})
    assert Outage.objects.get().cause == "third_party"


def test_a_resolved_incident_takes_no_update_but_a_postmortem_or_a_reopening():
    opened = incident()
    update(opened, "resolved")
    with pytest.raises(IncidentClosed):
        update(opened, "identified", now=NOON + minutes(20))
    update(opened, "postmortem", now=NOON + minutes(21))
    update(opened, "investigating", reopen=True, now=NOON + minutes(22))
    opened.refresh_from_db()
    assert (opened.status, opened.resolved_at) == ("investigating", None)


def test_a_postmortem_looks_back_on_what_is_over():
    with pytest.raises(ValidationError, match="Resolve the incident first"):
        update(incident({component(): "major_outage"}), "postmortem")


def test_a_key_is_for_its_own_words():
    first = incident(idempotency_key="form-1")
    with pytest.raises(FormUsed):
        incident(idempotency_key="form-1", body="Other words.")
    with pytest.raises(FormUsed):
        update(incident(now=NOON + minutes(1)), idempotency_key="form-1", body=first.updates.get().body)


def test_a_name_corrected_by_the_way_does_not_freeze_the_impact():
    api = component()
    opened = incident({api: "degraded_performance"})
    incidents.edit_incident(incident=opened, actor=ALICE, name="Slow", impact="minor", severity=None, cause="own")
    update(opened, components={api.pk: "major_outage"})
    opened.refresh_from_db()
    assert opened.impact == "critical"


def test_fault_56_a_stale_edit_is_refused_and_writes_nothing(heard):
    opened = incident()
    seen = opened.version
    update(opened, expected_version=seen)
    with pytest.raises(StaleEdit):
        update(opened, body="Mine.", expected_version=seen, now=NOON + minutes(11))
    assert opened.updates.count() == 2
    assert len(heard) == 2


def test_fault_57_the_same_press_twice_publishes_once(heard):
    first = incident(idempotency_key="form-1")
    assert incident(idempotency_key="form-1") == first
    again = [update(first, idempotency_key="form-2") for _ in range(3)]
    assert {each.pk for each in again} == {again[0].pk}
    assert len(heard) == 2


@pytest.mark.django_db(transaction=True)
def test_fault_57_fifty_presses_at_once_publish_once():
    made, problems = [], []

    def press():
        try:
            made.append(incident(idempotency_key="one-form").pk)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(made) == 50
    assert set(made) == {Incident.objects.get().pk}
    assert IncidentUpdate.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("name", {"name": " \u200b "}),
        ("name", {"name": "x" * 256}),
        ("body", {"body": "\x00 "}),
        ("body", {"body": "x" * (BODY_MAX + 1)}),
        ("status", {"status": "asleep"}),
        ("impact", {"impact": "cosmic"}),
        ("cause", {"cause": "gremlins"}),
        ("severity", {"severity": 4}),
        ("next_update_by", {"next_update_by": NOON - minutes(1)}),
        ("next_update_by", {"next_update_by": datetime(2026, 11, 2, 13, 0)}),
        ("started_at", {"started_at": NOON + hours(1)}),
        ("started_at", {"started_at": datetime(2026, 11, 2, 11, 0)}),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(heard, field, facts):
    with pytest.raises(ValidationError) as refused:
        incident(**facts)
    assert list(refused.value.message_dict) == [field]
    assert not Incident.objects.exists()
    assert Publication.objects.current().revision == 0
    assert heard == []


def test_an_unknown_component_is_named():
    with pytest.raises(ValidationError, match="There is no component nonesuch"):
        incidents.open_incident(name="x", body="y", components={"nonesuch": "major_outage"}, actor=ALICE)


def test_who_may_not_publish_writes_nothing():
    with pytest.raises(PermissionDenied):
        incident(actor=BOB)
    assert not Incident.objects.exists()


def test_a_listener_that_fails_takes_the_publication_back():
    def refuse(sender, event, **_):
        raise RuntimeError("outbox is broken")

    events.published.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            incident()
    finally:
        events.published.disconnect(refuse)
    assert not Incident.objects.exists()
    assert not AuditEntry.objects.exists()


def test_fault_24_a_folder_that_takes_no_file_refuses_before_anything_is_stored(settings, tmp_path):
    settings.PUBLISH_ROOT = tmp_path / "file" / "public"
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FolderUnusable):
        incident()
    assert not Incident.objects.exists()


def test_the_event_is_a_frozen_copy(heard):
    opened = incident(notify=False, next_update_by=NOON + hours(1))
    corrections.correct_update(update=opened.updates.get(), body="Corrected.", actor=ALICE)
    event = heard[0]
    assert event.body == "Requests fail."
    assert event.payload()["next_update_by"] == "2026-11-02T13:00:00+00:00"
    assert event.notify is False
