"""Components: create, edit, order, archive, and the one writer of a component's status."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from statuspage import audit, selectors
from statuspage.models import (
    Component,
    ComponentGroup,
    Incident,
    IncidentComponent,
    Maintenance,
    MaintenanceComponent,
    Outage,
    Publication,
)
from statuspage.roles import Ability
from statuspage.status import worst
from statuspage.text import clean_text
from statuspage.vocabulary import ACTIVE_MAINTENANCE, Cause, ComponentStatus

from .base import action, bump, component_statuses, one_of, title


@action
def create_component(
    *,
    name: str,
    actor: audit.Actor,
    description: str = "",
    group: ComponentGroup | None = None,
    status: str = ComponentStatus.OPERATIONAL,
    now: datetime | None = None,
    **details: Any,
) -> Component:
    """Add a component; `details` are the model's other editable fields. It stands last unless they say where.

    Its `status` is said with it.
    """
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    if details.get("start_date") is None:  # days before it was there are no uptime
        details["start_date"] = now.date()
    details.setdefault("position", behind_last(group))
    component = Component(
        name=title(name),
        description=clean_text(description),
        group=group,
        created_at=now,
        updated_at=now,
        **details,
    )
    component.full_clean()
    component.save(force_insert=True)
    set_statuses({component: one_of(ComponentStatus, status, "status")}, at=now)
    note(actor, "create_component", "component", component.pk, now, after={"name": component.name})
    return component


@action
def edit_component(
    *, component: Component, actor: audit.Actor, now: datetime | None = None, **changes: Any
) -> Component:
    """Change what a component is called and where it stands; its status has its own action."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    changes.pop("status", None)
    component.refresh_from_db()
    before = {field: _plain(getattr(component, field)) for field in changes}
    for field, value in changes.items():
        setattr(component, field, CLEANED.get(field, _as_it_is)(value))
    component.updated_at = now
    component.full_clean()
    component.save(update_fields=[*changes, "updated_at"])
    after = {field: _plain(getattr(component, field)) for field in changes}
    note(actor, "edit_component", "component", component.pk, now, before=before, after=after)
    if any(before[field] != after[field] for field in SHOWN_IN_HISTORY & set(changes)):
        render_anew([component.pk])
    return component


def _as_it_is(value: Any) -> Any:
    return value


@action
def archive_component(*, component: Component, actor: audit.Actor, now: datetime | None = None) -> Component:
    """Take a component off the page and out of the forms; tells nobody.

    It is not deleted: outages, contracts and what was said of it stay. The outage that it is
    in ends with it. One that is archived already stays as it is.
    """
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    component.refresh_from_db()
    if component.archived_at is None:
        affected = set_statuses({component: ComponentStatus.OPERATIONAL}, at=now)
        component.archived_at = now
        _keep(component, now)
        note(actor, "archive_component", "component", component.pk, now, after={"components": affected})
        render_anew([component.pk])
    return component


@action
def restore_component(*, component: Component, actor: audit.Actor, now: datetime | None = None) -> Component:
    """Bring an archived component back; it is as open incidents and active maintenances say."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    component.refresh_from_db()
    if component.archived_at is not None:
        before = component.archived_at.isoformat()
        component.archived_at = None
        _keep(component, now)
        affected = set_statuses(standing([component]), at=now)
        after = {"archived_at": None, "components": affected}
        note(actor, "restore_component", "component", component.pk, now, before={"archived_at": before}, after=after)
        render_anew([component.pk])
    return component


def _keep(component: Component, now: datetime) -> None:
    component.updated_at = now
    component.save(update_fields=["archived_at", "updated_at"])


CLEANED = {"name": title, "description": clean_text}
"""How text enters; other fields are checked by the model."""
SHOWN_IN_HISTORY = {"name", "group", "position"}
"""What old pages show of a component: its name behind its group's, and its place among others."""


def behind_last(group: ComponentGroup | None = None) -> int:
    """The place behind all members of `group`; behind all groups and what stands outside of them without one."""
    last = _greatest(Component.objects.listed().filter(group=group))
    return 1 + (last if group else max(last, _greatest(ComponentGroup.objects.all())))


def _greatest(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(last=Max("position", default=0))["last"])


def render_anew(components: list[str]) -> None:
    """Old pages name these components too: they are rendered with the next publication."""
    revision = Publication.objects.current().revision
    Incident.objects.filter(claims__component__in=components).update(revision=revision)
    Maintenance.objects.filter(claims__component__in=components).update(revision=revision)


@action
def set_component_statuses(
    *, statuses: Mapping[str, str], actor: audit.Actor, now: datetime | None = None
) -> list[dict[str, str]]:
    """Say how components are, without an incident (component id -> status)."""
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    affected = set_statuses(component_statuses(statuses), at=now)
    note(actor, "set_component_statuses", "component", ",".join(statuses)[:64], now, after=affected)
    return affected


