"""The outbox: written with the publication, held for a moment, voided by what overtakes it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from notifications import addresses, audience, fanout, outbox
from notifications.models import Delivery, OutboxEvent
from statuspage.actions import maintenance
from statuspage.models import AuditEntry, Incident, IncidentUpdate
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import states, sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)


def kinds(**filters) -> dict[str, str]:
    """Kind -> why it is told no further, "" where it still is."""
    return dict(OutboxEvent.objects.filter(**filters).order_by("id").values_list("kind", "void_reason"))


def window(**wanted):
    now = timezone.now()
    return facts.scheduled(facts.component(), now=now, start=now + 7 * 24 * HOUR, **wanted)


# --- In the publishing transaction ------------------------------------------------------------------


def test_an_update_and_its_outbox_row_exist_together():
    """I11: (update) iff (outbox row) iff (audit row)."""
    facts.incident({facts.component(): "major_outage"}, now=timezone.now())
    assert IncidentUpdate.objects.count() == OutboxEvent.objects.count() == 1
    assert AuditEntry.objects.filter(object_kind="incident").count() == 1


def test_where_the_outbox_cannot_be_written_nothing_is_published(monkeypatch):
    monkeypatch.setattr(outbox, "store", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        facts.incident(now=timezone.now())
    assert not Incident.objects.exists() and not AuditEntry.objects.exists()


def test_what_staff_tell_nobody_stands_in_the_outbox_as_such():
    facts.incident(now=timezone.now(), notify=False)
    assert kinds() == {"incident_update": outbox.NOT_ASKED_FOR}
    subscribers(email=1)
    sweep()
    assert not Delivery.objects.exists()


def test_an_event_that_is_recorded_twice_is_told_once(published):
    facts.incident(now=timezone.now())
    with transaction.atomic():
        outbox.record(published[0])
    assert OutboxEvent.objects.count() == 1


def test_names_are_frozen_with_the_payload():
    component = facts.component("API", group=facts.group("Core"))
    facts.incident({component: "major_outage"}, now=timezone.now())
    type(component).objects.update(name="Renamed")
    assert OutboxEvent.objects.get().payload["component_names"] == ["Core - API"]


# --- Time to take it back (fault 64) -----------------------------------------------------------------


def due_in(**changes) -> float:
    """Seconds from publication to the first fan-out."""
    row = OutboxEvent.objects.get(**changes)
    return (row.due_at - row.published_at).total_seconds()


def test_fault_64_staff_have_a_moment_to_take_it_back(quick):
    quick.UNDO_SECONDS = 30
    subscribers(email=1, sms=1)
    facts.incident(now=timezone.now())
    assert due_in() == 30


@pytest.mark.parametrize("reason", ["severity I", "texts only", "by API"])
def test_fault_64_nothing_waits_where_seconds_count(quick, reason):
    quick.UNDO_SECONDS = 30
    subscribers(sms=1, email=0 if reason == "texts only" else 1)
    wanted = {"severity": 1} if reason == "severity I" else {}
    if reason == "by API":
        wanted["actor"] = facts.audit.Actor(name="key", source="api", abilities=facts.ALICE.abilities)
    facts.incident(now=timezone.now(), **wanted)
    assert due_in() == 0


def test_fault_64_a_recall_in_time_tells_nobody(quick):
    quick.UNDO_SECONDS = 30
    subscribers(email=3)
    incident = facts.incident(now=timezone.now())
    assert outbox.recall(incident.updates.get().pk)
    OutboxEvent.objects.update(due_at=timezone.now())
    sweep()
    assert kinds() == {"incident_update": outbox.RECALLED} and not Delivery.objects.exists()
    assert IncidentUpdate.objects.count() == 1, "a recall takes back the telling, not what was published"


def test_fault_64_staff_see_until_when_they_can_take_it_back(quick):
    quick.UNDO_SECONDS = 30
    subscribers(email=1)
    update = window().updates.get()
    first = OutboxEvent.objects.get(kind="maintenance_scheduled")
    assert outbox.held_until(update.pk) == first.due_at
    OutboxEvent.objects.filter(pk=first.pk).update(due_at=timezone.now())
    sweep()
    assert outbox.held_until(update.pk) is None, "the reminder waits for its own time"


def test_fault_64_once_the_fan_out_has_begun_it_is_too_late():
    subscribers(email=3)
    incident = facts.incident(now=timezone.now())
    fanout.fan_out(OutboxEvent.objects.get(), timezone.now(), pages=1)
    assert not outbox.recall(incident.updates.get().pk)
    assert not outbox.recall("unknown")


def test_fault_64_nor_is_it_in_time_where_the_fan_out_begins_anew(quick):
    """As a cancellation's does while an earlier mail is on its way: it has no cursor then, but people were told."""
    quick.UNDO_SECONDS = 30
    subscribers(email=3)
    incident = facts.incident(now=timezone.now())
    update = incident.updates.get()
    fanout.fan_out(OutboxEvent.objects.get(), timezone.now())
    OutboxEvent.objects.update(fan_out_cursor=None, fanned_out_at=None)
    assert outbox.held_until(update.pk) is None
    assert not outbox.recall(update.pk)
    assert kinds() == {"incident_update": ""} and states() == {"queued": 3}


