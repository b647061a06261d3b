"""A stand-in for Statuspage's Manage API v1: one page, lists by the page, a key, and limits that can be set.

Pages are counted as Statuspage counts them: from 1, but from 0 for subscribers; of who unsubscribed it isn't said,
and page 0 is refused. `refuse` answers the next requests otherwise: [(status, headers), ...]; "stop" breaks off.
"""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers.control import HttpServer

Json = dict[str, Any]
KEY = "a-key-of-the-manage-api"


class StatuspageStandIn(HttpServer):
    """`page` is its object, `lists` are by path, `subscribers` by state; `asked` has what was asked for."""

    def __init__(self, page: Json, lists: dict[str, list[Json]], subscribers: dict[str, list[Json]]) -> None:
        self.page, self.lists, self.subscribers = page, lists, subscribers
        self.most = 100
        self.refuse: list[tuple[int, dict[str, str]] | None] = []
        self.asked: list[str] = []
        super().__init__(type("Handler", (Handler,), {"of": self}))

    @property
    def address(self) -> str:
        """What is imported."""
        return f"{self.url}/v1/pages/{self.page['id']}"

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """The parsed answer; None for 404."""
        below = path.removeprefix(f"/v1/pages/{self.page['id']}")
        if below == path:
            return None
        if below == "/subscribers":
            return self.part(self.subscribers.get(query.get("state", "active"), []), query, first=0)
        if below == "/subscribers/unsubscribed":
            return self.part(self.subscribers.get("unsubscribed", []), query)
        return self.page if below == "" else self.part(self.lists[below], query) if below in self.lists else None

    def part(self, found: list[Json], query: dict[str, str], first: int = 1) -> Any:
        size = min(int(query.get("limit") or query.get("per_page") or 100), self.most)
        start = (int(query.get("page", first)) - first) * size
        return found[start : start + size] if start >= 0 else 400


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    of: StatuspageStandIn

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.of.asked.append(self.path)
        if self.headers["Authorization"] != f"OAuth {KEY}":
            return self.reply(401, {"message": "no such key"})
        scripted = self.of.refuse.pop(0) if self.of.refuse else None
        if scripted:
            return self.reply(scripted[0], {"message": "no"}, scripted[1])
        found = self.of.answer(parts.path, dict(parse_qsl(parts.query)))
        if found is None or found == 400:
            return self.reply(found or 404, {"message": "no"})
        return self.reply(200, found)

    def reply(self, status: int, said: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(said).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
