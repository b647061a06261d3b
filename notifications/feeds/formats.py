"""A Channel as Atom and as RSS, by feedgen.

Two generators, since feedgen's `guid()` overwrites its `id()`. Every date is given:
feedgen fills the ones that are missing with the clock, and an ETag would change each time.
"""

from typing import Any

from django.conf import settings
from feedgen.entry import FeedEntry as Item
from feedgen.feed import FeedGenerator

from .entries import Channel, FeedEntry

GENERATOR = "Status Page"
"""Without feedgen's version: an upgrade must not make every feed new."""

ALTERNATE = {"rel": "alternate", "type": "text/html"}


class AtomItem(Item):  # type: ignore[misc]
    """feedgen 1.0 loses a link's attributes on its way into an Atom entry."""

    def atom_entry(self, extensions: bool = True) -> Any:
        entry = super().atom_entry(extensions)
        for link in entry.iter("link"):
            link.attrib.update(ALTERNATE)
        return entry


def atom(channel: Channel) -> bytes:
    """RFC 4287; ids are tags that outlive the address of the page."""
    feed = generator(channel, self_url=channel.url("atom"), self_type="application/atom+xml")
    feed.id(channel.tag)
    feed.author(name=channel.author)
    for entry in channel.entries:
        item = add(feed, AtomItem(), entry)
        item.id(entry.tag)
        item.content(entry.body, type="html")
    return bytes(feed.atom_str())


def rss(channel: Channel) -> bytes:
    """RSS 2.0; an item's guid is the address of its page, as Statuspage's."""
    feed = generator(channel, self_url=channel.url("rss"), self_type="application/rss+xml")
    feed.load_extension("dc", atom=False)
    feed.description("Statuspage")
    feed.pubDate(channel.updated)
    feed.lastBuildDate(channel.updated)
    for entry in channel.entries:
        item = add(feed, Item(), entry)
        item.guid(entry.url, permalink=True)
        item.description(entry.body)
    return bytes(feed.rss_str())


def generator(channel: Channel, *, self_url: str, self_type: str) -> FeedGenerator:
    """What both formats share. The last link given is RSS's own."""
    feed = FeedGenerator()
    feed.title(channel.title)
    feed.generator(GENERATOR)
    feed.language(settings.LANGUAGE_CODE)
    feed.updated(channel.updated)
    feed.link(href=self_url, rel="self", type=self_type)
    feed.link(href=channel.home_url, **ALTERNATE)
    return feed


def add(feed: FeedGenerator, item: Item, entry: FeedEntry) -> Item:
    """Append an item; feedgen would put it first."""
    item.title(entry.title)
    item.link(href=entry.url, **ALTERNATE)
    item.published(entry.published)
    item.updated(entry.updated)
    return feed.add_entry(item, order="append")
