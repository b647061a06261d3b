"""The database at one revision -> Snapshot. The one place where published facts are read.

A number of queries that does not grow with the history, each answered by an index: the hot
set holds the newest incidents only; the counts of months, and the histories of components
that nothing new was said of, are carried from one publication to the next.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from statuspage import models
from statuspage.status import page_status, worst
from statuspage.vocabulary import ComponentStatus, Impact

from . import bars, entries
from .snapshot import (
    DAYS,
    Component,
    Embed,
    Entry,
    Group,
    History,
    Month,
    MonthCount,
    Page,
    Snapshot,
)
from .times import Clock


def take(
    publication: models.Publication,
    *,
    as_of: datetime,
    months: Mapping[str, MonthCount],
    histories: tuple[History, ...] = (),
) -> Snapshot:
    """The snapshot of `publication`'s revision as of an instant."""
    components = _components(as_of)
    incidents = tuple(entries.incidents(entries.recent_incidents()))
    return Snapshot(
        revision=publication.revision,
        as_of=as_of,
        page=page(publication),
        status=page_status(
            [component.status for component in components],
            [Impact(incident.impact) for incident in incidents if incident.is_open],
        ),
        groups=tuple(_groups(components)),
        components=components,
        incidents=incidents,
        maintenances=tuple(entries.maintenances(entries.recent_maintenances())),
        months=tuple(months[key] for key in sorted(months, reverse=True)),
        histories=histories,
        embed=_embed(),
    )


def page(publication: models.Publication) -> Page:
    """What the page is called and where it is."""
    return Page(
        id=publication.page_id,
        name=settings.SITE_NAME,
        url=settings.SITE_URL,
        time_zone=settings.PAGE_TIME_ZONE,
        updated_at=publication.changed_at,
    )


def _embed() -> Embed:
    """As chosen; as it comes where nobody chose."""
    found = models.EmbedConfig.objects.values(*models.EmbedConfig.FIELDS).first()
    return Embed(**(found or {}))


def _components(as_of: datetime) -> tuple[Component, ...]:
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    since = as_of - timedelta(days=DAYS + 1)
    outages = _outages(since)
    return tuple(
        _component(row, outages.get(row.pk, ()), as_of, zone)
        for row in models.Component.objects.listed().select_related("group").order_by("position", "name")
    )


def _component(row: models.Component, outages: Iterable[bars.Outage], as_of: datetime, zone: ZoneInfo) -> Component:
    shown = bars.days(outages, as_of=as_of, zone=zone, count=DAYS) if row.showcase else ()
    return Component(
        id=row.pk,
        name=row.name,
        description=row.description,
        status=ComponentStatus(row.status),
        group_id=row.group_id,
        is_third_party=row.is_third_party,
        position=row.position,
        showcase=row.showcase,
        only_show_if_degraded=row.only_show_if_degraded,
        start_date=row.start_date,
        created_at=row.created_at,
        updated_at=row.updated_at,
        days=shown,
        uptime=bars.uptime(shown, as_of=as_of, zone=zone, start_date=row.start_date) if shown else None,
    )


def _outages(since: datetime) -> dict[str, list[bars.Outage]]:
    """Outages by component that reach into the time after `since`; not those of one client alone.

    Asked in two, each answered by one index: for either-or SQLite would read the outages of all years.
    """
    current = models.Outage.objects.filter(is_current=True, client=None).order_by()
    columns = ("component_id", "started_at", "ended_at", "status")
    facts = list(current.filter(ended_at__isnull=True).values_list(*columns))
    facts += current.filter(ended_at__gt=since).values_list(*columns)
    return {
        component: [bars.Outage(start, end, ComponentStatus(status)) for _, start, end, status in group]
        for component, group in groupby(sorted(facts, key=itemgetter(0, 1)), key=itemgetter(0))
    }


