"""Mail that comes back: whose it is, who may say so, and what it does to the ledger."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from notifications import addresses, fanout, subscriptions, tokens
from notifications.choices import Choices
from notifications.delivery import breakers
from notifications.models import Attempt, Breaker, Delivery, Receipt, Subscription, Suppression
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import event, make_due, send, states, told
from tests.notifications.returned import FAILURES, NOTHING, mail

pytestmark = pytest.mark.django_db

DOMAIN = "bounces.example.com"


@pytest.fixture(autouse=True)
def returned_to_us(quick):
    quick.BOUNCE_DOMAIN = DOMAIN
    quick.ALLOWED_HOSTS = ["*"]
    quick.SECURE_SSL_REDIRECT = False


def post(raw: bytes, path: str = "/hooks/bounce", **headers: str):
    client = Client(enforce_csrf_checks=True)
    return client.post(path, raw, content_type="application/x-www-form-urlencoded", headers=headers)


def come_back(name: str, row: Delivery) -> int:
    """One of the fixtures, posted as the mail that this delivery's return address got."""
    return post(mail(name, address_of(row.pk))).status_code


def address_of(delivery_id: UUID) -> str:
    return f"bounce+{tokens.bounce_token(delivery_id)}@{DOMAIN}"


@pytest.fixture
def accepted(relay) -> Delivery:
    """A mail that the relay took."""
    subscribers(email=1)
    told(event())
    send()
    return Delivery.objects.get()


# --- The return address -----------------------------------------------------------------------------


def test_every_mail_has_a_return_address_of_its_own(relay):
    subscribers(email=3)
    told(event())
    send()
    for seen in relay.messages():
        assert seen.mail_from == address_of(UUID(str(seen.message["X-Delivery-ID"])))
        assert len(seen.mail_from.split("@")[0]) <= 64, "RFC 5321, 4.5.3.1.1"
        assert DOMAIN not in str(seen.message), "who reads the mail sees the sender, not the return address"


def test_without_a_domain_for_them_bounces_go_to_the_sender(relay, quick):
    quick.BOUNCE_DOMAIN = ""
    subscribers(email=1)
    told(event())
    send()
    assert relay.messages()[0].mail_from == "status@example.com"


def test_a_second_try_goes_under_the_same_return_address(relay):
    subscribers(email=1)
    told(event())
    relay.script(stage="data", reply="drop", times=1)
    send()
    make_due()
    send()
    first, second = relay.messages()
    assert first.mail_from == second.mail_from


# --- 37: the relay takes everything, and some of it comes back ------------------------------------------


@pytest.mark.parametrize("name", [name for name, code in FAILURES.items() if ".1." in code.split()[-1][:4]])
def test_fault_37_a_mailbox_that_is_not_there_is_used_no_more(accepted, relay, name):
    assert come_back(name, accepted) == 204
    row = Delivery.objects.get()
    assert (row.state, row.last_code, row.blame) == ("undelivered", FAILURES[name], "address")
    receipt = Receipt.objects.get()
    assert (receipt.delivery, receipt.status, receipt.code) == (accepted, "failed", FAILURES[name])
    assert Suppression.objects.get().reason == "quarantine"
    told(event())
    send()
    assert states() == {"undelivered": 1, "suppressed": 1} and len(relay.messages()) == 1


def test_fault_37_a_full_mailbox_is_given_up_after_three_events_over_three_days(relay):
    subscribers(email=1)
    for days in (4, 2, 0):
        told(event())
        send()
        row = Delivery.objects.get(state="accepted")
        assert come_back("postfix_full_mailbox", row) == 204
        assert Suppression.objects.exists() is (days == 0)
        Delivery.objects.filter(pk=row.pk).update(final_at=timezone.now() - timedelta(days=days))
    assert states() == {"undelivered": 3} and Suppression.objects.get().code == "552 5.2.2"


def test_fault_37_three_full_mailboxes_in_an_hour_are_one_trouble(relay):
    subscribers(email=1)
    for _ in range(4):
        told(event())
        send()
        come_back("postfix_full_for_days", Delivery.objects.get(state="accepted"))
    assert states() == {"undelivered": 4} and not Suppression.objects.exists()


def test_fault_37_what_is_said_of_us_is_held_against_no_recipient(accepted, caplog):
    assert come_back("gmail_unauthenticated", accepted) == 204
    row = Delivery.objects.get()
    assert (row.state, row.blame, row.last_code) == ("undelivered", "sender", "550 5.7.26")
    assert not Suppression.objects.exists()
    assert "came back for our sake (550 5.7.26)" in caplog.text


