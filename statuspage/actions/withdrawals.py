"""Incidents and maintenances that should never have been there: withdrawn, and brought back. Nobody is told of either.

The row stays with its updates, its ledger and its audit; readers, feeds and counts of what is open have it no more.
Its outages are corrected as new versions, so that what counted before stays as evidence.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from statuspage import audit, ports, selectors
from statuspage.models import Component, Incident, Maintenance, Outage
from statuspage.roles import Ability
from statuspage.status import worst
from statuspage.text import clean_text
from statuspage.vocabulary import ComponentStatus

from .base import StaleEdit, action, bump, claim_version, require_length
from .components import set_statuses, standing
from .maintenance_notices import replan
from .outages import REASON_MAX, replace

Entry = Incident | Maintenance
Statuses = dict[Component, ComponentStatus]


@action
def withdraw(
    *,
    entry: Entry,
    actor: audit.Actor,
    reason: str = "",
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Entry:
    """Take it off the page: its components return to what others say, what is unsent of it is void.

    One that is withdrawn already stays as it is. Raises StaleEdit when it changed since `expected_version`.
    """
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    why = _reason(reason) or _("“%(name)s” was withdrawn.") % {"name": entry.name}
    entry.refresh_from_db()
    if entry.withdrawn_at:
        return entry
    claim_version(entry, expected_version, {"withdrawn_at": at, "updated_at": at, "revision": bump(at)})
    affected = set_statuses(_left_to_others(entry), at=at)
    for outage in _of(entry).current().select_related("component"):
        _take_back(outage, entry, actor, at, why)
    ports.withdraw(entry.pk)
    _note("withdraw", entry, actor, at, {"reason": why, "components": affected})
    return entry


@action
def bring_back(*, entry: Entry, actor: audit.Actor, reason: str = "", now: datetime | None = None) -> Entry:
    """Put it on the page again as it was, with its outages; what is open speaks of its components again, from now on.

    One that is not withdrawn stays as it is.
    """
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    why = _reason(reason) or _("“%(name)s” was brought back.") % {"name": entry.name}
    entry.refresh_from_db()
    if entry.withdrawn_at is None:
        return entry
    _count_again(entry, entry.withdrawn_at, actor, at, why)
    _claim_withdrawn(entry, {"withdrawn_at": None, "updated_at": at, "revision": bump(at)})
    affected = set_statuses(_said_again(entry), at=at, **_as_subject(entry))
    if isinstance(entry, Maintenance) and entry.is_open:
        replan(entry, at)
    _note("bring_back", entry, actor, at, {"reason": why, "components": affected})
    return entry


def _reason(reason: str) -> str:
    cleaned = clean_text(reason)
    require_length(cleaned, REASON_MAX, "reason")
    return cleaned


def _claim_withdrawn(entry: Entry, changes: dict[str, Any]) -> None:
    rows = type(entry).everything.filter(pk=entry.pk, withdrawn_at=entry.withdrawn_at)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise StaleEdit(_("Somebody else changed this in the meantime. Nothing was published."))
    entry.refresh_from_db()


def _note(act: str, entry: Entry, actor: audit.Actor, at: datetime, facts: dict[str, Any]) -> None:
    kind = entry._meta.model_name or ""
    audit.record(actor=actor, action=f"{act}_{kind}", kind=kind, object_id=entry.pk, at=at, after=facts)


def _as_subject(entry: Entry) -> dict[str, Any]:
    """The entry as outages and `set_statuses` name it."""
    return {"maintenance": entry} if isinstance(entry, Maintenance) else {"incident": entry}


def _of(entry: Entry) -> Any:
    return Outage.objects.filter(**_as_subject(entry))


# --- Components -----------------------------------------------------------------------------------


def _left_to_others(entry: Entry) -> Statuses:
    """What others say of the components that this one spoke of; those of which others spoke since stay."""
    spoken_of: Iterable[Component] = _in_its_outages(entry)
    if isinstance(entry, Incident) and entry.is_open:
        spoken_of = entry.components.select_related("group")
    return {each: said for each, said in standing(spoken_of).items() if each.status != said}


def _in_its_outages(entry: Entry) -> QuerySet[Component]:
    still = _of(entry).current().filter(ended_at=None, client=None)
    return Component.objects.select_related("group").filter(pk__in=still.values("component"))


def _said_again(entry: Entry) -> Statuses:
    """What an open one says of its components; nothing better than what others say meanwhile."""
    if isinstance(entry, Maintenance):
        calm = entry.components.select_related("group").filter(status=ComponentStatus.OPERATIONAL)
        return dict.fromkeys(calm, ComponentStatus.UNDER_MAINTENANCE) if entry.is_active else {}
    claims = entry.claims.select_related("component__group") if entry.is_open else ()
    said = {each.component: worst([ComponentStatus(each.status), each.component.status]) for each in claims}
    return {component: status for component, status in said.items() if component.status != status}


# --- Outages --------------------------------------------------------------------------------------


def _take_back(outage: Outage, entry: Entry, actor: audit.Actor, at: datetime, why: str) -> None:
    """It never was; unless somebody else spoke of it before, or does now: then it is no longer this one's."""
    if outage.ended_at is None or not _is_own(outage, entry):
        replace(outage, "correct_outage", actor=actor, at=at, reason=why, incident=None, maintenance=None)
    else:
        replace(outage, "withdraw_outage", actor=actor, at=at, reason=why, is_current=False, is_withdrawn=True)


def _is_own(outage: Outage, entry: Entry) -> bool:
    """Whether its first version was this entry's already."""
    first = outage
    while first.replaces:
        first = first.replaces
    return bool(first.maintenance_id == entry.pk if isinstance(entry, Maintenance) else first.incident_id == entry.pk)


def _count_again(entry: Entry, since: datetime, actor: audit.Actor, at: datetime, why: str) -> None:
    """The versions that withdrawing it wrote are replaced; what was corrected since then stays as it is."""
    for outage in _of(entry).filter(created_at=since, is_withdrawn=True, replaced_by=None):
        replace(outage, "correct_outage", actor=actor, at=at, reason=why, is_current=True, is_withdrawn=False)
    owner = {f"replaces__{name}": value for name, value in _as_subject(entry).items()}
    for outage in Outage.objects.current().filter(created_at=since, incident=None, maintenance=None, **owner):
        replace(outage, "correct_outage", actor=actor, at=at, reason=why, **_as_subject(entry))
