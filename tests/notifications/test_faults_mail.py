"""Faults 30 to 34, injected at a real SMTP server: what a relay says, and what the ledger says afterwards.

35, 36, 39 and 40 are in test_faults_relay.py, 37 and 38 in test_bounces.py; what the channel makes of each
single answer is in test_channels_email.py.
"""

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import addresses, delivery
from notifications.delivery import breakers, claim, premise
from notifications.models import Attempt, Breaker, Delivery, Subscription, Suppression, Suspicion
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import copies, event, make_due, send, states, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def one_by_one(quick, relay):
    """One connection: mails go in the order of their claim."""
    quick.DELIVERY_CONNECTIONS = 1
    return relay


def waits_of(rounds: int) -> list[float]:
    """Try the only delivery so often; how many minutes it then waits, each time."""
    waits = []
    for _ in range(rounds):
        make_due()
        send()
        row = Delivery.objects.get()
        last = row.tries.latest("number")
        waits.append((row.next_attempt_at - last.ended_at) / MINUTE)
    return waits


def grows(waits: list[float], first: float = 1.0, longest: float = 60.0) -> bool:
    """Whether they double from the first to the longest, each up to a quarter longer at random."""
    floors = [min(first * 2**number, longest) for number in range(len(waits))]
    return all(floor - 0.01 <= wait <= floor * 1.25 + 0.01 for floor, wait in zip(floors, waits, strict=True))


# --- 30: later -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "450 4.2.0 busy", "421 4.3.2 closing", "452 4.3.1 disk"])
def test_fault_30_a_greylisted_mail_is_tried_again_after_growing_waits(relay, reply):
    subscribers(email=1)
    told(event())
    relay.script(stage="rcpt", reply=reply, times=4)
    assert grows(waits_of(4))
    make_due()
    send()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ambiguous) == ("accepted", 5, 0)
    outcomes = row.tries.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == ["unavailable"] * 4 + ["accepted"]
    assert len(relay.messages()) == 1 and not Suppression.objects.exists() and not Breaker.objects.exists()


def test_fault_30_a_relay_that_closes_its_door_costs_a_few_calls_and_no_tries(relay, caplog):
    relay.script(stage="connect", reply="421 4.3.2 come back later")
    subscribers(email=50)
    told(event())
    assert send() <= 10 and send() == 0, "the group in hand, and nobody after it"
    assert states() == {"queued": 50} and set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    assert Breaker.objects.get().scope == "email" and "email is held back" in caplog.text
    assert Delivery.objects.filter(next_attempt_at__gt=timezone.now() + MINUTE * 0.9).exists()
    relay.clear()
    make_due()
    send()
    assert states() == {"accepted": 50} and not Breaker.objects.exists()
    assert set(copies(relay).values()) == {1}


# --- 31: no such mailbox ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_fault_31_an_address_that_does_not_exist_is_used_no_more_and_the_next_ones_are(relay, stage):
    gone, *others = subscribers(email=5)
    relay.script(stage=stage, reply="550 5.1.1 user unknown", match=gone.address)
    told(event())
    send()
    row = Delivery.objects.get(subscription=gone)
    assert (row.state, row.attempts, row.last_code, row.blame) == ("failed", 1, "550 5.1.1", "address")
    assert states() == {"failed": 1, "accepted": 4}
    suppressed = Suppression.objects.get()
    assert (suppressed.address_key, suppressed.reason) == (gone.address_key, "quarantine")
    told(event())
    relay.clear()
    send()
    assert states(subscription=gone) == {"failed": 1, "suppressed": 1}
    assert set(copies(relay).values()) == {1} and len(copies(relay)) == 8 and len(others) == 4
    assert not relay.messages(to=gone.address) and not Breaker.objects.exists()


# --- 32: what is said of us ------------------------------------------------------------------------------

OURS = {
    "Gmail": "550 5.7.26 unauthenticated",
    "Yahoo": "553 5.7.9 policy violation",
    "Microsoft": "550 5.7.515 access denied",
    "for now": "451 4.7.32 not aligned",
}


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize("reply", OURS.values(), ids=OURS)
def test_fault_32_what_concerns_a_whole_domain_holds_it_back_and_quarantines_nobody(relay, reply, stage, caplog):
    subscribers(email=30)
    other = Subscription.objects.first()
    Subscription.objects.filter(pk=other.pk).update(address="reader@elsewhere.example")
    relay.script(stage=stage, reply=reply, match="@example.org")
    told(event())
    send()
    assert states() == {"queued": 29, "accepted": 1} and not Suppression.objects.exists()
    called = Attempt.objects.filter(outcome__in=["refused", "unavailable"]).count()
    assert 1 <= called <= 10, "the group in hand, and nobody of that domain after it"
    assert Breaker.objects.get().scope == "email:example.org" and "email:example.org is held back" in caplog.text
    assert set(Delivery.objects.filter(state="queued").values_list("blame", flat=True)) <= {"sender", ""}
    relay.clear()
    make_due()
    send()
    assert states() == {"accepted": 30} and not Breaker.objects.exists()
    assert set(copies(relay).values()) == {1}