def all_come_back(rows, name: str = "gmail_unauthenticated") -> None:
    for row in rows:
        assert come_back(name, row) == 204


def tell_and_return(people: int, returned: int, *, domain: str = "example.org") -> None:
    """One update to so many at a domain; so many of its mails come back for our sake."""
    for number in range(people):
        subscribed(addresses.email(f"reader-{number}@{domain}"))
    told(event())
    send()
    all_come_back(Delivery.objects.filter(state="accepted")[:returned])


def test_fault_37_one_subscriber_holds_nobody_else_back(relay):
    """Each has the return address of their own mail, so each can make up a report of it."""
    tell_and_return(people=3, returned=1)
    assert states() == {"undelivered": 1, "accepted": 2} and not Breaker.objects.exists()
    told(event())
    send()
    assert states() == {"undelivered": 1, "accepted": 5}
    first = Subscription.objects.get(deliveries__state="undelivered")
    all_come_back(Delivery.objects.filter(subscription=first, state="accepted"))
    assert states() == {"undelivered": 2, "accepted": 4} and not Breaker.objects.exists(), "nor a second time"


@pytest.mark.parametrize(
    ("people", "returned", "is_held"), [(3, 2, False), (3, 3, True), (12, 9, False), (12, 10, True)]
)
def test_fault_37_a_domain_is_held_back_once_many_there_came_back(relay, people, returned, is_held):
    tell_and_return(people, returned)
    assert Breaker.objects.filter(scope="email:example.org").exists() is is_held


def test_fault_37_of_a_large_domain_a_share_came_back(relay):
    tell_and_return(people=111, returned=11)
    assert not Breaker.objects.exists()
    all_come_back(Delivery.objects.filter(state="accepted")[:1])
    assert Breaker.objects.get().scope == "email:example.org"


def test_fault_37_those_who_alone_were_told_of_something_do_not_speak_for_their_domain(relay):
    """A component that few follow: all its mails to a domain came back, and nobody else there was written to."""
    for number in range(12):
        subscribed(addresses.email(f"reader-{number}@example.org"), all_components=number < 3)
    told(event(component_ids=["rare"]))
    send()
    all_come_back(Delivery.objects.filter(state="accepted"))
    assert states() == {"undelivered": 3} and not Breaker.objects.exists()


def test_fault_37_who_is_alone_at_a_domain_is_believed_the_second_time(accepted):
    """Then the mails wait at our side and do not go astray."""
    come_back("gmail_unauthenticated", accepted)
    told(event())
    send()
    come_back("gmail_unauthenticated", Delivery.objects.get(state="accepted"))
    assert Breaker.objects.get().scope == "email:example.org"
    told(event())
    Breaker.objects.update(retry_at=timezone.now() + timedelta(minutes=1))
    send()
    assert states() == {"undelivered": 2, "queued": 1}


def test_fault_37_who_never_confirmed_holds_back_no_domain(relay):
    """Anybody can have a link sent to an address of theirs at a large provider, and so has its return address."""
    address = addresses.email("stranger@example.org")
    subscriptions.request_subscription(address=address, choices=Choices(), network="n")
    fanout.relay()
    send()
    come_back("gmail_unauthenticated", Delivery.objects.get())
    assert states() == {"undelivered": 1} and not Breaker.objects.exists()


def test_fault_37_nor_does_a_mail_that_somebody_kept(accepted):
    Delivery.objects.update(accepted_at=timezone.now() - timedelta(hours=2))
    come_back("gmail_unauthenticated", accepted)
    assert states() == {"undelivered": 1} and not Breaker.objects.exists()


def test_fault_37_one_mail_at_a_time_goes_to_see_whether_the_domain_takes_us_again(accepted, relay):
    """That the relay takes it proves nothing: an hour without another report does."""
    come_back("gmail_unauthenticated", accepted)
    told(event())
    send()
    come_back("gmail_unauthenticated", Delivery.objects.get(state="accepted"))
    elsewhere = subscribed(addresses.email("reader@elsewhere.example"))
    for number in range(4):
        subscribed(addresses.email(f"more-{number}@example.org"))
    row = told(event())
    send()
    assert states(event=row) == {"accepted": 1, "queued": 5}
    assert states(event=row, subscription=elsewhere) == {"accepted": 1}
    for gone in (2, 3):
        make_due()
        send()
        assert states(event=row) == {"accepted": gone, "queued": 6 - gone}
    Breaker.objects.update(receipt_at=timezone.now() - breakers.STALE_AFTER - timedelta(minutes=1))
    make_due()
    send()
    assert states(event=row) == {"accepted": 6} and not Breaker.objects.exists()


