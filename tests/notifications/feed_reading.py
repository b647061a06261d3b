"""Feeds as strict parsers and as feed readers have them, and one story to read."""

from datetime import timedelta
from xml.parsers import expat

import feedparser
from lxml import etree

from notifications import feeds

from .snapshots import NOON, incident, update

LATER = NOON + timedelta(hours=5, minutes=57)
ATOM_NAMES = {"a": "http://www.w3.org/2005/Atom"}
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)

RESOLVED = incident(
    "API is down",
    update("Fixed.", "resolved", LATER),
    update("We look into it.", "investigating"),
    id="abcdefghijkl",
)


def rendered(facts, path):
    """The bytes of one feed."""
    return next(document for document in feeds.documents(facts) if document.path == path).render()


def parsed(facts, path="/history.atom"):
    """One feed as a strict parser has it."""
    body = rendered(facts, path)
    expat.ParserCreate().Parse(body, True)
    return etree.fromstring(body, STRICT)


def read(facts, path="/history.atom"):
    """One feed as a feed reader has it, without a complaint of the reader's."""
    feed = feedparser.parse(rendered(facts, path))
    assert not feed.bozo, feed.bozo_exception
    return feed


def bodies(facts):
    """The HTML of every entry, from both formats."""
    atom = parsed(facts).xpath("//a:entry/a:content/text()", namespaces=ATOM_NAMES)
    rss = parsed(facts, "/history.rss").xpath("//item/description/text()")
    assert atom == rss
    return atom
