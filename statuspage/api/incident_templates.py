"""Incident templates: words written ahead, for incidents and for maintenance."""

from typing import Any

from ninja import Query, Router, Status

from statuspage.actions.templates import save_template
from statuspage.models import Template

from . import asks
from .answers import Paging, answers, page_of, paged
from .incident_objects import template_of
from .incident_schemas import IncidentTemplate, NewTemplate, NewTemplateIn
from .incidents import READ, WRITE

router = Router(tags=["incident templates"])

PATH = "/pages/{page_id}/incident_templates"


@router.get(PATH, auth=READ, response=answers(list[IncidentTemplate]))
def list_incident_templates(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """All templates by name."""
    page_of(page_id)
    rows = Template.objects.order_by("name", "pk").prefetch_related("components")
    return [template_of(row, page_id) for row in paged(rows, paging)]


@router.post(PATH, auth=WRITE, response=answers(IncidentTemplate, 201))
def create_incident_template(request: Any, page_id: str, data: NewTemplateIn) -> Any:
    """Keep a template. `update_status` of a maintenance makes it one for maintenance; an incident starts open."""
    page_of(page_id)
    row = save_template(actor=request.actor, **facts_of(data.template))
    return Status(201, template_of(row, page_id))


def facts_of(sent: NewTemplate) -> dict[str, Any]:
    is_planned = sent.update_status in asks.LIFE
    return {
        "kind": Template.Kind.MAINTENANCE if is_planned else Template.Kind.INCIDENT,
        "name": sent.name,
        "title": sent.title,
        "body": sent.body,
        "update_status": "" if is_planned else sent.update_status or "",
        "notify": sent.should_send_notifications is not False,
        "components": sent.component_ids or (),
    }
