"""A receiver of webhooks: HTTPS under an authority of its own, which answers as scripted and keeps a journal.

`script(answer="status", status=503, times=2)` for the next two calls; without `times` for all that follow.
"""

import base64
import http.server
import json
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import trustme

from tests.servers.control import HttpServer
from tests.servers.journal import Journal, entries
from tests.servers.rules import Rules

STALL_SECONDS = 60
ANSWERS = {"status", "stall", "drop", "drip", "endless"}


@dataclass(frozen=True)
class Call:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebhookSink:
    """An endpoint on 127.0.0.1 with a certificate for the given names."""

    def __init__(self, folder: Path, *names: str, authority: trustme.CA | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority or trustme.CA()
        self.ca_file = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        self.journal = Journal(folder / "webhook.jsonl")
        self.rules = Rules()
        self.is_ending = threading.Event()
        self._server = HttpServer(type("Handler", (Handler,), {"sink": self}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*(names or ("localhost",))).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def host(self) -> str:
        """As WEBHOOK_ALLOWED_HOSTS names it."""
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.host}/hooks/status"

    def start(self) -> "WebhookSink":
        self._server.start()
        return self

    def stop(self) -> None:
        self.is_ending.set()
        self._server.stop()
        self.journal.close()

    def script(self, *, times: int | None = None, answer: str = "status", **facts: Any) -> None:
        """Answer so many calls like this: `answer` is one of ANSWERS, `path` the calls it is for, or all."""
        assert answer in ANSWERS
        self.rules.add({"path": facts.pop("path", None)}, {"answer": answer, **facts}, times)

    def clear(self) -> None:
        """All is well from now on."""
        self.rules.clear()

    def calls(self) -> list[Call]:
        """Every call so far, in order."""
        found = entries(self.journal.path, "call")
        return [Call(each["path"], each["headers"], base64.b64decode(each["body"])) for each in found]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for its sink."""

    protocol_version = "HTTP/1.1"
    sink: ClassVar[WebhookSink]

    def do_POST(self) -> None:
        """Note the call before it is answered."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers.items())
        self.sink.journal.write("call", path=self.path, headers=headers, body=base64.b64encode(body).decode())
        rule = self.sink.rules.take(path=self.path) or {"answer": "status", "status": 204}
        self.close_connection = True
        match rule["answer"]:
            case "status":
                self.answer(rule.get("status", 204), rule.get("headers", {}))
            case "stall":
                self.sink.is_ending.wait(rule.get("seconds", STALL_SECONDS))
            case "drip":
                self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 600 + b"\r\n\r\n")
            case "endless":
                self.endless()

    do_GET = do_POST

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", "2")
        self.end_headers()
        if status != 204:
            self.wfile.write(b"{}")

    def drip(self, whole: bytes) -> None:
        """A byte at a time, each well within any socket's own timeout."""
        for number in range(len(whole)):
            self.wfile.write(whole[number : number + 1])
            self.wfile.flush()
            if self.sink.is_ending.wait(0.05):
                return

    def endless(self) -> None:
        """200, and a body that never ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not self.sink.is_ending.is_set():
            self.wfile.write(b"x" * 65_536)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the journal has it all."""
