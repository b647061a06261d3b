"""A database that went back in time, or that nobody here knows, sends nothing until it is released."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications.delivery import hold, node, release
from notifications.models import Delivery, Instance, OutboxEvent
from statuspage.models import AuditEntry, Publication
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, sweep, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.fixture(autouse=True)
def fresh_memory():
    node._watched.clear()


@pytest.fixture
def provider(scripted):
    return scripted("email")


def row() -> Instance:
    return Instance.objects.get()


def remembered() -> dict:
    return json.loads(node.path().read_text())


def restore_older(pulses: int = 1) -> None:
    """Take the database back by so many signs of life; the machine's file stays as it is."""
    here = row()
    Instance.objects.update(pulse=here.pulse - pulses, seen_at=here.seen_at - timedelta(hours=8))


def be_a_copy() -> None:
    """The database of a site at work, on a machine that never saw it."""
    sweep()
    node.path().unlink()


def run(command: str, *options: str) -> str:
    said = io.StringIO()
    call_command(command, *options, stdout=said)
    return said.getvalue()


# --- Who may send ----------------------------------------------------------------------------------------


def test_a_new_site_sends_at_once_and_remembers_itself(provider):
    subscribers(email=2)
    told(event())
    assert send() == 2
    sweep()
    assert remembered()["pulse"] == row().pulse == 2
    assert remembered()["instance"] == row().name


def test_a_restart_sends_on(provider):
    sweep(2)
    subscribers(email=1)
    told(event())
    assert send() == 1


def test_fault_27_an_older_database_sends_nothing_and_says_so(provider, caplog):
    sweep(3)
    subscribers(email=2)
    told(event())
    restore_older()
    assert send() == 0
    sweep(2)
    assert states() == {"queued": 2} and provider.sent == []
    assert row().hold_reason == "older"
    assert "nothing is sent (older)" in caplog.text


def test_fault_27_a_machine_that_does_not_know_the_database_waits(provider):
    subscribers(email=1)
    be_a_copy()
    told(event())
    sweep(3)
    assert states() == {"queued": 1} and provider.sent == []
    assert row().waiting_since and not node.path().exists()


def test_a_second_worker_joins_a_site_that_is_at_work(provider):
    subscribers(email=1)
    be_a_copy()
    told(event())
    assert send() == 0
    sweep()
    Instance.objects.update(pulse=row().pulse + 1)  # somebody who belongs was at work
    sweep()
    assert states() == {"accepted": 1}
    assert remembered()["pulse"] == row().pulse and row().waiting_since is None


def test_fault_27_a_copied_disk_is_a_strangers_disk(provider, tmp_path, monkeypatch):
    sweep()
    subscribers(email=1)
    told(event())
    elsewhere = tmp_path / "machine-id"
    elsewhere.write_text("of another machine")
    monkeypatch.setattr(node, "MACHINE_ID", elsewhere)
    sweep(2)
    assert provider.sent == []


def test_fault_27_pages_that_were_ahead_of_the_database_hold_it(provider):
    """Publishing gives the database another epoch then."""
    sweep()
    subscribers(email=1)
    told(event())
    Publication.objects.update(epoch="another")
    sweep(2)
    assert row().hold_reason == "older" and provider.sent == []


def test_a_database_from_before_this_table_that_the_machine_outlived_is_held(provider):
    subscribers(email=1)
    sweep()
    told(event())
    Instance.objects.all().delete()
    sweep(2)
    assert row().hold_reason == "older" and provider.sent == []


def test_an_emptied_database_begins_anew():
    sweep(3)
    Instance.objects.all().delete()
    sweep()
    assert row().held_at is None and remembered()["pulse"] == row().pulse == 1


def test_a_disk_that_takes_no_file_costs_no_message(provider, publish_root):
    subscribers(email=1)
    sweep()
    told(event())
    publish_root.joinpath("instance").chmod(0o400)
    node.path().parent.chmod(0o500)
    try:
        sweep()
    finally:
        node.path().parent.chmod(0o700)
    assert states() == {"accepted": 1}


def test_an_id_from_the_environment_needs_no_disk(provider, quick):
    quick.INSTANCE_ID = "here"
    subscribers(email=1)
    sweep()
    node.path().unlink()
    told(event())
    assert send() == 1


