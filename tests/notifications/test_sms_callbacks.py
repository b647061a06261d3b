"""Faults 46 to 48 with a server that signs and calls as Twilio does, over HTTP."""

import threading
from contextlib import suppress
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from deploy.processes import poll_until
from notifications import delivery
from notifications.models import Attempt, Delivery, OutboxEvent, Receipt, Subscription
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, make_due, send, states, told
from tests.notifications.texting import text_everybody, wait_for
from tests.servers.journal import entries
from tests.servers.twilio_callbacks import signature

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "https://status.example.com"


# --- 46 ----------------------------------------------------------------------------------------------------------


def call_back(server, delivery_id, status: str, code: int | None = None) -> int:
    """What we answer to a callback about the newest text, in Twilio's own words and with its signature."""
    message = server._messages.list({})[0]
    path = f"/hooks/twilio/status/{delivery_id}"
    said = message.callback_parameters(status, code)
    headers = {"X-Twilio-Signature": signature(server.auth_token, SITE + path, said)}
    form = "application/x-www-form-urlencoded"
    return Client().post(path, urlencode(said), content_type=form, headers=headers).status_code


ENDS = {"delivered": ("delivered", None), "undelivered": ("undelivered", 30008)}


@given(
    order=st.permutations(["queued", "sent", "end", "end", "sent", "our question", "about nobody's"]),
    end=st.sampled_from(sorted(ENDS)),
)
@options(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_fault_46_in_every_order_the_end_is_the_same(twilio, quick, order, end):
    """The answer to our call is lost; callbacks come in any order, twice, and around our own question."""
    quick.SECURE_SSL_REDIRECT = False
    quick.ALLOWED_HOSTS = ["*"]
    begin_anew(twilio)
    before = len(twilio.messages())
    row = told(event())
    twilio.script(answer="drop", accepts=True, times=1)
    send("sms", 30)
    ours = Delivery.objects.get(event=row)
    steps = {"queued": ("queued", None), "sent": ("sent", None), "end": ENDS[end]}
    for each in order:
        if each == "our question":
            make_due()
            send("sms", 30)
        else:
            target = uuid4() if each == "about nobody's" else ours.pk
            assert call_back(twilio, target, *steps.get(each, ("sent", None))) == 204
    ours.refresh_from_db()
    assert (ours.state, ours.provider_reference) == (end, twilio.messages()[0]["sid"])
    assert len(twilio.messages()) == before + 1, "nothing is sent again"
    assert Receipt.objects.filter(delivery=ours).count() == 3


def begin_anew(server) -> None:
    """One reader, nothing told; the hand of hypothesis reaches into one test again and again."""
    Receipt.objects.all().delete()
    Attempt.objects.all().delete()
    Delivery.objects.all().delete()
    OutboxEvent.objects.all().delete()
    server.rules.clear()
    if not Subscription.objects.exists():
        subscribers(sms=1)


@pytest.mark.parametrize("mode", ["duplicate", "permute"])
def test_fault_46_callbacks_over_http_in_disorder(called_back, mode):
    called_back.callbacks(mode=mode, seed=7)
    subscribers(sms=10)
    text_everybody()
    assert sum(states().values()) == 10 and "queued" not in states()
    poll_until(lambda: states() == {"delivered": 10}, 60, "all are delivered")
    times = 2 if mode == "duplicate" else 1
    poll_until(lambda: len(list(entries(called_back.journal_path, "callback"))) == 20 * times, 60, "all callbacks came")
    assert states() == {"delivered": 10} and Receipt.objects.count() == 20


def test_fault_46_a_callback_that_overtakes_our_answer_settles_it(called_back):
    """Twilio takes the text and calls back, but its answer never comes."""
    subscribers(sms=1)
    called_back.script(answer="stall", accepts=True, times=1)
    text_everybody()
    row = wait_for("delivered")
    assert (row.attempts, row.ambiguous, len(called_back.messages())) == (1, 0, 1)
    make_due()
    assert send("sms") == 0


# --- 47 ----------------------------------------------------------------------------------------------------------


FORGERIES = {
    "no signature": lambda url, said: "",
    "another account's": lambda url, said: signature("another-token", url, said),
    "for another address": lambda url, said: signature("a-token-for-tests", url + "x", said),
    "without a parameter that was added": lambda url, said: signature(
        "a-token-for-tests", url, {name: value for name, value in said.items() if name != "Extra"}
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_fault_47_over_http_a_forged_callback_changes_nothing(called_back, live_server, forge):
    called_back.callbacks(mode="none")
    subscribers(sms=1)
    text_everybody()
    row = Delivery.objects.get()
    url = f"{live_server.url}/hooks/twilio/status/{row.pk}"
    said = {"MessageSid": row.provider_reference, "MessageStatus": "failed", "ErrorCode": "30006", "Extra": "1"}
    assert post(url, said, forge(url, said)) == 403
    assert states() == {"accepted": 1} and not Receipt.objects.exists()


def test_fault_47_over_http_a_replay_is_harmless(called_back, live_server):
    called_back.callbacks(mode="none")
    subscribers(sms=1)
    text_everybody()
    row = Delivery.objects.get()
    url = f"{live_server.url}/hooks/twilio/status/{row.pk}"
    said = {"MessageSid": row.provider_reference, "MessageStatus": "sent"}
    earlier = signature("a-token-for-tests", url, said)
    assert post(url, said, earlier) == 204
    ended = said | {"MessageStatus": "delivered"}
    assert post(url, ended, signature("a-token-for-tests", url, ended)) == 204
    assert post(url, said, earlier) == 204
    assert states() == {"delivered": 1} and Receipt.objects.count() == 2


def post(url: str, said: dict[str, str], signed: str) -> int:
    from http.client import HTTPConnection

    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signed}
    connection.request("POST", parts.path, urlencode(said), headers)
    status = connection.getresponse().status
    connection.close()
    return status


# --- 48 ----------------------------------------------------------------------------------------------------------


def test_fault_48_stop_while_others_are_being_told_then_start_and_help(called_back, live_server, quick):
    inbound = f"{live_server.url}/hooks/twilio/inbound"
    quick.SMS_PER_SECOND = 4.0
    readers = subscribers(sms=8)
    told(event())
    sender = threading.Thread(target=work_apart)
    sender.start()
    poll_until(called_back.messages, 30, "the first was texted")
    texted = {message["to"] for message in called_back.messages()}
    leaver = next(each for each in reversed(readers) if each.address not in texted)
    stopped = called_back.inbound(url=inbound, from_=leaver.address, body="Stop")
    at_stop = {message["to"] for message in called_back.messages()}
    sender.join()
    assert stopped["status"] == 200 and "<Message>" not in stopped["body"]
    if leaver.address not in at_stop:  # on a machine that crawls it may have been texted meanwhile
        assert states(subscription=leaver) == {"suppressed": 1} and not called_back.messages(to=leaver.address)
    assert states(subscription__in=[each for each in readers if each != leaver]).keys() <= {"accepted", "delivered"}
    before = len(called_back.messages(to=leaver.address))
    text_everybody()
    assert len(called_back.messages(to=leaver.address)) == before
    started = called_back.inbound(url=inbound, from_=leaver.address, body="START")
    assert "you get status texts again" in started["body"]
    told(event())
    send("sms", 30)
    assert len(called_back.messages(to=leaver.address)) == before + 1
    helped = called_back.inbound(url=inbound, from_=leaver.address, body="help")
    assert "Reply STOP to end" in helped["body"]


def work_apart() -> None:
    with suppress(Exception):
        delivery.work("sms", 30)
    connections.close_all()
