"""Incidents of the past that the page never told of, with times of their own; and what clients keep with an entry."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, events, selectors
from statuspage.models import Incident, IncidentUpdate, Maintenance, Publication
from statuspage.roles import Ability
from statuspage.vocabulary import Impact, IncidentStatus

from .base import action, bump, conflict, moment, one_of, title
from .incident_updates import update_event
from .words import Word, spoken


@action
def backfill_incident(
    *,
    name: str,
    body: str,
    happened_at: datetime,
    actor: audit.Actor,
    impact: str = Impact.NONE,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Incident:
    """Record an incident that began and ended at `happened_at`: nobody is told, and no component is touched.

    Outages of that time are recorded by themselves (`outages.record_outage`).
    """
    word = spoken(body=body, actor=actor, notify=False, key=idempotency_key, now=now)
    at = moment(happened_at, "backfill_date")
    if at > word.at:
        raise conflict("backfill_date", _("An incident cannot start in the future."))
    if repeated := word.earlier(IncidentUpdate, status=IncidentStatus.RESOLVED):
        return repeated.incident
    times = dict.fromkeys(("created_at", "updated_at", "started_at", "resolved_at"), at)
    incident = Incident.objects.create(
        name=title(name),
        status=IncidentStatus.RESOLVED,
        impact=one_of(Impact, impact, "impact"),
        impact_is_chosen=True,
        is_backfilled=True,
        revision=bump(word.at),
        **times,
    )
    _say(incident, word, at)
    return incident


def _say(incident: Incident, word: Word, at: datetime) -> None:
    """Its one update. The ledger has it as one that told nobody, on purpose."""
    columns = word.columns(()) | dict.fromkeys(("created_at", "updated_at", "display_at"), at)
    update = IncidentUpdate.objects.create(incident=incident, status=incident.status, **columns)
    after = {"update": update.pk, "happened_at": at.isoformat()}
    _note("backfill_incident", incident, word.actor, word.at, after=after)
    events.emit(update_event(update, undoable=False))


@transaction.atomic
def keep_metadata(
    *, entry: Incident | Maintenance, metadata: dict[str, Any], actor: audit.Actor, now: datetime | None = None
) -> None:
    """Keep what a client of the API stores with an incident or a maintenance; readers never see it."""
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    before = entry.metadata
    entry.metadata = metadata
    entry.save(update_fields=["metadata"])
    facts = {"before": before, "after": metadata}
    _note("keep_metadata", entry, actor, now or selectors.database_now(), **facts)


def _note(act: str, entry: Incident | Maintenance, actor: audit.Actor, at: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind=entry._meta.model_name or "", object_id=entry.pk, at=at, **facts)