def test_fault_37_one_recipients_own_rule_holds_nobody_else_back(accepted, relay):
    come_back("exchange_own_rule", accepted)
    told(event())
    send()
    come_back("exchange_own_rule", Delivery.objects.get(state="accepted"))
    assert states() == {"undelivered": 2} and not Breaker.objects.exists() and not Suppression.objects.exists()


def test_fault_37_a_domain_that_refuses_two_of_us_is_held_back(relay):
    subscribers(email=2)
    told(event())
    send()
    for row in Delivery.objects.all():
        assert not Breaker.objects.exists()
        come_back("exchange_own_rule", row)
    assert Breaker.objects.get().scope == "email:example.org" and not Suppression.objects.exists()


@pytest.mark.parametrize("name", ["postfix_given_up", "exim_no_words"])
def test_fault_37_what_says_little_of_the_address_is_told_as_undelivered_only(accepted, name):
    come_back(name, accepted)
    assert states() == {"undelivered": 1} and not Suppression.objects.exists()


def test_fault_37_a_report_that_comes_again_changes_nothing(accepted):
    for _ in range(3):
        assert come_back("postfix_no_such_mailbox", accepted) == 204
    assert Receipt.objects.count() == 1 and states() == {"undelivered": 1}


def test_fault_37_a_report_ends_the_doubt_about_an_unanswered_call(relay):
    """The relay took it in silence and then failed: nothing is sent again."""
    subscribers(email=1)
    told(event())
    relay.script(stage="data", reply="drop", times=1)
    send()
    come_back("gmail_no_such_mailbox", Delivery.objects.get())
    make_due()
    assert send() == 0 and states() == {"undelivered": 1}
    assert len(relay.messages()) == 1 and Attempt.objects.get().outcome == "ambiguous"


@pytest.mark.parametrize("state", ["failed", "expired", "superseded", "suppressed", "delivered"])
def test_fault_37_no_report_moves_a_delivery_that_rests_elsewhere(accepted, state):
    Delivery.objects.update(state=state)
    come_back("postfix_no_such_mailbox", accepted)
    assert states() == {state: 1} and not Suppression.objects.exists()


def test_reports_of_a_mail_that_the_ledger_has_forgotten_are_not_kept(accepted):
    address = address_of(accepted.pk)
    Delivery.objects.all().delete()
    assert post(mail("postfix_no_such_mailbox", address)).status_code == 204
    assert not Receipt.objects.exists()


def test_nobody_fills_the_table_with_reports_of_one_mail(accepted):
    raw = mail("postfix_no_such_mailbox", address_of(accepted.pk))
    for number in range(60):
        assert post(raw.replace(b"5.1.1", b"5.6.%d" % number)).status_code == 204
    assert Receipt.objects.count() == 50


# --- 37: forged ------------------------------------------------------------------------------------------


def forged(token: str) -> str:
    return f"bounce+{token}@{DOMAIN}"


def tampered(row: Delivery) -> str:
    token = tokens.bounce_token(row.pk)
    return token[:-1] + ("a" if token[-1] != "a" else "b")


