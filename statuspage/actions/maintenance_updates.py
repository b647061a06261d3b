"""Store one word on a maintenance, with all that follows. Called inside `maintenance`'s actions."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from statuspage import audit, events
from statuspage.models import Component, Maintenance, MaintenanceUpdate, MaintenanceWindow
from statuspage.publishing.times import wall_time
from statuspage.vocabulary import ComponentStatus, MaintenanceStatus

from .base import MaintenanceClosed
from .components import set_statuses, standing
from .notice_summaries import summarise
from .words import Word

Status = MaintenanceStatus


def store_update(
    maintenance: Maintenance,
    event: type[events.MaintenanceEvent],
    status: MaintenanceStatus,
    word: Word,
    **window: datetime,
) -> MaintenanceUpdate:
    """Components, outages, the maintenance itself, the update, the audit row and the event."""
    affected = set_statuses(component_changes(maintenance, status), at=word.at, maintenance=maintenance)
    follow(maintenance, status, word)
    if status in {Status.IN_PROGRESS, Status.COMPLETED}:
        summarise(maintenance, word.at)
    update = MaintenanceUpdate.objects.create(maintenance=maintenance, status=status, **word.columns(affected))
    audit.record(
        actor=word.actor,
        action=event.kind,
        kind="maintenance",
        object_id=maintenance.pk,
        at=word.at,
        before={name: at.isoformat() for name, at in window.items()} or None,
        after={
            "update": update.pk,
            "status": status,
            "components": affected,
            "notify": word.notify,
            "scheduled_for": maintenance.scheduled_for.isoformat(),
            "scheduled_until": maintenance.scheduled_until.isoformat(),
        },
    )
    told = update_event(update, event, undoable=word.actor.source == "console", **window)
    events.emit(replace(told, **word.together))
    return update


def component_changes(maintenance: Maintenance, status: MaintenanceStatus) -> dict[Component, ComponentStatus]:
    """What a step does to the components: an open incident's word is never covered up."""
    components = list(maintenance.components.select_related("group"))
    if status == Status.IN_PROGRESS and maintenance.started_at is None:
        calm = [each for each in components if each.status == ComponentStatus.OPERATIONAL]
        return dict.fromkeys(calm, ComponentStatus.UNDER_MAINTENANCE)
    if status in {Status.COMPLETED, Status.CANCELLED} and maintenance.started_at:
        resting = [each for each in components if each.status == ComponentStatus.UNDER_MAINTENANCE]
        return standing(resting, besides=maintenance)
    return {}


def follow(maintenance: Maintenance, status: MaintenanceStatus, word: Word) -> None:
    """Set the status, the moment that goes with it, and whether the program found that it had come."""
    at, by_itself = word.at, word.actor.source == audit.SYSTEM.source
    maintenance.status = status
    if status == Status.IN_PROGRESS and maintenance.started_at is None:
        maintenance.started_at, maintenance.began_by_itself = at, by_itself
    elif status == Status.VERIFYING:
        maintenance.monitoring_at = maintenance.monitoring_at or at
    elif status in {Status.COMPLETED, Status.CANCELLED}:
        maintenance.resolved_at, maintenance.ended_by_itself = at, by_itself and status == Status.COMPLETED
    began, ended = ("started_at", "began_by_itself"), ("resolved_at", "ended_by_itself")
    maintenance.save(update_fields=["status", "monitoring_at", *began, *ended])


def record_window(maintenance: Maintenance, word: Word, reason: str = "") -> None:
    """Keep this revision of the window as it is announced."""
    MaintenanceWindow.objects.create(
        maintenance=maintenance,
        number=maintenance.window_revision,
        published_at=word.at,
        scheduled_for=maintenance.scheduled_for,
        scheduled_until=maintenance.scheduled_until,
        wall_for=wall_time(maintenance.scheduled_for, maintenance.time_zone),
        wall_until=wall_time(maintenance.scheduled_until, maintenance.time_zone),
        reason=reason,
        author=word.actor.user,
    )


def require(maintenance: Maintenance, states: frozenset[Status] | set[Status]) -> None:
    """The maintenance as it is now, in one of `states`; MaintenanceClosed says where it is instead."""
    maintenance.refresh_from_db()
    if maintenance.status not in states:
        facts = {"name": maintenance.name, "status": maintenance.get_status_display()}
        raise MaintenanceClosed(_("This cannot be done any more: %(name)s is %(status)s.") % facts)


def update_event(
    update: MaintenanceUpdate, event: type[events.MaintenanceEvent], *, undoable: bool, **window: datetime
) -> events.MaintenanceEvent:
    """What is announced of a step: a frozen copy, with the window it speaks of."""
    maintenance = update.maintenance
    return event(
        subject_id=maintenance.pk,
        update_id=update.pk,
        name=maintenance.name,
        status=update.status,
        body=update.body,
        impact=maintenance.impact,
        component_ids=tuple(maintenance.claims.order_by("component").values_list("component", flat=True)),
        affected_components=tuple(events.AffectedComponent(**each) for each in update.affected_components or ()),
        published_at=update.created_at,
        notify=update.deliver_notifications,
        undoable=undoable,
        window_revision=maintenance.window_revision,
        scheduled_for=maintenance.scheduled_for,
        scheduled_until=maintenance.scheduled_until,
        time_zone=maintenance.time_zone,
        begun_at=maintenance.begun_at,
        reminders=None if maintenance.reminders is None else tuple(maintenance.reminders),
        tells_start=maintenance.tells_start,
        tells_end=maintenance.tells_end,
        **window,
    )