def test_fault_64_a_recalled_window_sends_no_reminder_either(quick):
    quick.UNDO_SECONDS = 30
    row = window()
    assert outbox.recall(row.updates.get().pk)
    assert set(kinds().values()) == {outbox.RECALLED}


# --- Windows that change -------------------------------------------------------------------------------


def test_a_window_has_its_notice_its_advance_notice_and_its_reminder():
    window()
    assert list(kinds()) == ["maintenance_scheduled", "maintenance_advance", "maintenance_reminder"]
    assert set(OutboxEvent.objects.values_list("window_revision", flat=True)) == {1}


def moved(row, by=24 * HOUR):
    return maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=row.scheduled_for + by,
        scheduled_until=row.scheduled_until + by,
        body="Later.",
        actor=facts.ALICE,
    )


def test_fault_59_a_moved_window_voids_what_was_to_be_said_of_the_old_one():
    row = window()
    moved(row)
    assert set(kinds(window_revision=1).values()) == {outbox.MOVED}
    assert kinds(window_revision=2) == {"maintenance_moved": "", "maintenance_advance": "", "maintenance_reminder": ""}


def test_fault_59_unsent_old_notices_are_overtaken_and_everybody_hears_of_the_new_window(relay):
    told, waiting = subscribers(email=2)
    relay.script(stage="rcpt", reply="451 4.7.1 later", match=waiting.address)
    row = window()
    sweep()
    assert states() == {"accepted": 1, "queued": 1}
    relay.clear()
    moved(row)
    sweep(3)
    by_event = {kind: states(event__kind=kind) for kind in ("maintenance_scheduled", "maintenance_moved")}
    assert by_event["maintenance_scheduled"] == {"accepted": 1, "superseded": 1}
    assert by_event["maintenance_moved"] == {"accepted": 2}
    assert [mail.subject for mail in relay.messages(waiting.address)] == [
        "[Example] Maintenance moved: Database upgrade"
    ]


def test_fault_59_who_was_told_the_old_window_hears_of_the_new_one_whatever_they_chose_since(relay):
    (reader,) = subscribers(email=1)
    row = window()
    sweep()
    type(reader).objects.update(wants_maintenances=False)
    moved(row)
    sweep()
    assert states(event__kind="maintenance_moved") == {"accepted": 1}


def test_fault_60_a_cancellation_reaches_only_those_who_heard_or_may_have_heard(relay):
    told, silent, refused, waiting = subscribers(email=4)
    relay.script(stage="data", reply="drop", match=silent.address, times=2)
    relay.script(stage="rcpt", reply="550 5.6.0 no", match=refused.address)
    relay.script(stage="rcpt", reply="451 later", match=waiting.address)
    row = window()
    sweep(4)
    assert states(event__kind="maintenance_scheduled") == {"accepted": 1, "unknown": 1, "failed": 1, "queued": 1}
    relay.clear()
    subscribers(sms=1)  # new, and never told
    maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
    sweep(3)
    cancelled = Delivery.objects.filter(event__kind="maintenance_cancelled")
    assert {each.subscription_id for each in cancelled} == {told.pk, silent.pk}
    assert states(event__kind="maintenance_cancelled") == {"accepted": 2}
    assert states(event__kind="maintenance_scheduled", subscription=waiting) == {"superseded": 1}


def test_what_was_written_down_is_looked_after_though_its_fan_out_begins_anew():
    """A row without a cursor may have deliveries: settled, they would wait for ever where nobody may send."""
    subscribers(email=1)
    window()
    fanout.relay()
    rows = OutboxEvent.objects.filter(kind="maintenance_scheduled")
    rows.update(fan_out_cursor=None, fanned_out_at=None)
    outbox.void(rows, outbox.MOVED, timezone.now())
    assert rows.get().settled_at is None
    sweep()
    assert states() == {"superseded": 1} and rows.get().settled_at


