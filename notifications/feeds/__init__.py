"""RSS and Atom: documents of the hot set, registered with the publication.

`/history.rss` and `/history.atom` for the page, and the same below `/components/<id>/` for
each component. A feed has no Delivery rows: its readers come and fetch it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.publishing.documents import ATOM, RSS, Document
from statuspage.publishing.html import site_title
from statuspage.publishing.snapshot import Component, Entry, Snapshot

from . import formats
from .entries import Channel, FeedEntry, channel, feed_entry, newest


def documents(snapshot: Snapshot) -> Iterator[Document]:
    """Both feeds of the page, and both of each component."""
    feeds = Feeds(snapshot)
    yield from feeds.of_page()
    for component in snapshot.components:
        yield from feeds.of_component(component)


class Feeds:
    """The feeds of one snapshot; an entry that several of them hold is rendered once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.page = snapshot, snapshot.page
        with translation.override(settings.LANGUAGE_CODE):
            self.name = site_title(snapshot.page)
        self.entries: tuple[Entry, ...] = (*snapshot.incidents, *snapshot.maintenances)
        self.digests = {entry.id: digest(repr(entry)) for entry in self.entries}
        self.rendered: dict[str, FeedEntry] = {}

    def of_page(self) -> Iterator[Document]:
        title = self.titled(_("%(site)s - Incident History"))
        entries = newest(self.entries)
        version = self.told(entries, self.page.updated_at)
        return self.feed("/history", title, self.page.updated_at, entries, version)

    def of_component(self, component: Component) -> Iterator[Document]:
        """The incidents and maintenances that touch it, however long ago."""
        path = f"/components/{component.id}/history"
        title = self.titled(_("%(site)s - %(component)s - Incident History"), component=component.name)
        entries = newest(self.snapshot.entries_of(component.id))
        version = version_of(self.snapshot, component.id) or self.told(entries, component.created_at)
        return self.feed(path, title, component.created_at, entries, version)

    def feed(
        self, path: str, title: str, empty_since: datetime, entries: Sequence[Entry], version: str
    ) -> Iterator[Document]:
        """One feed in both formats; `empty_since` is its date while nothing ever happened.

        The key is a digest of all that the bytes depend on, but for this program itself (its
        `render_key`): so of a hundred components' feeds only those that an update touched are
        rendered. `version` stands for what the entries say.
        """
        key = digest(settings.LANGUAGE_CODE, self.page.url, title, version)

        @cache
        def made() -> Channel:
            with translation.override(settings.LANGUAGE_CODE):
                return channel(
                    path=path, title=title, author=self.name, home_url=self.page.url,
                    empty_since=empty_since, entries=[self.entry(each) for each in entries],
                )  # fmt: skip

        yield Document(f"{path}.atom", ATOM, lambda: formats.atom(made()), key)
        yield Document(f"{path}.rss", RSS, lambda: formats.rss(made()), key)

    def titled(self, words: Promise, **names: str) -> str:
        """A feed's title, in the language that all of it is in."""
        with translation.override(settings.LANGUAGE_CODE):
            return str(words) % {"site": self.name, **names}

    def told(self, entries: Iterable[Entry], empty_since: datetime) -> str:
        """A version made of all that these entries say."""
        return digest(*([self.digests[entry.id] for entry in entries] or [empty_since.isoformat()]))

    def entry(self, entry: Entry) -> FeedEntry:
        if entry.id not in self.rendered:
            self.rendered[entry.id] = feed_entry(entry, self.page.url)
        return self.rendered[entry.id]


def version_of(snapshot: Snapshot, component_id: str) -> str:
    """When what touched a component last changed; "" where the snapshot does not say.

    Its feeds and its calendar are as they were while this is: a publication reads the
    histories that changed, and no others.
    """
    history = snapshot.history(component_id)
    return f"revision {history.changed_in}" if history else ""


def digest(*facts: str) -> str:
    """SHA-256 of the facts, as 64 hex digits."""
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()