def test_fault_27_another_id_in_the_environment_is_another_site(provider, quick):
    quick.INSTANCE_ID = "here"
    subscribers(email=1)
    sweep()
    told(event())
    quick.INSTANCE_ID = "copy"
    sweep()
    Instance.objects.update(pulse=row().pulse + 1)
    sweep()
    assert provider.sent == [] and row().waiting_since


def test_an_operators_hold_stops_sending(provider):
    subscribers(email=1)
    sweep()
    run("hold")
    told(event())
    sweep()
    assert provider.sent == [] and row().hold_reason == "asked"


def test_while_held_what_is_too_late_expires():
    subscribers(email=1)
    sweep()
    run("hold")
    then = timezone.now() - timedelta(minutes=40)
    told(event(at=then, expires_at=timezone.now() + timedelta(hours=1)))
    OutboxEvent.objects.update(expires_at=timezone.now())
    sweep()
    assert states() == {"expired": 1}


# --- Release ---------------------------------------------------------------------------------------------


def restored(minutes: int = 30) -> None:
    """A site whose backup is of an hour ago, restored now; it was alive until so many minutes ago."""
    sweep(2)
    restore_older()
    known = node.read()
    seen = timezone.now() - timedelta(minutes=minutes)
    node.path().unlink()
    node.write(node.Known(known.instance, known.pulse, seen))


def old_event(**facts):
    then = timezone.now() - timedelta(minutes=40)
    row = event(at=then, expires_at=timezone.now() + timedelta(hours=5), **facts)
    OutboxEvent.objects.filter(pk=row.pk).update(created_at=then)
    row.refresh_from_db()
    return row


def test_fault_27_a_release_leaves_alone_what_may_have_been_sent(provider):
    subscribers(email=3)
    restored()
    told(old_event())
    waits = old_event()  # was not fanned out when the backup was taken
    sweep()
    run("release", "--confirm")
    sweep(2)
    assert states() == {"unknown": 6} and provider.sent == []
    assert set(Delivery.objects.values_list("last_code", flat=True)) == {"restored"}
    waits.refresh_from_db()
    assert waits.fanned_out_at


def test_fault_27_a_release_sends_what_was_published_since_and_what_comes_due(provider):
    subscribers(email=2)
    restored()
    told(old_event())
    reminder = old_event()
    OutboxEvent.objects.filter(pk=reminder.pk).update(due_at=timezone.now() + timedelta(hours=1))
    news = event()
    sweep()
    run("release", "--confirm")
    sweep()
    assert states(event=news) == {"accepted": 2}
    OutboxEvent.objects.filter(pk=reminder.pk).update(due_at=timezone.now())
    sweep()
    assert states(event=reminder) == {"accepted": 2}
    assert states() == {"accepted": 4, "unknown": 2}


def test_staff_may_choose_to_send_it_all_the_same(provider):
    subscribers(email=2)
    restored()
    told(old_event())
    sweep()
    run("release", "--confirm", "--send-doubtful")
    sweep()
    assert states() == {"accepted": 2}


def test_without_confirm_a_release_tells_and_changes_nothing(provider):
    subscribers(email=2)
    restored()
    told(old_event())
    event()
    sweep()
    said = io.StringIO()
    with pytest.raises(CommandError, match="add --confirm") as refused:
        call_command("release", stdout=said)
    assert refused.value.returncode == 1
    assert "may have been sent already (not sent; listed as unknown): 2 messages of 1 events" in said.getvalue()
    assert "published since (to be sent): 2 messages of 1 events" in said.getvalue()
    sweep()
    assert states() == {"queued": 4}


def test_what_is_not_held_needs_no_release():
    sweep()
    assert "nothing is held" in run("release")
    assert release.plan(timezone.now()) is None


def test_after_a_release_the_machines_that_knew_the_site_follow(provider):
    """The command may run anywhere: the first machine that comes joins, the others see it at work."""
    subscribers(email=1)
    restored()
    sweep()
    before = row().name
    run("release", "--confirm")
    assert row().name != before and row().pulse == 0
    told(event())
    sweep()
    assert states() == {"accepted": 1} and remembered()["instance"] == row().name
    # Another machine, which still remembers the site of before.
    node.path().unlink()
    node.write(node.Known(before, 900, timezone.now()))
    assert not hold.may_send()
    sweep()
    Instance.objects.update(pulse=row().pulse + 1)
    sweep()
    assert hold.may_send()


def test_a_release_is_in_the_audit_log():
    sweep()
    run("hold")
    run("release", "--confirm")
    assert AuditEntry.objects.filter(action="sending_released").count() == 1
