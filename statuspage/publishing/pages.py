"""Incident and month pages: which of them a publication changes, and the writing of them.

They are replaced one by one, before the hot set that links to them is switched in. What
the hot set does not link to may wait: it is written a batch at a time (`write_batch`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from statuspage.models import Incident as Row

from . import capture, documents, emergency, languages, store
from .documents import Document
from .emergency import Emergency
from .look import FOLLOWING, Backlog
from .snapshot import Entry, Incident, Month, MonthCount, Snapshot
from .store import Manifest

MANY = 40
"""Incidents and maintenances whose pages one publication renders, beside those that the hot set shows. Staff wait for
it: a component that got another name may be in thousands."""

BATCH = 20
"""Of these at a time the others: half a second in six languages, as long as staff who publish just then wait for it."""


@dataclass(frozen=True)
class Changes:
    """What a folder lacks, built on what it holds.

    `months`: all that hold something stored; `dirty`: those whose page changes; `unstored`: what
    the database does not have; `gone`: ids of what it did not have either, and that nobody has now, and of
    what was withdrawn.
    """

    since: int
    ids: frozenset[str]
    months: dict[str, MonthCount]
    dirty: frozenset[str]
    unstored: tuple[Emergency, ...]
    gone: frozenset[str]

    @property
    def is_much(self) -> bool:
        return len(self.ids) > MANY

    def __bool__(self) -> bool:
        return bool(self.ids or self.dirty)


def changes(folder: Path, held: Manifest | None) -> Changes:
    """What the database has and the folder has not; with nothing `held`, all of it."""
    since = held.stored_revision if held else -1
    before = held.unstored if held else {}
    found = emergency.pending(folder)
    # By its own word: a file may be left behind.
    known = set(Row.everything.filter(pk__in=[*before, *(each.id for each in found)]).values_list("pk", flat=True))
    unstored = tuple(each for each in found if each.id not in known)
    months, dirty = _months(since, held, {capture.month_key(each.posted_at) for each in unstored})
    return Changes(
        since=since,
        ids=frozenset(capture.changed_ids(since)),
        months=months,
        dirty=frozenset(dirty),
        unstored=unstored,
        gone=frozenset(set(before) - known - {each.id for each in unstored} | capture.withdrawn_ids(since)),
    )


def _months(since: int, held: Manifest | None, unstored: set[str]) -> tuple[dict[str, MonthCount], set[str]]:
    """All stored months with their counts, and the ones whose page must be written again.

    A month that comes or goes changes its neighbours' links, so these are written too.
    """
    before = held.months if held else {}
    months = {key: MonthCount(key=key, incidents=each[0], maintenances=each[1]) for key, each in before.items()}
    once_unstored = set(held.unstored.values()) if held else set()
    dirty = capture.changed_months(since) | unstored | once_unstored
    for key in dirty:
        count = capture.count_month(key)
        months.pop(key, None)
        if count.incidents or count.maintenances:
            months[key] = count
    keys = {*months, *unstored}
    return months, dirty | _neighbours((set(before) ^ keys) | once_unstored, keys)


def _neighbours(keys: Iterable[str], months: Collection[str]) -> set[str]:
    near: set[str] = set()
    for key in keys:
        near |= {max((each for each in months if each < key), default=key)}
        near |= {min((each for each in months if each > key), default=key)}
    return near


# --- Writing ---------------------------------------------------------------------------------------


def write_changed(folder: Path, snapshot: Snapshot, found: Changes) -> set[str]:
    """Write every page that changed, and take away those that are gone; the paths written."""
    written = _write_entries(folder, snapshot, capture.changed_entries(found.since))
    written |= _write_entries(folder, snapshot, unstored_in(snapshot, found))
    written |= _write_months(folder, snapshot, found.dirty, found)
    _remove_entries(folder, found.gone)
    return written


def write_shown(folder: Path, snapshot: Snapshot, found: Changes) -> None:
    """The same for what the hot set links to alone, and for months that are gone."""
    everything: list[Entry] = [*snapshot.incidents, *snapshot.maintenances]
    shown = [each for each in everything if each.id in found.ids]
    unstored = unstored_in(snapshot, found)
    _write_entries(folder, snapshot, [*shown, *unstored])
    near = {capture.month_key(each.happened_at) for each in (*shown, *unstored)}
    gone = found.dirty - {each.key for each in snapshot.months}
    _write_months(folder, snapshot, found.dirty & near | gone, found)
    _remove_entries(folder, found.gone)


def write_overdue(folder: Path, snapshot: Snapshot, since: datetime) -> None:
    """Write the pages of incidents whose next update has come due after `since`, and was not given: they say so."""
    due = [(each.next_update_by, each) for each in snapshot.open_incidents]
    _write_entries(folder, snapshot, [each for at, each in due if at and since < at <= snapshot.as_of])


def unstored_in(snapshot: Snapshot, found: Changes) -> list[Incident]:
    """What the database does not have, as the snapshot tells it."""
    ids = {each.id for each in found.unstored}
    return [each for each in snapshot.incidents if each.id in ids]


def write_batch(folder: Path, snapshot: Snapshot, left: Backlog, found: Changes) -> Backlog | None:
    """Write the next few of these pages; what is left of them then."""
    if left.kind not in FOLLOWING:
        return _write_next_month(folder, snapshot, left, found)
    entries = capture.next_entries(left.kind, since=left.since, after=left.after, count=BATCH)
    _write_entries(folder, snapshot, entries)
    if len(entries) == BATCH:
        return replace(left, after=entries[-1].id)
    return Backlog(left.since, FOLLOWING[left.kind])


def _write_next_month(folder: Path, snapshot: Snapshot, left: Backlog, found: Changes) -> Backlog | None:
    months = {each.key for each in snapshot.months}
    if left.since >= 0:
        changed = capture.changed_months(left.since)
        months = changed | _neighbours(changed, months)
    following = min((each for each in months if each > left.after), default=None)
    if following is None:
        return None
    _write_months(folder, snapshot, [following], found)
    return replace(left, after=following)


def write_emergency(folder: Path, snapshot: Snapshot, incident: Incident) -> None:
    """An incident's page and its month's, with nothing but the snapshot.

    A month of which the snapshot has a part only keeps the page that it has.
    """
    _write_entries(folder, snapshot, [incident])
    month = _month_of(snapshot, capture.month_key(incident.happened_at))
    if month:
        _write(folder, documents.month_documents(snapshot, month))


def _month_of(snapshot: Snapshot, key: str) -> Month | None:
    """A month as the snapshot has it; None where there is more of it in the database."""
    everything: list[Entry] = [*snapshot.incidents, *snapshot.maintenances]
    entries = [each for each in everything if capture.month_key(each.happened_at) == key]
    keys = {each.key for each in snapshot.months}
    whole = sum(each.incidents + each.maintenances for each in snapshot.months if each.key == key)
    return _month(key, keys, entries) if len(entries) == whole else None


def _month(key: str, keys: Collection[str], entries: Iterable[Entry]) -> Month:
    return Month(
        key=key,
        entries=tuple(sorted(entries, key=lambda each: each.happened_at, reverse=True)),
        earlier=max((each for each in keys if each < key), default=None),
        later=min((each for each in keys if each > key), default=None),
    )


def _write_entries(folder: Path, snapshot: Snapshot, entries: Iterable[Entry]) -> set[str]:
    written: set[str] = set()
    for entry in entries:
        written |= _write(folder, documents.entry_documents(snapshot, entry))
    return written


def _write_months(folder: Path, snapshot: Snapshot, wanted: Iterable[str], found: Changes) -> set[str]:
    """Write these months' pages, or take away those of months that hold nothing; the paths written."""
    keys = {each.key for each in snapshot.months}
    written: set[str] = set()
    for key in sorted(wanted):
        if key in keys:
            added = [each for each in unstored_in(snapshot, found) if capture.month_key(each.happened_at) == key]
            month = _month(key, keys, [*added, *capture.month(key, keys).entries])
            written |= _write(folder, documents.month_documents(snapshot, month))
        else:
            _remove(folder, f"/history/{key}", f"/history/{key}.json")
    return written


def _write(folder: Path, found: Iterable[Document]) -> set[str]:
    """Render these and put them in their places; their paths."""
    written = set()
    for document in found:
        store.write_page(folder, document.path, document.render())
        written.add(document.path)
    return written


def _remove_entries(folder: Path, ids: Iterable[str]) -> None:
    for each in ids:
        _remove(folder, f"/incidents/{each}", f"/incidents/{each}.json", f"/api/v2/incidents/{each}.json")


def _remove(folder: Path, page: str, *data: str) -> None:
    """Take a page away in every language, and the data beside it."""
    for path in (*(language.place(page) for language in languages.published()), *data):
        store.remove_page(folder, path)


def remove_others(folder: Path, written: Collection[str]) -> None:
    """Take away all pages but these: they are of another past."""
    for file in store.page_files(folder) - {store.file_of(path) for path in written}:
        store.remove_page(folder, file)
