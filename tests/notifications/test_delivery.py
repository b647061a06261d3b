"""Claim, premise, call, record: what is sent, in which order, by whom, and what is not."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import delivery
from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Scope, Unavailable
from notifications.delivery import claim, lanes, premise, record, senders
from notifications.models import Attempt, Breaker, Delivery, OutboxEvent, Subscription, Suppression
from notifications.states import State
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, let_leases_run_out, make_due, send, states, sweep, told
from tests.notifications.scripted import Killed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

LEASE = timedelta(minutes=5)
GONE = Refused("no such mailbox", permanent=True, code="550 5.1.1", blame=Blame.ADDRESS)
POLICY = Refused("policy", code="550 5.7.26", blame=Blame.SENDER, scope=Scope.PLACE)
DOWN = Unavailable("no connection", code="no answer", scope=Scope.CHANNEL, counts=False)
LATER = Unavailable("later", code="451 4.7.1")


def addresses(provider) -> list[str]:
    return [message.to for message in provider.sent]


# --- What is sent ------------------------------------------------------------------------------------


def test_everybody_gets_theirs_and_the_ledger_says_so(relay):
    subscribers(email=25)
    told(event())
    assert send() == 25
    assert sorted(mail.recipients[0] for mail in relay.messages()) == sorted(
        Subscription.objects.values_list("address", flat=True)
    )
    row = Delivery.objects.all()[0]
    assert (row.state, row.attempts, row.ambiguous, row.provider) == ("accepted", 1, 0, "smtp")
    assert row.accepted_at and row.final_at and row.lease_expires_at is None and row.opened_at is None
    assert Attempt.objects.filter(outcome="accepted", ended_at__isnull=False).count() == 25
    assert {str(mail.message["X-Delivery-ID"]) for mail in relay.messages()} == {
        str(pk) for pk in Delivery.objects.values_list("pk", flat=True)
    }


def test_texts_too(twilio):
    subscribers(sms=3)
    told(event())
    assert send("sms") == 3
    row = Delivery.objects.first()
    assert row.state == "accepted" and row.provider_reference in {each["sid"] for each in twilio.messages()}


@pytest.mark.parametrize(("quick_seconds", "threads"), [(60.0, {"MainThread"}), (0.0, {"MainThread", "sender"})])
def test_a_slow_relay_is_sent_a_group_at_once_a_quick_one_in_turn(relay, quick, monkeypatch, quick_seconds, threads):
    quick.DELIVERY_CONNECTIONS = 4
    monkeypatch.setattr(senders, "QUICK_SECONDS", quick_seconds)
    seen, hand_over = set(), senders.guarded

    def noted(*arguments):
        seen.add(threading.current_thread().name.partition("_")[0])
        return hand_over(*arguments)

    monkeypatch.setattr(senders, "guarded", noted)
    subscribers(email=60)
    told(event())
    assert send(seconds=30) == 60 and states() == {"accepted": 60}
    assert seen == threads


def test_what_was_answered_is_recorded_while_another_call_hangs(scripted, quick, monkeypatch):
    quick.DELIVERY_CONNECTIONS, quick.EMAIL_URL = 4, "smtp://127.0.0.1:9/"  # files are written one by one
    monkeypatch.setattr(senders, "QUICK_SECONDS", 0.0)
    monkeypatch.setattr(senders, "SLOW_GROUPS", 1)
    written, recorded, waited = [], threading.Event(), []

    def answer(message):
        if message.to == "slow@example.org":
            waited.append(recorded.wait(5))
        return Accepted("taken")

    def note(results):
        written.extend(results)
        if len(written) >= 10 + 9:
            recorded.set()
        return record.record(results)

    monkeypatch.setattr("notifications.delivery.courier.record", note)
    scripted("email", answer)
    subscribers(email=10)
    told(event("first-subject"))
    send()  # one after the other: so it is seen that calls take long
    assert states() == {"accepted": 10}
    Subscription.objects.filter(pk=Subscription.objects.first().pk).update(address="slow@example.org")
    told(event("second-subject"))
    send()
    assert waited == [True] and states() == {"accepted": 20}


def test_without_a_relay_messages_go_into_files(quick):
    subscribers(email=1, sms=1)
    told(event())
    send("email"), send("sms")
    assert len(list(quick.OUTGOING_ROOT.glob("mail/*.eml"))) == len(list(quick.OUTGOING_ROOT.glob("sms/*.txt"))) == 1


def test_a_second_run_finds_nothing(scripted):
    provider = scripted()
    subscribers(email=3)
    told(event())
    assert (send(), send()) == (3, 0)
    assert len(provider.sent) == 3


# --- In which order -------------------------------------------------------------------------------------


def test_urgent_before_ordinary_and_the_newest_event_before_older_ones(scripted):
    provider = scripted()
    subscribers(email=1)
    for subject, priority in [("old", 4), ("new", 4), ("severe", 2), ("asked for", 0)]:
        told(event(subject, priority=priority))
    send()
    sent = [Delivery.objects.get(pk=message.delivery_id).event.subject_id for message in provider.sent]
    assert sent == ["asked for", "severe", "new", "old"]


def test_what_was_tried_goes_behind_what_was_not(scripted):
    provider = scripted("email", LATER, Accepted("x"))
    first, second = subscribers(email=2)
    told(event())
    send()
    make_due()
    told(event())
    provider.sent.clear()
    send()
    events = [Delivery.objects.get(pk=message.delivery_id).event_id for message in provider.sent]
    assert events[-1] == min(events) and len(events) == 3


def test_fault_58_an_older_word_is_not_sent_once_a_newer_one_is_there(scripted):
    """Also not when it was claimed before the newer one came."""
    provider = scripted()
    subscribers(email=1)
    first = told(event("incidentidxx"))
    claimed = claim.take("email", 10, LEASE)
    second = told(event("incidentidxx", payload={"status": "resolved"}))
    assert premise.open_group(claimed, LEASE, {}) == []
    assert states(event=first) == {"superseded": 1}
    send()
    assert states(event=second) == {"accepted": 1} and len(provider.sent) == 1


def test_fault_58_the_newer_word_waits_while_the_older_is_on_its_way(scripted):
    """Order per recipient and incident."""
    scripted()
    subscribers(email=1)
    told(event("incidentidxx"))
    (claimed,) = claim.take("email", 10, LEASE)
    assert premise.open_group([claimed], LEASE, {})
    newer = told(event("incidentidxx", payload={"status": "resolved"}))
    send()
    assert states(event=newer) == {"queued": 1}
    let_leases_run_out()
    delivery.upkeep()
    make_due()
    send()
    assert states(event=newer) == {"accepted": 1}


def test_fault_58_an_older_word_that_was_put_off_is_overtaken(scripted):
    provider = scripted("email", LATER, Accepted("x"))
    subscribers(email=1)
    first = told(event("incidentidxx"))
    send()
    second = told(event("incidentidxx"))
    make_due()
    send()
    assert states(event=first) == {"superseded": 1} and states(event=second) == {"accepted": 1}
    assert len(provider.sent) == 2


def test_96_severity_i_does_not_wait_behind_a_mass_mail(scripted):
    provider = scripted()
    subscribers(email=60)
    told(event("mass"))
    provider.before = lambda message: (
        told(event("severe", priority=2)) if len(provider.sent) == 5 and not facts_of("severe") else None
    )
    send()
    first = next(
        number
        for number, message in enumerate(provider.sent)
        if Delivery.objects.get(pk=message.delivery_id).event.subject_id == "severe"
    )
    assert first <= 20, "at most the batch that was claimed goes before it"


def facts_of(subject):
    return OutboxEvent.objects.filter(subject_id=subject).exists()


# --- What is not sent -------------------------------------------------------------------------------------


def leave(reader):
    Subscription.objects.filter(pk=reader.pk).update(unsubscribed_at=timezone.now())


def erase(reader):
    Subscription.objects.filter(pk=reader.pk).update(address="", unsubscribed_at=timezone.now())


def stop(reader):
    Suppression.objects.create(address_key=reader.address_key, reason="stop")


@pytest.mark.parametrize("end", [leave, erase, stop], ids=["61 unsubscribed", "62 erased", "48 STOP"])
def test_i5_whoever_left_after_the_fan_out_gets_nothing(scripted, end):
    provider = scripted()
    left, stayed = subscribers(email=2)
    told(event())
    end(left)
    send()
    assert addresses(provider) == [stayed.address]
    assert states(subscription=left) == {"suppressed": 1}


def test_fault_61_whoever_leaves_while_others_are_being_told_gets_nothing(scripted):
    """The next group looks again: at most the ten that are in flight are too late."""
    provider = scripted()
    readers = subscribers(email=40)
    told(event())
    provider.before = lambda message: (
        Subscription.objects.update(unsubscribed_at=timezone.now()) if len(provider.sent) == 4 else None
    )
    send()
    assert len(provider.sent) == 10 and len(readers) == 40
    assert states() == {"accepted": 10, "suppressed": 30}


def test_i6_nothing_is_sent_after_its_time(scripted):
    provider = scripted()
    subscribers(email=2)
    told(event())
    claimed = claim.take("email", 1, LEASE)
    Delivery.objects.update(not_after=timezone.now())
    assert premise.open_group(claimed, LEASE, {}) == []
    assert states() == {"expired": 1, "queued": 1}
    assert send() == 0 and provider.sent == []
    OutboxEvent.objects.update(expires_at=timezone.now())
    delivery.upkeep()
    assert states() == {"expired": 2}


def test_16_a_message_that_cannot_be_built_fails_alone(scripted, caplog):
    provider = scripted()
    subscribers(email=3)
    poison = told(event("poison", payload={"name": None}))
    fine = told(event("fine"))
    for _ in range(3):
        send()
        make_due()
    assert states(event=poison) == {"failed": 3} and states(event=fine) == {"accepted": 3}
    assert Delivery.objects.filter(event=poison)[0].last_code == "AttributeError"
    assert len(provider.sent) == 3 and "@example.org" not in caplog.text


def test_65_a_poisoned_address_fails_and_is_not_tried_again(relay):
    (reader,) = subscribers(email=1)
    Subscription.objects.update(address="a@b.example\r\nBcc: x@y.example")
    told(event())
    send()
    assert states() == {"failed": 1} and relay.messages() == [] and Attempt.objects.count() == 1


# --- What an answer means ------------------------------------------------------------------------------------


def test_21610_is_a_stop(scripted):
    scripted("sms", Refused("STOP", permanent=True, code="21610", blame=Blame.OPTED_OUT))
    (reader,) = subscribers(sms=1)
    told(event())
    send("sms")
    reader.refresh_from_db()
    assert reader.unsubscribe_reason == "stop" and Suppression.objects.get().reason == "stop"


def test_a_relay_that_is_away_costs_one_call_and_no_tries(scripted):
    provider = scripted("email", DOWN)
    subscribers(email=50)
    told(event())
    assert send() == 1 and send() == 0
    assert states() == {"queued": 50} and set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    provider.answers = [Accepted("x")]
    make_due()
    assert send() == 50 and not Breaker.objects.exists()


def test_while_a_relay_is_away_no_worker_spins(scripted, monkeypatch):
    """A task that can send nothing rings for its successor, but not at once."""
    scripted("email", DOWN)
    subscribers(email=50)
    told(event())
    delays = []
    monkeypatch.setattr("notifications.doorbell.ring", lambda *task, delay_seconds=0: delays.append(delay_seconds))
    delivery.work_and_go_on("email")
    delivery.work_and_go_on("email")
    assert states() == {"queued": 50} and delays[-1] == lanes.STOPPED_SECONDS


def test_only_what_is_unknown_or_failed_and_still_of_use_is_tried_again(scripted):
    scripted("email", Accepted("x"))
    subscribers(email=1)
    told(event())
    send()
    row = Delivery.objects.get()
    assert delivery.try_again([row.pk]) == 0
    Delivery.objects.update(state="failed", not_after=timezone.now() - timedelta(seconds=1))
    assert delivery.try_again([row.pk]) == 0


# --- Texts in doubt ------------------------------------------------------------------------------------------


def test_43_a_text_taken_in_silence_is_found_and_not_sent_again(twilio):
    subscribers(sms=1)
    told(event())
    twilio.script(answer="drop", accepts=True, times=1)
    send("sms")
    row = Delivery.objects.get()
    assert (row.state, row.ambiguous, row.ask_first) == ("queued", 1, True)
    make_due()
    send("sms")
    row.refresh_from_db()
    (only,) = twilio.messages()
    assert (row.state, row.provider_reference) == ("accepted", only["sid"])


def test_42_a_text_that_was_not_taken_is_sent_again(twilio):
    subscribers(sms=1)
    told(event())
    twilio.script(answer="status", status=500, times=1)
    send("sms")
    make_due()
    send("sms")
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ambiguous) == ("accepted", 2, 0) and len(twilio.messages()) == 1


def test_another_deliverys_text_of_the_same_words_is_not_taken_for_ours(twilio):
    """Two updates with one text: the first one's is accounted for already."""
    subscribers(sms=1)
    told(event("incidentidxx"))
    send("sms")
    second = told(event("incidentidxx"))
    twilio.script(answer="drop", times=1)
    send("sms")
    make_due()
    send("sms")
    assert states(event=second) == {"accepted": 1} and len(twilio.messages()) == 2


