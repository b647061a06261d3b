"""A provider's Statuspage: HTTPS under an authority of its own, `/api/v2/summary.json` with an entity tag.

`say(...)` changes what it says; `script(answer=..., times=...)` what it answers instead: one of ANSWERS.
"""

import hashlib
import http.server
import json
import ssl
import threading
from pathlib import Path
from typing import Any, ClassVar

import trustme

from tests.servers.control import HttpServer
from tests.servers.rules import Rules

ANSWERS = {"status", "stall", "drip", "endless", "drop", "body", "short"}
SUMMARY = "/api/v2/summary.json"
STALL_SECONDS = 60


class Provider:
    """A page on 127.0.0.1 for the name localhost."""

    def __init__(self, folder: Path, name: str = "Cloud") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.ca_file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.name = name
        self.rules = Rules()
        self.asked: list[tuple[str, str, int]] = []
        """Path, If-None-Match and status of every request."""
        self.is_ending = threading.Event()
        self.parts: list[dict[str, Any]] = []
        self.incidents: list[dict[str, Any]] = []
        self.indicator = "none"
        self._server = HttpServer(type("Handler", (Handler,), {"provider": self}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def host(self) -> str:
        return f"localhost:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    def start(self) -> "Provider":
        self._server.start()
        return self

    def stop(self) -> None:
        self.is_ending.set()
        self._server.stop()

    def say(self, indicator: str | None = None, incidents: list[dict[str, Any]] | None = None, **parts: str) -> None:
        """Its components' statuses by name; what is not named stays."""
        self.indicator = indicator or self.indicator
        self.incidents = self.incidents if incidents is None else incidents
        for name, status in parts.items():
            self.parts = [each for each in self.parts if each["name"] != name]
            self.parts.append({"id": part_id(name), "name": name, "status": status, "group": False, "group_id": None})

    def script(self, answer: str, *, times: int | None = None, **facts: Any) -> None:
        assert answer in ANSWERS
        self.rules.add({}, {"answer": answer, **facts}, times)

    @property
    def summary(self) -> bytes:
        status = {"indicator": self.indicator, "description": "as its components are"}
        page = {"id": "cloudcloud12", "name": self.name, "url": self.url, "time_zone": "Etc/UTC"}
        said = {"page": page, "status": status, "components": self.parts, "incidents": self.incidents}
        return json.dumps({**said, "scheduled_maintenances": []}).encode()


def part_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for its provider."""

    protocol_version = "HTTP/1.1"
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        self.close_connection = True
        rule = self.provider.rules.take() or {"answer": "page"}
        match rule["answer"]:
            case "page":
                self.page()
            case "status":
                self.send(rule["status"], b"", {"Location": "https://127.0.0.1/", **rule.get("headers", {})})
            case "body":
                self.send(200, rule["body"])
            case "short":
                self.send(200, b"{", {"Content-Length": "500"})
            case "stall":
                self.provider.is_ending.wait(STALL_SECONDS)
            case "drip":
                self.drip()
            case "endless":
                self.endless()

    def page(self) -> None:
        body = self.provider.summary if self.path == SUMMARY else b""
        tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if not body:
            self.send(404, b"")
        elif self.headers.get("If-None-Match") == tag:
            self.send(304, b"", {"ETag": tag})
        else:
            self.send(200, body, {"ETag": tag})

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.provider.asked.append((self.path, self.headers.get("If-None-Match", ""), status))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """A byte at a time, each well within any socket's own timeout."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 2_000:
            self.wfile.write(bytes([byte]))
            if self.provider.is_ending.wait(0.05):
                return

    def endless(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not self.provider.is_ending.is_set():
            self.wfile.write(b"x" * 65_536)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
