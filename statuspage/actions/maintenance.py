"""Planned maintenance: schedule, move, say more, start, complete, cancel; windows that come due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage import audit, events
from statuspage.models import (
    Component,
    Maintenance,
    MaintenanceComponent,
    MaintenanceUpdate,
    MaintenanceWindow,
)
from statuspage.roles import Ability
from statuspage.vocabulary import ACTIVE_MAINTENANCE, ComponentStatus, MaintenanceStatus

from .base import (
    MaintenanceClosed,
    StaleEdit,
    action,
    body_text,
    bump,
    claim_version,
    known_components,
    moment,
    one_of,
    title,
    zone_name,
)
from .components import set_statuses, standing

STARTED = gettext_lazy("The planned work has begun.")
COMPLETED = gettext_lazy("The planned work is done.")

LATE_NEWS = timedelta(hours=24)
"""The end of work that is older than this informs nobody."""

Status = MaintenanceStatus


@action
def schedule_maintenance(
    *,
    name: str,
    body: str,
    components: Sequence[str],
    scheduled_for: datetime,
    scheduled_until: datetime,
    actor: audit.Actor,
    time_zone: str = "UTC",
    notify: bool = True,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Maintenance:
    """Announce a window. Its notices, reminders included, follow from the event."""
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    start, end = _window(scheduled_for, scheduled_until, now)
    chosen = known_components(list(components))
    maintenance = Maintenance(
        name=title(name),
        scheduled_for=start,
        scheduled_until=end,
        time_zone=zone_name(time_zone),
        created_at=now,
        updated_at=now,
        announced_at=now,
    )
    text = body_text(body)
    maintenance.revision = bump(now)
    if repeated := _repeated(idempotency_key):
        return repeated.maintenance
    maintenance.save(force_insert=True)
    MaintenanceComponent.objects.bulk_create(
        MaintenanceComponent(maintenance=maintenance, component=each) for each in chosen.values()
    )
    _announce_window(maintenance, actor, now, "")
    _say(
        maintenance,
        events.MaintenanceScheduled,
        Status.SCHEDULED,
        text,
        actor=actor,
        now=now,
        notify=notify,
        key=idempotency_key,
    )
    return maintenance


@action
def move_maintenance(
    *,
    maintenance: Maintenance,
    scheduled_for: datetime,
    scheduled_until: datetime,
    body: str,
    actor: audit.Actor,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Give a window other times. Work that has begun keeps its start; its end may move.

    Raises MaintenanceClosed when it is over, StaleEdit when it changed meanwhile.
    """
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    start, end = _window(scheduled_for, scheduled_until, now)
    text = body_text(body)
    revision = bump(now)
    if repeated := _repeated(idempotency_key):
        return repeated
    _require_open(maintenance)
    if maintenance.is_active and start != maintenance.scheduled_for:
        raise ValidationError({"scheduled_for": _("The work has begun: only its end can move.")})
    before = {
        "previous_scheduled_for": maintenance.scheduled_for,
        "previous_scheduled_until": maintenance.scheduled_until,
    }
    changes = {
        "scheduled_for": start,
        "scheduled_until": end,
        "revision": revision,
        "updated_at": now,
        "window_revision": maintenance.window_revision + 1,
    }
    claim_version(maintenance, expected_version, changes)
    _announce_window(maintenance, actor, now, text)
    return _say(
        maintenance,
        events.MaintenanceMoved,
        Status(maintenance.status),
        text,
        actor=actor,
        now=now,
        notify=notify,
        key=idempotency_key,
        **before,
    )


