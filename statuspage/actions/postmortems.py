"""Postmortems: written as a draft, published as an update of an incident that is over, taken back to a draft."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, ports, selectors
from statuspage.models import Incident, IncidentUpdate, Publication
from statuspage.roles import Ability
from statuspage.vocabulary import IncidentStatus

from .base import action, body_text, bump, claim_version, conflict
from .corrections import correct_update
from .incidents import publish_update

NO_DRAFT = {"postmortem_draft": "", "postmortem_draft_at": None}


@transaction.atomic
def draft_postmortem(*, incident: Incident, body: str, actor: audit.Actor, now: datetime | None = None) -> Incident:
    """Keep a postmortem that nobody sees yet; what is published stays as it is."""
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    at = now or selectors.database_now()
    incident.refresh_from_db()
    before = {"body": incident.postmortem_draft}
    incident.postmortem_draft, incident.postmortem_draft_at = body_text(body, "body_draft"), at
    incident.save(update_fields=list(NO_DRAFT))
    _note("draft_postmortem", incident, actor, at, before=before, after={"body": incident.postmortem_draft})
    return incident


@action
def publish_postmortem(
    *, incident: Incident, actor: audit.Actor, notify: bool = True, now: datetime | None = None
) -> Incident:
    """Publish the draft as an update; where one is published already, its text is corrected and nobody is told.

    Without a draft what is published stays. Raises ValidationError while the incident is open, or for want of a draft.
    """
    actor.require(Ability.PUBLISH)
    incident.refresh_from_db()
    body, told = incident.postmortem_draft, published(incident)
    if not body and told is None:
        raise conflict("body_draft", _("Write the postmortem first."))
    if body and told:
        correct_update(update=told, body=body, actor=actor, now=now)
    elif body:
        publish_update(
            incident=incident, status=IncidentStatus.POSTMORTEM, body=body, actor=actor, notify=notify, now=now
        )
    Incident.objects.filter(pk=incident.pk).update(**NO_DRAFT)
    incident.refresh_from_db()
    return incident


@action
def take_back_postmortem(
    *, incident: Incident, actor: audit.Actor, keep: bool = True, now: datetime | None = None
) -> Incident:
    """Take a postmortem off the page. It is a draft again, unless one was written since; `keep` False: neither.

    Where nobody was told yet, nobody is. Its words stay in the audit log.
    """
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    incident.refresh_from_db()
    told = list(incident.updates.filter(status=IncidentStatus.POSTMORTEM))
    if not told and (keep or not incident.postmortem_draft):
        return incident
    before = {"draft": incident.postmortem_draft, "updates": {each.pk: each.body for each in told}}
    for each in told:
        ports.recall(each.pk)
        each.delete()
    changes: dict[str, Any] = {"postmortem_draft": incident.postmortem_draft, "postmortem_draft_at": at}
    if told and not incident.postmortem_draft:
        changes["postmortem_draft"] = told[0].body
    changes |= {"status": IncidentStatus.RESOLVED} if told else {}
    changes |= {} if keep else NO_DRAFT
    claim_version(incident, None, {**changes, "updated_at": at, "revision": bump(at)})
    _note("take_back_postmortem", incident, actor, at, before=before)
    return incident


def published(incident: Incident) -> IncidentUpdate | None:
    """The postmortem that readers have."""
    return incident.updates.filter(status=IncidentStatus.POSTMORTEM).first()


def _note(act: str, incident: Incident, actor: audit.Actor, at: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind="incident", object_id=incident.pk, at=at, **facts)
