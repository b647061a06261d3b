"""Incidents: open, update, resolve, reopen, give a postmortem, class anew.

Each publishes: update, component changes, outages, audit row and event in one
transaction, then the page.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Component, Incident, IncidentUpdate
from statuspage.roles import Ability
from statuspage.status import impact_of
from statuspage.text import clean_text
from statuspage.vocabulary import Cause, ComponentStatus, Impact, IncidentStatus, Severity

from .base import IncidentClosed, action, bump, claim_version, component_statuses, conflict, moment, one_of, title
from .components import standing
from .incident_updates import store_components, store_update
from .outage_causes import follow_cause
from .words import spoken

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

    The impact follows the worst component unless one is chosen. The same words under the
    same `idempotency_key` return the incident of the first call; other words raise FormUsed.
    """
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now)
    statuses = component_statuses(components or {})
    incident = _drafted(name=name, status=status, impact=impact, severity=severity, cause=cause, at=word.at)
    incident.started_at = _start(started_at, word.at)
    promise = _promise(next_update_by, word.at)
    if repeated := word.earlier(IncidentUpdate, status=incident.status):
        return repeated.incident
    incident.impact = incident.impact or impact_of(statuses.values())
    incident.revision = bump(word.at)
    incident.save(force_insert=True)
    said = {"status": incident.status, "statuses": statuses, "promise": promise}
    store_update(incident, word, **said, since=incident.started_at, act="open_incident")
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
    word = spoken(body=body, actor=actor, notify=notify, key=idempotency_key, now=now)
    new_status = one_of(IncidentStatus, status, "status")
    promise = _promise(next_update_by, word.at)
    if repeated := word.earlier(IncidentUpdate, incident_id=incident.pk, status=new_status):
        return repeated
    incident.refresh_from_db()
    _require_open(incident, new_status, reopen)
    statuses = _said_of_components(incident, new_status, components)
    claim_version(incident, expected_version, {"updated_at": word.at, "revision": bump(word.at)})
    return store_update(incident, word, status=new_status, statuses=statuses, promise=promise, act="publish_update")


@action
def set_its_components(
    *, incident: Incident, components: Statuses, actor: audit.Actor, now: datetime | None = None
) -> Incident:
    """Say how components are as part of an incident, without a word to readers; the page shows it, nobody is told."""
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    statuses = component_statuses(components)
    incident.refresh_from_db()
    claim_version(incident, None, {"updated_at": at, "revision": bump(at)})
    affected = store_components(incident, statuses, actor=actor, at=at)
    incident.save()
    after = {"components": affected}
    audit.record(actor=actor, action="set_its_components", kind="incident", object_id=incident.pk, at=at, after=after)
    return incident


@action
def edit_incident(
    *,
    incident: Incident,
    actor: audit.Actor,
    name: str,
    impact: str | None,
    severity: int | None,
    cause: str,
    reason: str = "",
    is_choice: bool = False,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Incident:
    """Correct what an incident is called and how it is classed; tells nobody.

    An impact other than the present one is a choice, and no longer follows the components; so is any with `is_choice`.
    Another cause corrects the incident's outages, as new versions for `reason`.
    """
    actor.require(Ability.PUBLISH)
    now = now or selectors.database_now()
    incident.refresh_from_db()
    changes: dict[str, Any] = {
        "name": title(name),
        "severity": one_of(Severity, severity, "severity") if severity else None,
        "cause": one_of(Cause, cause, "cause"),
    }
    if impact and (is_choice or impact != incident.impact):
        changes |= {"impact": one_of(Impact, impact, "impact"), "impact_is_chosen": True}
    before = {field: getattr(incident, field) for field in changes}
    claim_version(incident, expected_version, {**changes, "updated_at": now, "revision": bump(now)})
    follow_cause(incident, before["cause"], actor=actor, at=now, reason=clean_text(reason))
    after = {field: getattr(incident, field) for field in changes}
    _note(incident, actor, now, before, after)
    return incident


def _note(incident: Incident, actor: audit.Actor, at: datetime, before: dict[str, Any], after: dict[str, Any]) -> None:
    audit.record(
        actor=actor,
        action="edit_incident",
        kind="incident",
        object_id=incident.pk,
        at=at,
        before=before,
        after=after,
    )


def _drafted(*, name: str, status: str, impact: str | None, severity: int | None, cause: str, at: datetime) -> Incident:
    """A new incident's own facts, checked; an empty impact is to follow the components."""
    return Incident(
        name=title(name),
        status=one_of(IncidentStatus, status, "status"),
        impact=one_of(Impact, impact, "impact") if impact else "",
        impact_is_chosen=bool(impact),
        cause=one_of(Cause, cause, "cause"),
        severity=one_of(Severity, severity, "severity") if severity else None,
        created_at=at,
        updated_at=at,
        resolved_at=at if status in {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM} else None,
    )


def _said_of_components(
    incident: Incident, status: IncidentStatus, components: Statuses | None
) -> dict[Component, ComponentStatus]:
    if components is not None:
        return component_statuses(components)
    if status == IncidentStatus.RESOLVED:
        elsewhere = standing(incident.components.select_related("group"), besides=incident)
        return {component: said for component, said in elsewhere.items() if component.status != said}
    return {}


def _start(started_at: datetime | None, now: datetime) -> datetime:
    if started_at is None:
        return now
    start = moment(started_at, "started_at")
    if start > now + CLOCK_SLACK:
        raise conflict("started_at", _("An incident cannot start in the future."))
    return start


def _promise(next_update_by: datetime | None, now: datetime) -> datetime | None:
    if next_update_by is None:
        return None
    due = moment(next_update_by, "next_update_by")
    if due <= now:
        raise conflict("next_update_by", _("The next update can only be promised for later."))
    return due


def _require_open(incident: Incident, status: IncidentStatus, reopen: bool) -> None:
    """A postmortem is told of what is over; everything else of what is open, or opened again."""
    if status == IncidentStatus.POSTMORTEM and incident.is_open:
        raise conflict("status", _("Resolve the incident first; a postmortem looks back on it."))
    if not (incident.is_open or reopen or status == IncidentStatus.POSTMORTEM):
        raise IncidentClosed(_("%(name)s is already resolved. Reopen it to say more.") % {"name": incident.name})
