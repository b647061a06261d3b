"""Incidents and maintenances of an imported history: their rows, updates, components and windows."""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import F, Model

from statuspage.importing import rows
from statuspage.importing.records import Incident as IncidentRecord
from statuspage.importing.records import Maintenance as MaintenanceRecord
from statuspage.models import (
    Incident,
    IncidentComponent,
    IncidentUpdate,
    Maintenance,
    MaintenanceComponent,
    MaintenanceUpdate,
    MaintenanceWindow,
)

from .sync import Difference, batches, below, sync

Counted = Iterator[tuple[str, Difference]]


@dataclass(frozen=True)
class Shelf:
    """The tables of one kind of entry. `parent` is the column by which the others name it."""

    kind: str
    entries: type[Model]
    updates: type[Model]
    claims: type[Model]
    parent: str
    fields: tuple[str, ...]
    claim_fields: tuple[str, ...]

    @property
    def claim_key(self) -> Callable[[Model], Hashable]:
        """One claim for an entry and a component."""
        return attrgetter(self.parent, "component_id")


INCIDENTS = Shelf(
    "incidents", Incident, IncidentUpdate, IncidentComponent, "incident_id", rows.ENTRY_FIELDS, ("status",)
)
MAINTENANCES = Shelf(
    "maintenances",
    Maintenance,
    MaintenanceUpdate,
    MaintenanceComponent,
    "maintenance_id",
    rows.MAINTENANCE_FIELDS,
    (),
)


def sync_incidents(
    records: Sequence[IncidentRecord], known: Collection[str], third_party: Collection[str], revision: int
) -> Counted:
    """Write incidents with their updates and components; yields what was written, by kind."""
    entries = [rows.incident(each, third_party, revision) for each in records]
    updates = [row for each in records for row in rows.incident_updates(each)]
    claims = [row for each in records for row in rows.incident_claims(each, known)]
    yield from _sync(INCIDENTS, entries, updates, claims, revision)


def sync_maintenances(
    records: Sequence[MaintenanceRecord], known: Collection[str], time_zone: str, revision: int
) -> Counted:
    """Write maintenances likewise, each window that is new or has moved as a revision of its own."""
    windows = _windows(records)
    entries = [rows.maintenance(each, time_zone, windows[each.id].number, revision) for each in records]
    updates = [row for each in records for row in rows.maintenance_updates(each)]
    claims = [row for each in records for row in rows.maintenance_claims(each, known)]
    yield from _sync(MAINTENANCES, entries, updates, claims, revision)
    new = [window for window in windows.values() if window.pk is None]
    yield "maintenance windows", Difference(MaintenanceWindow.objects.bulk_create(new), [], [])


def _windows(records: Sequence[MaintenanceRecord]) -> dict[str, MaintenanceWindow]:
    """Each maintenance's window: the stored one where the source still tells it, else its next revision."""
    stored = below(MaintenanceWindow, "maintenance_id", [each.id for each in records])
    latest = {row.maintenance_id: row for row in sorted(stored, key=attrgetter("number"))}
    return {each.id: rows.window(each, latest.get(each.id)) for each in records}


def _sync(
    shelf: Shelf, entries: Sequence[Model], updates: Sequence[Model], claims: Sequence[Model], revision: int
) -> Counted:
    """Write entries and what belongs to them. What belongs to one changed: so did the entry."""
    ids = [row.pk for row in entries]
    main = sync(shelf.entries, entries, below(shelf.entries, "pk", ids), shelf.fields)
    said = sync(shelf.updates, updates, below(shelf.updates, shelf.parent, ids), rows.UPDATE_FIELDS, forget=True)
    claimed = sync(
        shelf.claims,
        claims,
        below(shelf.claims, shelf.parent, ids),
        shelf.claim_fields,
        shelf.claim_key,
        forget=True,
    )
    changed = {row.pk for row in main.changed}
    changed |= {getattr(row, shelf.parent) for row in (*said.rows(), *claimed.rows())}
    for batch in batches(sorted(changed - {row.pk for row in main.new})):
        found = shelf.entries._base_manager.filter(pk__in=batch)
        found.update(revision=revision, version=F("version") + 1)
    yield shelf.kind, main
    yield f"updates of {shelf.kind}", said
    yield f"components of {shelf.kind}", claimed
