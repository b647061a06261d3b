"""The text channel against a server that speaks Twilio's API: every error of the table, every silence."""

import http.server
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Scope, Text, Unavailable
from notifications.channels.sms import SmsChannel, validity_seconds
from notifications.channels.twilio_codes import DELIVERED, NOT_DELIVERED, ON_ITS_WAY, rank_of, verdict_on
from tests.servers.twilio import SENDER

TO = "+31612345678"
CALLBACK = "https://status.example.com/hooks/twilio/status/0b5c1a9e"


def text(words: str = "Example: Investigating: API is down.", to: str = TO, seconds: float = 3600) -> Text:
    return Text("0b5c1a9e", to, words, CALLBACK, datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.fixture
def channel_to():
    """Makes channels, and hangs up at the end."""
    made = []

    def make(url: str, **facts) -> SmsChannel:
        facts = {"sender": SENDER, "deadline_seconds": 1.0} | facts
        token = facts.pop("token", "a-token-for-tests")
        made.append(SmsChannel("AC" + "5" * 32, token, api_url=url, **facts))
        return made[-1]

    yield make
    for channel in made:
        channel.close()


@pytest.fixture
def channel(twilio_server, channel_to):
    twilio_server.callbacks(mode="none")
    return channel_to(twilio_server.url)


def form(server) -> dict[str, str]:
    """What the last message was asked for with."""
    from tests.servers.journal import entries

    return list(entries(server.journal_path, "message"))[-1]["form"]


def test_a_text_is_asked_for_with_all_that_is_its_own(channel, twilio_server):
    outcome = channel.send(text())
    assert outcome == Accepted(twilio_server.messages()[0]["sid"])
    assert form(twilio_server) == {
        "To": TO,
        "From": SENDER,
        "Body": "Example: Investigating: API is down.",
        "StatusCallback": CALLBACK,
        "ValidityPeriod": form(twilio_server)["ValidityPeriod"],
    }
    assert 3590 <= int(form(twilio_server)["ValidityPeriod"]) <= 3600


def test_a_messaging_service_stands_in_for_a_number(twilio_server, channel_to):
    channel = channel_to(twilio_server.url, messaging_service_sid="MG" + "1" * 32)
    assert isinstance(channel.send(text()), Accepted)
    assert "From" not in form(twilio_server) and form(twilio_server)["MessagingServiceSid"] == "MG" + "1" * 32


@pytest.mark.parametrize(("left", "seconds"), [(-5, 6), (3, 6), (600, 600), (86_400, 36_000)])
def test_validity_stays_within_what_twilio_takes(left, seconds):
    assert abs(validity_seconds(datetime.now(UTC) + timedelta(seconds=left)) - seconds) <= 1


# --- 45: the table, row by row ----------------------------------------------------------------------

REFUSALS = {
    20003: (False, Blame.SENDER, Scope.CHANNEL),
    21211: (True, Blame.ADDRESS, Scope.MESSAGE),
    21214: (True, Blame.ADDRESS, Scope.MESSAGE),
    21217: (True, Blame.ADDRESS, Scope.MESSAGE),
    21408: (False, Blame.SENDER, Scope.PLACE),
    21606: (False, Blame.SENDER, Scope.CHANNEL),
    21610: (True, Blame.OPTED_OUT, Scope.MESSAGE),
    21614: (True, Blame.ADDRESS, Scope.MESSAGE),
    21635: (True, Blame.ADDRESS, Scope.MESSAGE),
    21617: (False, Blame.MESSAGE, Scope.MESSAGE),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_fault_45_a_refused_request(channel, twilio_server, code):
    twilio_server.script(answer="error", code=code)
    outcome = channel.send(text())
    assert isinstance(outcome, Refused) and outcome.code == str(code)
    assert (outcome.permanent, outcome.blame, outcome.scope) == REFUSALS[code]


RECEIPTS = {
    "30005": (True, Blame.ADDRESS, Scope.MESSAGE),
    "30006": (True, Blame.ADDRESS, Scope.MESSAGE),
    "30001": (False, Blame.SOFT, Scope.MESSAGE),
    "30003": (False, Blame.SOFT, Scope.MESSAGE),
    "30008": (False, Blame.SOFT, Scope.MESSAGE),
    "30036": (False, Blame.SOFT, Scope.MESSAGE),
    "30007": (False, Blame.SENDER, Scope.PLACE),
    "30034": (False, Blame.SENDER, Scope.PLACE),
    "30450": (False, Blame.SENDER, Scope.PLACE),
    "30453": (False, Blame.SENDER, Scope.PLACE),
}


@pytest.mark.parametrize("code", RECEIPTS)
def test_fault_45_a_failed_receipt(code):
    verdict = verdict_on(code)
    assert verdict and (verdict.permanent, verdict.blame, verdict.scope) == RECEIPTS[code]


@pytest.mark.parametrize("code", ["", "99999", "30003x", "20429"])
def test_a_code_that_says_nothing_of_a_recipient_has_no_verdict(code):
    assert verdict_on(code) is None


@pytest.mark.parametrize(
    ("status", "rank"),
    [("queued", ON_ITS_WAY), ("sent", ON_ITS_WAY), ("undelivered", NOT_DELIVERED), ("failed", NOT_DELIVERED),
     ("canceled", NOT_DELIVERED), ("delivered", DELIVERED), ("read", DELIVERED), ("partially_delivered", ON_ITS_WAY)],
)  # fmt: skip
def test_the_rank_of_a_status(status, rank):
    assert rank_of(status) == rank


def test_a_wrong_token_is_our_fault(twilio_server, channel_to):
    outcome = channel_to(twilio_server.url, token="wrong").send(text())
    assert isinstance(outcome, Refused) and outcome.scope == Scope.CHANNEL


# --- Too many, out of order, silent ----------------------------------------------------------------------


def test_fault_41_too_many_requests_cost_no_try(channel, twilio_server):
    twilio_server.rate(per_second=1)
    outcomes = [channel.send(text()) for _ in range(3)]
    late = [each for each in outcomes if isinstance(each, Unavailable)]
    assert late and not any(each.counts for each in late)


def test_a_full_queue_is_waited_for(channel, twilio_server):
    twilio_server.script(answer="error", code=21611)
    outcome = channel.send(text())
    assert isinstance(outcome, Unavailable) and outcome.retry_after == timedelta(minutes=1) and not outcome.counts


def test_fault_42_an_error_in_twilios_own_words_is_asked_about(channel, twilio_server):
    twilio_server.script(answer="status", status=500)
    outcome = channel.send(text())
    assert isinstance(outcome, Unavailable) and outcome.may_have_arrived


@pytest.mark.parametrize("status", [502, 503, 504])
def test_fault_42_a_proxys_page_leaves_it_in_doubt(channel, twilio_server, status):
    twilio_server.script(answer="html", status=status)
    assert isinstance(channel.send(text()), Ambiguous)


@pytest.mark.parametrize("answer", ["stall", "drop", "garbage"])
def test_fault_43_no_answer_or_half_of_one_leaves_it_in_doubt(channel, twilio_server, answer):
    twilio_server.script(answer=answer, accepts=True, times=1)
    started = time.monotonic()
    assert isinstance(channel.send(text()), Ambiguous)
    assert time.monotonic() - started < 3
    assert isinstance(channel.send(text()), Accepted)


def test_no_connection_is_no_doubt(channel_to):
    outcome = channel_to("http://127.0.0.1:9").send(text())
    assert isinstance(outcome, Unavailable) and outcome.scope == Scope.CHANNEL and not outcome.counts


class Endless(http.server.BaseHTTPRequestHandler):
    """Answers 201 with a body that never ends, or drips."""

    protocol_version = "HTTP/1.0"
    pause = 0.0

    def do_POST(self):
        self.send_response(201)
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b" " * (1 if self.pause else 65536))
                time.sleep(self.pause)
        except OSError:
            pass

    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize("pause", [0.0, 0.1], ids=["15 fifty megabytes", "35 one byte at a time"])
def test_an_answer_without_end_is_cut_off(channel_to, pause):
    handler = type("Handler", (Endless,), {"pause": pause})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    started = time.monotonic()
    assert isinstance(channel_to(f"http://127.0.0.1:{server.server_port}").send(text()), Ambiguous)
    assert time.monotonic() - started < 3
    server.shutdown()
    server.server_close()


# --- Reconciliation ------------------------------------------------------------------------------------------


def test_fault_43_what_was_taken_in_silence_is_found(channel, twilio_server):
    before = datetime.now(UTC)
    twilio_server.script(answer="drop", accepts=True, times=1)
    assert isinstance(channel.send(text()), Ambiguous)
    assert channel.find(text(), before) == [twilio_server.messages()[0]["sid"]]


def test_what_was_not_taken_is_not_found(channel, twilio_server):
    channel.send(text("Something else."))
    channel.send(text(to="+31687654321"))
    assert channel.find(text(), datetime.now(UTC)) == []


def test_what_was_taken_long_before_is_another_message(channel, twilio_server):
    channel.send(text())
    assert channel.find(text(), datetime.now(UTC) + timedelta(minutes=5)) == []


def test_where_nobody_can_be_asked_nothing_is_known(channel_to):
    found = channel_to("http://127.0.0.1:9").find(text(), datetime.now(UTC))
    assert isinstance(found, Unavailable)


def test_no_number_and_no_word_of_a_message_is_logged(channel, twilio_server, caplog):
    """I13: the SDK's own transport logs every request with its parameters."""
    caplog.set_level("DEBUG")
    channel.send(text())
    twilio_server.script(answer="error", code=21211)
    channel.send(text())
    assert TO not in caplog.text and TO[1:] not in caplog.text and "Investigating" not in caplog.text
