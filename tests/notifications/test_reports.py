"""What the ledger says: to the console, to a statement of notice, to an operator's script."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Delivery, OutboxEvent, Subscription, Suppression
from statuspage import ports
from statuspage.actions import maintenance
from tests.notifications.given import subscribers
from tests.notifications.ledger import make_due, send, states, sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)


def opened():
    return facts.incident({facts.component(): "major_outage"}, now=timezone.now())


def test_staff_see_who_would_be_told_by_channel(published):
    opened()
    left, stopped, uninterested, *_ = subscribers(email=6, sms=2)
    Subscription.objects.filter(pk=left.pk).update(unsubscribed_at=timezone.now() - HOUR / 2)
    Subscription.objects.filter(pk=uninterested.pk).update(wants_incidents=False)
    Suppression.objects.create(address_key=stopped.address_key, reason="quarantine")
    assert ports.audience(published[0]) == {"email": 3, "sms": 2}


def test_staff_see_how_the_telling_goes(relay):
    first, second = subscribers(email=2)
    relay.script(stage="rcpt", reply="451 later", match=second.address)
    update = opened().updates.get()
    assert ports.progress(update.pk) == {}
    sweep()
    assert ports.progress(update.pk) == {"email": {"accepted": 1, "queued": 1}}


def test_a_notice_that_reached_nobody_was_no_notice(relay):
    subscribers(email=2)
    relay.script(stage="rcpt", reply="550 5.1.1 gone")
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep()
    assert states() == {"failed": 2}
    assert ports.notice_completed_at(row.pk, 1) is None
    assert {each["before_start"] for each in ports.notice_evidence(row.pk, 1)} == {None}


def test_notice_is_complete_when_the_last_reachable_recipient_has_it(relay):
    """I12: the refused one is listed and delays nothing; the one put off does."""
    there, gone, late = subscribers(email=3)
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=gone.address)
    relay.script(stage="rcpt", reply="451 later", match=late.address)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    assert ports.notice_completed_at(row.pk, 1) is None
    sweep()
    assert ports.notice_completed_at(row.pk, 1) is None
    relay.clear()
    make_due()
    send()
    completed = ports.notice_completed_at(row.pk, 1)
    assert completed == Delivery.objects.get(subscription=late, event__kind="maintenance_scheduled").accepted_at
    evidence = {each["subscription"]: each for each in ports.notice_evidence(row.pk, 1)}
    assert [evidence[str(each.pk)]["state"] for each in (there, gone, late)] == ["accepted", "failed", "accepted"]
    assert 29 * HOUR < evidence[str(there.pk)]["before_start"] < 30 * HOUR
    assert "@" not in str(evidence)


def test_another_revision_of_the_window_has_a_notice_clock_of_its_own(relay):
    subscribers(email=1)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep()
    assert ports.notice_completed_at(row.pk, 1)
    maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=row.scheduled_for + HOUR,
        scheduled_until=row.scheduled_until + HOUR,
        body="Later.",
        actor=facts.ALICE,
    )
    assert ports.notice_completed_at(row.pk, 2) is None
    sweep()
    assert ports.notice_completed_at(row.pk, 2) > ports.notice_completed_at(row.pk, 1)


def test_a_window_nobody_was_to_hear_of_has_no_notice():
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR, notify=False)
    sweep()
    assert ports.notice_completed_at(row.pk, 1) is None and list(ports.notice_evidence(row.pk, 1)) == []


def test_where_there_is_nobody_to_tell_the_announcement_itself_is_the_notice():
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep()
    assert ports.notice_completed_at(row.pk, 1) == OutboxEvent.objects.get(kind="maintenance_scheduled").published_at


def test_the_operators_report(relay, capsys):
    subscribers(email=3)
    relay.script(stage="data", reply="drop", times=1)
    row = opened()
    OutboxEvent.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    sweep()
    call_command("delivery_report", format="json")
    report = json.loads(capsys.readouterr().out)
    assert report["states"] == {"accepted": 2, "queued": 1} and report["deliveries"] == 3
    assert (report["ambiguous"], report["attempts"]) == (1, 3)
    assert 290 < report["oldest_unsent_seconds"] < 320
    (event,) = report["events"]
    assert event["subject"] == row.pk and event["channels"] == {"email": {"accepted": 2, "queued": 1}}
    make_due()
    send()
    call_command("delivery_report", incident=row.pk)
    assert json.loads(capsys.readouterr().out)["oldest_unsent_seconds"] == 0
    call_command("delivery_report", incident="another")
    assert json.loads(capsys.readouterr().out)["events"] == []
    assert states() == {"accepted": 3}


def test_what_is_due_and_not_fanned_out_counts_as_unsent(capsys):
    opened()
    OutboxEvent.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    call_command("delivery_report")
    assert json.loads(capsys.readouterr().out)["oldest_unsent_seconds"] >= 60
