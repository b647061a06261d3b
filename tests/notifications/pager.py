"""A server that stands at ALARM_URL: a chat's webhook, a pager."""

import http.server
import threading
from typing import Any


class Pager(http.server.ThreadingHTTPServer):
    """Within `with` it answers at `url` with `status`; `heard` is what it took, as headers and body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[tuple[dict[str, str], str]] = []
        self.status = 200
        self._thread = threading.Thread(target=self.serve_forever)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/alarms"

    def __enter__(self) -> "Pager":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, or answers with a fault."""

    server: Pager

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.status == 200:
            self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """A test's output stays its own."""