@action
def arrange(
    *,
    actor: audit.Actor,
    components: Mapping[str, int] | None = None,
    groups: Mapping[str, int] | None = None,
    now: datetime | None = None,
) -> None:
    """Put components and groups into another order (id -> position)."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    for pk, position in (components or {}).items():
        Component.objects.filter(pk=pk).update(position=position, updated_at=now)
    for pk, position in (groups or {}).items():
        ComponentGroup.objects.filter(pk=pk).update(position=position, updated_at=now)
    after = {"components": dict(components or {}), "groups": dict(groups or {})}
    note(actor, "arrange", "component", "order", now, after=after)


def note(actor: audit.Actor, act: str, kind: str, pk: str, now: datetime, **facts: Any) -> None:
    bump(now)
    audit.record(actor=actor, action=act, kind=kind, object_id=pk, at=now, **facts)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)


def set_statuses(
    statuses: Mapping[Component, ComponentStatus],
    *,
    at: datetime,
    incident: Incident | None = None,
    maintenance: Maintenance | None = None,
    since: datetime | None = None,
    cause: Cause | None = None,
) -> list[dict[str, str]]:
    """Every writer of `Component.status` goes through here; call inside an action.

    The last word counts, as on Statuspage. Closes the outage that a changed component
    was in and opens the next, so that outages always tell what the page told. One that
    began before it was told of, as far as `since`, begins there. `cause`: where it is known
    otherwise than by incident, maintenance and component.
    Of one that is archived nothing is said. Returns code, name, old_status and new_status
    of each, also of the unchanged.
    """
    affected = []
    for component, status in statuses.items():
        if component.archived_at is not None:
            continue
        affected.append(
            {
                "code": component.pk,
                "name": component.full_name,
                "old_status": str(component.status),
                "new_status": str(status),
            }
        )
        if component.status != status:
            component.status, component.updated_at = status, at
            component.save(update_fields=["status", "updated_at"])
            _close_outage(component, at)
            why = cause or cause_of(component, incident, maintenance)
            _open_outage(component, at, since or at, cause=why, incident=incident, maintenance=maintenance)
    return affected


def _close_outage(component: Component, at: datetime) -> None:
    """An outage of no length (two changes in one instant) was never seen: it goes."""
    still_open = Outage.objects.filter(component=component, ended_at=None, is_current=True)
    still_open.filter(started_at__gte=at).delete()
    still_open.update(ended_at=at)


def _open_outage(component: Component, at: datetime, since: datetime, **facts: Any) -> None:
    if component.status == ComponentStatus.OPERATIONAL:
        return
    Outage.objects.create(
        component=component,
        status=component.status,
        started_at=min(at, max(since, _free_since(component, since))),
        created_at=at,
        **facts,
    )


def _free_since(component: Component, since: datetime) -> datetime:
    """The end of the component's last outage after `since`, or that instant itself: until then it was told of."""
    over = Outage.objects.current().filter(component=component, client=None, ended_at__gt=since)
    return over.aggregate(last=Max("ended_at", default=since))["last"]  # type: ignore[no-any-return]


def cause_of(component: Component, incident: Incident | None, maintenance: Maintenance | None) -> Cause:
    """Why the component is down, as far as the record can tell."""
    if maintenance or component.status == ComponentStatus.UNDER_MAINTENANCE:
        return Cause.MAINTENANCE
    if incident and incident.cause != Cause.OWN:
        return Cause(incident.cause)
    return Cause.THIRD_PARTY if component.is_third_party else Cause.OWN


def standing(
    components: Iterable[Component], *, besides: Incident | Maintenance | None = None
) -> dict[Component, ComponentStatus]:
    """What the open incidents and active maintenances, `besides` one, say of each component.

    To this a component returns when that one ends: never to operational over an
    incident that is still open.
    """
    by_id = {component.pk: component for component in components}
    said: dict[str, list[ComponentStatus]] = {pk: [] for pk in by_id}
    claims = IncidentComponent.objects.filter(component__in=by_id, incident__in=selectors.open_incidents())
    claims = claims.exclude(_is(besides, Incident, "incident"))
    for pk, status in claims.values_list("component_id", "status"):
        said[pk].append(ComponentStatus(status))
    active = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE)
    work = MaintenanceComponent.objects.filter(component__in=by_id, maintenance__in=active)
    work = work.exclude(_is(besides, Maintenance, "maintenance"))
    for pk in work.values_list("component_id", flat=True):
        said[pk].append(ComponentStatus.UNDER_MAINTENANCE)
    return {by_id[pk]: worst(statuses) for pk, statuses in said.items()}


def _is(row: Incident | Maintenance | None, kind: type, field: str) -> Q:
    return Q(**{field: row.pk}) if isinstance(row, kind) and row else Q(pk__in=[])
