"""One step of a group of alerts, taken: published, drafted, or noted in the incident's room. Called by `alerts`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from statuspage import audit, selectors
from statuspage.alerting.facts import Act, Alert, Course, Hands, Report, Said, Step
from statuspage.alerting.kept import said_data, said_from
from statuspage.models import AlertGroup, AlertNote, Component, Draft, Incident, IncidentUpdate
from statuspage.status import IMPACT_RANK
from statuspage.vocabulary import IncidentStatus

from . import alert_words, drafts, incidents
from .components import standing

OLD_NEWS = timedelta(hours=24)
"""An alert that fires for longer when it is first told of did not begin then for readers: it begins now."""

DID = {
    Act.OPEN: "opened",
    Act.UPDATE: "updated",
    Act.RESOLVE: "resolved",
    Act.REOPEN: "reopened",
    Act.NOTE: "noted",
    Act.NOTHING: "nothing",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a report: a word of `DID`, or `drafted`, or `withdrawn`; and the incident's id, if any."""

    did: str
    incident: str = ""


def placed(report: Report) -> Report:
    """The report with the components of this page that its alerts mean: by id or name, else by the one they carry."""
    rows = list(selectors.components())
    ids = {each.pk for each in rows}
    by_name = {name: each.pk for each in rows for name in (each.name, each.full_name)}

    def known(alert: Alert) -> Alert:
        named = (each if each in ids else by_name.get(each, "") for each in alert.components)
        meant = tuple(dict.fromkeys(pk for pk in named if pk))
        by_its_name = (by_name[alert.name],) if alert.name in by_name else ()
        return replace(alert, components=meant or by_its_name)

    return replace(report, alerts=tuple(known(each) for each in report.alerts))


# --- Where staff stand --------------------------------------------------------------------------


def caught_up(group: AlertGroup, course: Course) -> Course:
    """The course with what staff made of the draft: published, it is said; thrown away, it is not offered again."""
    if not group.draft_key:
        return course
    update = IncidentUpdate.objects.select_related("incident").filter(idempotency_key=group.draft_key).first()
    if update is None and Draft.objects.filter(key=group.draft_key).exists():
        return course
    said = said_from(group.offered)
    group.incident = update.incident if update else group.incident
    group.draft_key, group.offered = "", None
    return replace(course, said=said, said_at=update.created_at if update else course.said_at)


def hands_of(group: AlertGroup, course: Course) -> Hands:
    """Who said the last word. A draft of the group's that staff published is the group's own."""
    incident = group.incident
    if incident is None:
        return Hands.ALERTS if course.said is None else Hands.STAFF_CLOSED
    newest = incident.updates.order_by("-created_at").first()
    is_own = newest is not None and (newest.idempotency_key or "").startswith(group.prefix)
    if incident.withdrawn_at:
        return Hands.STAFF_CLOSED
    if is_own:
        return Hands.ALERTS
    return Hands.STAFF if incident.is_open else Hands.STAFF_CLOSED


# --- What is done -------------------------------------------------------------------------------


def take_step(
    group: AlertGroup, before: Course, course: Course, step: Step, actor: audit.Actor, now: datetime
) -> tuple[Course, Outcome]:
    """Do it; the course to keep. One that was only drafted goes on from what readers know."""
    if step.act == Act.NOTHING or step.said is None:
        is_withdrawn = not course.hidden and _withdraw(group, actor, now)
        return course, _outcome(group, "withdrawn" if is_withdrawn else "nothing")
    if step.act == Act.NOTE:
        _withdraw(group, actor, now)
        _note(group, course, step.said, now)
        return course, _outcome(group, DID[step.act])
    if step.act == Act.OPEN:
        group.incident = None
    if group.is_draft_first:
        has_changed = _draft(group, course, step, actor, now)
        public = None if step.act == Act.OPEN else before.said
        kept = replace(course, said=public, said_at=before.said_at, better_at=before.better_at)
        return kept, _outcome(group, "drafted" if has_changed else "nothing")
    _publish(group, course, step, actor, now)
    return course, _outcome(group, DID[step.act])


def _outcome(group: AlertGroup, did: str) -> Outcome:
    return Outcome(did, group.incident.pk if group.incident else "")


