"""Owns the HTTP side of the Twilio stand-in: paths, credentials, answers, and the ways to answer badly."""

import base64
import json
import secrets
import threading
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.servers.control import ControlHandler, perform
from tests.servers.journal import Journal
from tests.servers.rules import Rules
from tests.servers.twilio_messages import API_VERSION, Message, Refused

STALL_SECONDS = 120
PAGE_SIZE = 50
HUGE_BYTES = 50_000_000
PROXY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Account(Protocol):
    """What a request may ask of the stand-in."""

    account_sid: str
    auth_token: str
    journal: Journal
    rules: Rules
    is_ending: threading.Event

    def create(self, form: dict[str, str]) -> Message:
        """Take a message. Raises Refused."""

    def get(self, sid: str) -> Message:
        """One message. Raises Refused."""

    def list(self, filters: dict[str, str]) -> list[Message]:
        """The chosen messages, newest first."""

    def refuse_beyond_rate(self) -> None:
        """Raise Refused where there are too many requests."""


class TwilioHandler(ControlHandler):
    """Answers for the account `target`."""

    target: ClassVar[Any]

    @property
    def account(self) -> Account:
        """Whom this server answers for."""
        return self.target  # type: ignore[no-any-return]

    def do_POST(self) -> None:
        """Create a message, or obey a control."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_control":
            self.reply(*perform(self.target, body))
            return
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self._guarded(lambda: self._create(form))

    def do_GET(self) -> None:
        """One message, or a list of them."""
        self._guarded(self._read)

    def _guarded(self, act: Any) -> None:
        """Act with the right credentials on the right path, and answer a refusal as Twilio does."""
        try:
            self._check_credentials()
            act()
        except Refused as refusal:
            status, answer = refusal.answer()
            self._note(status=status, code=refusal.code)
            self.reply_json(status, answer)

    def _check_credentials(self) -> None:
        expected = base64.b64encode(f"{self.account.account_sid}:{self.account.auth_token}".encode()).decode()
        given = self.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Basic {expected}".encode()):
            raise Refused(20003)

    def _resource(self) -> list[str]:
        """The path below the account's Messages: nothing for the list, or a sid. Raises Refused."""
        path = urlsplit(self.path).path
        base = f"/{API_VERSION}/Accounts/{self.account.account_sid}/Messages"
        if path == f"{base}.json":
            return []
        if path.startswith(f"{base}/") and path.endswith(".json"):
            return [path.removeprefix(f"{base}/").removesuffix(".json")]
        raise Refused(20404, path)

    def _create(self, form: dict[str, str]) -> None:
        if self._resource():
            raise Refused(20404, self.path)
        self.account.refuse_beyond_rate()
        fault = self.account.rules.take(to=form.get("To"))
        if fault is None:
            message = self.account.create(form)
            self._note(status=201, sid=message.sid)
            self.reply_json(201, message.resource())
            return
        if fault["accepts"]:
            self.account.create(form)
        self._misbehave(fault, form)

    def _misbehave(self, fault: dict[str, Any], form: dict[str, str]) -> None:
        """Answer as scripted."""
        self._note(fault=fault, to=form.get("To"))
        match fault["answer"]:
            case "error":
                raise Refused(fault["code"], form.get("To"))
            case "status":
                status = fault.get("status", 500)
                self.reply_json(status, {"code": 20500, "message": "Internal Server Error", "status": status})
            case "html":
                self.reply(fault.get("status", 502), PROXY_PAGE, "text/html")
            case "garbage":
                self.reply(201, b'{"sid": "SM', "application/json")
            case "empty":
                self.reply(201, b"", "application/json")
            case "huge":
                self.reply(201, b" " * HUGE_BYTES, "application/json")
            case "slow":
                self.account.is_ending.wait(fault["seconds"])
                self.reply_json(201, self.account.create(form).resource())
            case "stall":
                self.account.is_ending.wait(fault.get("seconds", STALL_SECONDS))
                self.close_connection = True
            case "drop":
                self.close_connection = True

    def _read(self) -> None:
        sid = self._resource()
        self._note(path=self.path)
        if sid:
            self.reply_json(200, self.account.get(sid[0]).resource())
        else:
            self.reply_json(200, self._page(dict(parse_qsl(urlsplit(self.path).query))))

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        """One page of a list, with the address of the next."""
        size, number = int(query.get("PageSize", PAGE_SIZE)), int(query.get("Page", 0))
        found = self.account.list(query)
        first, path = size * number, urlsplit(self.path).path

        def uri(page: int) -> str:
            return f"{path}?{urlencode(query | {'PageSize': size, 'Page': page})}"

        return {
            "end": min(first + size, len(found)) - 1,
            "first_page_uri": uri(0),
            "messages": [message.resource() for message in found[first : first + size]],
            "next_page_uri": uri(number + 1) if first + size < len(found) else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": uri(number - 1) if number else None,
            "start": first,
            "uri": self.path,
        }

    def reply_json(self, status: int, answer: dict[str, Any]) -> None:
        """Send an answer in JSON."""
        self.reply(status, json.dumps(answer).encode())

    def _note(self, **facts: Any) -> None:
        self.account.journal.write("request", method=self.command, **facts)
