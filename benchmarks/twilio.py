"""A stand-in for Twilio's API that allows so many texts a second: `python -m benchmarks.twilio PER_SECOND`.

It shares the machine with the senders, so it does as little as Python can: it takes every
request for a new message, answers 201 with a whole Message resource, or 429 beyond the
rate. The rate is a bucket of a tenth of a second (one text at least), as in
tests/servers/twilio.py. `GET /counts` says what it did; 0 a second is no limit.
"""

import contextlib
import json
import selectors
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.utils import formatdate

from deploy.processes import ROOT, Program, python

ACCOUNT_SID, AUTH_TOKEN = "AC" + "5" * 32, "a-token-for-benchmarks"
RESOURCE = json.dumps(
    {
        "account_sid": ACCOUNT_SID,
        "api_version": "2010-04-01",
        "body": "%(body)s",
        "date_created": "%(date)s",
        "date_sent": None,
        "date_updated": "%(date)s",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": "+15005550006",
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": "%(sid)s",
        "status": "queued",
        "subresource_uris": {"media": "/2010-04-01/Accounts/Messages/Media.json"},
        "to": "+31610000000",
        "uri": "/2010-04-01/Accounts/Messages/SM.json",
    }
)
REFUSAL = json.dumps({"code": 20429, "message": "Too Many Requests", "more_info": "", "status": 429}).encode()


@dataclass
class Counts:
    """What was taken and refused, and when the first and the last text were taken."""

    taken: int = 0
    refused: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def per_second(self) -> float:
        """Intervals between the first text and the last."""
        return (self.taken - 1) / max(self.last - self.first, 1e-9)


class Bucket:
    """So many a second, with a tenth of that in one go."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.burst = self.left = max(1.0, per_second / 10)
        self.at = time.monotonic()

    def allows(self, now: float) -> bool:
        if not self.per_second:
            return True
        self.left = min(self.burst, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Account:
    """What all connections share."""

    def __init__(self, per_second: float) -> None:
        self.bucket = Bucket(per_second)
        self.counts = Counts()

    def answer(self, head: bytes) -> bytes:
        """The whole answer to one request."""
        if head.startswith(b"GET /counts"):
            return whole(200, json.dumps(asdict(self.counts)).encode())
        now = time.monotonic()
        if not self.bucket.allows(now):
            self.counts.refused += 1
            return whole(429, REFUSAL)
        self.counts.taken += 1
        self.counts.first = self.counts.first or now
        self.counts.last = now
        sid = f"SM{self.counts.taken:032x}"
        return whole(201, (RESOURCE % {"sid": sid, "date": formatdate(usegmt=True), "body": "words"}).encode())


def whole(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """One client's bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.waiting = sock, b""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, account: Account) -> bool:
        """Answer every request that is there; False where the client is gone."""
        data = self.sock.recv(65536)
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[: end + 4]
            rest = len(head) + length_of(head)
            if len(self.waiting) < rest:
                break
            self.waiting = self.waiting[rest:]
            self.sock.sendall(account.answer(head))
        return bool(data)


def length_of(head: bytes) -> int:
    """The body's length as the head says."""
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 : head.find(b"\r", at)]) if at >= 0 else 0


def serve(listener: socket.socket, account: Account) -> None:
    """For ever."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                sock = listener.accept()[0]
                selector.register(sock, selectors.EVENT_READ, Connection(sock))
                continue
            with contextlib.suppress(ConnectionError):
                if key.data.read(account):
                    continue
            selector.unregister(key.data.sock)
            key.data.sock.close()


@contextlib.contextmanager
def stand_in(per_second: float) -> Iterator[str]:
    """A stand-in of one's own; its address."""
    argv = python("benchmarks.twilio", str(per_second))
    program = Program("twilio", argv, stdout=subprocess.PIPE, cwd=ROOT)
    program.start()
    assert program.process and program.process.stdout
    try:
        yield f"http://127.0.0.1:{int(program.process.stdout.readline())}"
    finally:
        program.kill()
        program.process.stdout.close()


def counts_of(url: str) -> Counts:
    """What the stand-in at this address did so far."""
    with urllib.request.urlopen(f"{url}/counts", timeout=30) as answer:
        return Counts(**json.load(answer))


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    sys.exit(serve(listener, Account(float(sys.argv[1]))))