@action
def publish_maintenance_update(
    *,
    maintenance: Maintenance,
    body: str,
    actor: audit.Actor,
    status: str | None = None,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Say more about a window, or that its work is being verified; other steps have actions."""
    new = one_of(Status, status or maintenance.status, "status")
    allowed = {Status(maintenance.status)} | ({Status.VERIFYING} if maintenance.is_active else set())
    if new not in allowed:
        raise ValidationError({"status": _("Start, complete or cancel the maintenance instead.")})
    return _step(
        maintenance,
        events.MaintenanceUpdated,
        new,
        body,
        actor,
        notify=notify,
        expected_version=expected_version,
        key=idempotency_key,
        now=now or timezone.now(),
    )


@action
def start_maintenance(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    body: str = "",
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Begin the work: components that are operational go under maintenance, others stay."""
    return _step(
        maintenance,
        events.MaintenanceStarted,
        Status.IN_PROGRESS,
        body or str(STARTED),
        actor,
        notify=notify,
        expected_version=expected_version,
        now=now or timezone.now(),
    )


@action
def complete_maintenance(
    *,
    maintenance: Maintenance,
    actor: audit.Actor,
    body: str = "",
    notify: bool = True,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """End the work: components return to what open incidents say of them."""
    return _step(
        maintenance,
        events.MaintenanceCompleted,
        Status.COMPLETED,
        body or str(COMPLETED),
        actor,
        notify=notify,
        expected_version=expected_version,
        now=now or timezone.now(),
    )


@action
def cancel_maintenance(
    *,
    maintenance: Maintenance,
    body: str,
    actor: audit.Actor,
    notify: bool = True,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> MaintenanceUpdate:
    """Call a window off, or break it off; tells those who were told of it."""
    return _step(
        maintenance,
        events.MaintenanceCancelled,
        Status.CANCELLED,
        body,
        actor,
        notify=notify,
        expected_version=expected_version,
        key=idempotency_key,
        now=now or timezone.now(),
    )


def run_due(now: datetime | None = None) -> int:
    """Start and complete the windows whose time has come; how many steps were taken.

    Any number of copies may run: each step claims the row's version, so that a second
    copy finds nothing to do. A window that passed while nobody looked (or came with an
    import) is put right on the page; nobody is told that it began after it has ended,
    nor that it ended long ago (fault 14).
    """
    now = now or timezone.now()
    steps = 0
    starting = Maintenance.objects.filter(status=Status.SCHEDULED, scheduled_for__lte=now)
    for maintenance in starting.order_by("scheduled_for"):
        is_news = maintenance.scheduled_until > now
        steps += _attempt(start_maintenance, maintenance, now, is_news)
    ending = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE, scheduled_until__lte=now)
    for maintenance in ending.order_by("scheduled_until"):
        is_news = now - maintenance.scheduled_until <= LATE_NEWS
        steps += _attempt(complete_maintenance, maintenance, now, is_news)
    return steps


def _attempt(step: Callable[..., Any], maintenance: Maintenance, now: datetime, is_news: bool) -> int:
    """Take one step; 0 where another copy, or staff, took it first."""
    known = maintenance.version
    try:
        step(maintenance=maintenance, actor=audit.SYSTEM, notify=is_news, expected_version=known, now=now)
    except (StaleEdit, MaintenanceClosed):
        return 0
    return 1


def _window(start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime]:
    start, end = moment(start, "scheduled_for"), moment(end, "scheduled_until")
    if end <= start:
        raise ValidationError({"scheduled_until": _("The window must end after it starts.")})
    if end <= now:
        raise ValidationError({"scheduled_until": _("This window is over already.")})
    return start, end


def _repeated(key: str | None) -> MaintenanceUpdate | None:
    return MaintenanceUpdate.objects.filter(idempotency_key=key).first() if key else None


def _require_open(maintenance: Maintenance, *, to_start: bool = False) -> None:
    maintenance.refresh_from_db()
    if not maintenance.is_open:
        raise MaintenanceClosed(_("%(name)s is over already.") % {"name": maintenance.name})
    if to_start and maintenance.status != Status.SCHEDULED:
        raise MaintenanceClosed(_("%(name)s has begun already.") % {"name": maintenance.name})


def _announce_window(maintenance: Maintenance, actor: audit.Actor, now: datetime, reason: str) -> None:
    MaintenanceWindow.objects.create(
        maintenance=maintenance,
        number=maintenance.window_revision,
        published_at=now,
        scheduled_for=maintenance.scheduled_for,
        scheduled_until=maintenance.scheduled_until,
        reason=reason,
        author=actor.user,
    )


def _step(
    maintenance: Maintenance,
    event: type[events.MaintenanceEvent],
    status: MaintenanceStatus,
    body: str,
    actor: audit.Actor,
    *,
    notify: bool,
    expected_version: int | None,
    now: datetime,
    key: str | None = None,
) -> MaintenanceUpdate:
    """One step of a window's life, the components going with it."""
    actor.require(Ability.PUBLISH)
    text = body_text(body)
    revision = bump(now)
    if repeated := _repeated(key):
        return repeated
    _require_open(maintenance, to_start=event is events.MaintenanceStarted)
    claim_version(maintenance, expected_version, {"updated_at": now, "revision": revision})
    return _say(maintenance, event, status, text, actor=actor, now=now, notify=notify, key=key)


def _follow(maintenance: Maintenance, status: MaintenanceStatus, now: datetime) -> None:
    """Set the status and the moment that goes with it."""
    maintenance.status = status
    if status == Status.IN_PROGRESS:
        maintenance.started_at = maintenance.started_at or now
    elif status == Status.VERIFYING:
        maintenance.monitoring_at = maintenance.monitoring_at or now
    elif status in {Status.COMPLETED, Status.CANCELLED}:
        maintenance.resolved_at = now
    maintenance.save(update_fields=["status", "started_at", "monitoring_at", "resolved_at"])


def _component_changes(maintenance: Maintenance, status: MaintenanceStatus) -> dict[Component, ComponentStatus]:
    """What a step does to the components: an open incident's word is never covered up."""
    components = list(maintenance.components.select_related("group"))
    if status == Status.IN_PROGRESS and maintenance.started_at is None:
        calm = [each for each in components if each.status == ComponentStatus.OPERATIONAL]
        return dict.fromkeys(calm, ComponentStatus.UNDER_MAINTENANCE)
    if status in {Status.COMPLETED, Status.CANCELLED} and maintenance.started_at:
        resting = [each for each in components if each.status == ComponentStatus.UNDER_MAINTENANCE]
        return standing(resting, besides=maintenance)
    return {}


def _say(
    maintenance: Maintenance,
    event: type[events.MaintenanceEvent],
    status: MaintenanceStatus,
    body: str,
    *,
    actor: audit.Actor,
    now: datetime,
    notify: bool,
    key: str | None,
    **window: datetime,
) -> MaintenanceUpdate:
    """Store the update with all that follows from it, and emit the event."""
    changes = _component_changes(maintenance, status)
    affected = set_statuses(changes, at=now, maintenance=maintenance)
    _follow(maintenance, status, now)
    update = MaintenanceUpdate.objects.create(
        maintenance=maintenance,
        status=status,
        body=body,
        affected_components=affected or None,
        deliver_notifications=notify,
        created_at=now,
        updated_at=now,
        display_at=now,
        author=actor.user,
        idempotency_key=key,
    )
    audit.record(
        actor=actor,
        action=event.kind,
        kind="maintenance",
        object_id=maintenance.pk,
        at=now,
        before={name: at.isoformat() for name, at in window.items()} or None,
        after={
            "update": update.pk,
            "status": status,
            "components": affected,
            "notify": notify,
            "scheduled_for": maintenance.scheduled_for.isoformat(),
            "scheduled_until": maintenance.scheduled_until.isoformat(),
        },
    )
    events.emit(update_event(update, event, undoable=actor.source == "console", **window))
    return update


def update_event(
    update: MaintenanceUpdate,
    event: type[events.MaintenanceEvent],
    *,
    undoable: bool,
    **window: datetime,
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
        **window,
    )
