"""An HTTP server that behaves like Twilio's REST API for messages, and misbehaves on request.

Whoever got 201 finds the request in the journal, also after a kill. Use `TwilioStandIn` inside the test's process or
`TwilioStandInProcess` for one of its own; both have the same methods.
"""

import argparse
import random
import secrets
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from tests.servers.control import HttpServer, ServerProcess, serve
from tests.servers.journal import Journal
from tests.servers.rules import Rules
from tests.servers.twilio_callbacks import MODES, Clock, Post, order
from tests.servers.twilio_http import TwilioHandler
from tests.servers.twilio_messages import API_VERSION, Message, Messages, Refused, parse

ACCOUNT_SID = "AC" + "5" * 32
AUTH_TOKEN = "a-token-for-tests"
SENDER = "+15005550006"
STEP_SECONDS = 0.05
"""Between the states of a message; hours in real life."""
FAULTS = ("error", "status", "html", "garbage", "empty", "huge", "slow", "stall", "drop")
"""error: Twilio's own, by `code`. status, html: a bare status, or a proxy's page. garbage, empty: 201 with half a body
or none. huge: 201 with 50 MB. slow: as ever, after so many `seconds`. stall: no answer. drop: the connection breaks.
With `accepts` the message is taken all the same."""
STOP_WORDS = frozenset(["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"])
START_WORDS = frozenset(["START", "UNSTOP", "YES"])


