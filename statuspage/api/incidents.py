"""Incidents: realtime, scheduled and of the past; lists, changes, updates. Statuspage's v1, field for field."""

from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from statuspage.actions.base import is_id
from statuspage.actions.corrections import correct_update
from statuspage.actions.withdrawals import withdraw
from statuspage.models import Publication

from . import incident_lists, incident_writing
from .answers import FAR, Paging, answers, page_of
from .incident_objects import entry_of, update_of
from .incident_schemas import Incident, IncidentChangesIn, IncidentUpdate, NewIncidentIn, UpdateChangesIn
from .keys import Scope, needs

router = Router(tags=["incidents"])

PATH = "/pages/{page_id}/incidents"
READ, WRITE = needs(Scope.READ), needs(Scope.INCIDENTS)


class Search(Schema):
    """Which incidents: `q` in the title, the status or an update's text; `limit` is 100 at most."""

    q: str = ""
    page: int = Field(1, ge=0, le=FAR)
    limit: int | None = Field(None, ge=1, le=FAR)
    per_page: int | None = Field(None, ge=1, le=FAR)


def told(rows: Any, page_id: str) -> list[dict[str, Any]]:
    return [entry_of(each, page_id) for each in rows]


# --- Lists ----------------------------------------------------------------------------------------


@router.get(PATH, auth=READ, response=answers(list[Incident]))
def list_incidents(request: Any, page_id: str, search: Query[Search]) -> Any:
    """Incidents and scheduled maintenances together, newest first."""
    page_of(page_id)
    paging = Paging(page=search.page, limit=search.limit, per_page=search.per_page)
    return told(incident_lists.everything(search.q, paging), page_id)


@router.get(f"{PATH}/unresolved", auth=READ, response=answers(list[Incident]))
def list_unresolved_incidents(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """Open incidents, newest first; without scheduled maintenance."""
    page_of(page_id)
    return told(incident_lists.unresolved(paging), page_id)


@router.get(f"{PATH}/scheduled", auth=READ, response=answers(list[Incident]))
def list_scheduled_incidents(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """Scheduled maintenance, what is over too; the latest start first."""
    page_of(page_id)
    return told(incident_lists.scheduled(paging), page_id)


@router.get(f"{PATH}/upcoming", auth=READ, response=answers(list[Incident]))
def list_upcoming_incidents(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """Scheduled maintenance that has not begun, soonest first."""
    page_of(page_id)
    return told(incident_lists.upcoming(paging), page_id)


@router.get(f"{PATH}/active_maintenance", auth=READ, response=answers(list[Incident]))
def list_active_maintenances(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """Scheduled maintenance that is in progress or being verified."""
    page_of(page_id)
    return told(incident_lists.active(paging), page_id)


# --- One ------------------------------------------------------------------------------------------


@router.post(PATH, auth=WRITE, response=answers(Incident, 201))
def create_incident(request: Any, page_id: str, data: NewIncidentIn) -> Any:
    """Open an incident, schedule maintenance (`scheduled_for`), or record one of the past (`backfilled`).

    Subscribers are told unless `deliver_notifications` is false; of the past never. Without `body` the page says what
    the status says. The same again within a minute, while nothing more was said, answers with the same incident.
    """
    page_of(page_id)
    row = incident_writing.create(data.incident.asked(), request.actor)
    return Status(201, entry_of(row, page_id))


@router.get(f"{PATH}/{{incident_id}}", auth=READ, response=answers(Incident))
def get_incident(request: Any, page_id: str, incident_id: str) -> Any:
    """An incident or a scheduled maintenance."""
    page_of(page_id)
    return entry_of(incident_lists.entry(incident_id), page_id)


@router.patch(f"{PATH}/{{incident_id}}", auth=WRITE, response=answers(Incident))
def update_incident(request: Any, page_id: str, incident_id: str, data: IncidentChangesIn) -> Any:
    """Say more, resolve, rename, move, start, complete: whatever the fields differ in from what is so.

    A `status` or a `body` is an update, told unless `deliver_notifications` is false. `components` alone change without
    a word, unless `deliver_notifications` is true. Resolving without `components` returns each to what other open
    incidents say of it; with `components`, `{}` too, just those change.
    """
    return changed(request, page_id, incident_id, data)


@router.put(f"{PATH}/{{incident_id}}", auth=WRITE, response=answers(Incident))
def replace_incident(request: Any, page_id: str, incident_id: str, data: IncidentChangesIn) -> Any:
    """The same as PATCH."""
    return changed(request, page_id, incident_id, data)


def changed(request: Any, page_id: str, incident_id: str, data: IncidentChangesIn) -> dict[str, Any]:
    page_of(page_id)
    Publication.objects.lock()  # what it differs in from what is so is judged when nobody else changes that
    incident_writing.carry_out(incident_lists.entry(incident_id), data.incident.asked(), request.actor)
    return entry_of(incident_lists.entry(incident_id), page_id)


@router.delete(f"{PATH}/{{incident_id}}", auth=WRITE, response=answers(Incident))
def delete_incident(request: Any, page_id: str, incident_id: str) -> Any:
    """Withdraw it: gone from the page, nobody is told, what is unsent is void. Staff see it and can bring it back."""
    page_of(page_id)
    return entry_of(withdraw(entry=incident_lists.entry(incident_id), actor=request.actor), page_id)


# --- Updates --------------------------------------------------------------------------------------


@router.patch(f"{PATH}/{{incident_id}}/incident_updates/{{update_id}}", auth=WRITE, response=answers(IncidentUpdate))
def correct_incident_update(request: Any, page_id: str, incident_id: str, update_id: str, data: UpdateChangesIn) -> Any:
    """Correct an update's text, or the time it stands at. Nobody is told; who was told keeps what was sent."""
    return corrected(request, page_id, incident_id, update_id, data)


@router.put(f"{PATH}/{{incident_id}}/incident_updates/{{update_id}}", auth=WRITE, response=answers(IncidentUpdate))
def replace_incident_update(request: Any, page_id: str, incident_id: str, update_id: str, data: UpdateChangesIn) -> Any:
    """The same as PATCH."""
    return corrected(request, page_id, incident_id, update_id, data)


def corrected(request: Any, page_id: str, incident_id: str, update_id: str, data: UpdateChangesIn) -> dict[str, Any]:
    page_of(page_id)
    entry = incident_lists.entry(incident_id)
    update = entry.updates.filter(pk=update_id).first() if is_id(update_id) else None
    if update is None:
        raise Http404("update")
    changes = data.incident_update.model_dump(exclude_unset=True, exclude_none=True)
    if any(getattr(update, name) != value for name, value in changes.items()):
        correct_update(update=update, actor=request.actor, **changes)
    return update_of(update, entry.pk)
