"""Bring the folder to the database's revision: capture, render what changed, switch.

Called after every action's commit, by the sweep where that failed, and by
`manage.py publish`. Writes one thing to the database: which revision readers have.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from statuspage import selectors
from statuspage.models import Incident, Publication
from statuspage.models.base import new_id

from . import capture, documents, emergency, frozen, html, languages, store
from .documents import Document
from .emergency import Emergency
from .snapshot import MonthCount, Snapshot
from .store import Held, Manifest

logger = logging.getLogger(__name__)


class Overtaken(OSError):
    """The folder has something newer than what this was rendered from; publish again."""


SOURCES = (
    "statuspage/publishing",
    "statuspage/locale",
    "notifications",
    "templates",
    "static",
    "statuspage/templatetags",
)
"""Folders whose files decide what a document looks like: a new program renders everything anew."""


def after_commit() -> None:
    """Publish before staff get their answer. A failure is logged; the sweep tries again."""
    try:
        publish()
    except Exception:
        logger.exception("page not regenerated; the sweep will try again")


def is_current() -> bool:
    """Whether readers have all that is stored: the console says so where not."""
    held = store.read_manifest(store.root())
    return bool(held) and held.revision >= Publication.objects.current().revision


def publish(*, refresh: bool = False, now: datetime | None = None) -> bool:
    """Render what the folder lacks; True when something was rendered.

    `refresh` renders the hot set again though nothing changed: its `as of` moves on.
    Raises OSError when the folder cannot be written; readers then keep what they have.
    """
    folder = store.root()
    with store.lock(folder):
        found = store.read_manifest(folder)
        held = _usable(found)
        if held and held.revision >= Publication.objects.current().revision and not refresh:
            return False
        with _one_instant():
            manifest, hot = _render(folder, held, now or selectors.database_now())
        if store.read_manifest(folder) != found:
            store.remove_hot_folder(hot)
            raise Overtaken("an emergency was posted while this was rendered; the sweep renders it again")
        store.switch(folder, hot, manifest)
        store.beat(folder)
    Publication.objects.filter(pk=1, published_revision__lt=manifest.revision).update(
        published_revision=manifest.revision, published_at=timezone.now()
    )
    return True


def refresh_due(now: datetime) -> bool:
    """Whether the page's `as of` is older than PAGE_REFRESH_SECONDS."""
    held = store.read_manifest(store.root())
    if held is None:
        return True
    age = now - datetime.fromisoformat(held.as_of)
    return age.total_seconds() >= settings.PAGE_REFRESH_SECONDS


def _usable(held: Manifest | None) -> Manifest | None:
    """The folder's manifest where this page's earlier publication can be built upon.

    A folder ahead of its database belongs to a restored one, or was written without it:
    the database's revision is raised above it, so that no reader ever sees an older
    revision after a newer one, or two pages under one.
    """
    publication = Publication.objects.current()
    if held and held.revision >= publication.revision + (held.epoch == publication.epoch):
        # A new epoch says that the database is an older one; an emergency's folder has none, and says nothing of it.
        epoch = new_id() if held.epoch else publication.epoch
        Publication.objects.filter(pk=1).update(revision=held.revision + 1, epoch=epoch)
        return None
    if held and (held.epoch, held.render_key) == (publication.epoch, render_key()):
        return held
    return None


@contextmanager
def _one_instant() -> Iterator[None]:
    """All reads of a publication see one state of the database, and hold no writer up.

    On SQLite a deferred transaction, not Django's: that one takes the write lock, and
    rendering a long history would make everybody else wait for it.
    """
    if connection.in_atomic_block:
        yield
        return
    postgresql = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED" if connection.vendor == "sqlite" else postgresql)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _render(folder: Path, held: Manifest | None, as_of: datetime) -> tuple[Manifest, Path]:
    """Write the pages that changed, then a new hot set; nothing is switched yet."""
    publication = Publication.objects.get(pk=1)
    since = held.revision if held else -1
    months, dirty = _months(since, held)
    stored = capture.take(publication, as_of=as_of, months=months)
    snapshot = emergency.overlaid(stored, _unstored(folder))
    written = {*_write_pages(folder, snapshot, since, dirty), *write_unstored(folder, snapshot, stored)}
    if held is None:
        for gone in store.page_paths(folder) - {store.file_of(path) for path in written}:
            store.remove_page(folder, gone)
    return write_hot(folder, snapshot, held, publication.epoch)


def _unstored(folder: Path) -> list[Emergency]:
    """What was published without the database and is not in it yet, by its own word: a file may be left behind."""
    found = emergency.pending(folder)
    known = set(Incident.objects.filter(pk__in=[each.id for each in found]).values_list("pk", flat=True))
    return [each for each in found if each.id not in known]