class TwilioStandIn:
    """The stand-in as an object of the test's process; it serves from threads."""

    CONTROLS: ClassVar = frozenset(
        {"script", "outcome", "callbacks", "rate", "clear", "heal_answers", "inbound", "messages"}
    )

    def __init__(
        self, journal: Path, *, port: int = 0, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN
    ) -> None:
        self.journal_path = journal
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.journal = Journal(journal)
        self.rules = Rules()
        self._messages = Messages()
        self._outcomes = Rules()
        self._limit = RateLimit(None)
        self._mode, self._delay_seconds, self._chance = "ordered", 0.0, random.Random(0)
        self._opted_out: set[str] = set()
        self._clock = Clock()
        self._server = HttpServer(type("TwilioHandler", (TwilioHandler,), {"target": self}), port)
        self.url = self._server.url
        self.is_ending = threading.Event()

    def start(self) -> "TwilioStandIn":
        """Serve from now on."""
        self._server.start()
        self._clock.start()
        return self

    def stop(self) -> None:
        """Serve no more; callbacks that are due are not sent."""
        self.is_ending.set()
        self._clock.stop()
        self._server.stop()
        self.journal.close()

    def facts(self) -> dict[str, Any]:
        """What a customer has to know."""
        return {
            "url": self.url,
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "journal_path": str(self.journal_path),
        }

    # --- Controls --------------------------------------------------------------------------------------------

    def script(
        self, *, answer: str, to: str | None = None, times: int | None = None, accepts: bool = False, **details: Any
    ) -> None:
        """From now on answer a request to send like this; see FAULTS. `code` or `status` says which."""
        if answer not in FAULTS:
            raise ValueError(f"answer: {answer!r} is none of {', '.join(FAULTS)}")
        self.rules.add({"to": to}, {"answer": answer, "accepts": accepts, **details}, times)

    def outcome(self, *, status: str, to: str | None = None, code: int | None = None, times: int | None = None) -> None:
        """From now on messages end like this: delivered, undelivered, failed, or sent and never more."""
        self._outcomes.add({"to": to}, {"status": status, "code": code}, times)

    def callbacks(self, *, mode: str = "ordered", delay_seconds: float = 0, seed: int = 0) -> None:
        """From now on send callbacks ordered, none, each as a duplicate, or permuted; all of them so much later."""
        if mode not in MODES:
            raise ValueError(f"mode: {mode!r} is none of {', '.join(MODES)}")
        self._mode, self._delay_seconds, self._chance = mode, delay_seconds, random.Random(seed)

    def rate(self, *, per_second: float | None) -> None:
        """Answer 429 beyond so many requests to send a second; None for no limit."""
        self._limit = RateLimit(per_second)

    def heal_answers(self) -> None:
        """Answer every request as Twilio does; what was said of outcomes, callbacks and rates stays."""
        self.rules.clear()

    def clear(self) -> None:
        """Behave from now on."""
        self.heal_answers()
        self._outcomes.clear()
        self.rate(per_second=None)
        self.callbacks()

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """Every message that was taken, newest first, as the API shows them."""
        return [message.resource() for message in self._messages.list({"To": to} if to else {})]

    def inbound(
        self, *, url: str, from_: str, body: str, to: str = SENDER, opt_out_type: str | None = None
    ) -> dict[str, Any]:
        """Somebody replies: a signed request to that address. STOP and START also do what Twilio does with them."""
        word = body.strip().upper()
        if word in STOP_WORDS:
            self._opted_out.add(from_)
        elif word in START_WORDS:
            self._opted_out.discard(from_)
        parameters = inbound_parameters(self.account_sid, from_, to, body)
        if opt_out_type:
            parameters["OptOutType"] = opt_out_type
        status, text = Post(self.journal, self.auth_token, url, parameters).deliver()
        return {"status": status, "body": text}

    # --- What the handler asks -------------------------------------------------------------------------------

    def create(self, form: dict[str, str]) -> Message:
        """Take a message, journal it, and plan its life. Raises Refused."""
        message = parse(self.account_sid, form, SENDER)
        if message.to in self._opted_out:
            raise Refused(21610)
        self.journal.write("message", sid=message.sid, form=form)
        self._messages.add(message)
        self._plan(message)
        return message

    def refuse_beyond_rate(self) -> None:
        """Raise Refused when there were too many requests within this second."""
        if not self._limit.allows():
            raise Refused(20429)

    def get(self, sid: str) -> Message:
        """One message. Raises Refused."""
        return self._messages.get(sid)

    def list(self, filters: dict[str, str]) -> "list[Message]":
        """The messages a list request chooses."""
        return self._messages.list(filters)

    def _plan(self, message: Message) -> None:
        fault = self._outcomes.take(to=message.to) or {"status": "delivered", "code": None}
        steps = life(message.status, fault["status"], fault["code"])
        start = time.monotonic()
        moments = [start + STEP_SECONDS * (place + 1) for place in range(len(steps))]
        for moment, step in zip(moments, steps, strict=True):
            self._clock.at(moment, partial(message.move, *step))
        if message.status_callback:
            for moment, place in order(moments, self._mode, self._chance):
                parameters = message.callback_parameters(*steps[place])
                post = Post(self.journal, self.auth_token, message.status_callback, parameters)
                self._clock.at(moment + self._delay_seconds, post.deliver)


def life(first: str, last: str, code: int | None) -> list[tuple[str, int | None]]:
    """The states after the first one; there is no callback for that."""
    path = ["queued", "sent"] if first == "accepted" else ["sent"]
    if last == "failed":
        path.remove("sent")
    return [(status, None) for status in path if status != last] + [(last, code)]


def inbound_parameters(account_sid: str, from_: str, to: str, body: str) -> dict[str, str]:
    """What Twilio says of a message that came in."""
    sid = "SM" + secrets.token_hex(16)
    return {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "Body": body,
        "From": from_,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
    }


class RateLimit:
    """So many a second, with a tenth of that in one go."""

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self._burst = max(1.0, (per_second or 0) / 10)
        self._left = self._burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether there is room for one more now."""
        if self._per_second is None:
            return True
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class TwilioStandInProcess(ServerProcess):
    """The stand-in as a process of its own, with the same methods."""

    def __init__(self, journal: Path, port: int = 0) -> None:
        super().__init__("tests.servers.twilio", "--journal", str(journal), "--port", str(port))


def main() -> None:
    """Be the stand-in's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    serve(TwilioStandIn(options.journal, port=options.port))


if __name__ == "__main__":
    main()
