"""Path -> stored bytes, before Django: what every reader of the page goes through.

A plain WSGI callable around Django's: outside, because a Django middleware costs four
times as much (docs/performance.md). The hot set is in memory, the rest comes from disk;
each request compares the symlink with what is loaded, so no process falls behind
another. No query, no template, no session, no cookie.
"""

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from statuspage.publishing import documents, store

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

CACHE = "public, max-age=15, stale-while-revalidate=60, stale-if-error=86400"
STALE = "/.stale"
"""Behind a front page's path: the page rendered ahead in words that say it is old; no address of its own."""
NOT_FOUND_PATH = "/404"
PAGE = re.compile(r"(/[a-z]{2})?/(incidents/[0-9a-z]{1,32}|history/[0-9]{4}-[0-9]{2})\Z")
"""Addresses of pages outside the hot set; nothing else reaches the disk."""
HEARTBEAT_CHECK_SECONDS = 1.0

COMMON = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Vary", "Accept-Encoding"),
)
FRAMED = (
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
OPEN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "ETag, X-Revision"))
"""Machines of other sites may read JSON and feeds; no credentials are involved."""


ALLOW = ("Allow", "GET, HEAD, OPTIONS")
PREFLIGHT = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
)


@dataclass(frozen=True)
class Answer:
    """One document ready to go: its bytes in each encoding and its headers."""

    bodies: dict[str, bytes]
    etag: str
    modified: int
    headers: tuple[tuple[str, str], ...]
    status: str = "200 OK"


@dataclass(frozen=True)
class HotSet:
    """A loaded publication, by path."""

    target: str
    revision: str
    csp: str
    answers: dict[str, Answer]


EMPTY = HotSet(target="", revision="0", csp="default-src 'none'", answers={})


