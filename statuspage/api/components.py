"""Components: list, read, add, change, say how they are, archive."""

from datetime import date
from typing import Any, Literal

from ninja import Query, Router, Status
from pydantic import field_validator

from statuspage import mail_addresses, selectors
from statuspage.actions import components as actions
from statuspage.actions.base import is_id
from statuspage.models import Component as Row
from statuspage.models import ComponentGroup
from statuspage.vocabulary import ComponentStatus

from . import component_objects as objects
from .answers import Paging, Refused, Sent, Title, answers, found, page_of, paged
from .component_objects import Component
from .keys import Scope, needs

router = Router(tags=["components"])

ROOM = "/pages/{page_id}/components"


class ComponentFields(Sent):
    """What can be said of a component. An empty `group_id` takes it out of its group; an empty `status` is none."""

    name: Title | None = None
    description: str | None = None
    status: ComponentStatus | Literal[""] | None = None
    only_show_if_degraded: bool | None = None
    group_id: str | None = None
    showcase: bool | None = None
    start_date: date | Literal[""] | None = None

    @field_validator("start_date", mode="before")
    @classmethod
    def no_date(cls, value: Any) -> Any:
        """A form's way to say that there is none."""
        return None if value == "" else value


class ComponentIn(Sent):
    component: ComponentFields


class NewFields(ComponentFields):
    """The same of a new one, which has a name."""

    name: Title


class NewComponent(Sent):
    component: NewFields


@router.get(ROOM, auth=needs(Scope.READ), response=answers(list[Component]))
def list_components(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """All components and groups in the page's order, members after their group; not those that are archived."""
    page_of(page_id)
    return paged(objects.listed(page_id), paging)


@router.post(ROOM, auth=needs(Scope.COMPONENTS), response=answers(Component, 201))
def create_component(request: Any, page_id: str, data: NewComponent) -> Any:
    """Add a component. It stands last, or last in its group."""
    page_of(page_id)
    made = actions.create_component(actor=request.actor, **facts(data.component))
    return Status(201, shown(request, made, page_id))


@router.get(ROOM + "/{component_id}", auth=needs(Scope.READ), response=answers(Component))
def get_component(request: Any, page_id: str, component_id: str) -> Any:
    """One component, or one group as a component."""
    page_of(page_id)
    if group := selectors.groups().filter(pk=component_id).first():
        return objects.group_entry(group, page_id)
    return shown(request, found(selectors.components(), component_id), page_id)


@router.patch(ROOM + "/{component_id}", auth=needs(Scope.COMPONENTS), response=answers(Component))
def update_component(request: Any, page_id: str, component_id: str, data: ComponentIn) -> Any:
    """Change what is sent. A status is said without an incident: the page and the outages follow, nobody is told."""
    return changed(request, page_id, component_id, data)


@router.put(ROOM + "/{component_id}", auth=needs(Scope.COMPONENTS), response=answers(Component))
def replace_component(request: Any, page_id: str, component_id: str, data: ComponentIn) -> Any:
    """The same as PATCH, as on Statuspage: what is not sent stays."""
    return changed(request, page_id, component_id, data)


@router.delete(ROOM + "/{component_id}", auth=needs(Scope.COMPONENTS), response=answers(None, 204))
def delete_component(request: Any, page_id: str, component_id: str) -> Any:
    """Archive it: it leaves the page and every list; its outages and history stay, and staff can bring it back."""
    page_of(page_id)
    actions.archive_component(component=found(selectors.components(), component_id), actor=request.actor)
    return Status(204, None)


def changed(request: Any, page_id: str, component_id: str, data: ComponentIn) -> dict[str, Any]:
    page_of(page_id)
    row, said = found(selectors.components(), component_id), facts(data.component)
    status = said.pop("status", None)
    if different := {field: value for field, value in said.items() if getattr(row, field) != value}:
        row = actions.edit_component(component=row, actor=request.actor, **different)
    if status and status != row.status:
        actions.set_component_statuses(statuses={row.pk: status}, actor=request.actor)
    return shown(request, Row.objects.get(pk=row.pk), page_id)


def facts(fields: ComponentFields) -> dict[str, Any]:
    """What was said, as keywords of the actions; null says nothing of a field that always has a value."""
    said: dict[str, Any] = fields.model_dump(exclude_unset=True)
    for field in ("name", "status", "only_show_if_degraded", "showcase"):
        if said.get(field) in (None, ""):
            said.pop(field, None)
    if "description" in said:
        said["description"] = said["description"] or ""
    if "group_id" in said:
        said["group"] = group_of(said.pop("group_id"))
    return said


def group_of(group_id: str | None) -> ComponentGroup | None:
    if not group_id:
        return None
    if is_id(group_id) and (group := ComponentGroup.objects.filter(pk=group_id).first()):
        return group
    why = "There is no group of this id."
    raise Refused(404, f"component.group_id: {why}", {"component.group_id": [why]})


def shown(request: Any, row: Row, page_id: str) -> dict[str, Any]:
    """One component; its address for monitors' mail is a secret, told to keys that may change what mail changes."""
    may_know = request.key.allows(Scope.COMPONENTS)
    address = mail_addresses.address_of(row) if may_know else ""
    return {**objects.component(row, page_id), "automation_email": address or None}