FORGERIES = {
    "no token": lambda row: "",
    "any token": lambda row: "a" * 48,
    "a tampered token": tampered,
    "the id without its MAC": lambda row: tokens.encode(row.pk.bytes),
    "another delivery's MAC": lambda row: tokens.encode(
        row.pk.bytes + tokens.decode(tokens.bounce_token(uuid4()))[16:]
    ),
    "the unsubscribe link's": lambda row: tokens.unsubscribe_token(row.subscription),
    "made with another key": lambda row: tokens.encode(row.pk.bytes + tokens.bounce_mac("another key", row.pk)),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_fault_37_a_forged_report_silences_nobody(accepted, forge):
    raw = mail("postfix_no_such_mailbox", forged(forge(accepted)))
    assert post(raw).status_code == 403
    assert states() == {"accepted": 1} and not Receipt.objects.exists() and not Suppression.objects.exists()


def test_fault_37_only_the_address_it_came_to_counts_not_what_it_quotes(accepted):
    """A true token in the quoted mail, in the subject, or as the sender."""
    raw = mail("postfix_no_such_mailbox", forged("a" * 48))
    quoted = raw.replace(b"Subject: Und", b"Subject: " + address_of(accepted.pk).encode() + b"\r\nX-S: Und")
    assert post(quoted.replace(b"MAILER-DAEMON@relay.example.net", address_of(accepted.pk).encode())).status_code == 403
    assert states() == {"accepted": 1}


def test_an_earlier_keys_return_address_still_counts(accepted, quick):
    raw = mail("postfix_no_such_mailbox", address_of(accepted.pk))
    quick.SECRET_KEY, quick.SECRET_KEY_FALLBACKS = "a-new-key-" * 6, [quick.SECRET_KEY]
    assert post(raw).status_code == 204 and states() == {"undelivered": 1}


# --- How it comes in ------------------------------------------------------------------------------------

ELSEWHERE = "status-bounces@mx.example.com"


def nameless(name: str = "postfix_no_such_mailbox") -> bytes:
    """A report that went through an alias: nothing in its head names the return address."""
    return mail(name, ELSEWHERE)


def test_the_address_may_stand_beside_the_mail(accepted):
    assert post(nameless()).status_code == 403
    assert post(nameless(), **{"X-Original-To": address_of(accepted.pk)}).status_code == 204
    assert states() == {"undelivered": 1}


@pytest.mark.parametrize("plus", ["%2B", "+"])
def test_or_in_the_query_also_where_nobody_escaped_its_plus(accepted, plus):
    path = f"/hooks/bounce?recipient={address_of(accepted.pk).replace('+', plus)}"
    assert post(nameless(), path).status_code == 204 and states() == {"undelivered": 1}


@pytest.mark.parametrize("header", ["X-Original-To", "Delivered-To", "Envelope-To", "To"])
@pytest.mark.parametrize("spell", [str, str.upper, "<{}>".format, "Bounces <{}>".format], ids=range(4))
def test_or_in_the_mails_head_in_any_spelling(accepted, header, spell):
    raw = b"%s: %s\r\n%s" % (header.encode(), spell(address_of(accepted.pk)).encode(), nameless())
    assert post(raw).status_code == 204 and states() == {"undelivered": 1}


def test_a_mail_beyond_half_a_megabyte_is_not_read(accepted):
    raw = mail("postfix_no_such_mailbox", address_of(accepted.pk)) + b"x" * 600_000
    assert post(raw).status_code == 413 and states() == {"accepted": 1}


def test_only_post():
    assert Client().get("/hooks/bounce").status_code == 405


def test_nothing_of_a_report_gets_into_a_log_or_a_row(accepted, caplog):
    """Invariant I13: a report holds the recipient's address, and its return address is a key."""
    caplog.set_level("DEBUG")
    for name in [*FAILURES, *NOTHING]:
        come_back(name, accepted)
    address = Subscription.objects.get().address
    rows = [str(row) for model in (Receipt, Delivery, Suppression, Breaker) for row in model.objects.values()]
    for place in (caplog.text, *rows):
        assert address not in place and tokens.bounce_token(accepted.pk) not in place


# --- 38: automatic replies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTHING)
def test_fault_38_an_automatic_reply_changes_nothing_and_is_not_answered(accepted, relay, name):
    assert come_back(name, accepted) == 204
    assert states() == {"accepted": 1} and not Receipt.objects.exists() and not Suppression.objects.exists()
    assert send() == 0 and len(relay.messages()) == 1


def test_fault_38_no_bounce_is_answered_either(accepted, relay):
    """Neither a true one nor a forged one: our handlers write to nobody."""
    come_back("postfix_no_such_mailbox", accepted)
    post(mail("postfix_no_such_mailbox", forged("a" * 48)))
    assert send() == 0 and len(relay.messages()) == 1 and Delivery.objects.count() == 1


def test_fault_38_what_we_send_asks_for_no_automatic_reply(accepted, relay):
    head = relay.messages()[0].message
    assert head["Auto-Submitted"] == "auto-generated" and head["Precedence"] == "bulk"
    assert head["X-Auto-Response-Suppress"] == "All"
    assert re.fullmatch(rf"bounce\+[a-z2-7]{{48}}@{re.escape(DOMAIN)}", relay.messages()[0].mail_from)
