"""A publication in memory: each document's bytes in every encoding, with the headers that go out with them.

Everything that does not depend on the request is made when a publication is loaded, once,
so that `serve` has next to nothing left to do for a reader.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from pathlib import Path

from django.conf import settings

from statuspage.middleware import PERMISSIONS
from statuspage.publishing import documents, store, widget
from statuspage.publishing.assets import framable
from statuspage.publishing.times import Clock, zone_of

CACHE = "public, max-age=15, stale-while-revalidate=60, stale-if-error=86400"
STALE = "/.stale"
"""Behind a front page's path: the page rendered ahead in words that say it is old; no address of its own."""
NOT_FOUND_PATH = "/404"
UNAVAILABLE_PATH = "/503"
"""What the web server in front says where this program does not answer; so never said by it."""

COMMON = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Vary", "Accept-Encoding"),
)
ALONE = (
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS),
)
OPEN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "ETag, X-Revision"))
"""Machines of other sites may read JSON and feeds; no credentials are involved."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A document in one encoding, ready to go; `unchanged` are the headers of a 304."""

    tag: str
    headers: Headers
    unchanged: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One document: a reply for each encoding."""

    replies: Mapping[str, Reply]
    etag: str
    modified: int
    status: str = "200 OK"


@dataclass(frozen=True)
class HotSet:
    """A loaded publication, by path. `stale` has the front pages as they are when nobody keeps them up to date."""

    target: str
    revision: str
    csp: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    months: tuple[str, ...] = ()
    """From the newest that has begun back to the oldest that holds anything."""
    stale: Mapping[str, Answer] = field(default_factory=dict)


EMPTY = HotSet(target="", revision="0", csp="default-src 'none'")


def newest(link: Path, before: HotSet) -> HotSet:
    """What the symlink names now; `before` where that is it, or cannot be read.

    What did not change since `before` is not read again: staff may publish every second.
    """
    try:
        target = os.readlink(link)
        return before if target == before.target else read_hot(link.parent, target, before)
    except (OSError, ValueError):
        return before  # replaced while it was read: the next request finds the newer


def read_hot(root: Path, target: str, before: HotSet) -> HotSet:
    """Load a hot set from disk; raises OSError when it is replaced meanwhile."""
    folder = root / target
    manifest = store.manifest_in(folder)
    revision = str(manifest.revision)
    found, stale = {}, {}
    for path, held in manifest.documents.items():
        if path.endswith(UNAVAILABLE_PATH):
            continue
        is_stale = path.endswith(STALE)
        place = path.removesuffix(STALE) or "/"
        known = (before.stale if is_stale else before.answers).get(place)
        bodies = bodies_of(known) if known and known.etag == held.etag else read_bodies(folder / held.file)
        headers = headers_of(held.content_type, manifest.csp, held.modified, is_framed=place.endswith(widget.PATH))
        status = "404 Not Found" if path.removesuffix(".json").endswith(NOT_FOUND_PATH) else "200 OK"
        (stale if is_stale else found)[place] = answer(bodies, held.etag, held.modified, headers, revision, status)
    return HotSet(target, revision, manifest.csp, found, begun_months(manifest), stale)


def begun_months(manifest: store.Manifest) -> tuple[str, ...]:
    """All months from that of the publication back to the oldest that holds anything, empty ones too; newest first."""
    newest = Clock(zone_of(settings.PAGE_TIME_ZONE)).month_of(datetime.fromisoformat(manifest.as_of))
    first, last = (12 * int(key[:4]) + int(key[5:]) - 1 for key in (min([newest, *manifest.months]), newest))
    return tuple(f"{each // 12:04}-{each % 12 + 1:02}" for each in range(last, first - 1, -1))


def read_page(root: Path, path: str, hot: HotSet) -> Answer | None:
    """An incident's or a month's page from disk, or its data."""
    file = root / "pages" / store.file_of(path)
    try:
        bodies = read_bodies(file)
        modified = int(file.stat().st_mtime)
    except FileNotFoundError:
        return None
    headers = headers_of(documents.JSON if path.endswith(".json") else documents.HTML, hot.csp, modified)
    return answer(bodies, store.etag_of(bodies[""]), modified, headers, hot.revision)


def read_bodies(file: Path) -> dict[str, bytes]:
    """A document's bytes by content encoding."""
    return {encoding: file.with_name(file.name + suffix).read_bytes() for encoding, suffix in store.SUFFIXES.items()}


def bodies_of(known: Answer) -> dict[str, bytes]:
    """The same from memory."""
    return {encoding: reply.body for encoding, reply in known.replies.items()}


def answer(
    bodies: Mapping[str, bytes], etag: str, modified: int, headers: Headers, revision: str, status: str = "200 OK"
) -> Answer:
    """A document with all its headers."""
    replies = {encoding: reply(encoding, body, etag, headers, revision) for encoding, body in bodies.items()}
    return Answer(replies, etag, modified, status)


def reply(encoding: str, body: bytes, etag: str, headers: Headers, revision: str) -> Reply:
    """A document in one encoding; each has a tag of its own, since its bytes are others."""
    tag = f'"{etag}-{encoding}"' if encoding else f'"{etag}"'
    unchanged = [*headers, ("ETag", tag), ("X-Revision", revision)]
    encoded = [("Content-Encoding", encoding)] if encoding else []
    return Reply(tag, [*unchanged, *encoded, ("Content-Length", str(len(body)))], unchanged, body)


def headers_of(content_type: str, csp: str, modified: int, *, is_framed: bool = False) -> Headers:
    """The headers that depend on neither the request nor the encoding. `is_framed`: other sites may frame it."""
    policy = ("Content-Security-Policy", framable(csp) if is_framed else csp)
    shown = (*(ALONE[1:] if is_framed else ALONE), policy) if content_type == documents.HTML else OPEN
    dated = (("Last-Modified", formatdate(modified, usegmt=True)), ("Cache-Control", CACHE))
    return [("Content-Type", content_type), *COMMON, *shown, *dated, *transport()]


def transport() -> Headers:
    """That the site is to be asked by HTTPS alone, where it has that; as Django says it of its own answers."""
    if not settings.SECURE_HSTS_SECONDS:
        return []
    words = {
        f"max-age={settings.SECURE_HSTS_SECONDS}": True,
        "includeSubDomains": settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
        "preload": settings.SECURE_HSTS_PRELOAD,
    }
    return [("Strict-Transport-Security", "; ".join(word for word, is_said in words.items() if is_said))]
