"""The outages of an imported history, beside those that this site recorded itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from statuspage.importing import rows, timeline
from statuspage.importing.records import History
from statuspage.importing.timeline import Change, Interval, Standing, Subject
from statuspage.models import Component, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Outage
from statuspage.vocabulary import ComponentStatus

from .sync import Difference, sync

Span = tuple[datetime, datetime | None]


@dataclass
class Recorded:
    """What is stored before an import: its own earlier rows, and what this site recorded itself.

    A live outage is recorded at the moment it begins, an imported one later; and what
    belongs to an incident or maintenance that staff have touched is the site's own.
    """

    touched: set[tuple[str, str]]
    imported: list[Outage] = field(default_factory=list)
    corrected: dict[object, Outage] = field(default_factory=dict)
    """An imported row that staff corrected or withdrew, by its key -> the row that now stands for it."""
    own: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, touched: set[tuple[str, str]]) -> "Recorded":
        """Sort all stored outages."""
        recorded = cls(touched)
        stored = Outage.objects.in_bulk()
        replaced = {row.replaces_id for row in stored.values()}
        for row in stored.values():
            origin = row
            while origin.replaces_id:
                origin = stored[origin.replaces_id]
            if row.pk in replaced or origin.was_recorded_later:
                continue  # what was recorded afterwards lies beside what pages told
            if not recorded._is_imported(origin):
                recorded._note_own(row)
            elif origin is row:
                recorded.imported.append(row)
            else:
                recorded.corrected[rows.outage_key(origin)] = row
        return recorded

    def _note_own(self, row: Outage) -> None:
        if not row.is_withdrawn:
            self.own[row.component_id].append((row.started_at, row.ended_at))

    def _is_imported(self, row: Outage) -> bool:
        subject = ("incident", row.incident_id) if row.incident_id else ("maintenance", row.maintenance_id)
        return row.created_at > row.started_at and subject not in self.touched

    def is_newer(self, component_id: str, at: datetime) -> bool:
        """Whether this site has said something of the component since `at`."""
        return any(end is None or end > at for _, end in self.own.get(component_id, ()))


def sync_outages(
    history: History, recorded: Recorded, known: Collection[str], third_party: Collection[str], now: datetime
) -> Difference[Outage]:
    """Write the outages that the history makes: the same again, and rows that staff corrected, stay."""
    wanted = [rows.outage(each, third_party, now) for each in _intervals(history, recorded, known)]
    for row in wanted:
        _close_corrected(recorded.corrected.get(rows.outage_key(row)), row)
    fresh = [row for row in wanted if rows.outage_key(row) not in recorded.corrected]
    return sync(Outage, fresh, recorded.imported, rows.OUTAGE_FIELDS, rows.outage_key, forget=True)


def _close_corrected(standing: Outage | None, row: Outage) -> None:
    """The source has now told the end of an outage that staff corrected while it was open."""
    if standing and standing.ended_at is None and row.ended_at and row.ended_at > standing.started_at:
        standing.ended_at = row.ended_at
        standing.save(update_fields=["ended_at"])


def _intervals(history: History, recorded: Recorded, known: Collection[str]) -> Iterator[Interval]:
    """The timeline over all that was ever imported, where it leaves the site's own record alone."""
    entries = sorted(
        (each for each in history.entries() if (each.kind, each.id) not in recorded.touched), key=attrgetter("id")
    )
    changes = [*_earlier_changes(history, recorded), *(c for each in entries for c in timeline.changes_of(each))]
    changes = [change for change in changes if change.component_id in known]
    ended = {Subject(each.kind, each.id): each.resolved_at for each in history.entries() if each.resolved_at}
    silent = timeline.settle(changes, _standings(history, recorded), ended, history.as_of)
    for interval in timeline.intervals([*changes, *silent]):
        remaining = timeline.give_way(interval, recorded.own.get(interval.component_id, ()))
        if remaining:
            yield remaining


def _standings(history: History, recorded: Recorded) -> dict[str, Standing]:
    """How components stand in the end, but for those of which this site has its own word.

    One that the source no longer lists stands as it is stored.
    """
    stood = {
        pk: Standing(ComponentStatus(row.status), row.updated_at) for pk, row in Component.objects.in_bulk().items()
    }
    stood |= {each.id: Standing(each.status, each.updated_at) for each in history.components}
    return {pk: each for pk, each in stood.items() if not recorded.is_newer(pk, each.since)}


def _earlier_changes(history: History, recorded: Recorded) -> Iterator[Change]:
    """What was imported before and is no longer in the source: an address lists the newest 50."""
    listed = {(each.kind, each.id) for each in history.entries()}
    for kind, entries, updates in (
        ("incident", Incident, IncidentUpdate),
        ("maintenance", Maintenance, MaintenanceUpdate),
    ):
        stored = {(kind, pk) for pk in entries.objects.values_list("pk", flat=True)}
        if earlier := stored - listed - recorded.touched:
            said = updates.objects.filter(affected_components__isnull=False)
            facts = said.values_list(f"{kind}_id", "created_at", "affected_components")
            for pk, at, affected in facts.order_by(f"{kind}_id", "created_at").iterator():
                if (kind, pk) in earlier:
                    yield from _changes(Subject(kind, pk), at, affected)


def _changes(subject: Subject, at: datetime, affected: Iterable[dict[str, str]]) -> Iterator[Change]:
    for each in affected or ():
        yield Change(each["code"], at, ComponentStatus(each["new_status"]), subject)
