"""Windows that are not kept to: begun late, overrun, and what events, the page and staff are told of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from statuspage.actions import due, incidents, maintenance, maintenance_notices
from statuspage.actions.base import MaintenanceClosed
from statuspage.actions.due import DELAY_GRACE
from statuspage.console import lapses
from statuspage.models import AuditEntry, Maintenance
from statuspage.models.component import Component

from . import factories
from .given import ALICE, BOB, NOON, component, hours, incident, minutes, scheduled
from .pages import front, of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

SECOND = timedelta(seconds=1)
START = NOON + timedelta(days=7)
END = START + hours(2)
BY_HAND = {"auto_start": False, "auto_complete": False}


def kinds(heard) -> list[str]:
    return [event.kind.removeprefix("maintenance_") for event in heard]


def status_of(each) -> str:
    each.refresh_from_db()
    return each.status


# --- Said once for each revision ----------------------------------------------------------------------------------


def test_a_start_that_passes_without_work_is_said_once_after_its_grace(heard):
    api = component()
    window = scheduled(api, **BY_HAND)
    assert due.run_due(START + DELAY_GRACE - SECOND) == 0
    assert due.run_due(START + DELAY_GRACE) == 1
    assert due.run_due(START + DELAY_GRACE + SECOND) == 0
    assert kinds(heard) == ["scheduled", "delayed"]
    assert (status_of(window), status_of(api), window.started_at) == ("scheduled", "operational", None)
    said = window.updates.first()
    assert (said.status, said.body) == ("scheduled", "The planned work has not begun yet.")


def test_an_end_that_passes_is_said_at_its_second_and_components_stay(heard):
    api = component()
    window = scheduled(api, auto_complete=False)
    due.run_due(START)
    assert due.run_due(END - SECOND) == 0
    assert due.run_due(END) == 1
    assert due.run_due(END + SECOND) == 0
    assert kinds(heard) == ["scheduled", "started", "overran"]
    assert (status_of(window), status_of(api)) == ("in_progress", "under_maintenance")
    maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=END + minutes(10))
    assert (status_of(window), status_of(api)) == ("completed", "operational")


def test_a_moved_window_may_be_late_again(heard):
    window = scheduled(component(), **BY_HAND)
    due.run_due(START + DELAY_GRACE)
    move = {"maintenance": window, "body": "Later.", "actor": ALICE}
    maintenance.move_maintenance(
        scheduled_for=START + hours(1), scheduled_until=END + hours(1), now=START + minutes(20), **move
    )
    assert due.run_due(START + hours(1) + DELAY_GRACE) == 1
    assert kinds(heard) == ["scheduled", "delayed", "moved", "delayed"]


def test_an_extended_window_may_overrun_again(heard):
    window = scheduled(component(), auto_complete=False)
    due.run_due(START)
    due.run_due(END)
    window.refresh_from_db()
    longer = {"scheduled_for": window.scheduled_for, "scheduled_until": END + hours(1)}
    maintenance.move_maintenance(maintenance=window, body="An hour more.", actor=ALICE, now=END + minutes(1), **longer)
    assert due.run_due(END + minutes(2)) == 0
    assert due.run_due(END + hours(1)) == 1
    assert kinds(heard) == ["scheduled", "started", "overran", "moved", "overran"]


def test_fault_13_five_sweeps_at_the_same_time_say_it_once(heard, monkeypatch):
    """Each found the window before any of them claimed it."""
    window = scheduled(component(), **BY_HAND)
    found = [list(due.not_begun(START + DELAY_GRACE)) for _ in range(5)]
    steps = [
        due._attempt(maintenance_notices.say_delayed, row, START + DELAY_GRACE, True) for rows in found for row in rows
    ]
    assert steps == [1, 0, 0, 0, 0]
    assert kinds(heard) == ["scheduled", "delayed"] and window.updates.count() == 2


@pytest.mark.parametrize(("late", "told"), [(hours(24), True), (hours(24) + SECOND, False)])
def test_old_lapses_are_put_on_the_page_and_told_nobody(heard, late, told):
    window = scheduled(component(), **BY_HAND)
    due.run_due(START + late)
    assert [(event.kind, event.notify) for event in heard[1:]] == [("maintenance_delayed", told)]
    assert window.updates.count() == 2


def test_a_window_that_passed_unseen_and_is_ended_by_hand_is_begun_and_said_to_go_on(heard):
    window = scheduled(component(), auto_complete=False)
    assert due.run_due(END + hours(1)) == 2
    assert [(event.kind, event.notify) for event in heard[1:]] == [
        ("maintenance_started", False),
        ("maintenance_overran", True),
    ]
    assert status_of(window) == "in_progress"


@pytest.mark.parametrize(("tells", "told"), [(True, [True, True]), (False, [False, False])])
def test_what_happens_by_itself_is_told_or_not_as_was_chosen(heard, tells, told):
    window = scheduled(component(), tells_start=tells, tells_end=tells)
    due.run_due(START)
    due.run_due(END)
    assert [event.notify for event in heard[1:]] == told
    assert status_of(window) == "completed" and window.updates.count() == 3


def test_what_staff_do_by_hand_is_told_whatever_was_chosen_for_the_sweep(heard):
    window = scheduled(component(), tells_start=False, tells_end=False)
    maintenance.start_maintenance(maintenance=window, actor=ALICE, now=START - hours(1))
    maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=START)
    assert [event.notify for event in heard] == [True, True, True]


# --- Changed later ------------------------------------------------------------------------------------------------


def test_a_plan_may_be_changed_and_says_who_changed_it(heard):
    window = scheduled(component())
    maintenance_notices.set_notices(maintenance=window, actor=ALICE, reminders=[30, 90], auto_start=False, now=NOON)
    window.refresh_from_db()
    assert (window.reminders, window.auto_start, window.auto_complete) == ([90, 30], False, True)
    replanned = heard[-1]
    assert (replanned.kind, replanned.reminders, replanned.body) == ("maintenance_replanned", (90, 30), "Read-only.")
    assert (replanned.window_revision, replanned.update_id != heard[0].update_id) == (1, True)
    entry = AuditEntry.objects.first()
    assert (entry.actor_name, entry.action) == ("alice", "maintenance_replanned")
    assert (entry.before, entry.after) == (
        {"reminders": None, "auto_start": True},
        {"reminders": [90, 30], "auto_start": False},
    )


def test_a_plan_that_changes_no_reminder_tells_nothing_to_plan(heard):
    window = scheduled(component())
    maintenance_notices.set_notices(maintenance=window, actor=ALICE, tells_end=False, now=NOON)
    assert kinds(heard) == ["scheduled"]


def test_who_may_not_publish_changes_no_plan_and_what_is_over_has_none():
    window = scheduled(component())
    with pytest.raises(PermissionDenied):
        maintenance_notices.set_notices(maintenance=window, actor=BOB, reminders=[30])
    maintenance.cancel_maintenance(maintenance=window, body="Off.", actor=ALICE, now=NOON)
    with pytest.raises(MaintenanceClosed):
        maintenance_notices.set_notices(maintenance=window, actor=ALICE, reminders=[30])


# --- Components ---------------------------------------------------------------------------------------------------


def test_components_follow_through_every_step_of_a_window():
    """Started early, extended, verified, finished early."""
    api, other = component("API"), component("Mail")
    window = scheduled(api, other)
    maintenance.start_maintenance(maintenance=window, actor=ALICE, now=START - hours(1), lasts=hours(1))
    assert [status_of(each) for each in (api, other)] == ["under_maintenance"] * 2
    longer = {"scheduled_for": window.scheduled_for, "scheduled_until": START + hours(3)}
    maintenance.move_maintenance(maintenance=window, body="Longer.", actor=ALICE, now=START - minutes(30), **longer)
    maintenance.publish_maintenance_update(
        maintenance=window, body="Checking.", status="verifying", actor=ALICE, now=START
    )
    assert [status_of(each) for each in (api, other)] == ["under_maintenance"] * 2
    maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=START + minutes(1))
    assert [status_of(each) for each in (api, other)] == ["operational"] * 2


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_an_incident_opened_during_the_work_has_the_last_word(end):
    api = component()
    window = scheduled(api)
    due.run_due(START)
    opened = incident({api: "major_outage"}, now=START + minutes(10))
    assert status_of(api) == "major_outage"
    window.refresh_from_db()
    if end == "completed":
        maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=START + minutes(20))
    else:
        maintenance.cancel_maintenance(maintenance=window, body="Off.", actor=ALICE, now=START + minutes(20))
    assert status_of(api) == "major_outage"
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=START + minutes(30))
    assert status_of(api) == "operational"


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_of_two_windows_on_one_component_the_one_that_goes_on_keeps_it(first_to_end):
    api = component()
    windows = [scheduled(api, auto_complete=False), scheduled(api, auto_complete=False)]
    due.run_due(START)
    for number, (window, left) in enumerate(
        zip([windows[first_to_end], windows[1 - first_to_end]], ["under_maintenance", "operational"], strict=True)
    ):
        window.refresh_from_db()
        maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=START + minutes(5 + number))
        assert status_of(api) == left


def test_work_that_overruns_keeps_its_components_whatever_another_window_does():
    api = component()
    late = scheduled(api, auto_complete=False)
    scheduled(api, length=hours(3))
    for moment in (START, END, END + hours(1)):
        due.run_due(moment)
    assert Component.objects.get().status == "under_maintenance", "one is over, the other overruns"
    late.refresh_from_db()
    maintenance.complete_maintenance(maintenance=late, actor=ALICE, now=END + hours(2))
    assert status_of(api) == "operational"


# --- In words -----------------------------------------------------------------------------------------------------

PAST = factories.NOW - hours(1)


def running(**facts):
    window = {"started_at": PAST - hours(2), "scheduled_for": PAST - hours(2), "scheduled_until": PAST}
    return factories.a_maintenance(status="in_progress", **window | facts)


def test_the_page_says_that_announced_work_goes_on():
    said = factories.an_update("in_progress", "The planned work takes longer than announced.", at=PAST)
    for page in (of(running(updates=(said,))), front(maintenances=(running(updates=(said,)),))):
        assert "Announced until" in page.words() and "13:32 UTC, still in progress" in page.words()


def test_the_page_says_that_announced_work_has_not_begun():
    said = factories.an_update("scheduled", "The planned work has not begun yet.", at=PAST)
    window = factories.a_maintenance(scheduled_for=PAST - minutes(15), updates=(said,))
    for page in (of(window), front(maintenances=(window,))):
        assert "Announced for" in page.words() and "13:17 UTC, not begun yet" in page.words()


def test_the_page_says_nothing_of_windows_that_are_kept():
    for window in (running(scheduled_until=PAST + hours(2)), factories.a_maintenance()):
        assert "not begun yet" not in of(window).words() and "still in progress" not in of(window).words()


def words(window, now) -> list[str]:
    window.refresh_from_db()
    return list(lapses.sentences(window, now))


def test_staff_see_by_how_much_it_was_late_and_overran_and_what_of_it_counts():
    window = scheduled(component(), **BY_HAND)
    assert words(window, START) == []
    assert words(window, START + minutes(7.5)) == ["The work has not begun yet; it is 7 minutes late."]
    maintenance.start_maintenance(maintenance=window, actor=ALICE, now=START + minutes(20))
    began = "The work began 20 minutes late; no minute of that counts as downtime."
    assert words(window, START + hours(1)) == [began]
    assert words(window, END + minutes(12)) == [
        began,
        "The work goes on 12 minutes after its announced end: all of that counts as downtime.",
    ]
    maintenance.complete_maintenance(maintenance=window, actor=ALICE, now=END + minutes(30))
    assert words(window, END + hours(5)) == [
        began,
        "The work overran its announced end by 30 minutes: all of that counts as downtime.",
    ]


def test_what_goes_on_is_said_to_go_on_since_it_began():
    """By itself: since it was announced to, whatever kept the sweep. By hand: since somebody began it."""
    by_itself, by_hand = scheduled(component()), scheduled(component("Mail"), **BY_HAND)
    due.run_due(START + minutes(10))
    maintenance.start_maintenance(maintenance=by_hand, actor=ALICE, now=START + minutes(10))
    by_itself.refresh_from_db()
    assert (by_itself.begun_at, by_hand.begun_at) == (START, START + minutes(10))


def test_what_somebody_begins_or_ends_began_or_ended_then_whatever_would_have_come_by_itself(heard):
    """While the sweep stands still; what is changed meanwhile of how it begins and ends changes nothing that was."""
    by_hand, by_itself = scheduled(component()), scheduled(component("Mail"))
    late = {"maintenance": by_hand, "actor": ALICE}
    maintenance.start_maintenance(now=START + hours(1), **late)
    due.run_due(START + minutes(90))
    for each, answer in ((by_hand, True), (by_itself, False)):
        Maintenance.objects.filter(pk=each.pk).update(auto_start=answer, auto_complete=answer)
        each.refresh_from_db()
    assert (by_hand.begun_at, by_itself.begun_at) == (START + hours(1), START)
    maintenance.publish_maintenance_update(body="Half way.", now=START + minutes(95), **late)
    assert heard[-1].begun_at == START + hours(1)
    maintenance.complete_maintenance(now=END + hours(1), **late)
    Maintenance.objects.filter(pk=by_itself.pk).update(auto_complete=True)
    due.run_due(END + hours(2))
    by_itself.refresh_from_db()
    assert (by_hand.ended_at, by_itself.ended_at, by_itself.resolved_at) == (END + hours(1), END, END + hours(2))
    assert [lapses.overran_by(each, END + hours(3)) for each in (by_hand, by_itself)] == [hours(1), hours(0)]


def test_what_was_called_off_was_neither_late_nor_did_it_overrun():
    window = scheduled(component(), **BY_HAND)
    maintenance.cancel_maintenance(maintenance=window, body="Off.", actor=ALICE, now=START + hours(1))
    assert words(window, END + hours(1)) == []
