"""The registry of documents: a path, a kind, and a pure function to its bytes.

`hot` documents stand for the newest state and switch together; `cold` ones (an incident's
page, a month) are replaced one by one. Other packages register theirs in
`AppConfig.ready()`: `notifications` its feeds, calendar and subscribe form.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .snapshot import Entry, Month, Snapshot

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
SVG = "image/svg+xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class Document:
    """One published file. `render` is called only where its bytes are wanted.

    `key` names what the bytes depend on, when that is less than the whole snapshot:
    a document whose key did not change since the last publication is carried over
    without being rendered (a component's feed among a hundred). None: always rendered.
    """

    path: str
    content_type: str
    render: Callable[[], bytes]
    key: str | None = None


def key_of(*facts: object) -> str:
    """A digest of what a document shows beside the program's own words and settings, by what `repr` says of it."""
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()


HotSource = Callable[[Snapshot], Iterable[Document]]
EntrySource = Callable[[Snapshot, Entry], Iterable[Document]]
MonthSource = Callable[[Snapshot, Month], Iterable[Document]]

hot_sources: list[HotSource] = []
entry_sources: list[EntrySource] = []
month_sources: list[MonthSource] = []


def register_hot(source: HotSource) -> HotSource:
    """Add documents of the hot set; usable as a decorator. Registering twice adds once."""
    if source not in hot_sources:
        hot_sources.append(source)
    return source


def register_entry(source: EntrySource) -> EntrySource:
    """Add documents of one incident or maintenance."""
    if source not in entry_sources:
        entry_sources.append(source)
    return source


def register_month(source: MonthSource) -> MonthSource:
    """Add documents of one month."""
    if source not in month_sources:
        month_sources.append(source)
    return source


def hot_documents(snapshot: Snapshot) -> list[Document]:
    """Everything that switches with a publication."""
    return [document for source in hot_sources for document in source(snapshot)]


def entry_documents(snapshot: Snapshot, entry: Entry) -> list[Document]:
    """The documents of one incident or maintenance."""
    return [document for source in entry_sources for document in source(snapshot, entry)]


def month_documents(snapshot: Snapshot, month: Month) -> list[Document]:
    """The documents of one month of history."""
    return [document for source in month_sources for document in source(snapshot, month)]
