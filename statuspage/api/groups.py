"""Component groups: list, read, make, say who is in one, take away."""

from typing import Annotated, Any

from ninja import Query, Router, Status
from pydantic import ConfigDict, Field

from statuspage import audit, selectors
from statuspage.actions import groups as actions
from statuspage.models import ComponentGroup

from . import component_objects as objects
from .answers import Paging, Refused, Sent, Title, answers, by_field, found, page_of, paged
from .component_objects import Group
from .keys import Scope, needs

router = Router(tags=["component groups"])

ROOM = "/pages/{page_id}/component-groups"


Members = Annotated[list[str], Field(min_length=1)]


class GroupFields(Sent):
    """What of a group can be said. `components` are all its members, at least one."""

    name: Title | None = None
    description: str | None = None
    components: Members | None = None


class GroupIn(GroupFields):
    """The fields in `component_group`, with the description beside it; some clients send all of them bare.

    `components_group` is how `atlassian-python-api` writes it.
    """

    component_group: GroupFields | None = None
    components_group: GroupFields | None = None

    def said(self) -> dict[str, Any]:
        """All that was said, wherever it stood; null says nothing."""
        inner = self.component_group or self.components_group or GroupFields()
        bare = self.model_dump(exclude={"component_group", "components_group"}, exclude_none=True)
        return {**inner.model_dump(exclude_none=True), **bare}


WHOLE: dict[str, Any] = {
    "type": "object",
    "required": ["name", "components"],
    "properties": {"name": {"type": "string"}, "components": {"type": "array"}},
}
"""What `require` asks of a new group, as the document says it: wherever it stands."""
NESTED = ({"required": [key], "properties": {key: WHOLE}} for key in ("component_group", "components_group"))


class NewGroup(GroupIn):
    """A new group has a name and members."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [*NESTED, WHOLE]})


@router.get(ROOM, auth=needs(Scope.READ), response=answers(list[Group]))
def list_component_groups(request: Any, page_id: str, paging: Query[Paging]) -> Any:
    """All groups in the page's order."""
    page_of(page_id)
    return [objects.group(each, page_id) for each in paged(selectors.groups(), paging)]


@router.post(ROOM, auth=needs(Scope.COMPONENTS), response=answers(Group, 201))
def create_component_group(request: Any, page_id: str, data: NewGroup) -> Any:
    """Make a group of components that are there already."""
    page_of(page_id)
    said = data.said()
    require({field: said.get(field) for field in ("name", "components")})
    return Status(201, kept(page_id, None, said, request.actor))


@router.get(ROOM + "/{group_id}", auth=needs(Scope.READ), response=answers(Group))
def get_component_group(request: Any, page_id: str, group_id: str) -> Any:
    """One group."""
    page_of(page_id)
    return objects.group(found(selectors.groups(), group_id), page_id)


@router.patch(ROOM + "/{group_id}", auth=needs(Scope.COMPONENTS), response=answers(Group))
def update_component_group(request: Any, page_id: str, group_id: str, data: GroupIn) -> Any:
    """Change what is sent; whoever is no longer among `components` stands alone."""
    return changed(page_id, group_id, data, request.actor)


@router.put(ROOM + "/{group_id}", auth=needs(Scope.COMPONENTS), response=answers(Group))
def replace_component_group(request: Any, page_id: str, group_id: str, data: GroupIn) -> Any:
    """The same as PATCH, as on Statuspage: what is not sent stays."""
    return changed(page_id, group_id, data, request.actor)


@router.delete(ROOM + "/{group_id}", auth=needs(Scope.COMPONENTS), response=answers(Group))
def delete_component_group(request: Any, page_id: str, group_id: str) -> Any:
    """Take the group away, and answer as it was; its members stand alone, and who follows it follows them."""
    page_of(page_id)
    group = found(selectors.groups(), group_id)
    gone = objects.group(group, page_id)
    actions.delete_group(group=group, actor=request.actor)
    return gone


def changed(page_id: str, group_id: str, data: GroupIn, actor: audit.Actor) -> dict[str, Any]:
    page_of(page_id)
    group, said = found(selectors.groups(), group_id), data.said()
    require({field: said[field] for field in ("name", "components") if field in said})
    return kept(page_id, group, said, actor)


def kept(page_id: str, group: ComponentGroup | None, said: dict[str, Any], actor: audit.Actor) -> dict[str, Any]:
    before = {"name": group.name, "description": group.description} if group else {}
    row = actions.save_group(group=group, actor=actor, **{**before, **said})
    return objects.group(selectors.groups().get(pk=row.pk), page_id)


def require(said: dict[str, Any]) -> None:
    """As on Statuspage a group has a name and at least one component."""
    why = {"name": "Give it a name.", "components": "Name at least one component."}
    errors = by_field((f"component_group.{field}", why[field]) for field, value in said.items() if not value)
    if errors:
        raise Refused(422, "; ".join(f"{field}: {words[0]}" for field, words in errors.items()), errors)
