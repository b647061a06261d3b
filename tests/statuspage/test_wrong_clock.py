"""Fault 51: the machine that publishes, or sweeps, has a clock that is wrong; the database's is the one that counts.

On SQLite there is one machine, and its clock is all there is.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from notifications import fanout
from notifications.models import OutboxEvent
from statuspage import tasks
from statuspage.actions import components, emergencies, incidents
from statuspage.models import Incident, Outage, Publication
from statuspage.publishing import break_glass, publish, store

from .given import ALICE, component, hours, minutes, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

WRONG = [hours(1), -hours(1)]


def error(wrong: timedelta) -> timedelta:
    """By how much what is stored may be wrong."""
    return wrong if connection.vendor == "sqlite" else timedelta(0)


def assert_is_now(at: datetime, wrong: timedelta) -> None:
    assert abs(at - error(wrong) - datetime.now(UTC)) < minutes(1)


@pytest.mark.parametrize("wrong", WRONG)
def test_fault_51_an_emergency_keeps_the_time_that_readers_have_and_is_stored_by_the_databases_clock(wrong):
    publish.publish()
    posted_at = datetime.now(UTC) - minutes(10)
    break_glass.post(title="Cables were cut", body="We are on it.", statuses={}, now=posted_at)
    with time_machine.travel(datetime.now(UTC) + wrong):
        assert emergencies.merge() == 1
    stored = Incident.objects.get()
    assert stored.started_at == stored.updates.get().display_at == posted_at
    assert_is_now(Publication.objects.current().changed_at, wrong)


@pytest.mark.parametrize("wrong", WRONG)
def test_fault_51_what_staff_publish_on_a_machine_with_a_wrong_clock_is_due_when_it_should_be(wrong, settings):
    settings.UNDO_SECONDS = 30
    with time_machine.travel(datetime.now(UTC) + wrong):
        opened = incidents.open_incident(name="API is down", body="Requests fail.", actor=ALICE)
    assert_is_now(opened.updates.get().display_at, wrong)
    event = OutboxEvent.objects.get()
    assert_is_now(event.published_at, wrong)
    assert event.due_at == event.published_at + timedelta(seconds=30)
    assert_is_now(datetime.fromisoformat(store.read_manifest(store.root()).as_of), wrong)


def test_fault_51_an_outage_that_a_machine_with_a_clock_ahead_opened_is_kept_when_an_incident_closes_it():
    """By that clock it would begin after it has ended, and what has no length goes."""
    api, wrong = component(), hours(1)
    with time_machine.travel(datetime.now(UTC) + wrong):
        components.set_component_statuses(statuses={api.pk: "major_outage"}, actor=ALICE)
    with time_machine.travel(datetime.now(UTC) + error(wrong)):
        opened = incidents.open_incident(
            name="API is slow", body="Some fail.", components={api.pk: "partial_outage"}, actor=ALICE
        )
        incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=ALICE)
    first, second = Outage.objects.order_by("pk")
    assert [first.status, second.status] == ["major_outage", "partial_outage"]
    assert first.started_at < first.ended_at == second.started_at < second.ended_at
    assert_is_now(first.started_at, wrong)


def test_fault_51_a_machine_whose_clock_is_ahead_begins_no_work_early(settings):
    soon = datetime.now(UTC) + minutes(30)
    window = scheduled(component(), start=soon, now=None)
    with time_machine.travel(datetime.now(UTC) + hours(1)):
        tasks.tend()
    window.refresh_from_db()
    assert window.status == ("scheduled" if connection.vendor == "postgresql" else "in_progress")


@pytest.mark.parametrize("wrong", WRONG)
def test_fault_51_a_machine_with_a_wrong_clock_neither_reminds_early_nor_calls_a_reminder_late(wrong):
    scheduled(component(), start=datetime.now(UTC) + minutes(90), now=None, reminders=[60])
    with time_machine.travel(datetime.now(UTC) + wrong):
        fanout.relay()
    reminder = OutboxEvent.objects.get(kind="maintenance_reminder")
    is_late = error(wrong) > minutes(30)
    assert (reminder.fanned_out_at, reminder.void_reason) == (None, "late" if is_late else "")


def test_fault_51_a_machine_whose_clock_is_behind_refreshes_the_page_all_the_same(settings):
    settings.PAGE_REFRESH_SECONDS = 0
    publish.publish()
    before = store.current(store.root())
    with time_machine.travel(datetime.now(UTC) - hours(1)):
        tasks.tend()
    after = store.current(store.root())
    assert (after != before) is (connection.vendor == "postgresql")
    assert Publication.objects.current().published_revision == 0