def _publish(group: AlertGroup, course: Course, step: Step, actor: audit.Actor, now: datetime) -> None:
    group.serial += 1
    common = {"actor": actor, "now": now, "idempotency_key": f"{group.prefix}{group.serial}"}
    if group.incident is None:
        group.incident = incidents.open_incident(**opening(course, step, now), **common)
        return
    _raise_impact(group.incident, step, actor, now)
    group.incident.refresh_from_db()
    facts = following(group.incident, step)
    incidents.publish_update(incident=group.incident, reopen=step.act == Act.REOPEN, **facts, **common)


def opening(course: Course, step: Step, now: datetime) -> dict[str, Any]:
    """The words of `open_incident`."""
    assert step.said
    began = min((each.starts_at for each in course.firing), default=now)
    statuses = _statuses(step.said)
    touched = selectors.components().filter(pk__in=statuses)
    return {
        "name": alert_words.title_of(course.firing, touched),
        "body": alert_words.body_of(step, step.said),
        "status": step.said.status,
        "impact": step.said.impact,
        "components": statuses,
        "started_at": now if now - began > OLD_NEWS else min(began, now),
    }


def following(incident: Incident, step: Step) -> dict[str, Any]:
    """The words of `publish_update`. A component whose alerts are over returns to what others say of it."""
    assert step.said
    body = alert_words.body_of(step, step.said)
    if step.act == Act.RESOLVE:
        return {"status": IncidentStatus.RESOLVED, "body": body, "components": None}
    gone = set(step.before.components if step.before else ()) - set(step.said.components)
    elsewhere = standing(selectors.components().filter(pk__in=gone), besides=incident)
    freed = {component.pk: str(status) for component, status in elsewhere.items()}
    return {"status": step.said.status, "body": body, "components": freed | _statuses(step.said)}


def _statuses(said: Said) -> dict[str, str]:
    """Component id -> status; where nothing is said of how one is, as it is. What is archived meanwhile is left out."""
    rows: Mapping[str, Component] = selectors.components().in_bulk(list(said.components))
    return {pk: str(said.components[pk] or each.status) for pk, each in rows.items()}


def _raise_impact(incident: Incident, step: Step, actor: audit.Actor, now: datetime) -> None:
    """An impact that the alerts name, where it is graver than the incident's."""
    impact = step.said.impact if step.said else None
    if impact is None or IMPACT_RANK.index(impact) <= IMPACT_RANK.index(incident.impact):  # type: ignore[arg-type]
        return
    same = {"name": incident.name, "severity": incident.severity, "cause": incident.cause}
    incidents.edit_incident(incident=incident, actor=actor, impact=impact, now=now, **same)


def _draft(group: AlertGroup, course: Course, step: Step, actor: audit.Actor, now: datetime) -> bool:
    """Keep it for staff to publish; whether that is another word than the one that waits."""
    offered = said_data(step.said)
    if group.draft_key and group.offered == offered:
        return False
    if not group.draft_key:
        group.serial += 1
        group.draft_key = f"{group.prefix}{group.serial}"
    group.offered = offered
    if group.incident is None:
        kind, subject, payload = Draft.Kind.INCIDENT, "", alert_words.opening(opening(course, step, now))
    else:
        kind, subject = Draft.Kind.UPDATE, group.incident.pk
        payload = alert_words.update(following(group.incident, step), is_open=group.incident.is_open)
    drafts.save_draft(kind=kind, subject=subject, payload=payload, actor=actor, key=group.draft_key, now=now)
    return True


def _withdraw(group: AlertGroup, actor: audit.Actor, now: datetime) -> bool:
    """Take back the draft that waits, since what it tells is over; whether there was one."""
    waiting = Draft.objects.filter(key=group.draft_key).first() if group.draft_key else None
    if waiting:
        drafts.discard_draft(draft=waiting, actor=actor, now=now)
    group.draft_key, group.offered = "", None
    return waiting is not None


def _note(group: AlertGroup, course: Course, said: Said, now: datetime) -> None:
    AlertNote.objects.create(
        group=group,
        incident=group.incident,
        at=now,
        is_over=said.is_over,
        firing=len(course.firing),
        lines=list(dict.fromkeys(said.lines.values())),
    )