def test_while_twilio_cannot_be_asked_nothing_is_sent(scripted):
    provider = scripted("sms", Ambiguous("timeout"), Accepted("x"))
    subscribers(sms=1)
    told(event())
    send("sms")
    provider.found = Unavailable("cannot ask")
    make_due()
    send("sms")
    assert len(provider.sent) == 1 and states() == {"queued": 1}
    provider.found = []
    make_due()
    send("sms")
    assert len(provider.sent) == 2 and states() == {"accepted": 1}


# --- Killed on the way ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
class TestKilled:
    """What a kill leaves behind, and what the sweep makes of it."""

    def test_1_killed_before_the_call_it_is_sent_once(self, scripted):
        provider = scripted("sms")
        subscribers(sms=1)
        told(event())
        provider.before = kill
        with pytest.raises(Killed):
            send("sms")
        assert states() == {"sending": 1}
        provider.before = lambda message: None
        let_leases_run_out()
        sweep(2)
        assert states() == {"accepted": 1} and len(provider.sent) == 1

    def test_2_killed_after_the_call_a_text_is_found(self, scripted):
        provider = scripted("sms", Killed, Accepted("second"))
        subscribers(sms=1)
        told(event())
        with pytest.raises(Killed):
            send("sms")
        provider.found = ["SM1"]
        let_leases_run_out()
        sweep(2)
        row = Delivery.objects.get()
        assert (row.state, row.provider_reference, len(provider.sent)) == ("accepted", "SM1", 1)
        assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == ["lost", "accepted"]

    def test_2_killed_after_the_call_a_mail_is_repeated_under_the_same_name(self, scripted):
        """At most the ten of the open group are in doubt, the other fifteen are not."""
        provider = scripted("email", *[Accepted("x")] * 7, Killed, Accepted("x"))
        subscribers(email=25)
        told(event())
        with pytest.raises(Killed):
            send()
        let_leases_run_out()
        sweep(2)
        copies = [message.delivery_id for message in provider.sent]
        assert states() == {"accepted": 25} and len(set(copies)) == 25
        doubted = Delivery.objects.filter(ambiguous=1).count()
        assert doubted == 10 and len(copies) - 25 <= doubted
        contents = {message.delivery_id: set() for message in provider.sent}
        for message in provider.sent:
            contents[message.delivery_id].add(message.content)
        assert all(len(copies) == 1 for copies in contents.values())

    def test_what_was_claimed_and_not_opened_is_given_back_at_once(self, scripted):
        scripted("email", Killed)
        subscribers(email=25)
        told(event())
        with pytest.raises(Killed):
            send()
        assert states()["sending"] == 10

    def test_a_message_that_kills_its_workers_ends_as_unknown(self, scripted):
        scripted("email", Killed)
        subscribers(email=1)
        told(event())
        for _ in range(5):
            with pytest.raises(Killed):
                send()
            let_leases_run_out()
            delivery.upkeep()
            make_due()
        assert states() == {"unknown": 1}