def _groups(components: Iterable[Component]) -> Iterator[Group]:
    for row in models.ComponentGroup.objects.order_by("position", "name"):
        members = [component for component in components if component.group_id == row.pk]
        yield Group(
            id=row.pk,
            name=row.name,
            description=row.description,
            position=row.position,
            status=worst(member.status for member in members),
            created_at=row.created_at,
            updated_at=row.updated_at,
            component_ids=tuple(member.id for member in members),
        )


# --- History: entries and months that changed -------------------------------------------------


def changed_entries(since: int) -> Iterator[Entry]:
    """Incidents and maintenances that changed after revision `since` (-1: all), in batches."""
    yield from entries.read(models.Incident, entries.incidents, _changed(models.Incident, since))
    yield from entries.read(models.Maintenance, entries.maintenances, _changed(models.Maintenance, since))


def _changed(model: type[models.Incident] | type[models.Maintenance], since: int) -> Iterable[str]:
    return model._default_manager.filter(revision__gt=since).order_by("pk").values_list("pk", flat=True)


def changed_ids(since: int) -> set[str]:
    """The ids of the same."""
    models_of_entries = (models.Incident, models.Maintenance)
    return {
        pk for each in models_of_entries for pk in each.objects.filter(revision__gt=since).values_list("pk", flat=True)
    }


def withdrawn_ids(since: int) -> set[str]:
    """The ids of what was withdrawn after `since`: its pages go."""
    models_of_entries = (models.Incident, models.Maintenance)
    gone = {"revision__gt": since, "withdrawn_at__isnull": False}
    return {pk for each in models_of_entries for pk in each.everything.filter(**gone).values_list("pk", flat=True)}


def next_entries(kind: str, *, since: int, after: str, count: int) -> list[Entry]:
    """So many of the same by id, those behind `after`: "incidents" or "maintenances"."""
    if kind == "incidents":
        return list(entries.incidents(_next(models.Incident.objects.all(), since, after)[:count]))
    return list(entries.maintenances(_next(models.Maintenance.objects.all(), since, after)[:count]))


def _next(rows: QuerySet[Any], since: int, after: str) -> QuerySet[Any]:
    return rows.filter(revision__gt=since, pk__gt=after).order_by("pk")


def month_key(at: datetime) -> str:
    """ "2026-11": the month of an instant in the page's zone."""
    return Clock(ZoneInfo(settings.PAGE_TIME_ZONE)).month_of(at)


def changed_months(since: int) -> set[str]:
    """The months that an entry changed after `since` is in, or was in before its window moved."""
    starts = models.Incident.everything.filter(revision__gt=since).values_list("started_at", flat=True)
    windows = models.MaintenanceWindow.objects.filter(maintenance__revision__gt=since)
    return {month_key(at) for at in (*starts, *windows.values_list("scheduled_for", flat=True))}


def count_month(key: str) -> MonthCount:
    """How much a month holds."""
    incidents, maintenances = _in_month(key)
    return MonthCount(key=key, incidents=incidents.count(), maintenances=maintenances.count())


def month(key: str, keys: Iterable[str]) -> Month:
    """One month, newest first, with the nearest months in `keys` that hold anything."""
    incidents, maintenances = _in_month(key)
    found: list[Entry] = [*entries.incidents(incidents), *entries.maintenances(maintenances)]
    return Month(
        key=key,
        entries=tuple(sorted(found, key=lambda each: each.happened_at, reverse=True)),
        earlier=max((each for each in keys if each < key), default=None),
        later=min((each for each in keys if each > key), default=None),
    )


def _in_month(key: str) -> tuple[QuerySet[models.Incident], QuerySet[models.Maintenance]]:
    start, end = month_bounds(key)
    return (
        models.Incident.objects.filter(started_at__gte=start, started_at__lt=end),
        models.Maintenance.objects.filter(scheduled_for__gte=start, scheduled_for__lt=end),
    )


def month_bounds(key: str) -> tuple[datetime, datetime]:
    """The half-open interval of a month in the page's zone, in UTC."""
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    first = date.fromisoformat(f"{key}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (first, following))
    return start, end
