"""Fault 46: callbacks late, twice, in any order, before our answer: always the same end (I8)."""

from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications import delivery, evidence, receipts
from notifications.channels.base import Accepted, Ambiguous
from notifications.models import Attempt, Breaker, Delivery, Receipt, Suppression
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, let_leases_run_out, make_due, send, states, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

STATUSES = ["queued", "sending", "sent", "delivered", "undelivered", "failed", "read"]


def word(status: str, sid: str = "SM1", code: str = "") -> receipts.Word:
    said = {"MessageSid": sid, "MessageStatus": status}
    return receipts.twilio_word(said | ({"ErrorCode": code} if code else {}))


@pytest.fixture
def accepted(scripted) -> Delivery:
    """A text that Twilio has."""
    scripted("sms", Accepted("SM1"))
    subscribers(sms=1)
    told(event())
    send("sms")
    return Delivery.objects.get()


def end_of(row: Delivery, *words: receipts.Word) -> str:
    """The state after these callbacks, in this order, from the same beginning."""
    Receipt.objects.all().delete()
    Delivery.objects.filter(pk=row.pk).update(state="accepted", blame="")
    for each in words:
        receipts.receive(row.pk, each)
    return Delivery.objects.get(pk=row.pk).state


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["queued", "sent", "delivered"], "delivered"),
        (["queued", "sent", "undelivered"], "undelivered"),
        (["sent", "failed"], "undelivered"),
        (["sent", "canceled"], "undelivered"),
        (["queued", "sent"], "accepted"),
        (["undelivered", "delivered"], "delivered"),
        (["delivered", "read"], "delivered"),
    ],
)
def test_fault_46_every_order_leads_to_the_same_end(accepted, statuses, state):
    for order in permutations(statuses):
        assert end_of(accepted, *map(word, order)) == state


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=8), st.randoms())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_i8_the_end_is_a_function_of_the_set(accepted, statuses, chance):
    shuffled = [*statuses, *statuses[:2]]
    chance.shuffle(shuffled)
    assert end_of(accepted, *map(word, statuses)) == end_of(accepted, *map(word, shuffled))


def test_a_late_sent_receipt_does_not_undo_delivered(accepted):
    receipts.receive(accepted.pk, word("delivered"))
    assert receipts.receive(accepted.pk, word("sent")) is False
    assert states() == {"delivered": 1} and Receipt.objects.count() == 2


def test_the_same_word_twice_is_one(accepted):
    assert receipts.receive(accepted.pk, word("delivered")) is True
    assert receipts.receive(accepted.pk, word("delivered")) is False
    assert Receipt.objects.count() == 1


def test_a_word_about_nothing_of_ours_is_kept_and_moves_nothing(accepted):
    assert receipts.receive(uuid4(), word("delivered")) is False
    assert states() == {"accepted": 1} and Receipt.objects.get().delivery is None


def test_fault_46_a_callback_before_our_answer_settles_the_row_and_the_answer_changes_nothing(scripted):
    provider = scripted("sms", Accepted("SM1"))
    subscribers(sms=1)
    told(event())
    provider.before = lambda message: receipts.receive(message.delivery_id, word("delivered"))
    send("sms")
    row = Delivery.objects.get()
    assert (row.state, row.provider_reference, row.attempts) == ("delivered", "SM1", 1)
    assert Attempt.objects.get().outcome == "accepted"


def test_fault_46_a_callback_in_place_of_an_answer_ends_the_doubt(scripted):
    """It carries our id: nobody asks Twilio, nothing is sent again."""
    provider = scripted("sms", Ambiguous("timeout"))
    subscribers(sms=1)
    told(event())
    send("sms")
    receipts.receive(Delivery.objects.get().pk, word("sent"))
    make_due()
    send("sms")
    row = Delivery.objects.get()
    assert (row.state, row.provider_reference, row.ambiguous) == ("accepted", "SM1", 1)
    assert len(provider.sent) == 1 and row.accepted_at


def test_a_callback_finds_the_row_of_a_worker_that_was_killed(scripted):
    scripted("sms")
    subscribers(sms=1)
    told(event())
    from datetime import timedelta

    from notifications.delivery import claim, premise

    premise.open_group(claim.take("sms", 1, timedelta(minutes=1)), timedelta(minutes=1), {})
    receipts.receive(Delivery.objects.get().pk, word("sent"))
    let_leases_run_out()
    delivery.upkeep()
    row = Delivery.objects.get()
    assert (row.state, row.ambiguous, row.attempts) == ("accepted", 0, 1)


def test_an_unknown_one_is_settled_by_a_receipt(accepted):
    Delivery.objects.update(state="unknown")
    assert receipts.receive(accepted.pk, word("delivered"))
    assert states() == {"delivered": 1}


@pytest.mark.parametrize("state", ["failed", "expired", "superseded", "suppressed"])
def test_no_receipt_leaves_the_other_resting_states(accepted, state):
    Delivery.objects.update(state=state)
    assert receipts.receive(accepted.pk, word("delivered")) is False


@pytest.mark.parametrize("state", ["failed", "expired", "superseded", "suppressed"])
def test_i8_what_was_given_up_here_and_arrived_there_counts_as_told(accepted, state):
    """A call without an answer, then a newer word; the carrier's receipt comes last. The state says what we did."""
    Delivery.objects.update(state=state, accepted_at=None, ambiguous=1)
    assert receipts.receive(accepted.pk, word("sent")) is False
    assert Delivery.objects.get().accepted_at is None, "that it is on its way says nothing of its arrival"
    assert receipts.receive(accepted.pk, word("delivered")) is False
    row = Delivery.objects.get()
    assert row.state == state and row.accepted_at and row.receipts.count() == 2
    (said,) = evidence.rows(evidence.Wanted(subscription=row.subscription_id))
    assert said["delivered_at"] and said["accepted_at"] == row.accepted_at
    assert "delivered by an earlier call" in said["meaning"]
    first = row.accepted_at
    receipts.receive(accepted.pk, word("read"))
    assert Delivery.objects.get().accepted_at == first


# --- 45, 49: what a failure means beyond the message --------------------------------------------------


@pytest.mark.parametrize("code", ["30005", "30006"])
def test_fault_49_a_number_that_takes_no_texts_is_used_no_more(accepted, code):
    receipts.receive(accepted.pk, word("undelivered", code=code))
    row = Delivery.objects.get()
    assert (row.state, row.last_code, row.blame) == ("undelivered", code, "address")
    assert Suppression.objects.get().reason == "quarantine"


@pytest.mark.parametrize("code", ["30007", "30034", "30450"])
def test_fault_45_our_own_trouble_holds_the_country_back_and_nobody_to_blame(accepted, code):
    receipts.receive(accepted.pk, word("undelivered", code=code))
    assert Breaker.objects.get().scope == "sms:NL" and not Suppression.objects.exists()


def test_fault_45_a_switched_off_handset_is_counted_only(accepted):
    receipts.receive(accepted.pk, word("undelivered", code="30003"))
    assert Delivery.objects.get().blame == "soft" and not Suppression.objects.exists()


def test_no_number_is_stored_with_a_receipt(accepted):
    said = {"MessageSid": "SM1", "MessageStatus": "sent", "To": "+31612345678"}
    receipts.receive(accepted.pk, receipts.twilio_word(said))
    stored = {key: str(value) for key, value in Receipt.objects.values()[0].items()}
    assert not any("31612345678" in value for value in stored.values())
