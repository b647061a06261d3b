"""Rows of incidents and maintenances -> the facts of a snapshot: which of them, and all that was said.

The half of `capture` that reads entries: the page's newest, those of given keys, and what
each component's feeds hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet, Subquery

from statuspage import models
from statuspage.vocabulary import OPEN_INCIDENT, OPEN_MAINTENANCE

from .snapshot import RECENT, AffectedComponent, History, Incident, Maintenance, Update

BATCH = 200
"""Entries read at a time when all pages are rendered: memory stays flat."""

LAST_WORD_FIRST = ("-updated_at", "-pk")
"""Every word on an entry, and every correction, moves its `updated_at`."""

Read = TypeVar("Read", Incident, Maintenance)


def recent_incidents() -> QuerySet[models.Incident]:
    rows = models.Incident.objects
    recent = {*_newest(rows.order_by("-created_at")), *_newest(rows.order_by(*LAST_WORD_FIRST))}
    return rows.filter(Q(pk__in=recent) | Q(status__in=OPEN_INCIDENT)).order_by("-created_at")


def recent_maintenances() -> QuerySet[models.Maintenance]:
    rows = models.Maintenance.objects
    recent = {*_newest(rows.order_by("-scheduled_for")), *_newest(rows.order_by(*LAST_WORD_FIRST))}
    return rows.filter(Q(pk__in=recent) | Q(status__in=OPEN_MAINTENANCE)).order_by("-scheduled_for")


def _newest(rows: QuerySet[Any]) -> Iterable[str]:
    """The keys of the first RECENT."""
    return rows.values_list("pk", flat=True)[:RECENT]


def _update(row: models.IncidentUpdate | models.MaintenanceUpdate) -> Update:
    affected = row.affected_components
    return Update(
        id=row.pk,
        status=row.status,
        body=row.body,
        created_at=row.created_at,
        updated_at=row.updated_at,
        display_at=row.display_at,
        deliver_notifications=row.deliver_notifications,
        affected_components=None if affected is None else tuple(AffectedComponent(**each) for each in affected),
    )


def _named(row: models.Incident | models.Maintenance) -> dict[str, tuple[str, ...]]:
    """Ids and names of the components in the page's order."""
    components = sorted((claim.component for claim in row.claims.all()), key=lambda each: (each.position, each.name))
    return {
        "component_ids": tuple(each.pk for each in components),
        "component_names": tuple(each.full_name for each in components),
    }


def _link(row: models.Incident | models.Maintenance) -> str:
    return row.shortlink or f"{settings.SITE_URL}/incidents/{row.pk}"


def _incident(row: models.Incident) -> Incident:
    return Incident(
        id=row.pk,
        name=row.name,
        status=row.status,
        impact=row.impact,
        severity=row.severity,
        created_at=row.created_at,
        updated_at=row.updated_at,
        started_at=row.started_at,
        monitoring_at=row.monitoring_at,
        resolved_at=row.resolved_at,
        next_update_by=row.next_update_by,
        shortlink=_link(row),
        updates=tuple(_update(each) for each in row.updates.all()),
        **_named(row),
    )


def _kept_notice(row: models.Maintenance) -> dict[str, Any]:
    """Where staff wish, of the window as it stands now; that of earlier times says nothing of it."""
    found = getattr(row, "notice_summary", None) if row.shows_notice else None
    if found is None or found.window_revision != row.window_revision:
        return {}
    return {"told": found.told, "last_told_at": found.last_told_at}


def _maintenance(row: models.Maintenance) -> Maintenance:
    return Maintenance(
        id=row.pk,
        name=row.name,
        status=row.status,
        impact=row.impact,
        created_at=row.created_at,
        updated_at=row.updated_at,
        announced_at=row.announced_at,
        started_at=row.started_at,
        monitoring_at=row.monitoring_at,
        resolved_at=row.resolved_at,
        scheduled_for=row.scheduled_for,
        scheduled_until=row.scheduled_until,
        time_zone=row.time_zone,
        window_revision=row.window_revision,
        series=row.series_id or "",
        shortlink=_link(row),
        updates=tuple(_update(each) for each in row.updates.all()),
        **_kept_notice(row),
        **_named(row),
    )


def incidents(rows: QuerySet[models.Incident]) -> Iterator[Incident]:
    """These incidents in their order."""
    return _told(rows, _incident)


def maintenances(rows: QuerySet[models.Maintenance]) -> Iterator[Maintenance]:
    """These maintenances in their order."""
    return _told(rows, _maintenance, "notice_summary")


