"""Somebody else's web site on 127.0.0.1: pages that include what others publish, under a policy of their own."""

import http.server
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """What is at one address."""

    body: bytes
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


class OtherSite:
    """A site with these pages by path; they may be exchanged while it runs."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        handler = type("OtherHandler", (Handler,), {"pages": self.pages})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> "OtherSite":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what is there, and 404."""

    pages: ClassVar[dict[str, Page]]

    def do_GET(self) -> None:
        """One page."""
        page = self.pages.get(self.path)
        self.send_response(200 if page else 404)
        for name, text in {"Content-Type": page.content_type, **page.headers}.items() if page else ():
            self.send_header(name, text)
        self.end_headers()
        if page:
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""
