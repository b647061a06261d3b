"""Which incidents and maintenances a feed holds, and what it says of each.

Pure: the same facts give the same entries. A Channel is one feed, still without a format.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from statuspage.publishing.snapshot import Entry, Maintenance
from statuspage.text import clean_line

from . import dialect

NEWEST = 50
"""How many entries a feed holds."""

SIZE_LIMIT = 512 * 1024
"""Bytes of a whole feed. Some readers refuse more, and each poll would carry it."""

OVERHEAD = 1024
"""Bytes an entry takes beside its title, text and addresses; generous."""

HEAD = 8 * 1024
"""Bytes kept for what stands before the first entry."""


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """One entry. `tag` is Atom's permanent id, `url` the page and RSS's guid."""

    tag: str
    url: str
    title: str
    body: str
    published: datetime
    updated: datetime

    @property
    def size(self) -> int:
        """At most so many bytes in either format."""
        return dialect.size(self.title) + dialect.size(self.body) + 4 * len(self.url) + OVERHEAD


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One feed. `updated` is its newest event's time, never the clock's."""

    path: str
    title: str
    author: str
    home_url: str
    updated: datetime
    entries: tuple[FeedEntry, ...]

    def url(self, suffix: str) -> str:
        """Where this feed itself is, such as with `suffix` "atom"."""
        return f"{self.home_url}{self.path}.{suffix}"

    @property
    def tag(self) -> str:
        return f"tag:{host(self.home_url)},2005:{self.path}"


def channel(
    *,
    path: str,
    title: str,
    author: str,
    home_url: str,
    empty_since: datetime,
    entries: Iterable[FeedEntry],
) -> Channel:
    """The feed of as many of these entries as fit; `empty_since` is its date if there are none."""
    kept = within_limit(entries)
    return Channel(
        path=path, title=clean_line(title), author=clean_line(author), home_url=home_url,
        entries=kept, updated=max((entry.updated for entry in kept), default=whole(empty_since)),
    )  # fmt: skip


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """The NEWEST entries by what was last said, newest first. Ids break ties."""
    return sorted(entries, key=lambda each: (last_said_at(each), each.id), reverse=True)[:NEWEST]


def within_limit(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """The first entries, as many as fit into SIZE_LIMIT."""
    room = SIZE_LIMIT - HEAD
    kept = []
    for entry in entries:
        room -= entry.size
        if room < 0:
            break
        kept.append(entry)
    return tuple(kept)


def feed_entry(entry: Entry, page_url: str) -> FeedEntry:
    """What a feed says of one incident or maintenance, in the language that is spoken just now."""
    return _feed_entry(entry, page_url, get_language())


@lru_cache(maxsize=256)
def _feed_entry(entry: Entry, page_url: str, _language: str | None) -> FeedEntry:
    """Kept from one publication to the next: most of a feed's entries are what they were."""
    url = f"{page_url}{entry.path}"
    return FeedEntry(
        tag=f"tag:{host(page_url)},2005:Incident/{entry.id}",
        url=url,
        title=clean_line(entry.name) or _("Incident"),
        body=dialect.body(entry, url),
        published=whole(published_at(entry)),
        updated=whole(max(last_said_at(entry), published_at(entry))),
    )


def published_at(entry: Entry) -> datetime:
    """When readers first saw it. Never the start of a window, which is in the future."""
    return entry.announced_at if isinstance(entry, Maintenance) else entry.created_at


def last_said_at(entry: Entry) -> datetime:
    """The newest update's time, or that of a later correction of any of them."""
    said = (max(update.display_at, update.updated_at) for update in entry.updates)
    return max(said, default=entry.updated_at)


def whole(at: datetime) -> datetime:
    """In UTC and whole seconds, as every other feed has it."""
    return at.astimezone(UTC).replace(microsecond=0)


def host(url: str) -> str:
    """The authority a tag is minted by: the host, without its port (RFC 4151)."""
    return urlsplit(url).hostname or "localhost"
