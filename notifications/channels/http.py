"""An HTTP client for provider SDKs: one kept connection, one total deadline, a cap on answers.

`requests` restarts its timeout with every byte, reads answers of any size into memory, and
does not say whether a request was written before it failed. All three matter here: a
request that never left may be sent again, one that did may have been taken.
"""

import http.client
import select
import ssl
import time
from urllib.parse import urlsplit

from statuspage.outward.deadline import Deadlined, connect, secure

LARGEST_ANSWER = 1_000_000
"""Bytes; a message resource has under two thousand (fault 15)."""
IDLE_SECONDS = 30.0
"""Servers close a connection that rested about a minute; a request sent into that is lost unseen."""


class NotSent(Exception):
    """No connection: the request never left."""


class Unanswered(Exception):
    """The request was written, or may have been, and no whole answer came."""


class Plain(http.client.HTTPConnection):
    """HTTP on a socket with a deadline."""

    deadline = float("inf")

    def connect(self) -> None:
        self.sock = connect(self.host, self.port, self.deadline)

    def renew(self, deadline: float) -> None:
        """The next request ends by then."""
        assert isinstance(self.sock, Deadlined)
        self.sock.deadline = deadline


class Secure(Plain):
    """The same in TLS; the certificate is checked."""

    default_port = http.client.HTTPS_PORT
    context: ssl.SSLContext | None = None

    def connect(self) -> None:
        self.context = self.context or ssl.create_default_context()
        self.sock = secure(connect(self.host, self.port, self.deadline), self.context, self.host)


class Client:
    """Requests to one host at a time. Not for several threads."""

    def __init__(self, deadline_seconds: float) -> None:
        self.deadline_seconds = deadline_seconds
        self._connection: Plain | None = None
        self._origin = ("", "")
        self._used_at = 0.0

    def request(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of the answer. Raises NotSent, Unanswered."""
        parts = urlsplit(url)
        connection = self._connected((parts.scheme, parts.netloc))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            content = response.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(f"{type(error).__name__}: {error}") from error
        if len(content) > LARGEST_ANSWER:
            self.close()
            raise Unanswered("an answer without end")
        self._used_at = time.monotonic()
        return response.status, content.decode("utf-8", "replace"), dict(response.headers)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _connected(self, origin: tuple[str, str]) -> Plain:
        """The kept connection, or a new one, with the deadline of this request. Raises NotSent."""
        deadline = time.monotonic() + self.deadline_seconds
        if self._is_stale(origin):
            self.close()
        if self._connection is None:
            self._connection = self._opened(origin, deadline)
        self._connection.renew(deadline)
        return self._connection

    def _is_stale(self, origin: tuple[str, str]) -> bool:
        connection = self._connection
        if connection is None or connection.sock is None or self._origin != origin:
            return True
        return time.monotonic() - self._used_at > IDLE_SECONDS or has_something_to_say(connection.sock)

    def _opened(self, origin: tuple[str, str], deadline: float) -> Plain:
        scheme, netloc = origin
        connection = (Secure if scheme == "https" else Plain)(netloc)
        connection.deadline = deadline
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from error
        self._origin = origin
        return connection


def has_something_to_say(sock: object) -> bool:
    """A resting connection that can be read was closed by the other side: nothing was asked."""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP)  # type: ignore[arg-type]
    return bool(poll.poll(0))