def test_fault_60_a_window_cancelled_before_anybody_was_told_tells_nobody(quick, relay):
    quick.UNDO_SECONDS = 30
    subscribers(email=3)
    row = window()
    maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
    OutboxEvent.objects.update(due_at=timezone.now())
    sweep(2)
    assert relay.messages() == [] and not Delivery.objects.exists()


def test_fault_60_a_notice_on_its_way_while_the_window_is_cancelled_is_followed_by_the_cancellation(scripted):
    """The call is under way as the cancellation is published: it is only known later who was told."""
    subscribers(email=1)
    provider = scripted("email")
    row = window()

    def cancel(message):
        provider.before = lambda _: None
        maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
        fanout.relay()
        assert not Delivery.objects.filter(event__kind="maintenance_cancelled").exists()
        assert not OutboxEvent.objects.get(kind="maintenance_cancelled").fanned_out_at

    provider.before = cancel
    sweep(3)
    assert len(provider.sent) == 2
    assert states(event__kind="maintenance_cancelled") == {"accepted": 1}


def test_work_that_begins_early_voids_the_reminder_but_not_what_was_told():
    row = window()
    sweep(2)
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE)
    assert kinds(update_id__startswith=row.updates.order_by("created_at")[0].pk) == {
        "maintenance_scheduled": "",
        "maintenance_advance": outbox.BEGUN,
        "maintenance_reminder": outbox.BEGUN,
    }


@pytest.mark.parametrize("is_told", [True, False])
def test_nobody_is_told_old_times_once_work_has_begun_before_them(quick, relay, is_told):
    """The announcement, and a move of it, still wait for staff's time to take them back."""
    quick.UNDO_SECONDS = 30
    subscribers(email=1)
    row = window()
    later = {"scheduled_for": row.scheduled_for + HOUR, "scheduled_until": row.scheduled_until + HOUR}
    maintenance.move_maintenance(maintenance=row, body="Later.", actor=facts.ALICE, **later)
    row.refresh_from_db()
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE, notify=is_told)
    OutboxEvent.objects.filter(voided_at=None).update(due_at=timezone.now())
    sweep(3)
    told = set(Delivery.objects.values_list("event__kind", flat=True))
    assert told == ({"maintenance_started"} if is_told else set())
    assert kinds(kind="maintenance_moved") == {"maintenance_moved": outbox.BEGUN}


def test_a_move_is_told_to_whoever_heard_of_the_old_times_and_whoever_came_since_a_cancellation_to_the_former(relay):
    (told,) = subscribers(email=1)
    row = window()
    sweep(2)
    told.all_components = False
    told.save()
    newcomer = subscribed(addresses.email("newcomer@example.org"))
    later = {"scheduled_for": row.scheduled_for + HOUR, "scheduled_until": row.scheduled_until + HOUR}
    maintenance.move_maintenance(maintenance=row, body="Later.", actor=facts.ALICE, **later)
    moved = OutboxEvent.objects.get(kind="maintenance_moved")
    assert set(audience.of(moved)) == {told, newcomer}
    row.refresh_from_db()
    maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
    assert set(audience.of(OutboxEvent.objects.get(kind="maintenance_cancelled"))) == {told}


def test_nobody_is_told_that_work_takes_longer_once_it_ended_in_silence(quick, relay):
    """Staff give it another hour, and end it while that word still waits."""
    quick.UNDO_SECONDS = 30
    subscribers(email=1)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now - 2 * HOUR, start=now - HOUR, notify=False)
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE, notify=False)
    later = {"scheduled_for": row.scheduled_for, "scheduled_until": row.scheduled_until + HOUR}
    maintenance.move_maintenance(maintenance=row, body="An hour more.", actor=facts.ALICE, **later)
    row.refresh_from_db()
    maintenance.complete_maintenance(maintenance=row, actor=facts.ALICE, notify=False)
    OutboxEvent.objects.filter(voided_at=None).update(due_at=timezone.now())
    sweep(2)
    assert not Delivery.objects.exists() and kinds(kind="maintenance_moved") == {"maintenance_moved": outbox.BEGUN}


def test_a_reminder_is_not_overtaken_by_an_update_that_was_told_before_it(relay):
    """It has the lower number, and comes later."""
    subscribers(email=1)
    row = window()
    maintenance.publish_maintenance_update(maintenance=row, body="Still on.", actor=facts.ALICE)
    sweep(2)
    OutboxEvent.objects.filter(kind="maintenance_reminder").update(
        due_at=timezone.now(), published_at=timezone.now(), created_at=timezone.now()
    )
    sweep(2)
    assert states(event__kind="maintenance_reminder") == {"accepted": 1}
