"""Store one word on an incident, with all that follows from it. Called inside `incidents`' actions."""

from collections.abc import Mapping
from datetime import datetime

from statuspage import audit, events
from statuspage.models import Component, Incident, IncidentComponent, IncidentUpdate
from statuspage.status import IMPACT_RANK, impact_of
from statuspage.vocabulary import OPEN_INCIDENT, ComponentStatus, Impact, IncidentStatus

from .components import set_statuses
from .outage_causes import take_up
from .report_steps import follow_update
from .words import Word

Statuses = Mapping[Component, ComponentStatus]


def store_update(
    incident: Incident,
    word: Word,
    *,
    status: str,
    statuses: Statuses,
    promise: datetime | None,
    act: str,
    since: datetime | None = None,
) -> IncidentUpdate:
    """Components, outages, the incident itself, the update, the audit row and the event.

    `since`: when it began, for the outages that this word opens.
    """
    affected = store_components(incident, statuses, actor=word.actor, at=word.at, since=since)
    follow(incident, status, word.at)
    incident.next_update_by = promise if status in OPEN_INCIDENT else None
    incident.save()
    update = IncidentUpdate.objects.create(
        incident=incident, status=status, next_update_by=incident.next_update_by, **word.columns(affected)
    )
    audit.record(
        actor=word.actor,
        action=act,
        kind="incident",
        object_id=incident.pk,
        at=word.at,
        after={"update": update.pk, "status": status, "components": affected, "notify": word.notify},
    )
    follow_update(update, word)
    events.emit(update_event(update, undoable=word.actor.source == "console"))
    return update


def store_components(
    incident: Incident, statuses: Statuses, *, actor: audit.Actor, at: datetime, since: datetime | None = None
) -> list[dict[str, str]]:
    """What an incident says of components, its impact with it; the caller saves the incident. As `set_statuses`."""
    affected = set_statuses(statuses, at=at, incident=incident, since=since)
    broken = [each for each, said in statuses.items() if said != ComponentStatus.OPERATIONAL]
    take_up(incident, broken, actor=actor, at=at)
    if not incident.impact_is_chosen:
        incident.impact = max(Impact(incident.impact), impact_of(statuses.values()), key=IMPACT_RANK.index)
    claim(incident, statuses)
    return affected


def follow(incident: Incident, status: str, at: datetime) -> None:
    """Set the incident's status and the moments that go with it."""
    incident.status = status
    if status == IncidentStatus.MONITORING:
        incident.monitoring_at = incident.monitoring_at or at
    if status not in OPEN_INCIDENT:
        incident.resolved_at = incident.resolved_at or at
    elif incident.resolved_at:
        incident.resolved_at = None


def claim(incident: Incident, statuses: Statuses) -> None:
    """Remember what this incident last said of each component it touches."""
    for component, status in statuses.items():
        IncidentComponent.objects.update_or_create(incident=incident, component=component, defaults={"status": status})


def update_event(update: IncidentUpdate, *, undoable: bool) -> events.IncidentUpdatePublished:
    """What is announced of an update: a frozen copy of what the page says."""
    incident = update.incident
    return events.IncidentUpdatePublished(
        subject_id=incident.pk,
        update_id=update.pk,
        name=incident.name,
        status=update.status,
        body=update.body,
        impact=incident.impact,
        severity=incident.severity,
        component_ids=tuple(incident.claims.order_by("component").values_list("component", flat=True)),
        affected_components=tuple(events.AffectedComponent(**each) for each in update.affected_components or ()),
        published_at=update.created_at,
        next_update_by=update.next_update_by,
        notify=update.deliver_notifications,
        undoable=undoable,
    )