def held_back(domain: str, **facts) -> Breaker:
    """A domain's breaker is open."""
    now = timezone.now()
    facts = {"opened_at": now - MINUTE, "retry_at": now + MINUTE, "reason": "refused: our reputation"} | facts
    return Breaker.objects.create(scope=f"email:{domain}", **facts)


def test_fault_32_the_crowd_behind_a_domain_that_is_held_back_waits_unclaimed(relay):
    """Claimed and looked at anew with every try, half a million mails would cost more than they do to send."""
    subscribers(email=100)
    other = Subscription.objects.first()
    Subscription.objects.filter(pk=other.pk).update(address="reader@elsewhere.example")
    until = held_back("example.org").retry_at
    told(event())
    with CaptureQueriesContext(connection) as seen:
        assert send() == 1
    assert states() == {"queued": 99, "accepted": 1}
    waiting = Delivery.objects.filter(state="queued")
    assert set(waiting.values_list("next_attempt_at", "priority")) == {(until, 5)}, "behind what was never tried"
    assert waiting.filter(fence=0).count() >= 79 and set(waiting.values_list("attempts", flat=True)) == {0}
    written = [each["sql"] for each in seen if each["sql"].startswith('UPDATE "notifications_delivery"')]
    assert len(written) <= 10, "a claim, and a statement for each group and each crowd"
    before = list(waiting.order_by("pk").values_list("pk", "fence"))
    assert send() == 0 and list(waiting.order_by("pk").values_list("pk", "fence")) == before
    make_due()
    send()
    assert states() == {"accepted": 100} and set(copies(relay).values()) == {1}


@pytest.mark.parametrize("turned", [False, True])
def test_fault_32_two_domains_are_looked_at_in_the_order_of_their_names(relay, turned):
    """Two workers with people at the same two domains would otherwise wait for each other's rows."""
    now = timezone.now()
    for place in ("a", "b"):
        subscribed(addresses.email(f"reader@{place}.example"))
        held_back(f"{place}.example", retry_at=now - MINUTE, receipt_at=now - MINUTE)
    told(event())
    group = sorted(claim.take("email", 2, MINUTE), key=lambda each: address_of(each.id), reverse=turned)
    with CaptureQueriesContext(connection) as seen:
        assert len(premise.open_group(group, MINUTE, breakers.known())) == 2
    probed = [each["sql"] for each in seen if each["sql"].startswith('UPDATE "notifications_breaker"')]
    assert ["a.example" in probed[0], "b.example" in probed[1], len(probed)] == [True, True, 2]


def address_of(delivery_id) -> str:
    return Subscription.objects.get(deliveries=delivery_id).address


def test_fault_32_our_own_fault_is_tried_again_after_growing_waits_and_never_given_up(relay):
    """Its set-up is mended in an hour or in three days: only the message's own time ends it."""
    subscribers(email=1)
    told(event())
    relay.script(stage="data", reply="550 5.7.26 unauthenticated")
    assert grows(waits_of(10))
    row = Delivery.objects.get()
    assert (row.state, row.attempts, Attempt.objects.count()) == ("queued", 8, 10), "the last two count no more"
    relay.clear()
    make_due()
    send()
    assert states() == {"accepted": 1}


def test_fault_32_one_recipients_own_rule_holds_nobody_else_back(relay):
    strict, *_ = subscribers(email=20)
    relay.script(stage="rcpt", reply="550 5.7.1 takes no mail from outside", match=strict.address)
    told(event())
    send()
    assert states() == {"accepted": 19, "queued": 1} and not Breaker.objects.exists()
    assert not Suppression.objects.exists()
    assert states(subscription=strict, blame="sender") == {"queued": 1}


def test_fault_32_one_recipients_own_rule_is_given_up_in_the_end(relay):
    subscribers(email=1)
    told(event())
    relay.script(stage="rcpt", reply="550 5.7.1 takes no mail from outside")
    assert grows(waits_of(10))
    Delivery.objects.update(attempts=29)
    make_due()
    send()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.blame) == ("failed", 30, "sender")
    assert not Breaker.objects.exists() and not Suppression.objects.exists()


def test_fault_32_a_second_recipient_bears_the_suspicion_out(one_by_one):
    first, second, third = subscribers(email=3)
    for strict in (first, second):
        one_by_one.script(stage="rcpt", reply="550 5.7.1 blocked", match=strict.address)
    Subscription.objects.filter(pk=third.pk).update(address="reader@elsewhere.example")
    told(event())
    send()
    assert states() == {"queued": 2, "accepted": 1}
    assert Breaker.objects.get().scope == "email:example.org" and not Suppression.objects.exists()


