"""What was asked of an incident, done: each step of `asks` is an action of the product's."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

from statuspage import audit, own_words
from statuspage.actions import incidents, maintenance
from statuspage.actions.backfilling import backfill_incident, keep_metadata
from statuspage.actions.base import known_components
from statuspage.actions.components import set_component_statuses
from statuspage.actions.maintenance_notices import set_notices
from statuspage.models import Component, Incident, Maintenance
from statuspage.selectors import database_now
from statuspage.text import clean_text
from statuspage.vocabulary import Impact, IncidentStatus, MaintenanceStatus

from . import asks
from .asks import wrong
from .incident_objects import Entry, impact_override

Fields = Mapping[str, Any]

# --- A new one ------------------------------------------------------------------------------------


def create(asked: dict[str, Any], actor: audit.Actor) -> Entry:
    """Open an incident, schedule a maintenance, or record an incident of the past, as the fields say."""
    if asked.get("backfilled"):
        return backfill(asked, actor)
    if asked.get("scheduled_for") or asked.get("status") in asks.LIFE:
        return schedule(asked, actor)
    return open_one(asked, actor)


def open_one(asked: Fields, actor: audit.Actor) -> Incident:
    status = asked.get("status") or IncidentStatus.INVESTIGATING
    incident = incidents.open_incident(
        name=asked["name"],
        body=words(asked.get("body"), own_words.SAYING[status]),
        status=status,
        components=first_words(asked),
        impact=asked.get("impact_override"),
        notify=asks.is_told(asked),
        actor=actor,
    )
    keep(incident, asked, actor)
    return incident


def first_words(asked: Fields) -> dict[str, str]:
    """The statuses that are given; a component that is only named keeps its own."""
    given = asked.get("components") or {}
    return {**statuses_now(named(asked)), **{pk: status for pk, status in given.items() if status}}


def named(asked: Fields) -> list[str]:
    """All components that are named, each once."""
    return list(dict.fromkeys([*(asked.get("components") or {}), *(asked.get("component_ids") or ())]))


def statuses_now(ids: list[str]) -> dict[str, str]:
    """Raises ValidationError for an id that no component has."""
    return {pk: row.status for pk, row in known_components(ids).items()}


def schedule(asked: Fields, actor: audit.Actor) -> Maintenance:
    """Announce it, and take the steps to where it is to be; only the last of them tells people."""
    for field in ("scheduled_for", "scheduled_until"):
        if not asked.get(field):
            raise wrong(field, "Scheduled maintenance has a start and an end.", 422)
    status = asked.get("status") or MaintenanceStatus.SCHEDULED
    if status not in asks.LIFE:
        raise wrong("status", f"Scheduled maintenance cannot be {status}.", 422)
    is_all = status == MaintenanceStatus.SCHEDULED
    row = maintenance.schedule_maintenance(
        name=asked["name"],
        body=words(asked.get("body") if is_all else "", own_words.PLANNED),
        components=named(asked),
        scheduled_for=asked["scheduled_for"],
        scheduled_until=asked["scheduled_until"],
        notify=is_all and asks.is_told(asked),
        impact=asked.get("impact_override") or Impact.MAINTENANCE,
        may_be_over=True,
        actor=actor,
        **{"auto_start": False, "auto_complete": False, **asks.notices_of(asked)},
    )
    keep(row, asked, actor)
    further = {name: asked[name] for name in ("status", "body", "components", "deliver_notifications") if name in asked}
    if not is_all:
        carry_out(row, further, actor)
    return row


def backfill(asked: Fields, actor: audit.Actor) -> Incident:
    if named(asked):
        raise wrong("components", "An incident of the past touches no component.", 422)
    incident = backfill_incident(
        name=asked["name"],
        body=words(asked.get("body"), own_words.BACKFILLED),
        happened_at=asked.get("backfill_date") or database_now(),
        impact=asked.get("impact_override") or Impact.NONE,
        actor=actor,
    )
    keep(incident, asked, actor)
    return incident


def keep(row: Entry, asked: Fields, actor: audit.Actor) -> None:
    if asked.get("metadata"):
        keep_metadata(entry=row, metadata=asked["metadata"], actor=actor)


def words(body: str | None, own: Promise) -> str:
    """The client's words; the page's own where it sent none."""
    return clean_text(body or "") or own_words.as_stored(own)


# --- One there is ---------------------------------------------------------------------------------


def carry_out(row: Entry, asked: Fields, actor: audit.Actor) -> None:
    """Take every step that the fields ask for; together they are one transaction of the caller's."""
    now = as_it_is(row, asked)
    decide, do = (asks.of_maintenance, MAINTENANCE) if isinstance(row, Maintenance) else (asks.of_incident, INCIDENT)
    for step in decide(now, asked):
        do[type(step)](row, step, actor)


