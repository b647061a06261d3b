"""The sweep: what nobody came back for, from the database alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import delivery, fanout, reports, tasks
from notifications.delivery import canary, claim, pace
from notifications.models import Delivery, OutboxEvent
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, let_leases_run_out, send, states, sweep, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

LEASE = timedelta(minutes=5)


@pytest.mark.django_db(transaction=True)
def test_one_round_takes_a_publication_to_everybody(relay, twilio):
    """No doorbell was rung; each channel has a thread and a database connection of its own."""
    subscribers(email=3, sms=2)
    event()
    tasks.sweep()
    assert states() == {"accepted": 5}


def test_notices_wait_for_their_time(relay):
    subscribers(email=1)
    now = timezone.now()
    event(due_at=now + timedelta(minutes=5))
    sweep()
    assert not Delivery.objects.exists()
    OutboxEvent.objects.update(due_at=now)
    sweep()
    assert states() == {"accepted": 1}


def test_8_what_was_leased_and_not_opened_is_queued_again_at_once():
    subscribers(email=3)
    told(event())
    claim.take("email", 3, LEASE)
    let_leases_run_out()
    delivery.upkeep()
    assert states() == {"queued": 3}
    assert set(Delivery.objects.values_list("attempts", "ambiguous")) == {(0, 0)}


def test_a_lease_that_holds_is_left_alone():
    subscribers(email=1)
    told(event())
    claim.take("email", 1, LEASE)
    delivery.upkeep()
    assert states() == {"sending": 1}


def test_an_event_is_looked_at_until_its_deliveries_rest(relay):
    subscribers(email=1)
    row = told(event())
    delivery.upkeep()
    row.refresh_from_db()
    assert row.settled_at is None
    send()
    delivery.upkeep()
    row.refresh_from_db()
    assert row.settled_at


def test_an_event_that_staff_try_again_is_looked_at_again(relay):
    subscribers(email=1)
    row = told(event())
    relay.script(stage="rcpt", reply="554 5.6.0 no", times=1)
    send()
    delivery.upkeep()
    delivery.try_again(list(Delivery.objects.values_list("pk", flat=True)))
    row.refresh_from_db()
    assert row.settled_at is None
    sweep(2)
    row.refresh_from_db()
    assert row.settled_at and states() == {"accepted": 1}


def test_what_a_later_word_voided_is_overtaken_in_any_number_of_rows(monkeypatch):
    monkeypatch.setattr("notifications.delivery.sweep.CHUNK", 4)
    subscribers(email=10)
    older = told(event("incidentidxx"))
    newer = event("incidentidxx")
    OutboxEvent.objects.filter(pk=older.pk).update(voided_at=timezone.now(), voided_by=newer)
    delivery.upkeep()
    assert states() == {"superseded": 10}
    assert set(Delivery.objects.values_list("superseded_by", flat=True)) == {newer.pk}


def test_13_several_sweeps_at_once_do_the_work_once(scripted):
    provider = scripted()
    subscribers(email=5)
    event()
    provider.before = lambda message: tasks.sweep() if len(provider.sent) == 2 else None
    tasks.sweep()
    assert len(provider.sent) == 5 and states() == {"accepted": 5}


# --- The canary ---------------------------------------------------------------------------------------


@pytest.fixture
def minute(quick, monkeypatch):
    """The canary's clock stands still: a test may run across the full minute."""
    quick.CANARY_SECONDS = 60.0
    now = timezone.now()
    monkeypatch.setattr("notifications.delivery.sweep.database_now", lambda: now)


def test_the_canary_sings_once_a_minute_through_the_whole_path(minute, quick, relay):
    quick.CANARY_EMAIL = "canary@example.net"
    tasks.sweep()
    tasks.sweep()
    (mail,) = relay.messages()
    assert mail.recipients == ("canary@example.net",) and mail.subject == "[Example] Canary"
    assert states() == {"accepted": 1}


def test_without_an_address_the_canary_goes_nowhere_and_shows_all_the_same(minute):
    tasks.sweep()
    row = Delivery.objects.get()
    assert (row.channel, row.state, row.provider) == ("null", "accepted", "null")


def test_the_canary_is_in_no_report_and_gets_no_updates(minute, quick, relay):
    quick.CANARY_EMAIL = "canary@example.net"
    tasks.sweep()
    told(event())
    assert reports.delivery_report()["deliveries"] == 0


def test_yesterdays_canaries_are_forgotten(minute):
    tasks.sweep()
    tasks.sweep()
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(days=2))
    canary.bury(timezone.now() - canary.KEPT)
    assert not OutboxEvent.objects.exists() and not Delivery.objects.exists()


# --- What all processes share ----------------------------------------------------------------------------


def test_places_are_shared_by_all_processes():
    now = timezone.now()
    first = pace.reserve("sms", 5, 10.0, now)
    assert pace.reserve("sms", 1, 10.0, now) >= first + timedelta(seconds=0.5)
    assert pace.reserve("sms", 1, 10.0, now, until=now + timedelta(seconds=0.4)) is None


def test_the_urgent_text_lane_is_not_behind_the_mail(scripted, twilio):
    """Fault 95: a mass mail and a text that begin together."""
    import time

    scripted("email", lambda message: time.sleep(0.05) or None)
    subscribers(email=1, sms=1)
    fanout.fan_out(event(), timezone.now())
    sms = Delivery.objects.get(channel="sms")
    delivery.work("sms")
    sms.refresh_from_db()
    assert sms.state == "accepted"
