"""Planned maintenance: windows, their revisions, and the components that follow."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from statuspage import audit
from statuspage.actions import due, incidents, maintenance
from statuspage.actions.base import MaintenanceClosed, StaleEdit
from statuspage.models import Maintenance, Outage

from .given import ALICE, NOON, component, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

START = NOON + timedelta(days=7)
END = START + hours(2)


def status_of(each) -> str:
    each.refresh_from_db()
    return each.status


def test_the_sweep_starts_and_completes_a_window_on_time(heard):
    api = component()
    window = scheduled(api)
    assert due.run_due(START - timedelta(seconds=1)) == 0
    assert due.run_due(START) == 1
    assert (status_of(window), status_of(api)) == ("in_progress", "under_maintenance")
    assert due.run_due(END - timedelta(seconds=1)) == 0
    assert due.run_due(END) == 1
    assert (status_of(window), status_of(api)) == ("completed", "operational")
    assert [event.kind for event in heard] == [
        "maintenance_scheduled",
        "maintenance_started",
        "maintenance_completed",
    ]


def test_fault_13_a_second_sweep_finds_nothing_to_do(heard):
    scheduled(component())
    assert due.run_due(START) == 1
    assert due.run_due(START) == 0
    assert len(heard) == 2


def test_a_window_whose_step_fails_holds_up_no_other(caplog):
    """Its row came with an import, say; it is put right later."""
    broken, sound = scheduled(component("API")), scheduled(component("Dashboard"), start=START + minutes(1))
    Maintenance.objects.filter(pk=broken.pk).update(reminders=60)
    assert due.run_due(START + minutes(2)) == 1
    assert (status_of(broken), status_of(sound)) == ("scheduled", "in_progress")
    assert broken.pk in caplog.text and "not iterable" in caplog.text
    Maintenance.objects.filter(pk=broken.pk).update(reminders=[60])
    assert due.run_due(START + minutes(3)) == 1
    assert status_of(broken) == "in_progress"


@pytest.mark.parametrize(("late", "told"), [(hours(3), [False, True]), (hours(25), [False, False])])
def test_fault_14_a_window_that_passed_while_nobody_looked_is_put_right_without_old_news(heard, late, told):
    api = component()
    window = scheduled(api)
    assert due.run_due(END + late) == 2
    assert (status_of(window), status_of(api)) == ("completed", "operational")
    assert [event.notify for event in heard[1:]] == told
    assert [each.status for each in window.updates.all()] == ["completed", "in_progress", "scheduled"]


def test_work_never_covers_an_open_incident():
    api = component()
    window = scheduled(api)
    incident({api: "partial_outage"}, now=START - minutes(5))
    due.run_due(START)
    assert status_of(api) == "partial_outage"
    due.run_due(END)
    assert status_of(api) == "partial_outage"
    assert status_of(window) == "completed"


def test_an_incident_resolved_during_work_leaves_the_component_under_maintenance():
    api = component()
    scheduled(api)
    opened = incident({api: "partial_outage"}, now=START - minutes(5))
    due.run_due(START)
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=START + minutes(5))
    assert status_of(api) == "under_maintenance"
    due.run_due(END)
    assert status_of(api) == "operational"


def test_two_windows_on_one_component_end_with_the_later():
    api = component()
    scheduled(api)
    scheduled(api, start=START + hours(1), length=hours(3))
    due.run_due(START)
    due.run_due(START + hours(1))
    due.run_due(END)
    assert status_of(api) == "under_maintenance"
    due.run_due(START + hours(4))
    assert status_of(api) == "operational"


def test_time_under_maintenance_is_recorded_with_its_cause():
    api = component()
    window = scheduled(api)
    due.run_due(START)
    due.run_due(END)
    outage = Outage.objects.get()
    assert (outage.cause, outage.maintenance) == ("maintenance", window)
    assert (outage.started_at, outage.ended_at) == (START, END)


def test_moving_keeps_every_revision_of_the_window(heard):
    window = scheduled(component())
    maintenance.move_maintenance(
        maintenance=window,
        scheduled_for=START + hours(24),
        scheduled_until=END + hours(24),
        body="A day later.",
        actor=ALICE,
        now=NOON + hours(1),
    )
    assert [each.scheduled_for for each in window.windows.all()] == [START, START + hours(24)]
    moved = heard[-1]
    assert (moved.window_revision, moved.previous_scheduled_for) == (2, START)
    assert moved.scheduled_for == START + hours(24)


def test_a_move_to_where_it_is_tells_nobody_of_another_time(heard):
    window = scheduled(component())
    with pytest.raises(ValidationError, match="has these times already"):
        maintenance.move_maintenance(
            maintenance=window, scheduled_for=START, scheduled_until=END, body="Later.", actor=ALICE, now=NOON
        )
    assert [each.kind for each in heard] == ["maintenance_scheduled"]


def test_work_that_has_begun_keeps_its_start():
    window = scheduled(component())
    due.run_due(START)
    move = {"maintenance": window, "body": "Longer.", "actor": ALICE, "now": START + minutes(1)}
    with pytest.raises(ValidationError, match="only its end can move"):
        maintenance.move_maintenance(scheduled_for=START + minutes(30), scheduled_until=END + hours(1), **move)
    maintenance.move_maintenance(scheduled_for=START, scheduled_until=END + hours(1), **move)
    assert due.run_due(END) == 0
    assert due.run_due(END + hours(1)) == 1


def test_breaking_work_off_returns_the_components(heard):
    api = component()
    window = scheduled(api)
    due.run_due(START)
    maintenance.cancel_maintenance(maintenance=window, body="Broken off.", actor=ALICE, now=START + minutes(5))
    assert (status_of(window), status_of(api)) == ("cancelled", "operational")
    assert heard[-1].kind == "maintenance_cancelled"


def test_what_is_over_takes_no_step():
    window = scheduled(component())
    maintenance.cancel_maintenance(maintenance=window, body="Off.", actor=ALICE, now=NOON)
    for step in (maintenance.start_maintenance, maintenance.complete_maintenance):
        with pytest.raises(MaintenanceClosed):
            step(maintenance=window, actor=ALICE, now=NOON)
    assert due.run_due(END) == 0


def test_work_begins_once(heard):
    window = scheduled(component())
    maintenance.start_maintenance(maintenance=window, actor=ALICE, now=NOON)
    with pytest.raises(MaintenanceClosed):
        maintenance.start_maintenance(maintenance=window, actor=ALICE, now=NOON)
    assert len(heard) == 2


def test_work_that_begins_early_is_a_window_of_its_own(heard):
    window = scheduled(component())
    maintenance.start_maintenance(maintenance=window, actor=ALICE, now=NOON, lasts=minutes(20))
    assert (window.scheduled_for, window.scheduled_until) == (NOON, NOON + minutes(20))
    assert [each.scheduled_for for each in window.windows.all()] == [START, NOON]
    assert (heard[-1].window_revision, heard[-1].scheduled_until) == (2, NOON + minutes(20))


def test_completing_what_never_began_is_refused():
    window = scheduled(component())
    with pytest.raises(MaintenanceClosed):
        maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=NOON)


def test_a_stale_step_is_refused():
    window = scheduled(component())
    with pytest.raises(StaleEdit):
        maintenance.cancel_maintenance(
            maintenance=window, body="Off.", actor=ALICE, expected_version=window.version + 1
        )


def test_verifying_is_said_only_of_work_under_way():
    window = scheduled(component())
    say = {"maintenance": window, "body": "Checking.", "actor": ALICE, "status": "verifying"}
    with pytest.raises(ValidationError):
        maintenance.publish_maintenance_update(**say)
    due.run_due(START)
    window.refresh_from_db()
    maintenance.publish_maintenance_update(**say, now=START + minutes(1))
    assert status_of(window) == "verifying"


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("scheduled_until", {"length": timedelta(0)}),
        ("scheduled_until", {"length": hours(-1)}),
        ("scheduled_until", {"start": NOON - hours(5)}),
        ("scheduled_for", {"start": datetime(2026, 11, 9, 12, 0)}),
        ("time_zone", {"time_zone": "../../etc/passwd"}),
        ("name", {"name": ""}),
        ("body", {"body": ""}),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(heard, field, facts):
    with pytest.raises(ValidationError) as refused:
        scheduled(component(), **facts)
    assert field in refused.value.message_dict
    assert not Maintenance.objects.exists()
    assert heard == []


# --- How it begins, ends and is told of -------------------------------------------------------------------------


def test_a_window_keeps_its_plan_and_tells_it_with_its_event(heard):
    window = scheduled(component(), reminders=[60, 1500], auto_start=False, tells_end=False, shows_notice=True)
    window.refresh_from_db()
    assert (window.reminders, window.auto_start, window.auto_complete) == ([1500, 60], False, True)
    assert (window.tells_start, window.tells_end, window.shows_notice) == (True, False, True)
    assert (heard[0].reminders, heard[0].tells_start, heard[0].tells_end) == ((1500, 60), True, False)


def test_a_window_without_reminders_of_its_own_has_the_default(heard):
    assert scheduled(component()).reminders is None
    assert heard[0].reminders is None


@pytest.mark.parametrize("reminders", [[60, 60], [4], [5.5], [True], ["60"], [43_201], [-60], list(range(10, 100, 10))])
def test_reminders_that_cannot_be_are_refused(heard, reminders):
    with pytest.raises(ValidationError) as refused:
        scheduled(component(), reminders=reminders)
    assert list(refused.value.message_dict) == ["reminders"]
    assert not Maintenance.objects.exists() and heard == []


def test_a_window_may_have_no_reminder_at_all(heard):
    assert scheduled(component(), reminders=[]).reminders == []
    assert heard[0].reminders == ()


@pytest.mark.parametrize("reminders", [[5], [43_200], [10, 20, 30, 40, 50, 60, 70, 80]])
def test_reminders_reach_from_five_minutes_to_thirty_days_and_are_eight_at_most(reminders):
    assert scheduled(component(), reminders=reminders).reminders == sorted(reminders, reverse=True)


def test_the_program_itself_is_named_in_the_audit_log():
    scheduled(component())
    due.run_due(START)
    assert audit.AuditEntry.objects.first().actor_name == "system"