class Published:
    """The WSGI application: published paths first, the application behind it for the rest."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.hot = EMPTY
        self.checked_at = float("-inf")
        self.is_stale = False
        self.django_segments: frozenset[str] | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = "/" + environ["PATH_INFO"].strip("/")
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self.refuse(path, environ, start_response)
        answer = self.answer(path)
        if answer is None:
            return self.application(environ, start_response)
        return self.send(answer, environ, start_response)

    def refuse(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Published paths are only read; what a browser asks before it reads is answered too."""
        if path.split("/", 2)[1] in self.segments():
            return self.application(environ, start_response)
        if environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", [ALLOW, *PREFLIGHT])
        else:
            start_response("405 Method Not Allowed", [ALLOW, ("Content-Length", "0")])
        return []

    def answer(self, path: str) -> Answer | None:
        """The document at `path`; the 404 document; None where the path is Django's."""
        root = store.root()
        hot = self.load(root)
        stale = hot.answers.get(path.rstrip("/") + STALE)
        if stale and self.check_heartbeat(root):
            return stale
        if (found := hot.answers.get(path)) and not path.endswith(STALE):
            return found
        if PAGE.match(path) and (found := read_page(root, path, hot)):
            return found
        if path.split("/", 2)[1] in self.segments():
            return None
        return hot.answers.get(path[:3] + NOT_FOUND_PATH) or hot.answers.get(NOT_FOUND_PATH)

    def load(self, root: Path) -> HotSet:
        """The newest hot set: from memory unless the symlink points elsewhere by now."""
        try:
            target = os.readlink(root / "current")
        except OSError:
            return self.hot
        if target != self.hot.target:
            try:
                self.hot = read_hot(root, target)
            except (OSError, ValueError):
                return self.hot  # replaced while it was read: the next request finds the newer
        return self.hot

    def check_heartbeat(self, root: Path) -> bool:
        """Whether nobody has kept the page up to date for STALE_AFTER_SECONDS."""
        now = time.monotonic()
        if now - self.checked_at >= HEARTBEAT_CHECK_SECONDS:
            self.checked_at = now
            self.is_stale = heartbeat_age(root) > settings.STALE_AFTER_SECONDS
        return self.is_stale

    def segments(self) -> frozenset[str]:
        """First path segments that Django answers, from its URLconf."""
        if self.django_segments is None:
            self.django_segments = frozenset(first_segments(get_resolver().url_patterns))
        return self.django_segments

    def send(self, answer: Answer, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """200 or 304, in the best encoding the client takes."""
        encoding = negotiate(environ.get("HTTP_ACCEPT_ENCODING", ""), answer.bodies)
        tag = f'"{answer.etag}-{encoding}"' if encoding else f'"{answer.etag}"'
        headers = [*answer.headers, ("ETag", tag), ("X-Revision", self.hot.revision)]
        if answer.status == "200 OK" and is_known(environ, answer):
            start_response("304 Not Modified", headers)
            return []
        body = answer.bodies[encoding]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
        start_response(answer.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def read_hot(root: Path, target: str) -> HotSet:
    """Load a hot set from disk; raises OSError when it is replaced meanwhile."""
    folder = root / target
    manifest = store.manifest_in(folder)
    answers = {
        path: Answer(
            bodies=read_bodies(folder / held.file),
            etag=held.etag,
            modified=held.modified,
            headers=headers_of(held.content_type, manifest.csp, held.modified),
            status="404 Not Found" if path.endswith(NOT_FOUND_PATH) else "200 OK",
        )
        for path, held in manifest.documents.items()
    }
    return HotSet(target, str(manifest.revision), manifest.csp, answers)


def read_page(root: Path, path: str, hot: HotSet) -> Answer | None:
    """An incident's or a month's page from disk."""
    file = root / "pages" / store.file_of(path)
    try:
        bodies = read_bodies(file)
        modified = int(file.stat().st_mtime)
    except FileNotFoundError:
        return None
    headers = headers_of(documents.HTML, hot.csp, modified)
    return Answer(bodies, store.etag_of(bodies[""]), modified, headers)


def read_bodies(file: Path) -> dict[str, bytes]:
    """A document's bytes by content encoding; "" is the plain one."""
    return {
        "": file.read_bytes(),
        "gzip": file.with_name(file.name + ".gz").read_bytes(),
        "br": file.with_name(file.name + ".br").read_bytes(),
    }


def headers_of(content_type: str, csp: str, modified: int) -> tuple[tuple[str, str], ...]:
    """The headers that do not depend on the request."""
    shown = (*FRAMED, ("Content-Security-Policy", csp)) if content_type == documents.HTML else OPEN
    dated = (("Last-Modified", formatdate(modified, usegmt=True)), ("Cache-Control", CACHE))
    transport = (
        (
            (
                "Strict-Transport-Security",
                f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload",
            ),
        )
        if settings.SECURE_HSTS_SECONDS
        else ()
    )
    return (("Content-Type", content_type), *COMMON, *shown, *dated, *transport)


def negotiate(accepted: str, bodies: dict[str, bytes]) -> str:
    """The best encoding among what the client takes; "" where it takes none of ours."""
    offers = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        offers[name.strip()] = parameters.replace(" ", "") not in {
            "q=0",
            "q=0.0",
            "q=0.00",
            "q=0.000",
        }
    return next((each for each in ("br", "gzip") if offers.get(each) and each in bodies), "")


def is_known(environ: Environ, answer: Answer) -> bool:
    """Whether the client has these bytes: by tag, in any encoding, or else by their time (RFC 9110, 13.2.2)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or answer.etag in {bare(tag) for tag in tags.split(",")}
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    try:
        return since is not None and parsedate_to_datetime(since).timestamp() >= answer.modified
    except (TypeError, ValueError):
        return False


def bare(tag: str) -> str:
    """A tag without quotes, weakness and encoding."""
    return tag.strip().removeprefix("W/").strip('"').partition("-")[0]


def heartbeat_age(root: Path) -> float:
    """Seconds since somebody said that the page is kept up to date; infinite where nobody did."""
    try:
        return time.time() - (root / "heartbeat").stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def first_segments(patterns: Iterable[URLPattern | URLResolver]) -> Iterable[str]:
    """The first path segment of each address in a URLconf; includes at the root are opened."""
    for pattern in patterns:
        route = str(pattern.pattern)
        if route:
            yield route.split("/", 1)[0]
        elif isinstance(pattern, URLResolver):
            yield from first_segments(pattern.url_patterns)
    yield settings.STATIC_URL.strip("/")
