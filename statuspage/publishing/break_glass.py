"""Publish without the database: what the folder held last, with one incident more.

For the hour in which nothing else works. Needs the disk alone; the database gets the
incident when it is back (`actions.emergencies`), and nobody is told until staff say so.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from statuspage.models.base import new_id
from statuspage.vocabulary import ComponentStatus

from . import capture, frozen, hot, pages, store
from .emergency import Emergency, keep, overlaid, pending
from .snapshot import Component, Snapshot
from .store import Manifest

logger = logging.getLogger(__name__)


class NothingPublished(Exception):
    """The folder holds no publication that could be added to."""


class UnknownComponent(ValueError):
    """No component, or more than one, goes by that name."""


def post(*, title: str, body: str, statuses: Mapping[str, str], now: datetime) -> str:
    """Open an incident on the page at once; returns its path.

    `statuses`: a component's name (alone, or "Group - Name") or id -> ComponentStatus value.
    Raises NothingPublished, UnknownComponent, ValueError for an unknown status, OSError
    where the folder cannot be written; then nothing has changed.
    """
    folder = store.root()
    store.require_writable(folder)
    with lock_that_waits_for_nobody(folder):
        held, last = last_publication(folder)
        emergency = Emergency(
            id=new_id(),
            update_id=new_id(),
            title=title,
            body=body,
            components={component_named(name, last).id: ComponentStatus(said) for name, said in statuses.items()},
            at=now.astimezone(UTC).isoformat(),
        )
        keep(folder, emergency)
        publish_again(folder, held, last, now)
    return f"/incidents/{emergency.id}"


@contextmanager
def lock_that_waits_for_nobody(folder: Path) -> Iterator[None]:
    """The folder's lock; after its usual wait none at all.

    Whoever has it for longer waits for a database that hangs. Once they wake they find that
    the folder has something newer, and leave it (`publish.Overtaken`).
    """
    with ExitStack() as held:
        try:
            held.enter_context(store.lock(folder))
        except TimeoutError as error:
            logger.warning("%s; published all the same", error)
        yield


def last_publication(folder: Path) -> tuple[Manifest, Snapshot]:
    """What readers have now, and what it was made of."""
    held, current = store.read_manifest(folder), store.current(folder)
    if held is None or current is None:
        raise NothingPublished(f"{folder} holds no publication")
    try:
        return held, frozen.from_json((current / frozen.FILE).read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise NothingPublished(f"{current} cannot be added to: {error}") from error


def publish_again(folder: Path, held: Manifest, last: Snapshot, now: datetime) -> None:
    """The last publication with all that the database does not have, one revision on.

    It remains one of the same database at the same stored revision, so that the next goes on from there.
    """
    held = hot.permitted(folder, held)
    found = pending(folder)
    since = last.stands_since or last.as_of
    snapshot = overlaid(replace(last, revision=held.revision + 1, as_of=now, stands_since=since), found)
    pages.write_overdue(folder, snapshot, last.as_of)
    known = {incident.id for incident in last.incidents}
    for incident in snapshot.incidents:
        if incident.id not in known:
            pages.write_emergency(folder, snapshot, incident)
    manifest, new = hot.write(
        folder,
        snapshot,
        held,
        epoch=held.epoch,
        stored_revision=held.stored_revision,
        policy=held.csp,
        unstored=held.unstored | months_of(each for each in found if each.id not in known),
    )
    store.switch(folder, new, manifest)
    store.beat(folder)


def months_of(emergencies: Iterable[Emergency]) -> dict[str, str]:
    """The month that each is in, by its id."""
    return {each.id: capture.month_key(each.posted_at) for each in emergencies}


def component_named(name: str, snapshot: Snapshot) -> Component:
    """The one component of that id or name, in whatever case it is typed at 3 a.m."""
    wanted = name.strip().casefold()
    found = [each for each in snapshot.components if wanted in names_of(each, snapshot)]
    if len(found) != 1:
        known = ", ".join(snapshot.full_name(each) for each in found or snapshot.components)
        raise UnknownComponent(f"{name!r} is {'not one component' if found else 'no component'}; there is: {known}")
    return found[0]


def names_of(component: Component, snapshot: Snapshot) -> set[str]:
    return {component.id, component.name.casefold(), snapshot.full_name(component).casefold()}