def test_fault_32_what_is_taken_in_between_takes_the_suspicion_away(one_by_one):
    subscribers(email=3)
    told(event())
    replies = itertools.cycle(["550 5.7.1 blocked", None])
    for row, reply in zip(claim.due("email").select_related("subscription"), replies, strict=False):
        if reply:
            one_by_one.script(stage="rcpt", reply=reply, match=row.subscription.address)
    send()
    assert states() == {"queued": 2, "accepted": 1} and not Breaker.objects.exists()
    assert Suspicion.objects.get().scope == "email:example.org"


def test_fault_32_an_old_suspicion_is_forgotten(relay):
    first, second = subscribers(email=2)
    for each in (first, second):
        relay.script(stage="rcpt", reply="550 5.7.1 blocked", match=each.address)
        told(event(audience="one", single_subscription=each, kind="incident_update"))
        send()
        assert not Breaker.objects.exists()
        Suspicion.objects.update(since=timezone.now() - breakers.FORGOTTEN_AFTER - MINUTE)
        delivery.upkeep()
        assert not Suspicion.objects.exists()


def test_fault_32_a_sender_refused_at_every_domain_stops_the_channel(relay):
    relay.script(stage="mail", reply="550 5.7.1 sender rejected")
    subscribers(email=20)
    told(event())
    assert send() <= 10 and send() == 0
    assert states() == {"queued": 20} and Breaker.objects.get().scope == "email"
    assert not Suppression.objects.exists()


# --- 33: full --------------------------------------------------------------------------------------------


def tell(hours_ago: float) -> None:
    """Publish something and send it, so many hours ago."""
    told(event())
    send()
    new = Delivery.objects.filter(final_at__gt=timezone.now() - MINUTE)
    new.update(final_at=timezone.now() - timedelta(hours=hours_ago))


@pytest.mark.parametrize("reply", ["552 5.2.2 over quota", "552 too much mail"])
def test_fault_33_a_full_mailbox_is_given_up_after_three_events_over_three_days(relay, reply):
    full, _ = subscribers(email=2)
    relay.script(stage="rcpt", reply=reply, match=full.address)
    for hours in (80, 40, 0):
        assert not Suppression.objects.exists()
        tell(hours)
    assert Suppression.objects.get().address_key == full.address_key
    tell(0)
    assert states(subscription=full) == {"failed": 3, "suppressed": 1}
    assert len(relay.messages()) == 4, "the other reader's"


def test_fault_33_three_full_mailboxes_in_an_hour_are_one_trouble(relay):
    subscribers(email=1)
    relay.script(stage="rcpt", reply="552 5.2.2 over quota")
    for _ in range(4):
        tell(0)
    assert states() == {"failed": 4} and not Suppression.objects.exists() and not Breaker.objects.exists()


def test_fault_33_what_was_taken_in_between_starts_the_count_anew(relay):
    subscribers(email=1)
    for hours, is_full in [(200, True), (150, False), (100, True), (0, True)]:
        if is_full:
            relay.script(stage="rcpt", reply="552 5.2.2 over quota", times=1)
        tell(hours)
    assert states() == {"failed": 3, "accepted": 1} and not Suppression.objects.exists()


# --- 34: silence after the message -----------------------------------------------------------------------


def test_fault_34_a_mail_in_doubt_is_repeated_once_under_the_same_name(relay):
    subscribers(email=3)
    told(event())
    relay.script(stage="data", reply="drop", times=1)
    send()
    assert states() == {"accepted": 2, "queued": 1}
    make_due()
    send()
    row = Delivery.objects.get(attempts=2)
    assert (row.state, row.ambiguous) == ("accepted", 1)
    assert list(row.tries.order_by("number").values_list("outcome", "code")) == [
        ("ambiguous", "no answer"),
        ("accepted", ""),
    ]
    first, second = [mail for mail in relay.messages() if mail.message["X-Delivery-ID"] == str(row.pk)]
    assert first.raw == second.raw, "I4: same Message-ID, same content"
    assert first.message["Message-ID"] == f"<{row.pk}@example.com>"
    assert copies(relay).total() == 4, "I3: one copy more than there are answers"


def test_fault_34_after_the_second_silence_it_is_unknown_and_staff_may_try_again(relay):
    subscribers(email=1)
    told(event())
    relay.script(stage="data", reply="drop", times=2)
    for _ in range(3):
        send()
        make_due()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.ambiguous) == ("unknown", 2, 2)
    assert delivery.try_again([row.pk]) == 1
    send()
    row.refresh_from_db()
    assert (row.state, row.ambiguous) == ("accepted", 2) and len(relay.messages()) == 3
