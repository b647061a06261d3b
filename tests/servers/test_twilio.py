"""The Twilio stand-in, met through Twilio's own client, with Twilio's own validator of signatures."""

import http.server
import queue
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.servers.control import HttpServer
from tests.servers.journal import entries
from tests.servers.twilio import SENDER, TwilioStandIn, TwilioStandInProcess
from tests.servers.twilio_callbacks import signature
from tests.servers.twilio_messages import segments

ANN = "+31612345678"


@pytest.fixture(params=["object", "process"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A stand-in in this process, and one in its own."""
    kind = TwilioStandIn if request.param == "object" else TwilioStandInProcess
    running = kind(tmp_path / "twilio.jsonl").start()
    yield running
    running.stop()


@pytest.fixture
def send(server: Any) -> Iterator[Callable[..., Any]]:
    """Sends a message with Twilio's client."""
    client = Client(server.account_sid, server.auth_token)
    client.api.base_url = server.url

    def create(to: str = ANN, **options: Any) -> Any:
        sender = {} if "messaging_service_sid" in options else {"from_": SENDER}
        return client.messages.create(**{"to": to, "body": "Payments are down.", **sender, **options})

    create.messages = client.messages  # type: ignore[attr-defined]
    yield create
    client.http_client.session.close()


class Hook:
    """A customer's own address, which checks each signature."""

    def __init__(self, auth_token: str, status: int = 204) -> None:
        self.status = status
        self.calls: queue.Queue[dict[str, str]] = queue.Queue()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                parameters = dict(parse_qsl(body, keep_blank_values=True))
                url = f"{hook.server.url}{self.path}"
                is_signed = RequestValidator(auth_token).validate(url, parameters, self.headers["X-Twilio-Signature"])
                hook.calls.put(parameters | {"signed": str(is_signed)})
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = HttpServer(Handler)
        self.url = f"{self.server.url}/hooks/twilio/status/7?a=b%20c"

    def next(self) -> dict[str, str]:
        """The next call, within five seconds."""
        return self.calls.get(timeout=5)

    def statuses(self, count: int) -> list[str]:
        """The statuses of the next calls, all of them rightly signed."""
        calls = [self.next() for _ in range(count)]
        assert all(call["signed"] == "True" for call in calls)
        return [call["MessageStatus"] for call in calls]


@pytest.fixture
def hook(server: Any) -> Iterator[Hook]:
    """A customer's server."""
    running = Hook(server.auth_token)
    running.server.start()
    yield running
    running.server.stop()


def test_a_message_is_taken_and_its_life_is_called_back(send, hook, server):
    message = send(status_callback=hook.url)
    assert message.sid.startswith("SM") and len(message.sid) == 34
    assert (message.status, message.num_segments, message.error_code) == ("queued", "1", None)
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=10)
    assert hook.statuses(2) == ["sent", "delivered"]
    assert send.messages(message.sid).fetch().status == "delivered"
    (taken,) = entries(Path(server.journal_path), "message")
    assert taken["sid"] == message.sid and taken["form"]["StatusCallback"] == hook.url


def test_a_messaging_service_accepts_first_and_calls_back_queued(send, hook):
    message = send(status_callback=hook.url, messaging_service_sid="MG" + "1" * 32)
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    assert hook.statuses(3) == ["queued", "sent", "delivered"]


def test_wrong_credentials_are_refused(server):
    client = Client(server.account_sid, "wrong")
    client.api.base_url = server.url
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=ANN, from_=SENDER, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    client.http_client.session.close()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"to": SENDER}, 21266),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "nowhere"}, 21609),
    ],
)
def test_bad_input_has_the_error_that_twilio_gives(send, wrong, code):
    with pytest.raises(TwilioRestException) as refused:
        send(**wrong)
    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize(("code", "status"), [(21610, 400), (21614, 400), (20429, 429), (30999, 400)])