def kill(message):
    raise Killed


# --- Fences -----------------------------------------------------------------------------------------------------


def test_5_a_worker_that_slept_past_its_lease_writes_nothing(scripted, caplog):
    """It wakes with its answer when another one has the row: the fence refuses it."""
    provider = scripted("email")
    subscribers(email=1)
    told(event())

    def sleep(message):
        provider.before = lambda _: None
        let_leases_run_out()
        delivery.upkeep()
        (again,) = claim.take("email", 1, LEASE)
        assert again.fence == 2
        premise.open_group([again], LEASE, {})

    provider.before = sleep
    send()
    row = Delivery.objects.get()
    assert (row.state, row.fence, row.ambiguous) == ("sending", 2, 1)
    assert "came after their lease" in caplog.text
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "accepted")]


def test_5_a_worker_that_slept_before_the_call_makes_none(scripted, monkeypatch):
    provider = scripted("email")
    subscribers(email=1)
    told(event())
    awake = time.monotonic

    def opened_and_slept(*arguments):
        ready = premise.open_group(*arguments)
        monkeypatch.setattr("time.monotonic", lambda: awake() + 3600)
        return ready

    monkeypatch.setattr("notifications.delivery.courier.open_group", opened_and_slept)
    send()
    assert provider.sent == [] and states() == {"queued": 1}
    assert Delivery.objects.get().attempts == 0


