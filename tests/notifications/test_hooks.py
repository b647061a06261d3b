"""Twilio calls in: signed or not at all (fault 47), and what people text back (fault 48)."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from notifications import subscriptions
from notifications.channels.base import Accepted
from notifications.models import Delivery, Receipt, Subscription, Suppression
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, told

pytestmark = pytest.mark.django_db

SITE = "https://status.example.com"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def account(quick):
    quick.TWILIO_AUTH_TOKEN = "a-token-for-tests"
    quick.ALLOWED_HOSTS = ["*"]
    quick.SECURE_SSL_REDIRECT = False


def sign(path: str, said: dict[str, str], token: str = "a-token-for-tests") -> str:
    return RequestValidator(token).compute_signature(SITE + path, said)


def call(path: str, said: dict[str, str], signature: str | None = None, **extra):
    headers = {"X-Twilio-Signature": sign(path, said) if signature is None else signature}
    client = Client(enforce_csrf_checks=True)
    return client.post(path, urlencode(said), content_type=FORM, headers=headers, **extra)


@pytest.fixture
def text(scripted) -> Delivery:
    scripted("sms", Accepted("SM1"))
    subscribers(sms=1)
    told(event())
    send("sms")
    return Delivery.objects.get()


def status_of(row: Delivery) -> str:
    return f"/hooks/twilio/status/{row.pk}"


DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": "AC", "To": "+31610000000"}


def test_a_signed_receipt_moves_its_delivery(text):
    assert call(status_of(text), DELIVERED).status_code == 204
    assert states() == {"delivered": 1}


def test_fault_47_a_replayed_one_is_harmless(text):
    for _ in range(3):
        assert call(status_of(text), DELIVERED).status_code == 204
    assert Receipt.objects.count() == 1


def test_fault_47_parameters_that_are_new_to_us_are_signed_too(text):
    assert call(status_of(text), DELIVERED | {"NewThing": "ü&="}).status_code == 204


FORGERIES = {
    "no signature": lambda path: "",
    "another token's": lambda path: sign(path, DELIVERED, "another-token"),
    "for another address": lambda path: sign("/hooks/twilio/inbound", DELIVERED),
    "for other words": lambda path: sign(path, DELIVERED | {"MessageStatus": "failed"}),
    "for fewer words": lambda path: sign(path, {"MessageSid": "SM1"}),
    "no base64": lambda path: "\u00e9" * 28,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_fault_47_a_forged_one_is_refused_and_changes_nothing(text, forge):
    assert call(status_of(text), DELIVERED, forge(status_of(text))).status_code == 403
    assert states() == {"accepted": 1} and not Receipt.objects.exists()


def test_fault_47_the_address_is_the_configured_one_whatever_a_proxy_says(text):
    headers = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    assert call(status_of(text), DELIVERED, **headers).status_code == 204
    forged = RequestValidator("a-token-for-tests").compute_signature(
        f"https://evil.example{status_of(text)}", DELIVERED
    )
    assert call(status_of(text), DELIVERED, forged, **headers).status_code == 403


def test_without_an_account_nobody_is_let_in(text, quick):
    quick.TWILIO_AUTH_TOKEN = ""
    assert call(status_of(text), DELIVERED, sign(status_of(text), DELIVERED, "")).status_code == 403


def test_a_body_beyond_64_kb_is_not_read(text):
    assert call(status_of(text), DELIVERED | {"Body": "x" * 70_000}).status_code == 413


def test_only_post(text):
    assert Client().get(status_of(text)).status_code == 405
    assert Client().get("/hooks/twilio/status/no-uuid").status_code == 404


# --- What people text back -----------------------------------------------------------------------------


def texts(body: str, number: str, **more: str) -> str:
    """The words our answer sends back."""
    said = {"From": number, "To": "+15005550006", "Body": body, "MessageSid": "SM9"} | more
    response = call("/hooks/twilio/inbound", said)
    assert response.status_code == 200 and response["Content-Type"].startswith("text/xml")
    return " ".join(re.findall("<Message>(.*)</Message>", response.content.decode()))


@pytest.mark.parametrize(
    "body", ["STOP", "stop", " Stop \n", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]
)
def test_fault_48_stop_ends_it_before_the_next_send(scripted, body):
    provider = scripted("sms")
    (reader,) = subscribers(sms=1)
    told(event())
    assert texts(body, reader.address) == ""
    send("sms")
    assert provider.sent == [] and states() == {"suppressed": 1}
    assert Suppression.objects.get().reason == "stop"


def test_fault_48_stop_in_another_language_comes_as_twilio_understood_it(scripted):
    (reader,) = subscribers(sms=1)
    assert texts("ARRET", reader.address, OptOutType="STOP") == ""
    reader.refresh_from_db()
    assert reader.unsubscribed_at


def test_fault_48_start_lets_it_go_on():
    (reader,) = subscribers(sms=1)
    texts("STOP", reader.address)
    assert "you get status texts again" in texts("Start", reader.address)
    reader.refresh_from_db()
    assert reader.is_confirmed and not Suppression.objects.exists()


def test_fault_48_start_does_not_bring_back_what_was_erased():
    (reader,) = subscribers(sms=1)
    number = reader.address
    subscriptions.erase(reader)
    texts("STOP", number)
    assert "subscribe at https://status.example.com/subscribe" in texts("START", number)
    reader.refresh_from_db()
    assert reader.address == "" and not reader.is_confirmed
    assert not Subscription.objects.filter(address=number).exists()


def test_fault_48_help_says_who_writes_and_how_to_end_it():
    words = texts("help", "+31610000000")
    assert "Example" in words and "STOP" in words and SITE in words


def test_where_twilio_has_answered_already_there_is_no_second_answer():
    (reader,) = subscribers(sms=1)
    assert texts("HELP", reader.address, OptOutType="HELP") == ""
    assert texts("START", reader.address, OptOutType="START") == ""


@pytest.mark.parametrize("body", ["what is this?", "", "STOP it", "I am out of office", "<Response/>"])
def test_anything_else_is_not_answered(body):
    """Two robots would otherwise talk all night."""
    (reader,) = subscribers(sms=1)
    assert texts(body, reader.address) == ""
    reader.refresh_from_db()
    assert reader.is_confirmed
