"""Faults 45 and 49: what Twilio's codes lead to, row by row, whether they answer a request or come by callback."""

from datetime import timedelta

import pytest

from notifications.addresses import Address
from notifications.models import Attempt, Breaker, Delivery, Subscription, Suppression
from notifications.states import State
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import event, make_due, send, states, told
from tests.notifications.texting import heal_by_sweeping, pass_time, text_everybody, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

COUNTRY, CHANNEL = "sms:NL", "sms"
ADDRESS = [21211, 21214, 21217, 21614, 21635, 30005, 30006]
OURS = {
    20003: CHANNEL, 20404: CHANNEL, 21606: CHANNEL, 30002: CHANNEL, 10001: CHANNEL,
    21408: COUNTRY, 21612: COUNTRY, 30007: COUNTRY, 30022: COUNTRY, 30032: COUNTRY, 30034: COUNTRY,
    30450: COUNTRY, 30453: COUNTRY,
}  # fmt: skip
SOFT = [30001, 30003, 30004, 30008, 30036]


def suppressions() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("reason", "code"))


# --- Retry the same row ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [({"answer": "error", "code": 20429}, 0), ({"answer": "error", "code": 21611}, 0),
     ({"answer": "status", "status": 500}, 1), ({"answer": "status", "status": 503}, 1)],
)  # fmt: skip
def test_fault_45_what_is_not_taken_is_tried_again_in_the_same_row(twilio, fault, attempts):
    subscribers(sms=1)
    twilio.script(**fault, times=1)
    text_everybody()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ambiguous) == ("queued", attempts, 0)
    assert not suppressions() and not Breaker.objects.exists()
    heal_by_sweeping(1)
    assert states() == {"accepted": 1} and len(twilio.messages()) == 1


def test_fault_45_a_request_that_never_left_is_tried_again(twilio, quick):
    quick.TWILIO_API_URL = "http://127.0.0.1:9"
    subscribers(sms=1)
    text_everybody()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ambiguous) == ("queued", 0, 0)
    assert Breaker.objects.get().scope == CHANNEL


# --- Permanent, opted out ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ADDRESS)
@pytest.mark.parametrize("way", ["answer", "receipt"])
def test_fault_45_a_number_that_is_none_is_quarantined_at_once(called_back, code, way):
    (reader,) = subscribers(sms=1)
    say(called_back, way, code)
    text_everybody()
    row = wait_for("failed" if way == "answer" else "undelivered")
    assert (row.last_code, row.blame) == (str(code), "address")
    assert suppressions() == [("quarantine", str(code))] and not Breaker.objects.exists()
    assert nothing_more_is_sent(called_back)


@pytest.mark.parametrize("way", ["answer", "receipt"])
def test_fault_45_an_opt_out_ends_the_subscription_and_is_never_tried_again(called_back, way):
    subscribers(sms=1)
    say(called_back, way, 21610)
    text_everybody()
    wait_for("failed" if way == "answer" else "undelivered")
    assert suppressions() == [("stop", "21610")] and not Breaker.objects.exists()
    assert Subscription.objects.get().unsubscribe_reason == "stop"
    assert nothing_more_is_sent(called_back)


@pytest.mark.parametrize("code", [30006, 21635])
def test_fault_49_a_landline_is_quarantined(called_back, code):
    subscribers(sms=1)
    say(called_back, "receipt" if code == 30006 else "answer", code)
    text_everybody()
    wait_for("undelivered" if code == 30006 else "failed")
    assert suppressions() == [("quarantine", str(code))]
    assert nothing_more_is_sent(called_back)


def nothing_more_is_sent(server) -> bool:
    """Whether another publication leaves the number alone: nobody is asked for it, whatever the rules are now."""
    server.clear()
    before = len(server.messages())
    row = told(event())
    send("sms")
    return len(server.messages()) == before and states(event=row) in ({"suppressed": 1}, {})


