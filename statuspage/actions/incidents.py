"""Incidents: open, update, resolve, reopen, give a postmortem, correct.

Each publishes: update, component changes, outages, audit row and event in one
transaction, then the page.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from statuspage import audit, events
from statuspage.models import Component, Incident, IncidentComponent, IncidentUpdate
from statuspage.roles import Ability
from statuspage.status import IMPACT_RANK, impact_of
from statuspage.vocabulary import (
    OPEN_INCIDENT,
    Cause,
    ComponentStatus,
    Impact,
    IncidentStatus,
    Severity,
)

from .base import (
    IncidentClosed,
    action,
    body_text,
    bump,
    claim_version,
    component_statuses,
    moment,
    one_of,
    title,
)
from .components import set_statuses, standing

CLOCK_SLACK = timedelta(minutes=5)
"""How far in the future a reported start may lie: clocks differ, promises do not."""

Statuses = Mapping[str, str]
"""Component id -> ComponentStatus value."""


@action
def open_incident(
    *,
    name: str,
    body: str,
    actor: audit.Actor,
    status: str = IncidentStatus.INVESTIGATING,
    components: Statuses | None = None,
    impact: str | None = None,
    severity: int | None = None,
    cause: str = Cause.OWN,
    next_update_by: datetime | None = None,
    started_at: datetime | None = None,
    notify: bool = True,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Incident:
    """Open an incident with its first update, and announce it.

    The impact follows the worst component unless one is chosen. The same
    `idempotency_key` again returns the incident of the first call.
    """
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    statuses = component_statuses(components or {})
    incident = Incident(
        name=title(name),
        status=one_of(IncidentStatus, status, "status"),
        impact=one_of(Impact, impact, "impact") if impact else impact_of(statuses.values()),
        impact_is_chosen=bool(impact),
        cause=one_of(Cause, cause, "cause"),
        severity=one_of(Severity, severity, "severity") if severity else None,
        created_at=now,
        updated_at=now,
        started_at=_start(started_at, now),
    )
    text = body_text(body)
    promise = _promise(next_update_by, now)
    revision = bump(now)
    if repeated := _repeated(idempotency_key):
        return repeated.incident
    incident.revision = revision
    _follow(incident, incident.status, now)
    incident.save(force_insert=True)
    _say(
        incident,
        status=incident.status,
        body=text,
        statuses=statuses,
        promise=promise,
        notify=notify,
        actor=actor,
        key=idempotency_key,
        act="open_incident",
        now=now,
    )
    return incident


@action
def publish_update(
    *,
    incident: Incident,
    status: str,
    body: str,
    actor: audit.Actor,
    components: Statuses | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    reopen: bool = False,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> IncidentUpdate:
    """Append an update to an incident and announce it.

    The incident's own status follows the update, so readers never derive it. Resolving
    without naming components returns each to what other open incidents say of it.

    Raises IncidentClosed when the incident was resolved before `body` arrived, and
    StaleEdit when it changed since `expected_version`.
    """
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    new_status = one_of(IncidentStatus, status, "status")
    text = body_text(body)
    statuses = component_statuses(components) if components is not None else None
    promise = _promise(next_update_by, now)
    revision = bump(now)
    if repeated := _repeated(idempotency_key):
        return repeated
    incident.refresh_from_db()
    _require_open(incident, new_status, reopen)
    claim_version(incident, expected_version, {"updated_at": now, "revision": revision})
    if statuses is None and new_status == IncidentStatus.RESOLVED:
        statuses = standing(incident.components.select_related("group"), besides=incident)
    _follow(incident, new_status, now)
    return _say(
        incident,
        status=new_status,
        body=text,
        statuses=statuses or {},
        promise=promise,
        notify=notify,
        actor=actor,
        key=idempotency_key,
        act="publish_update",
        now=now,
    )


@action
def edit_incident(
    *,
    incident: Incident,
    actor: audit.Actor,
    name: str,
    impact: str | None,
    severity: int | None,
    cause: str,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Incident:
    """Correct what an incident is called and how it is classed; tells nobody."""
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    changes: dict[str, Any] = {
        "name": title(name),
        "severity": one_of(Severity, severity, "severity") if severity else None,
        "cause": one_of(Cause, cause, "cause"),
    }
    if impact:
        changes |= {"impact": one_of(Impact, impact, "impact"), "impact_is_chosen": True}
    before = {field: getattr(incident, field) for field in changes}
    changes |= {"updated_at": now, "revision": bump(now)}
    claim_version(incident, expected_version, changes)
    audit.record(
        actor=actor,
        action="edit_incident",
        kind="incident",
        object_id=incident.pk,
        at=now,
        before=before,
        after={field: getattr(incident, field) for field in before},
    )
    return incident


@action
def correct_update(
    *, update: IncidentUpdate, body: str, actor: audit.Actor, now: datetime | None = None
) -> IncidentUpdate:
    """Correct the text of a published update on the page; who was told keeps what was sent."""
    actor.require(Ability.PUBLISH)
    now = now or timezone.now()
    before = update.body
    update.body, update.updated_at = body_text(body), now
    update.save(update_fields=["body", "updated_at"])
    claim_version(update.incident, None, {"updated_at": now, "revision": bump(now)})
    audit.record(
        actor=actor,
        action="correct_update",
        kind="incident",
        object_id=update.incident_id,
        at=now,
        before={"body": before},
        after={"body": update.body},
    )
    return update


def _start(started_at: datetime | None, now: datetime) -> datetime:
    if started_at is None:
        return now
    start = moment(started_at, "started_at")
    if start > now + CLOCK_SLACK:
        raise ValidationError({"started_at": _("An incident cannot start in the future.")})
    return start


def _promise(next_update_by: datetime | None, now: datetime) -> datetime | None:
    if next_update_by is None:
        return None
    due = moment(next_update_by, "next_update_by")
    if due <= now:
        raise ValidationError({"next_update_by": _("The next update can only be promised for later.")})
    return due


def _repeated(key: str | None) -> IncidentUpdate | None:
    """The update that an earlier press of the same button made; asked under the writers' lock."""
    return IncidentUpdate.objects.filter(idempotency_key=key).first() if key else None


