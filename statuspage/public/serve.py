"""Path -> stored bytes, before Django: what every reader of the page goes through.

A plain WSGI callable around Django's: outside, because a Django middleware costs four
times as much (docs/performance.md). The hot set is in memory (`answers`), the rest comes
from disk; requests compare the symlink with what is loaded, so no process falls behind
another. No query, no template, no session, no cookie.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from statuspage.publishing import store

from . import months
from .answers import EMPTY, NOT_FOUND_PATH, Answer, HotSet, newest, read_page

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

INCIDENT, MONTH = "incidents/[0-9a-z]{1,32}", "history/[0-9]{4}-[0-9]{2}"
PAGE = re.compile(rf"(/[a-z]{{2}})?/({INCIDENT}|{MONTH})\Z|/((api/v2/)?{INCIDENT}|{MONTH})\.json\Z")
"""Addresses of pages outside the hot set, and of the data beside them; nothing else reaches the disk."""
LOOK_SECONDS = 0.0002
"""How long a look at the symlink counts. Each gives the interpreter's lock away, and among many readers getting it back
costs a tenth of an answer. Less than anybody takes from an answer to their next request."""
HEARTBEAT_CHECK_SECONDS = 1.0

SHARED = "api"
"""The one segment below which some addresses are published and others are Django's."""

ALLOW = ("Allow", "GET, HEAD, OPTIONS")
PREFLIGHT = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
)


class Published:
    """The WSGI application: published paths first, the application behind it for the rest."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.hot = EMPTY
        self.loading = threading.Lock()
        self.root: Path | None = None
        self.link = ""
        self.look_at = float("-inf")
        self.checked_at = float("-inf")
        self.is_stale = False
        self.django_segments: frozenset[str] | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self.refuse(environ, start_response)
        path = environ["PATH_INFO"]
        answer = self.history(environ) if path == months.PATH else self.answer(path)
        if answer is None:
            return self.application(environ, start_response)
        return send(answer, environ, start_response)

    def refuse(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Published paths are only read; what a browser asks before it reads is answered too."""
        if self.is_djangos(normal(environ["PATH_INFO"])):
            return self.application(environ, start_response)
        if environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", [ALLOW, *PREFLIGHT])
        else:
            start_response("405 Method Not Allowed", [ALLOW, ("Content-Length", "0")])
        return []

    def answer(self, path: str) -> Answer | None:
        """The document at `path`; the 404 document; None where the path is Django's."""
        hot = self.load()
        if path not in hot.answers:
            path = normal(path)
        if path in hot.stale and self.check_heartbeat():
            return hot.stale[path]
        return hot.answers.get(path) or self.other(path, hot)

    def other(self, path: str, hot: HotSet) -> Answer | None:
        """The same for a path outside the hot set."""
        if PAGE.match(path) and (found := self.page(path, hot)):
            return found
        if self.is_djangos(path):
            return None
        if path.endswith(".json"):
            return hot.answers.get(f"{NOT_FOUND_PATH}.json")
        return hot.answers.get(path[:3] + NOT_FOUND_PATH) or hot.answers.get(NOT_FOUND_PATH)

    def history(self, environ: Environ) -> Answer | None:
        """A page of the months, which is stored nowhere: packed as this client takes it."""
        hot = self.load()
        encoding = "gzip" if negotiated(environ.get("HTTP_ACCEPT_ENCODING", "")) else ""
        return months.history(store.root(), hot, environ.get("QUERY_STRING", ""), encoding)

    def page(self, path: str, hot: HotSet) -> Answer | None:
        """A page from disk; once more where there was a publication meanwhile, whose policy is the page's."""
        found = read_page(store.root(), path, hot)
        newer = self.load()
        return found if newer is hot else read_page(store.root(), path, newer)

    def load(self) -> HotSet:
        """The newest hot set: from memory unless the symlink points elsewhere by now."""
        now = time.monotonic()
        if settings.PUBLISH_ROOT is not self.root:
            self.root, self.link = settings.PUBLISH_ROOT, str(store.root() / "current")
        elif now < self.look_at:
            return self.hot
        try:
            target = os.readlink(self.link)
        except OSError:
            return self.hot
        if target != self.hot.target:
            with self.loading:  # one reads it, and all who ask meanwhile wait: none of them gets what is older
                self.hot = newest(Path(self.link), self.hot)
        self.look_at = now + LOOK_SECONDS  # not before it is loaded: whoever asks meanwhile looks too, and waits
        return self.hot

    def check_heartbeat(self) -> bool:
        """Whether nobody has kept the page up to date for STALE_AFTER_SECONDS."""
        now = time.monotonic()
        if now - self.checked_at >= HEARTBEAT_CHECK_SECONDS:
            self.checked_at = now
            self.is_stale = store.heartbeat_age(store.root()) > settings.STALE_AFTER_SECONDS
        return self.is_stale

    def is_djangos(self, path: str) -> bool:
        """Whether Django answers what begins with this path's first segment, or this path itself, by its URLconf."""
        if self.django_segments is None:
            self.django_segments = frozenset(first_segments(get_resolver().url_patterns))
        first = path.split("/", 2)[1]
        return (path[1:] if first == SHARED else first) in self.django_segments


def normal(path: str) -> str:
    """With one slash in front and none behind."""
    return "/" + path.strip("/")


def send(answer: Answer, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """200 or 304, in the best encoding the client takes."""
    wanted = negotiated(environ.get("HTTP_ACCEPT_ENCODING", ""))
    reply = answer.replies.get(wanted) or next(iter(answer.replies.values()))
    if answer.status == "200 OK" and is_known(environ, answer, reply.tag):
        start_response("304 Not Modified", reply.unchanged)
        return []
    start_response(answer.status, reply.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


@lru_cache(maxsize=256)
def negotiated(accepted: str) -> str:
    """The best encoding that the client takes; "" where it takes none of ours. Browsers send the same few words."""
    offers = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        offers[name.strip()] = parameters.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((each for each in ("br", "gzip") if offers.get(each)), "")


def is_known(environ: Environ, answer: Answer, tag: str) -> bool:
    """Whether the client has these bytes: by tag, in any encoding, or else by their time (RFC 9110, 13.2.2)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags == tag or tags.strip() == "*" or answer.etag in {bare(each) for each in tags.split(",")}
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    try:
        return since is not None and parsedate_to_datetime(since).timestamp() >= answer.modified
    except (TypeError, ValueError):
        return False


def bare(tag: str) -> str:
    """A tag without quotes, weakness and encoding."""
    return tag.strip().removeprefix("W/").strip('"').partition("-")[0]


def first_segments(patterns: Iterable[URLPattern | URLResolver]) -> Iterable[str]:
    """The first path segment of each address in a URLconf, all of it below SHARED; includes at the root are opened."""
    for pattern in patterns:
        route = str(pattern.pattern).removeprefix("^")
        if route:
            first = route.split("/", 1)[0]
            yield route if first == SHARED else first
        elif isinstance(pattern, URLResolver):
            yield from first_segments(pattern.url_patterns)
    yield settings.STATIC_URL.strip("/")
