"""Sockets with one deadline for everything, however slowly the other side drips.

A socket's own timeout starts anew with every byte: one byte a second holds a worker for
ever (fault 35). These recompute what is left before each call.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

ADDRESSES_TRIED = 3
"""Of a name that has many: the first that answers is taken."""
CONNECT_SECONDS = 10.0
"""A host that drops packets is not waited for any longer (fault 40)."""


class DeadlineExceeded(TimeoutError):
    """The time for this message is up."""


class Deadlined:
    """Mixed into a socket class; `deadline` is a moment of time.monotonic()."""

    deadline = float("inf")

    def _limit(self) -> None:
        if self.deadline == float("inf"):
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded("deadline exceeded")
        self.settimeout(left)  # type: ignore[attr-defined]

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().recv_into(*args, **kwargs)  # type: ignore[misc,no-any-return]

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().send(*args, **kwargs)  # type: ignore[misc,no-any-return]

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._limit()
        super().sendall(*args, **kwargs)  # type: ignore[misc]


class PlainSocket(Deadlined, socket.socket):
    """A TCP socket with a deadline."""


class TlsSocket(Deadlined, ssl.SSLSocket):
    """A TLS socket with a deadline; an `ssl.SSLContext` makes them as its `sslsocket_class`."""


def connect(host: str, port: int, deadline: float) -> PlainSocket:
    """A connected socket. Raises OSError where nobody answers in time."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise DeadlineExceeded("deadline exceeded")
    plain = socket.create_connection((host, port), timeout=min(CONNECT_SECONDS, left))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected = PlainSocket(fileno=plain.detach())
    connected.deadline = deadline
    return connected


def secured(addresses: Sequence[str], port: int, host: str, deadline: float, context: ssl.SSLContext) -> TlsSocket:
    """TLS to the first of these addresses that answers; the certificate is `host`'s. Raises ssl.SSLError, OSError."""
    for address in addresses[:ADDRESSES_TRIED]:
        try:
            plain = connect(address, port, deadline)
            break
        except OSError as error:
            last = error
    else:
        raise last
    try:
        return secure(plain, context, host)
    except OSError:
        plain.close()
        raise


def secure(plain: PlainSocket, context: ssl.SSLContext, host: str) -> TlsSocket:
    """The same connection in TLS; its certificate must be `host`'s. Raises ssl.SSLError, OSError."""
    context.sslsocket_class = TlsSocket
    plain._limit()
    wrapped = context.wrap_socket(plain, server_hostname=host)
    assert isinstance(wrapped, TlsSocket)
    wrapped.deadline = plain.deadline
    return wrapped


@cache
def system_context(cert_file: str | None) -> ssl.SSLContext:
    """One for all connections of a process: the system's authorities are many to read. It reads `cert_file` itself."""
    return ssl.create_default_context()
