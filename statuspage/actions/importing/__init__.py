"""Store a history read elsewhere: components, incidents, maintenances, and their outages.

Called by `import_statuspage` and `seed_example`. Emits no event, so nobody is ever told of
something imported. What staff have changed on this site (there is an audit entry of it) is
theirs: an import leaves it alone. The same history again writes nothing at all.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from statuspage import audit, selectors
from statuspage.actions.base import action, bump
from statuspage.importing import rows
from statuspage.importing.records import History
from statuspage.models import AuditEntry, Component, ComponentGroup, Incident, Maintenance, Publication
from statuspage.roles import Ability

from .entries import sync_incidents, sync_maintenances
from .outages import Recorded, sync_outages
from .sync import Difference, sync

Report = Callable[[str], None]

STATUS_ACT = "set_component_statuses"
"""The one act on a component that changes nothing but its status; outages tell of that."""


@dataclass
class Summary:
    """What an import wrote, by kind of row, and what it could not take."""

    report: Report
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    left_alone: int = 0
    """Incidents and maintenances that staff of this site have changed."""
    unknown_components: tuple[str, ...] = ()
    """Ids that updates name and the source no longer lists: the names stay in the updates."""
    revision: int | None = None
    """The publication that shows it. None: everything was here already."""

    def note(self, kind: str, found: Difference) -> None:
        """Count what was written of a kind, and say so."""
        counts = {"new": len(found.new), "changed": len(found.changed), "gone": len(found.gone)}
        self.counts[kind] = {word: number for word, number in counts.items() if number}
        if words := ", ".join(f"{number:,} {word}" for word, number in self.counts[kind].items()):
            self.report(f"{kind}: {words}")


@action
def import_history(
    *, history: History, actor: audit.Actor, now: datetime | None = None, report: Report = lambda line: None
) -> Summary:
    """Bring this site to what `history` tells. Times and ids are kept exactly.

    Nothing that the source no longer lists is deleted: an address lists the newest 50.
    """
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    publication = Publication.objects.lock()
    page_id = _new_page_id(publication, history)
    summary = Summary(report)
    _sync_all(history, summary, now, publication.revision + 1)
    if page_id:
        Publication.objects.filter(pk=1).update(page_id=page_id)
    if page_id or any(summary.counts.values()):
        summary.revision = bump(now)
        audit.record(
            actor=actor,
            action="import_history",
            kind="import",
            object_id=history.page_id or "",
            at=now,
            after={"page": history.page_name, "written": summary.counts},
        )
    return summary


def _new_page_id(publication: Publication, history: History) -> str | None:
    """The source's id for a site that has nothing yet; any other site keeps its own."""
    if history.page_id in {None, publication.page_id}:
        return None
    tables = (Component, ComponentGroup, Incident, Maintenance)
    return None if any(table.objects.exists() for table in tables) else history.page_id


def _sync_all(history: History, summary: Summary, now: datetime, revision: int) -> None:
    """Components first, then what names them, then the outages that follow from all of it."""
    touched = _touched_here()
    recorded = Recorded.read(touched)
    _sync_components(history, recorded, summary)
    known = set(Component.objects.values_list("pk", flat=True))
    third_party = set(Component.objects.filter(is_third_party=True).values_list("pk", flat=True))
    incidents = [each for each in history.incidents if ("incident", each.id) not in touched]
    maintenances = [each for each in history.maintenances if ("maintenance", each.id) not in touched]
    for kind, found in sync_incidents(incidents, known, third_party, revision):
        summary.note(kind, found)
    for kind, found in sync_maintenances(maintenances, known, history.time_zone, revision):
        summary.note(kind, found)
    summary.note("outages", sync_outages(history, recorded, known, third_party, now))
    summary.note("component statuses", _sync_statuses(history, recorded))
    summary.left_alone = sum(1 for each in history.entries() if (each.kind, each.id) in touched)
    summary.unknown_components = _unknown(history, known)


def _touched_here() -> set[tuple[str, str]]:
    """Kind and id of all that staff, keys or the sweep have acted on: an import has one entry of its own."""
    acts = AuditEntry.objects.exclude(action=STATUS_ACT)
    return set(acts.values_list("object_kind", "object_id").distinct())


def _sync_components(history: History, recorded: Recorded, summary: Summary) -> None:
    """Groups and components as the source has them, but for those that this site has changed."""
    groups = [rows.group(each) for each in history.groups if ("group", each.id) not in recorded.touched]
    summary.note("groups", sync(ComponentGroup, groups, ComponentGroup.objects.all(), rows.GROUP_FIELDS))
    theirs = (each for each in history.components if ("component", each.id) not in recorded.touched)
    components = [rows.component(each) for each in theirs if not recorded.is_newer(each.id, each.updated_at)]
    summary.note("components", sync(Component, components, Component.objects.all(), rows.COMPONENT_FIELDS))


def _sync_statuses(history: History, recorded: Recorded) -> Difference[Component]:
    """Each component's status by the source's word, unless this site has said something since."""
    stored = Component.objects.in_bulk()
    wanted = [
        Component(id=each.id, status=each.status)
        for each in history.components
        if each.id in stored and not recorded.is_newer(each.id, each.updated_at)
    ]
    return sync(Component, wanted, stored.values(), ("status",))


def _unknown(history: History, known: Collection[str]) -> tuple[str, ...]:
    named = {code for each in history.entries() for code in each.last_words()}
    return tuple(sorted(named.difference(known)))