def _require_open(incident: Incident, status: IncidentStatus, reopen: bool) -> None:
    if incident.is_open or reopen or status == IncidentStatus.POSTMORTEM:
        return
    raise IncidentClosed(_("%(name)s is already resolved. Reopen it to say more.") % {"name": incident.name})


def _follow(incident: Incident, status: IncidentStatus | str, now: datetime) -> None:
    """Set the incident's status and the moments that go with it."""
    incident.status = status
    if status == IncidentStatus.MONITORING:
        incident.monitoring_at = incident.monitoring_at or now
    if status not in OPEN_INCIDENT:
        incident.resolved_at = incident.resolved_at or now
    elif incident.resolved_at:
        incident.resolved_at = None


def _say(
    incident: Incident,
    *,
    status: str,
    body: str,
    statuses: Mapping[Component, ComponentStatus],
    promise: datetime | None,
    notify: bool,
    actor: audit.Actor,
    key: str | None,
    act: str,
    now: datetime,
) -> IncidentUpdate:
    """Store the update with all that follows from it, and emit the event."""
    affected = set_statuses(statuses, at=now, incident=incident)
    _claim(incident, statuses)
    incident.next_update_by = promise if status in OPEN_INCIDENT else None
    if not incident.impact_is_chosen:
        incident.impact = max(Impact(incident.impact), impact_of(statuses.values()), key=IMPACT_RANK.index)
    incident.save()
    update = IncidentUpdate.objects.create(
        incident=incident,
        status=status,
        body=body,
        affected_components=affected or None,
        deliver_notifications=notify,
        next_update_by=incident.next_update_by,
        created_at=now,
        updated_at=now,
        display_at=now,
        author=actor.user,
        idempotency_key=key,
    )
    audit.record(
        actor=actor,
        action=act,
        kind="incident",
        object_id=incident.pk,
        at=now,
        after={"update": update.pk, "status": status, "components": affected, "notify": notify},
    )
    events.emit(update_event(update, undoable=actor.source == "console"))
    return update


def _claim(incident: Incident, statuses: Mapping[Component, ComponentStatus]) -> None:
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
