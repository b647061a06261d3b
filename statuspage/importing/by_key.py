"""Asking a Statuspage's Manage API v1 with a key: politely, patiently, and not twice for what was answered.

One request a `pause`, as Statuspage's limit has it; who says "too many" (420, 429) is waited for as long as it asks.
Answers are kept in a folder until all is done, so that whoever was interrupted goes on where they were. The key goes
into one header, to one host, and nowhere else. Errors are `Unusable`, one line each.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, build_opener

from .fields import Unusable, shown
from .source import TIMEOUT_SECONDS, SameHost, is_address, limited, parsed

ADDRESS = re.compile(r"https?://.+/v1/pages/[^/?#]+/?")
KEY = re.compile(r"[!-~]{1,512}")
LOCAL = {"localhost", "127.0.0.1", "::1"}

A_PAGE = 100
"""Entries; the most that Statuspage gives at once."""
PAUSE_SECONDS = 1.0
"""Between two requests: Statuspage takes one a second from each key."""
TOO_MANY = {420, 429}
UNASKED_SECONDS, LONGEST_SECONDS = 10.0, 300.0
"""How long to wait for who says "too many" and not for how long; and whatever it says."""
TRIES = 6
"""Of one request that fails for another reason, each wait twice as long as the one before."""
KEPT_SECONDS = 24 * 3600
"""Answers that are older are asked for again."""

Report = Callable[[str], None]


def is_by_key(source: str) -> bool:
    """Whether an address is one of the Manage API, such as https://api.statuspage.io/v1/pages/kctbh9vrtdwd."""
    return bool(ADDRESS.fullmatch(source))


def usable_key(text: str) -> str:
    """A key as it stands in a file or in the environment. Raises Unusable, which doesn't repeat it."""
    key = text.strip()
    if not KEY.fullmatch(key):
        raise Unusable("key: not one word of printable characters")
    return key


class Api:
    """One page's Manage API."""

    def __init__(self, address: str, key: str, folder: Path, *, pause: float = PAUSE_SECONDS, report: Report) -> None:
        self.base = address.rstrip("/")
        parts = urlsplit(self.base)
        if not is_address(self.base):
            raise Unusable(f"SOURCE: {shown(address)} is not a page's address such as https://…/v1/pages/<id>")
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise Unusable(f"SOURCE: {shown(address)} would send the key unencrypted; use https")
        self._key, self._pause, self._report = key, pause, report
        self._asked_at = 0.0
        self._opener = build_opener(SameHost())
        self._kept = Kept(folder / hashlib.sha256(self.base.encode()).hexdigest()[:16])

    def get(self, path: str = "", **query: object) -> Any:
        """The parsed answer; None where there is no such thing (404)."""
        asked = f"{path}?{urlencode(query)}" if query else path
        kept = self._kept.find(asked)
        if kept is None:
            kept = [self._patiently(asked)]
            self._kept.keep(asked, kept)
        return kept[0]

    def entries(
        self, path: str, *, first: int = 1, size: str = "per_page", maybe_zero: bool = False, **query: object
    ) -> Iterator[list[Any]]:
        """A list's pages, each entry once; none where there is no such list.

        The end is a page without anything new: a server may give less than it was asked for, or all at once.
        `maybe_zero`: pages may be counted from 0, which is not said, so that one is asked for last.
        """
        seen: set[str] = set()
        for number in count(first):
            new = self._new(path, seen, page=number, **{size: A_PAGE}, **query)
            if not new:
                break
            yield new
        if maybe_zero and seen:
            with suppress(Unusable):  # where pages are counted from 1, this may be none
                if new := self._new(path, seen, page=0, **{size: A_PAGE}, **query):
                    yield new

    def _new(self, path: str, seen: set[str], **query: object) -> list[Any]:
        """The entries of one page that none before had."""
        found = self.get(path, **query)
        if not isinstance(found, list | None):
            raise Unusable(f"{path}: {shown(found)} is not a list")
        for each in found or ():
            if not (isinstance(each, dict) and isinstance(each.get("id"), str)):
                raise Unusable(f"{path}: {shown(each)} is no object with an id")
        new = [each for each in found or () if each["id"] not in seen]
        seen |= {each["id"] for each in new}
        return new

    def done(self) -> None:
        """All of it was taken: forget the answers."""
        self._kept.forget()

    # --- One request ----------------------------------------------------------------------------------------

    def _patiently(self, asked: str) -> Any:
        """The answer, however often it takes. Raises Unusable where asking again is of no use, or has been of none."""
        failures = 0
        while True:
            try:
                return self._once(asked)
            except TooMany as error:
                self._report(f"the server asks for patience: {error.seconds:.0f} s")
                time.sleep(error.seconds)
            except Failed as error:
                failures += 1
                if failures == TRIES:
                    raise Unusable(f"{self.base}{asked}: {error}") from None
                time.sleep(min(self._pause, 1) * 2**failures)

    def _once(self, asked: str) -> Any:
        time.sleep(max(0.0, self._asked_at + self._pause - time.monotonic()))
        self._asked_at = time.monotonic()
        address = f"{self.base}{asked}"
        headers = {"Authorization": f"OAuth {self._key}", "Accept": "application/json"}
        request = Request(address, headers=headers | {"User-Agent": "status-page-import"})  # noqa: S310
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                data = limited(answer, address)
                if answer.length:
                    raise Failed(f"broke off, {answer.length} bytes short")
        except HTTPError as error:
            with error:
                return self._refused(address, error)
        except URLError as error:
            raise Failed(str(error.reason)) from None
        except (OSError, HTTPException) as error:
            raise Failed(str(error) or type(error).__name__) from None
        return parsed(data, address)

    def _refused(self, address: str, error: HTTPError) -> None:
        """None where there is no such thing; else raises what is to be done about it."""
        if error.code == 404:
            return
        if error.code in TOO_MANY:
            raise TooMany(waiting(error.headers.get("Retry-After")))
        if error.code >= 500:
            raise Failed(f"answered {error.code} {error.reason}")
        why = "; the key may not read this" if error.code in {401, 403} else ""
        raise Unusable(f"{address}: answered {error.code} {error.reason}{why}")


class TooMany(Exception):
    """The server takes no more for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Failed(Exception):
    """No answer, or none that says anything; the next try may have one."""


def waiting(said: str | None) -> float:
    """Seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3)."""
    try:
        seconds = float(said) if said else UNASKED_SECONDS
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said or "") - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            seconds = UNASKED_SECONDS
    return min(max(seconds, 0.0), LONGEST_SECONDS) if seconds == seconds else UNASKED_SECONDS


class Kept:
    """Answers on disk, for their owner alone: subscribers' addresses are among them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, asked: str) -> list[Any] | None:
        """The answer in a list, since it may be null; None where there is none, or it is too old."""
        path = self._path(asked)
        try:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                return None
            found = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, list) else None

    def keep(self, asked: str, answer: list[Any]) -> None:
        """Whole or not at all. A disk that takes no file costs time where this is interrupted, and nothing else."""
        path = self._path(asked)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(answer, file)
            unfinished.replace(path)
        except OSError:
            return

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, asked: str) -> Path:
        return self.folder / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"