def say(server, way: str, code: int) -> None:
    """Have the next text refused with a code, at once or after it was taken."""
    if way == "answer":
        server.script(answer="error", code=code, times=1)
    else:
        server.outcome(status="undelivered", code=code, times=1)


# --- Our own trouble -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OURS)
def test_fault_45_our_own_trouble_as_an_answer_holds_back_and_ends_nothing(twilio, code, caplog):
    subscribers(sms=2)
    twilio.script(answer="error", code=code, times=1)
    text_everybody()
    assert states() == {"queued": 2}
    assert set(Delivery.objects.values_list("attempts", "ambiguous")) == {(1, 0), (0, 0)}
    assert Breaker.objects.get().scope == OURS[code] and "is held back" in caplog.text
    assert Attempt.objects.exclude(outcome="not made").count() == 1
    assert not suppressions()
    heal_by_sweeping(1)
    assert states() == {"accepted": 2} and not Breaker.objects.exists()


@pytest.mark.parametrize("code", OURS)
def test_fault_45_our_own_trouble_by_receipt_holds_the_others_back(called_back, code):
    told_of_trouble(called_back, code)
    row = Delivery.objects.get(state="undelivered")
    assert (row.last_code, row.blame) == (str(code), "sender")
    assert Breaker.objects.get().scope == OURS[code] and not suppressions()
    text_everybody()
    assert states() == {"undelivered": 1, "queued": 4} and len(called_back.messages()) == 1


def test_fault_45_one_goes_to_see_and_its_receipt_lets_the_others_through(called_back):
    """That Twilio takes it proves nothing: it took the one that was filtered, too."""
    told_of_trouble(called_back, 30007)
    called_back.callbacks(mode="none")
    told(event())
    for gone in (1, 2):
        make_due()
        send("sms")
        assert states() == {"undelivered": 1, "accepted": gone, "queued": 4 - gone}
    called_back.callbacks(mode="ordered")
    make_due()
    send("sms")
    wait_for("delivered")
    assert not Breaker.objects.exists()
    make_due()
    send("sms")
    assert "queued" not in states()


def told_of_trouble(server, code: int) -> None:
    """One text was taken and came to nothing; four readers are there for the next."""
    subscribers(sms=1)
    say(server, "receipt", code)
    text_everybody()
    wait_for("undelivered")
    for number in range(3):
        subscribed(Address("sms", f"+3162000000{number}"))


@pytest.mark.parametrize("code", SOFT)
def test_fault_45_a_soft_failure_is_counted(called_back, code):
    subscribers(sms=1)
    say(called_back, "receipt", code)
    text_everybody()
    row = wait_for("undelivered")
    assert (row.last_code, row.blame) == (str(code), "soft")
    assert not suppressions() and not Breaker.objects.exists()


def test_fault_45_soft_failures_quarantine_after_three_events_over_three_days(called_back):
    subscribers(sms=1)
    called_back.outcome(status="undelivered", code=30003)
    for number in range(3):
        text_everybody()
        wait_for("undelivered", event__pk=Delivery.objects.latest("event").event_id)
        assert suppressions() == ([("quarantine", "30003")] if number == 2 else [])
        pass_time(timedelta(hours=37))
    assert nothing_more_is_sent(called_back)


def test_fault_45_three_soft_failures_of_one_day_are_one_trouble(called_back):
    subscribers(sms=1)
    called_back.outcome(status="undelivered", code=30008)
    for _ in range(3):
        text_everybody()
        wait_for("undelivered", event__pk=Delivery.objects.latest("event").event_id)
        pass_time(timedelta(hours=10))
    assert not suppressions()


def test_fault_45_a_code_nobody_knows_fails_the_one_text(twilio):
    subscribers(sms=2)
    twilio.script(answer="error", code=21999, times=1)
    text_everybody()
    assert states() == {"failed": 1, "accepted": 1}
    assert not suppressions() and not Breaker.objects.exists()
    assert Delivery.objects.exclude(state=State.FAILED).count() == 1
    make_due()
    assert send("sms") == 0
