"""Lists of incidents and maintenances, and the one of an id. Reads alone."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.http import Http404

from statuspage import selectors
from statuspage.actions.base import is_id
from statuspage.models import Incident, IncidentUpdate, Maintenance, MaintenanceUpdate
from statuspage.text import clean_line
from statuspage.vocabulary import ACTIVE_MAINTENANCE, MaintenanceStatus

from .answers import Paging, paged
from .incident_objects import WITH_IT, Entry

LONGEST_SEARCH = 255


def entry(pk: str) -> Entry:
    """The incident or the maintenance of that id, or 404."""
    for model in (Incident, Maintenance):
        if is_id(pk) and (row := model._default_manager.filter(pk=pk).first()):
            return row  # type: ignore[return-value]
    raise Http404("incident")


def whole(rows: QuerySet[Any]) -> list[Any]:
    """These rows with what their objects are made of."""
    return list(rows.prefetch_related(*WITH_IT))


def everything(words: str, paging: Paging) -> Sequence[Entry]:
    """Incidents and maintenances together, newest first: those whose title, status or text has `words`."""
    incidents = _matching(Incident.objects.all(), IncidentUpdate, "incident", words)
    maintenances = _matching(Maintenance.objects.all(), MaintenanceUpdate, "maintenance", words)
    listed = list(paged(incidents.union(maintenances, all=True).order_by("-created_at", "pk"), paging))
    found: dict[str, Entry] = {}
    for model in (Incident, Maintenance):
        wanted = [pk for pk, _at, kind in listed if kind == model._meta.model_name]
        found |= {row.pk: row for row in whole(model._default_manager.filter(pk__in=wanted))}
    return [found[pk] for pk, _at, _kind in listed if pk in found]


def _matching(rows: QuerySet[Any], updates: Any, kind: str, words: str) -> QuerySet[Any]:
    wanted = clean_line(words)[:LONGEST_SEARCH]
    if wanted:
        said = updates.objects.filter(body__icontains=wanted, **{kind: OuterRef("pk")})
        rows = rows.filter(Q(name__icontains=wanted) | Q(status__icontains=wanted) | Exists(said))
    name = Value(kind, output_field=CharField())
    return rows.order_by().annotate(kind=name).values_list("pk", "created_at", "kind")


def unresolved(paging: Paging) -> list[Incident]:
    return whole(paged(selectors.open_incidents(), paging))


def scheduled(paging: Paging) -> list[Maintenance]:
    """All maintenances there are, the latest start first."""
    return whole(paged(Maintenance.objects.order_by("-scheduled_for", "pk"), paging))


def upcoming(paging: Paging) -> list[Maintenance]:
    """What has not begun, soonest first."""
    rows = Maintenance.objects.filter(status=MaintenanceStatus.SCHEDULED)
    return whole(paged(rows.order_by("scheduled_for", "pk"), paging))


def active(paging: Paging) -> list[Maintenance]:
    """What is under way."""
    rows = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE)
    return whole(paged(rows.order_by("scheduled_for", "pk"), paging))
