"""Faults 42 to 44: Twilio took the text or did not, and we do not know. And receipts whose callback never came."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import enquiries, tasks
from notifications.delivery import overdue
from notifications.models import Attempt, Delivery, Receipt, Suppression
from tests.notifications.given import subscribers
from tests.notifications.ledger import make_due, send, states, sweep
from tests.notifications.texting import let_receipts_be_overdue, text_everybody
from tests.servers.journal import entries

pytestmark = pytest.mark.django_db

SILENCES = {
    "stall": {"answer": "stall"},
    "drop": {"answer": "drop"},
    "a proxy's 502": {"answer": "html", "status": 502},
    "a proxy's 504": {"answer": "html", "status": 504},
}
UNREADABLE = {
    "half": {"answer": "garbage"},
    "a page": {"answer": "html", "status": 201},
    "nothing": {"answer": "empty"},
}


def in_doubt(server, fault: dict, accepts: bool) -> Delivery:
    """One text whose call ended like this."""
    subscribers(sms=1)
    server.script(**fault, accepts=accepts, times=1)
    text_everybody()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ask_first) == ("queued", 1, True)
    return row


def ends_well(server, calls: int) -> None:
    """One copy at the recipient's, whatever happened; and the ledger knows its name."""
    make_due()
    send("sms")
    row = Delivery.objects.get()
    (message,) = server.messages()
    assert (row.state, row.provider_reference) == ("accepted", message["sid"])
    assert len([each for each in entries(server.journal_path, "request") if each["method"] == "POST"]) == calls


@pytest.mark.parametrize(("accepts", "calls"), [(True, 1), (False, 2)], ids=["after accept", "before accept"])
def test_fault_42_a_500_is_asked_about_and_then_tried_again(twilio, accepts, calls):
    row = in_doubt(twilio, {"answer": "status", "status": 500}, accepts)
    assert row.ambiguous == 0
    ends_well(twilio, calls)


@pytest.mark.parametrize(("accepts", "calls"), [(True, 1), (False, 2)], ids=["after accept", "before accept"])
@pytest.mark.parametrize("fault", SILENCES.values(), ids=SILENCES.keys())
def test_fault_43_no_answer_is_asked_about_and_then_tried_again(twilio, fault, accepts, calls):
    row = in_doubt(twilio, fault, accepts)
    assert row.ambiguous == 1
    ends_well(twilio, calls)


@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_fault_44_an_answer_that_cannot_be_read_is_no_success(twilio, fault):
    row = in_doubt(twilio, fault, accepts=True)
    assert (row.ambiguous, row.provider_reference) == (1, "")
    assert list(Attempt.objects.values_list("outcome", "code")) == [("ambiguous", "bad answer")]
    ends_well(twilio, 1)


def test_fault_43_the_question_waits_until_twilio_may_know(twilio, quick):
    quick.DELIVERY_RECONCILE_SECONDS = 30
    row = in_doubt(twilio, {"answer": "drop"}, accepts=True)
    assert row.next_attempt_at - timezone.now() > timedelta(seconds=25)


# --- Receipts that never came ----------------------------------------------------------------------------------


def questions(server) -> list[str]:
    """The texts that were asked about by name."""
    gets = [each for each in entries(server.journal_path, "request") if each["method"] == "GET"]
    return [each["path"].rpartition("/")[2] for each in gets]


def ended_unheard(server, status: str = "delivered", code: int | None = None, readers: int = 1) -> None:
    """Texts that came to an end while our endpoint was down."""
    subscribers(sms=readers)
    server.outcome(status=status, code=code)
    text_everybody()
    assert states() == {"accepted": readers}
    from deploy.processes import poll_until

    poll_until(lambda: all(each["status"] == status for each in server.messages()), 5, "the texts came to an end")


def test_fault_46_a_receipt_that_never_came_is_asked_for_after_a_while(twilio, quick):
    quick.DELIVERY_RECEIPT_SECONDS = 300
    ended_unheard(twilio)
    assert Delivery.objects.get().next_attempt_at - timezone.now() > timedelta(seconds=290)
    sweep()
    enquiries.ask_for_receipts()
    assert questions(twilio) == [] and states() == {"accepted": 1}
    let_receipts_be_overdue()
    assert enquiries.ask_for_receipts() == 1
    assert questions(twilio) == [f"{Delivery.objects.get().provider_reference}.json"]
    assert states() == {"delivered": 1} and Receipt.objects.get().status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_fault_46_the_sweep_asks(twilio):
    ended_unheard(twilio)
    let_receipts_be_overdue()
    tasks.sweep()
    assert states() == {"delivered": 1}


def test_fault_46_what_the_record_says_counts_as_the_callback_would(twilio):
    ended_unheard(twilio, "undelivered", 30005)
    let_receipts_be_overdue()
    enquiries.ask_for_receipts()
    assert states() == {"undelivered": 1} and Suppression.objects.get().code == "30005"


def test_fault_46_a_text_on_its_way_is_asked_about_ever_more_seldom(twilio, quick):
    quick.DELIVERY_RECEIPT_SECONDS = 300
    ended_unheard(twilio, "sent")
    Delivery.objects.update(accepted_at=timezone.now() - timedelta(hours=2))
    let_receipts_be_overdue()
    enquiries.ask_for_receipts()
    wait = Delivery.objects.get().next_attempt_at - timezone.now()
    assert timedelta(minutes=119) < wait < timedelta(minutes=121)
    assert enquiries.ask_for_receipts() == 0 and len(questions(twilio)) == 1


def test_fault_46_after_a_day_and_a_half_nobody_asks_any_more(twilio):
    ended_unheard(twilio, "sent")
    Delivery.objects.update(accepted_at=timezone.now() - timedelta(hours=37))
    let_receipts_be_overdue()
    enquiries.ask_for_receipts()
    assert Delivery.objects.get().next_attempt_at == overdue.NEVER


def test_fault_46_many_are_asked_about_in_one_round_within_its_limit(twilio, monkeypatch):
    monkeypatch.setattr(enquiries, "MOST", 20)
    ended_unheard(twilio, readers=35)
    let_receipts_be_overdue()
    assert enquiries.ask_for_receipts() == 20 and states() == {"delivered": 20, "accepted": 15}
    assert enquiries.ask_for_receipts() == 15 and states() == {"delivered": 35}
    assert len(questions(twilio)) == len(set(questions(twilio))) == 35


def test_fault_46_while_twilio_cannot_be_asked_the_question_is_kept(twilio, quick):
    ended_unheard(twilio)
    let_receipts_be_overdue()
    quick.TWILIO_API_URL = "http://127.0.0.1:9"
    assert enquiries.ask_for_receipts() == 0
    quick.TWILIO_API_URL = twilio.url
    let_receipts_be_overdue()
    assert enquiries.ask_for_receipts() == 1 and states() == {"delivered": 1}


def test_without_an_account_nobody_is_asked(quick):
    subscribers(sms=1)
    text_everybody()
    let_receipts_be_overdue()
    assert enquiries.ask_for_receipts() == 0