def _months(since: int, held: Manifest | None) -> tuple[dict[str, MonthCount], set[str]]:
    """All months with their counts, and the ones whose page must be written again.

    A month that comes or goes changes its neighbours' links, so these are written too.
    """
    before = held.months if held else {}
    months = {key: MonthCount(key=key, incidents=each[0], maintenances=each[1]) for key, each in before.items()}
    dirty = capture.changed_months(since)
    for key in dirty:
        count = capture.count_month(key)
        months.pop(key, None)
        if count.incidents or count.maintenances:
            months[key] = count
    came_or_went = set(before) ^ set(months)
    return months, dirty | _neighbours(came_or_went, months)


def _neighbours(keys: Iterable[str], months: Mapping[str, MonthCount]) -> set[str]:
    near: set[str] = set()
    for key in keys:
        near |= {max((each for each in months if each < key), default=key)}
        near |= {min((each for each in months if each > key), default=key)}
    return near


def _write_pages(folder: Path, snapshot: Snapshot, since: int, dirty: set[str]) -> Iterable[str]:
    """Write incident and month pages that changed; yields the paths written."""
    for entry in capture.changed_entries(since):
        for document in documents.entry_documents(snapshot, entry):
            store.write_page(folder, document.path, document.render())
            yield document.path
    keys = {each.key for each in snapshot.months}
    for key in sorted(dirty):
        if key not in keys:
            for language in languages.published():
                store.remove_page(folder, language.place(f"/history/{key}"))
            continue
        for document in documents.month_documents(snapshot, capture.month(key, keys)):
            store.write_page(folder, document.path, document.render())
            yield document.path


def write_unstored(folder: Path, snapshot: Snapshot, stored: Snapshot) -> Iterator[str]:
    """Write the pages of incidents that the database does not have yet; yields the paths written."""
    known = {incident.id for incident in stored.incidents}
    for incident in snapshot.incidents:
        if incident.id not in known:
            for document in documents.entry_documents(snapshot, incident):
                store.write_page(folder, document.path, document.render())
                yield document.path


def write_hot(folder: Path, snapshot: Snapshot, held: Manifest | None, epoch: str) -> tuple[Manifest, Path]:
    """Write a hot set; what did not change keeps its files, its ETag and its time. Nothing is switched yet."""
    hot = store.new_hot_folder(folder, snapshot.revision)
    try:
        return _write_all(hot, store.current(folder), snapshot, held, epoch), hot
    except Exception:
        store.remove_hot_folder(hot)  # else each try would leave its part on a disk that is full already
        raise


def _write_all(hot: Path, before: Path | None, snapshot: Snapshot, held: Manifest | None, epoch: str) -> Manifest:
    """The hot set's files; what they are."""
    old = held.documents if held and before else {}
    written = {
        document.path: _write_document(hot, before, document, old.get(document.path), snapshot.as_of)
        for document in documents.hot_documents(snapshot)
    }
    (hot / frozen.FILE).write_bytes(frozen.to_json(snapshot))
    return Manifest(
        revision=snapshot.revision,
        epoch=epoch,
        render_key=render_key(),
        as_of=snapshot.as_of.astimezone(UTC).isoformat(),
        csp=html.csp(),
        months={each.key: (each.incidents, each.maintenances) for each in snapshot.months},
        documents=written,
    )


def _write_document(hot: Path, before: Path | None, document: Document, old: Held | None, as_of: datetime) -> Held:
    if old and before and document.key is not None and document.key == old.key:
        store.link(before / old.file, hot / old.file)
        return old
    body = document.render()
    etag = store.etag_of(body)
    file = store.file_of(document.path)
    if old and before and old.etag == etag:
        store.link(before / old.file, hot / file)
        modified = old.modified
    else:
        store.write(hot / file, body)
        modified = int(as_of.timestamp())
    return Held(file, document.content_type, etag, modified, document.key)


def render_key() -> str:
    """What decides how documents look besides the facts: the program and its settings."""
    parts = [_program(), settings.SITE_NAME, settings.SITE_URL, settings.PAGE_TIME_ZONE]
    parts += [settings.LANGUAGE_CODE, repr(settings.BRAND), repr(settings.LANGUAGES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def _program() -> str:
    """A digest of the files that render, read once a process."""
    digest = hashlib.sha256()
    for name in SOURCES:
        for file in sorted(Path(settings.BASE_DIR, name).rglob("*")):
            if file.is_file() and file.suffix in {".py", ".html", ".css", ".js", ".txt", ".svg", ".mo"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()