def test_11_of_two_claims_at_once_one_finds_nothing():
    subscribers(email=5)
    told(event())
    first, second = claim.take("email", 5, LEASE), claim.take("email", 5, LEASE)
    assert len(first) == 5 and second == []


def test_a_claim_that_ran_out_is_not_opened():
    subscribers(email=1)
    told(event())
    claimed = claim.take("email", 1, LEASE)
    let_leases_run_out()
    assert premise.open_group(claimed, LEASE, {}) == []
    delivery.upkeep()
    assert states() == {"queued": 1} and Delivery.objects.get().ambiguous == 0


def test_4_a_row_that_another_worker_took_over_is_left_alone():
    subscribers(email=1)
    told(event())
    old = claim.take("email", 1, LEASE)
    let_leases_run_out()
    delivery.upkeep()
    claim.take("email", 1, LEASE)
    assert premise.open_group(old, LEASE, {}) == []
    claim.release(old)
    claim.renew(old, timedelta(hours=1))
    row = Delivery.objects.get()
    assert row.state == State.SENDING and row.lease_expires_at < timezone.now() + timedelta(minutes=6)


def test_20_a_database_that_dies_during_the_call_leaves_the_row_to_the_sweep(scripted, monkeypatch):
    provider = scripted("email")
    subscribers(email=1)
    told(event())
    monkeypatch.setattr("notifications.delivery.courier.record", raising)
    with pytest.raises(OSError):
        send()
    monkeypatch.undo()
    let_leases_run_out()
    delivery.upkeep()
    row = Delivery.objects.get()
    assert (row.state, row.ambiguous) == ("queued", 1) and len(provider.sent) == 1


