"""Bring the folder to the database's revision: capture, render what changed, switch.

Called after every action's commit, by the sweep where that failed, and by
`manage.py publish`. Writes one thing to the database: which revision readers have.
"""

import logging
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings

from statuspage import selectors
from statuspage.instant import one_instant
from statuspage.models import Publication
from statuspage.models.base import new_id

from . import capture, emergency, entries, hot, html, look, pages, store
from .look import Look
from .pages import Changes
from .snapshot import History, Snapshot
from .store import Manifest

logger = logging.getLogger(__name__)

CATCH_UP_SECONDS = 1.0
"""As long as a sweep goes on with old pages: it has other things to do, and comes again."""

PAUSE_SECONDS = 4 * store.LOCK_POLL_SECONDS
"""Between two batches: long enough for whoever waits for the folder's lock."""


class Overtaken(OSError):
    """The folder has something newer than what this was rendered from; publish again."""


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
    Old pages that only look different, or are very many, are left to `catch_up`.
    Raises OSError when the folder cannot be written; readers then keep what they have.
    """
    folder = store.root()
    with store.lock(folder):
        found = store.read_manifest(folder)
        if found:
            overtake(found)
        publication = Publication.objects.current()
        held = found if found and is_of_this_past(found, publication) else None
        seen = look.chosen(folder, is_anew=held is None)
        if held and not refresh and _is_up_to_date(held, seen):
            return False
        if found:
            found = hot.permitted(folder, found)
        with one_instant():
            manifest, new = _render(folder, found if held else None, seen, now or selectors.database_now())
        if store.read_manifest(folder) != found:
            store.remove_hot_folder(new)
            raise Overtaken("an emergency was posted while this was rendered; the sweep renders it again")
        store.switch(folder, new, manifest)
        store.beat(folder)
    Publication.objects.filter(pk=1, published_revision__lt=manifest.revision).update(
        published_revision=manifest.revision, published_at=selectors.database_now()
    )
    return True


def _is_up_to_date(held: Manifest, seen: Look) -> bool:
    """Whether the folder has every revision, and the look it is to have."""
    is_in_our_look = held.render_key == look.render_key()
    return held.revision >= Publication.objects.current().revision and (is_in_our_look or not seen.is_ours)


def refresh_due(now: datetime) -> bool:
    """Whether the page's `as of` is older than PAGE_REFRESH_SECONDS."""
    held = store.read_manifest(store.root())
    if held is None:
        return True
    age = now - datetime.fromisoformat(held.as_of)
    return age.total_seconds() >= settings.PAGE_REFRESH_SECONDS


# --- Which past the folder is of -------------------------------------------------------------------


def is_of_this_past(held: Manifest, publication: Publication) -> bool:
    """Whether the folder was rendered from what this database holds, and can be built upon."""
    return held.epoch == publication.epoch and held.stored_revision <= publication.revision


def overtake(held: Manifest) -> None:
    """Raise the database's revision above a folder that is ahead of it.

    No reader ever sees an older revision after a newer one, or two pages under one. A
    folder that was rendered from more than the database holds belonged to it before it was
    restored: its epoch changes, so that every node renders anew.
    """
    publication = Publication.objects.current()
    if _is_ahead(held, publication):
        epoch = publication.epoch if is_of_this_past(held, publication) else new_id()
        behind = Publication.objects.filter(
            pk=1, revision__lte=held.revision
        )  # no longer, where another node was faster
        behind.update(revision=held.revision + 1, epoch=epoch)


def _is_ahead(held: Manifest, publication: Publication) -> bool:
    """Whether readers have a revision that this database has not given yet, or gave to something else."""
    if held.revision != publication.revision:
        return held.revision > publication.revision
    return not is_of_this_past(held, publication) or held.stored_revision != held.revision


# --- Rendering -------------------------------------------------------------------------------------


def _render(folder: Path, held: Manifest | None, seen: Look, as_of: datetime) -> tuple[Manifest, Path]:
    """Write the pages that changed, then a new hot set; nothing is switched yet."""
    publication = Publication.objects.get(pk=1)
    changes = pages.changes(folder, held)
    histories = entries.histories(publication.revision, changes.since, hot.whole_histories(held))
    snapshot = _captured(publication, changes, as_of, histories)
    if held is None:
        pages.remove_others(folder, pages.write_changed(folder, snapshot, changes))
    else:
        seen = _write_pages(folder, snapshot, changes, seen)
        pages.write_overdue(folder, snapshot, datetime.fromisoformat(held.as_of))
    is_one_look = held is None or (seen.is_ours and not seen.backlog)
    return hot.write(
        folder,
        snapshot,
        held,
        epoch=publication.epoch,
        stored_revision=publication.revision,
        policy=html.csp() if held is None or is_one_look else html.csp(held.csp),
        unstored={each.id: capture.month_key(each.posted_at) for each in changes.unstored},
    )


def _captured(
    publication: Publication, changes: Changes, as_of: datetime, histories: tuple[History, ...] = ()
) -> Snapshot:
    stored = capture.take(publication, as_of=as_of, months=changes.months, histories=histories)
    return emergency.overlaid(stored, changes.unstored)


def _write_pages(folder: Path, snapshot: Snapshot, changes: Changes, seen: Look) -> Look:
    """Write what changed, or the part of it that readers are led to; what is left for later is noted first."""
    if changes and (changes.is_much or not seen.is_ours):
        seen = look.write(folder, seen.postponed(changes.since))
    if changes.is_much:
        pages.write_shown(folder, snapshot, changes)
    else:
        pages.write_changed(folder, snapshot, changes)
    return seen


# --- Old pages -------------------------------------------------------------------------------------


def permit() -> bool:
    """Let readers' policy permit this program's style and script, and publish nothing; False where nothing is there.

    For a web server in front that has to learn the policy before it serves pages of a new release.
    """
    folder = store.root()
    with store.lock(folder):
        held = store.read_manifest(folder)
        if held:
            look.chosen(folder)
            hot.permitted(folder, held)
    return held is not None


def catch_up(seconds: float = CATCH_UP_SECONDS) -> bool:
    """Go on with the pages that were left for later; True when there is nothing more that this program could do.

    The folder's lock is let go after every batch: whoever publishes waits for one of them at
    the most. A process that dies loses one batch; another goes on from there.
    """
    until = time.monotonic() + seconds
    try:
        while _render_batch(store.root()):
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE_SECONDS)
    except TimeoutError:
        return False  # somebody publishes, or is at it already
    return True


def finish() -> None:
    """Go on until nothing is left, for whoever can wait."""
    while not catch_up():
        time.sleep(PAUSE_SECONDS)


def _render_batch(folder: Path) -> bool:
    """Render the next few pages that are left; whether there are more."""
    with store.lock(folder, patience=0):
        held, seen = store.read_manifest(folder), look.read(folder)
        publication = Publication.objects.current()
        if not (held and seen and seen.backlog and seen.is_ours and is_of_this_past(held, publication)):
            return False
        held = hot.permitted(folder, held)
        with one_instant():
            changes = pages.changes(folder, held)
            snapshot = _captured(publication, changes, selectors.database_now())
            left = pages.write_batch(folder, snapshot, seen.backlog[0], changes)
        store.sync(folder)
        return bool(look.write(folder, seen.done(left)).backlog)
