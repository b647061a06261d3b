"""How documents look besides the facts, and how far a folder's pages have come to that.

A release, or another setting that every page shows (BRAND_*, SMS_COUNTRIES, WEBHOOKS), changes
the bytes of every page. The hot set is rendered in the new look at once, old pages follow
a batch at a time; PUBLISH_ROOT/look.json says which look they are brought to and which are left:

    {"key": "6f1c...", "chosen_at": 1792.5, "backlog": [{"since": -1, "kind": "incidents", "after": "k3..."}]}

It is written before the pages that it speaks of, so a crash renders some twice and forgets none.
"""

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings

from .assets import logo

SOURCES = ("statuspage", "notifications", "templates", "static")
"""Folders whose files decide what a document looks like: a new program renders everything anew."""
KINDS = {".py", ".html", ".css", ".js", ".txt", ".svg", ".mo"}
FILE = "look.json"

STARTED = time.time()
"""A program that was started before a folder got another look is the one that is being replaced: it leaves that be,
or old and new workers would take turns in rendering all of history."""

FIRST = "incidents"
FOLLOWING = {FIRST: "maintenances", "maintenances": "months"}
"""In this order: a month's page never links to one that is not there yet."""


@dataclass(frozen=True)
class Backlog:
    """Pages that are left: of what changed after revision `since` (-1: of all), from `after` on.

    `after` is an incident's or a maintenance's id, or a month's key.
    """

    since: int
    kind: str = FIRST
    after: str = ""

    def covers(self, since: int) -> bool:
        """Whether pages of what changed after `since` are all still to come."""
        return self.since <= since and (self.kind, self.after) == (FIRST, "")


@dataclass(frozen=True)
class Look:
    """`key`: the render key that pages are brought to; `chosen_at`: when, by this machine's clock, in Unix time."""

    key: str
    chosen_at: float
    backlog: tuple[Backlog, ...] = ()

    @property
    def is_ours(self) -> bool:
        return self.key == render_key()

    def postponed(self, since: int) -> "Look":
        """The same with the pages of what changed after `since` left for later."""
        if any(each.covers(since) for each in self.backlog):
            return self
        return replace(self, backlog=(*self.backlog, Backlog(since)))

    def done(self, left: Backlog | None) -> "Look":
        """The same after a batch of its first backlog, of which `left` is left."""
        return replace(self, backlog=(*([left] if left else []), *self.backlog[1:]))


EVERYTHING = Backlog(since=-1)


def read(folder: Path) -> Look | None:
    """What the folder says; None where that is nothing, or nothing that can be read."""
    try:
        data = json.loads((folder / FILE).read_bytes())
        return Look(data["key"], data["chosen_at"], tuple(Backlog(**each) for each in data["backlog"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def write(folder: Path, look: Look) -> Look:
    """Say it, whole or not at all."""
    temporary = folder / f".{FILE}.new"
    temporary.write_text(json.dumps(asdict(look), sort_keys=True))
    os.replace(temporary, folder / FILE)
    return look


def chosen(folder: Path, *, is_anew: bool = False) -> Look:
    """The look that this folder's pages have or are brought to: this program's, unless a later one chose another.

    `is_anew`: this publication renders all pages before it shows any. Call with the folder's lock.
    """
    found, key = read(folder), render_key()
    if found and found.key != key and found.chosen_at >= STARTED:
        return write(folder, replace(found, backlog=(EVERYTHING,))) if is_anew else found
    if is_anew:
        return write(folder, Look(key, time.time()))
    if found and found.key == key:
        return found
    return write(folder, Look(key, time.time(), (EVERYTHING,)))


def render_key() -> str:
    """What decides how documents look besides the facts: the program and its settings."""
    parts = [program(), settings.SITE_NAME, settings.SITE_URL, settings.PAGE_TIME_ZONE]
    parts += [settings.LANGUAGE_CODE, repr(settings.BRAND), repr(settings.LANGUAGES), logo()]
    parts += [repr(settings.SMS_COUNTRIES), str(settings.WEBHOOKS)]  # every page offers these
    parts += settings.INSTALLED_APPS  # `notifications` brings documents
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def program() -> str:
    """A digest of the files that render, read once a process."""
    digest = hashlib.sha256()
    for name in SOURCES:
        for file in sorted(Path(settings.BASE_DIR, name).rglob("*")):
            if file.suffix in KINDS and file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()