def raising(results):
    raise OSError("the database is away")


def test_what_was_answered_is_recorded_though_the_next_group_cannot_be_opened(scripted, monkeypatch):
    """As where the database ends that transaction to end a deadlock."""
    provider = scripted("email")
    subscribers(email=20)
    told(event())
    opened = []

    def open_once(*arguments):
        if opened:
            raise OSError("deadlock detected")
        opened.append(arguments)
        return premise.open_group(*arguments)

    monkeypatch.setattr("notifications.delivery.courier.open_group", open_once)
    with pytest.raises(OSError):
        send()
    assert len(provider.sent) == 10 and states()["accepted"] == 10


def test_what_was_answered_is_recorded_though_a_breaker_cannot_be_opened(scripted, monkeypatch):
    scripted("email", Accepted("a"), POLICY)
    subscribers(email=3)
    told(event())

    def trip(*arguments):
        raise OSError("deadlock detected")

    monkeypatch.setattr("notifications.delivery.breakers.trip", trip)
    with pytest.raises(OSError):
        send()
    assert Attempt.objects.filter(outcome="accepted").count() == 1
    assert Attempt.objects.filter(outcome="refused").count() == 1


# --- Privacy ------------------------------------------------------------------------------------------------------


def test_i13_no_address_and_no_number_gets_into_a_log(relay, twilio, caplog):
    caplog.set_level("DEBUG")
    readers = subscribers(email=4, sms=4)
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=readers[0].address)
    relay.script(stage="rcpt", reply="550 5.7.1 policy", match=readers[1].address)
    relay.script(stage="data", reply="drop", match=readers[2].address)
    twilio.script(answer="error", code=21211, to=readers[4].address)
    twilio.script(answer="drop", to=readers[5].address)
    twilio.script(answer="error", code=21408, to=readers[6].address)
    told(event())
    for _ in range(2):
        send("email"), send("sms")
        let_leases_run_out()
        delivery.upkeep()
        make_due()
    told(event("poison", payload={"name": None}))
    send("email"), send("sms")
    assert "suppressed" in caplog.text and "held back" in caplog.text and "cannot be built" in caplog.text
    for reader in readers:
        assert reader.address not in caplog.text and reader.address.lstrip("+") not in caplog.text