# --- Kept -------------------------------------------------------------------------------------

Mark = tuple[str, str, int, datetime, str]
"""By what one state of an entry is known: site, key, revision, time of the last word, and the past they are of.

Its revision moves with everything that is read of it, as pages on disk rely on it too: its words, their corrections,
its components' names and places (`actions.components`)."""

KEPT = 600
"""Entries, some kilobytes each. What a publication reads of a long history, three components' feeds and a month."""

_kept: dict[Mark, Any] = {}
"""What this process has read, for its next publication: of hundreds of entries mostly one has changed."""


def _told(rows: QuerySet[Any], facts_of: Callable[[Any], Read], *beside: str) -> Iterator[Read]:
    """The facts of these rows; only those that changed since they were kept are read."""
    marks = _marks(rows)
    kept = {mark[1]: _kept.get(mark) for mark in marks}
    found: dict[str, Read] = {pk: each for pk, each in kept.items() if each}
    missing = [pk for pk in kept if pk not in found]
    for row in rows.model._default_manager.filter(pk__in=missing).prefetch_related(
        "updates", "claims__component__group", *beside
    ):
        found[row.pk] = facts_of(row)
    if len(_kept) + len(missing) > KEPT:
        _kept.clear()
    _kept.update({mark: found[mark[1]] for mark in marks[:KEPT] if mark[1] in found})
    return (found[mark[1]] for mark in marks if mark[1] in found)


def forget() -> None:
    """Keep nothing, as a process that has just begun."""
    _kept.clear()


def _marks(rows: QuerySet[Any]) -> list[Mark]:
    past = Subquery(models.Publication.objects.values("epoch")[:1])
    marks = rows.annotate(past=past).values_list("pk", "revision", "updated_at", "past")
    return [(settings.SITE_URL, *mark) for mark in marks]


def read(model: Any, load: Callable[[QuerySet[Any]], Iterator[Read]], keys: Iterable[str]) -> Iterator[Read]:
    """The entries of these keys, a BATCH at a time."""
    wanted = list(keys)
    for first in range(0, len(wanted), BATCH):
        yield from load(model.objects.filter(pk__in=wanted[first : first + BATCH]))


# --- History: what touched a component --------------------------------------------------------


def histories(revision: int, since: int, before: Mapping[str, int]) -> tuple[History, ...]:
    """The history of every component, read where it changed after revision `since`.

    `before`: component id -> the revision in which its history last changed, as the last
    publication had it; what is not in it is read. All of it would be much: fifty entries of
    each component, with all that was said, for an update of one.
    """
    known = list(models.Component.objects.listed().order_by("pk").values_list("pk", flat=True))
    spoken_of = _components_of(since) if before else set()
    changed = [pk for pk in known if pk in spoken_of or pk not in before]
    found = {each.component_id: each for each in _histories(changed, revision)}
    return tuple(found.get(pk) or History(component_id=pk, changed_in=before[pk]) for pk in known)


def _components_of(since: int) -> set[str]:
    """The components of entries that changed after revision `since`."""
    claims = models.IncidentComponent.objects.filter(incident__revision__gt=since).values_list("component_id")
    planned = models.MaintenanceComponent.objects.filter(maintenance__revision__gt=since).values_list("component_id")
    return {pk for (pk,) in claims.union(planned)}


def _histories(components: Iterable[str], revision: int) -> Iterator[History]:
    """The histories of these components; an entry that several of them share is read once."""
    keys = {pk: (_newest_of(pk, models.Incident), _newest_of(pk, models.Maintenance)) for pk in components}
    told = {each.id: each for each in read(models.Incident, incidents, _distinct(own for own, _ in keys.values()))}
    planned = {
        each.id: each for each in read(models.Maintenance, maintenances, _distinct(own for _, own in keys.values()))
    }
    for pk, (incident_keys, maintenance_keys) in keys.items():
        yield History(
            component_id=pk,
            changed_in=revision,
            is_read=True,
            incidents=tuple(told[key] for key in incident_keys),
            maintenances=tuple(planned[key] for key in maintenance_keys),
        )


def _newest_of(component: str, model: Any) -> list[str]:
    """Keys of what touched a component, the newest word first.

    Asked of one component at a time: a window function over all of them reads every claim
    there is, where this stops after RECENT along the index, or reads the few claims there are.
    """
    return list(_newest(model.objects.filter(claims__component=component).order_by(*LAST_WORD_FIRST)))


def _distinct(keys: Iterable[Iterable[str]]) -> list[str]:
    return sorted({key for each in keys for key in each})
