"""Postmortems as drafts, published and taken back; incidents of the past; corrections that tell nobody."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from notifications.models import OutboxEvent
from statuspage.actions import backfilling, corrections, incidents, maintenance, postmortems
from statuspage.models import AuditEntry, Component, Incident, Outage

from .given import ALICE, NOON, component, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def over() -> Incident:
    opened = incident({component(): "major_outage"})
    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE, now=NOON + minutes(9))
    return opened


def test_a_postmortem_is_a_draft_then_an_update_then_a_draft_again():
    opened = incident()
    postmortems.draft_postmortem(incident=opened, body="It was a cable.", actor=ALICE, now=NOON)
    with pytest.raises(ValidationError):
        postmortems.publish_postmortem(incident=opened, actor=ALICE)
    assert opened.updates.count() == 1, "nobody sees a draft, and the incident is open"

    incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE, now=NOON + minutes(1))
    postmortems.publish_postmortem(incident=opened, actor=ALICE, now=NOON + hours(1))
    told = postmortems.published(opened)
    assert (told.body, opened.status, opened.postmortem_draft) == ("It was a cable.", "postmortem", "")
    assert OutboxEvent.objects.filter(update_id=told.pk, voided_at=None).count() == 1

    postmortems.draft_postmortem(incident=opened, body="It was two cables.", actor=ALICE)
    postmortems.publish_postmortem(incident=opened, actor=ALICE, now=NOON + hours(2))
    assert [each.body for each in opened.updates.filter(status="postmortem")] == ["It was two cables."]
    assert OutboxEvent.objects.filter(payload__status="postmortem").count() == 1, "a correction tells nobody"

    postmortems.take_back_postmortem(incident=opened, actor=ALICE, now=NOON + hours(3))
    assert (postmortems.published(opened), opened.status) == (None, "resolved")
    assert opened.postmortem_draft == "It was two cables."
    assert not OutboxEvent.objects.filter(update_id=told.pk, voided_at=None).exists()
    assert AuditEntry.objects.get(action="take_back_postmortem").before["updates"] == {told.pk: "It was two cables."}
    postmortems.take_back_postmortem(incident=opened, actor=ALICE, keep=False)
    assert opened.postmortem_draft == ""


def test_an_incident_of_the_past_has_its_own_times_and_tells_nobody():
    then = NOON - timedelta(days=400)
    facts = {"name": "Long ago", "body": "It was dark.", "happened_at": then, "impact": "major", "actor": ALICE}
    told = backfilling.backfill_incident(**facts, idempotency_key="k", now=NOON)
    assert backfilling.backfill_incident(**facts, idempotency_key="k", now=NOON) == told
    update = told.updates.get()
    assert {told.created_at, told.started_at, told.resolved_at, update.display_at, update.created_at} == {then}
    assert (told.status, told.impact, told.is_backfilled) == ("resolved", "major", True)
    assert (OutboxEvent.objects.get().void_reason, Outage.objects.exists()) == ("not asked for", False)
    assert AuditEntry.objects.get().at == NOON
    with pytest.raises(ValidationError):
        backfilling.backfill_incident(**facts | {"happened_at": NOON + hours(1)}, now=NOON)


def test_what_an_update_says_and_as_of_when_is_corrected_with_both_in_the_audit_log():
    told = over().updates.last()
    corrections.correct_update(update=told, display_at=NOON - hours(1), actor=ALICE, now=NOON + hours(1))
    assert (told.display_at, told.body) == (NOON - hours(1), "Requests fail.")
    entry = AuditEntry.objects.get(action="correct_update")
    assert (entry.before["display_at"][:16], entry.after["display_at"][:16]) == ("2026-11-02 12:00", "2026-11-02 11:00")
    with pytest.raises(ValidationError):
        corrections.correct_update(update=told, display_at=NOON + hours(9), actor=ALICE, now=NOON + hours(1))


def test_components_can_follow_an_incident_without_a_word():
    api = component()
    opened = incident({api: "degraded_performance"})
    incidents.set_its_components(
        incident=opened, components={api.pk: "major_outage"}, actor=ALICE, now=NOON + minutes(1)
    )
    assert (Component.objects.get().status, opened.impact, opened.updates.count()) == ("major_outage", "critical", 1)
    assert Outage.objects.get(ended_at=None).incident == opened
    assert opened.claims.get().status == "major_outage"


def test_a_maintenance_is_renamed_and_one_of_the_past_can_be_told_of():
    planned = scheduled(component(), start=NOON - timedelta(days=9), may_be_over=True)
    maintenance.edit_maintenance(maintenance=planned, name="Disks", impact="minor", actor=ALICE, now=NOON)
    assert (planned.name, planned.impact, planned.version) == ("Disks", "minor", 2)
    assert AuditEntry.objects.get(action="edit_maintenance").before["name"] == "Database upgrade"
    backfilling.keep_metadata(entry=planned, metadata={"ticket": {"id": 7}}, actor=ALICE)
    planned.refresh_from_db()
    assert planned.metadata == {"ticket": {"id": 7}}
