"""Owns what the Twilio stand-in posts to a customer: signed status callbacks and inbound messages.

Like Twilio it retries once, where it could not connect; `#rc=3&rp=all` at the end of an address asks for more.
"""

import base64
import contextlib
import hashlib
import heapq
import hmac
import itertools
import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.journal import Journal

ANSWER_SECONDS = 15
"""Twilio's own limit for a whole callback."""
RETRY_SECONDS = 0.2
POSTMEN = 8
MODES = ("ordered", "none", "duplicate", "permute")


def signature(auth_token: str, url: str, parameters: dict[str, str]) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and every parameter, sorted by name."""
    signed = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class Post:
    """One signed request to a customer, with its retries."""

    def __init__(self, journal: Journal, auth_token: str, url: str, parameters: dict[str, str]) -> None:
        self.url, _, policy = url.partition("#")
        overrides = {name: values[0] for name, values in parse_qs(policy).items()}
        self._retries = int(overrides.get("rc", 1))
        self._policy = overrides.get("rp", "ct")
        self._journal = journal
        self._parameters = parameters
        self._headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "X-Twilio-Signature": signature(auth_token, self.url, parameters),
        }

    def deliver(self) -> tuple[int | None, str]:
        """Post until it is taken or the retries are spent; the last answer."""
        for attempt in range(self._retries + 1):
            status, text = self._post()
            self._journal.write("callback", url=self.url, parameters=self._parameters, attempt=attempt, status=status)
            if not self._asks_for_more(status):
                break
            time.sleep(RETRY_SECONDS)
        return status, text

    def _asks_for_more(self, status: int | None) -> bool:
        kind = "ct" if status is None else f"{status // 100}xx"
        return (kind == "ct" or kind in {"4xx", "5xx"}) and self._policy in {kind, "all"}

    def _post(self) -> tuple[int | None, str]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target or "/", urlencode(self._parameters), self._headers)
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, HTTPException) as error:
            return None, str(error)
        finally:
            connection.close()


class Clock:
    """Does things at their time, in threads of its own."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._is_ending = False
        self._postmen = ThreadPoolExecutor(POSTMEN)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Do nothing more."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        self._thread.join()
        self._postmen.shutdown(wait=False, cancel_futures=True)

    def at(self, moment: float, deed: Callable[[], object]) -> None:
        """Do this at a time of `time.monotonic()`."""
        with self._changed:
            heapq.heappush(self._due, (moment, next(self._number), deed))
            self._changed.notify()

    def _run(self) -> None:
        while deed := self._next():
            with contextlib.suppress(RuntimeError):  # ending
                self._postmen.submit(deed)

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._is_ending:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(self._due[0][0] - now if self._due else None)
        return None


def order(moments: list[float], mode: str, chance: random.Random) -> list[tuple[float, int]]:
    """When each of a message's callbacks is sent, by its place in the life of the message."""
    places = list(range(len(moments)))
    if mode == "none":
        return []
    if mode == "duplicate":
        return [(moment, place) for moment, place in zip(moments, places, strict=True) for _ in range(2)]
    if mode == "permute":
        chance.shuffle(places)
    return list(zip(moments, places, strict=True))