def as_it_is(row: Entry, asked: Fields) -> asks.Now:
    facts: dict[str, Any] = {}
    if isinstance(row, Maintenance):
        notices = ("auto_start", "auto_complete", "tells_start", "tells_end", "reminders")
        facts = {"scheduled_for": row.scheduled_for, "scheduled_until": row.scheduled_until}
        facts["notices"] = {name: getattr(row, name) for name in notices}
    return asks.Now(
        name=row.name,
        status=row.status,
        impact_override=impact_override(row),
        metadata=row.metadata or {},
        components=dict(row.components.values_list("pk", "status")),
        known=statuses_now(named(asked)),
        **facts,
    )


def edit_incident(row: Incident, step: asks.Edit, actor: audit.Actor) -> None:
    incidents.edit_incident(
        incident=row,
        name=step.name,
        impact=step.impact,
        is_choice=True,
        severity=row.severity,
        cause=row.cause,
        actor=actor,
    )


def say(row: Incident, step: asks.Say, actor: audit.Actor) -> None:
    """What is over is opened again where the status says so, as Statuspage has it."""
    own = own_words.CHANGED if step.status == row.status else own_words.SAYING.get(IncidentStatus(step.status))
    body = words(step.body, own) if own else step.body
    incidents.publish_update(
        incident=row,
        status=step.status,
        body=body,
        components=step.components,
        notify=step.notify,
        reopen=True,
        actor=actor,
    )


def set_its_components(row: Incident, step: asks.SetComponents, actor: audit.Actor) -> None:
    incidents.set_its_components(incident=row, components=step.components, actor=actor)


def keep_with(row: Entry, step: asks.Keep, actor: audit.Actor) -> None:
    keep_metadata(entry=row, metadata=dict(step.metadata), actor=actor)


def edit_maintenance(row: Maintenance, step: asks.Edit, actor: audit.Actor) -> None:
    maintenance.edit_maintenance(maintenance=row, name=step.name, impact=step.impact or row.impact, actor=actor)


def replan(row: Maintenance, step: asks.Replan, actor: audit.Actor) -> None:
    set_notices(maintenance=row, actor=actor, **step.notices)  # type: ignore[typeddict-item]


def move(row: Maintenance, step: asks.Move, actor: audit.Actor) -> None:
    maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=step.scheduled_for,
        scheduled_until=step.scheduled_until,
        body=words(step.body, own_words.MOVED),
        notify=step.notify,
        actor=actor,
    )


def take(row: Maintenance, step: asks.Step, actor: audit.Actor) -> None:
    """One step of its life; where that is its present status, a further word."""
    facts = {"maintenance": row, "notify": step.notify, "actor": actor}
    body = words(step.body, own_words.SAYING[MaintenanceStatus(step.status)])
    act = {
        MaintenanceStatus.IN_PROGRESS: maintenance.start_maintenance,
        MaintenanceStatus.COMPLETED: maintenance.complete_maintenance,
        MaintenanceStatus.CANCELLED: maintenance.cancel_maintenance,
    }.get(MaintenanceStatus(step.status))
    if act and step.status != row.status and not is_back(row, step):
        act(body=body, **facts)  # type: ignore[operator]
    else:
        maintenance.publish_maintenance_update(body=body, status=step.status, **facts)


def is_back(row: Maintenance, step: asks.Step) -> bool:
    """Whether it asks for work to begin that is being watched already; the action refuses that."""
    return step.status == MaintenanceStatus.IN_PROGRESS and row.started_at is not None


def set_statuses(row: Maintenance, step: asks.SetComponents, actor: audit.Actor) -> None:
    """Only what is not so by now: beginning and ending the work has changed them already."""
    now = dict(Component.objects.filter(pk__in=step.components).values_list("pk", "status"))
    if changed := {pk: status for pk, status in step.components.items() if now.get(pk) != status}:
        set_component_statuses(statuses=changed, actor=actor)


INCIDENT: dict[type[asks.Asking], Any] = {
    asks.Edit: edit_incident,
    asks.Keep: keep_with,
    asks.Say: say,
    asks.SetComponents: set_its_components,
}
MAINTENANCE: dict[type[asks.Asking], Any] = {
    asks.Edit: edit_maintenance,
    asks.Keep: keep_with,
    asks.Replan: replan,
    asks.Move: move,
    asks.Step: take,
    asks.SetComponents: set_statuses,
}