def test_any_error_can_be_scripted_for_a_number(send, server, code, status):
    server.script(answer="error", code=code, to=ANN, times=1)
    send("+31687654321")
    with pytest.raises(TwilioRestException) as refused:
        send()
    assert (refused.value.status, refused.value.code) == (status, code)
    send()


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("status", TwilioRestException),
        ("html", TwilioRestException),
        ("garbage", ValueError),
        ("drop", requests.ConnectionError),
    ],
)
def test_an_answer_can_be_bad_before_and_after_the_message_is_taken(send, server, answer, error, accepts):
    server.script(answer=answer, accepts=accepts, times=1)
    with pytest.raises(error):
        send()
    assert len(server.messages()) == accepts


def test_an_answer_can_fail_to_come(server, send):
    server.script(answer="stall", accepts=True, seconds=30)
    url = f"{server.url}/2010-04-01/Accounts/{server.account_sid}/Messages.json"
    form = {"To": ANN, "From": SENDER, "Body": "x"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, form, auth=(server.account_sid, server.auth_token), timeout=0.3)
    assert len(server.messages(to=ANN)) == 1


def test_messages_are_listed_by_number_and_time_newest_first_in_pages(send):
    sids = [send(body=f"Update {number}").sid for number in range(5)]
    send("+31687654321")
    recent = datetime.now(UTC) - timedelta(minutes=1)
    listed = send.messages.list(to=ANN, date_sent_after=recent, page_size=2)
    assert [message.sid for message in listed] == sids[::-1]
    assert send.messages.list(to=ANN, date_sent_after=recent + timedelta(minutes=2)) == []


def test_callbacks_can_be_doubled_permuted_or_left_out(send, hook, server):
    server.callbacks(mode="duplicate")
    send(status_callback=hook.url)
    assert sorted(hook.statuses(4)) == ["delivered", "delivered", "sent", "sent"]
    server.callbacks(mode="permute", seed=1)
    orders = set()
    for _ in range(6):
        send(status_callback=hook.url)
        orders.add(tuple(hook.statuses(2)))
    assert ("delivered", "sent") in orders
    server.callbacks(mode="none")
    send(status_callback=hook.url)
    time.sleep(0.3)
    assert hook.calls.empty()


def test_a_message_can_end_undelivered_with_a_code(send, hook, server):
    server.outcome(status="undelivered", code=30003, to=ANN)
    message = send(status_callback=hook.url)
    assert hook.next()["MessageStatus"] == "sent"
    last = hook.next()
    assert (last["MessageStatus"], last["ErrorCode"], last["signed"]) == ("undelivered", "30003", "True")
    assert send.messages(message.sid).fetch().error_code == 30003


def test_a_callback_is_tried_once_more_where_nobody_listens(send, server, hook):
    hook.server.stop()
    send(status_callback=hook.url)

    def attempts() -> list[int]:
        return sorted(entry["attempt"] for entry in entries(Path(server.journal_path), "callback"))

    deadline = time.monotonic() + 5
    while len(attempts()) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert attempts() == [0, 0, 1, 1]


def test_a_reply_of_stop_is_signed_and_blocks_the_number_until_start(send, hook, server):
    assert server.inbound(url=hook.url, from_=ANN, body="Stop", opt_out_type="STOP")["status"] == 204
    call = hook.next()
    assert (call["Body"], call["From"], call["OptOutType"], call["signed"]) == ("Stop", ANN, "STOP", "True")
    with pytest.raises(TwilioRestException) as refused:
        send()
    assert refused.value.code == 21610
    server.inbound(url=hook.url, from_=ANN, body="START")
    send()


def test_beyond_the_rate_it_answers_429(send, server):
    server.rate(per_second=20)
    taken = refused = 0
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            send()
            taken += 1
        except TwilioRestException as error:
            assert (error.status, error.code) == (429, 20429)
            refused += 1
    assert 15 <= taken <= 23
    assert refused


def test_the_signature_is_the_one_of_twilios_documentation():
    parameters = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, parameters) == RequestValidator("12345").compute_signature(url, parameters)


@pytest.mark.parametrize(
    ("body", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("[" * 80, 1), ("[" * 81, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("😀" * 36, 2)],
    ids=["gsm 160", "gsm 161", "double 160", "double 162", "ucs-2 70", "ucs-2 71", "emoji 72"],
)
def test_segments_are_counted_as_carriers_do(body, count):
    assert segments(body) == count
