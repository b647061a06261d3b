"""Groups of components: headings that are made, changed and taken away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from statuspage import audit, events, selectors
from statuspage.models import Component, ComponentGroup
from statuspage.roles import Ability
from statuspage.text import clean_text

from .base import action, known_components, title
from .components import behind_last, note, render_anew


@action
def save_group(
    *,
    name: str,
    actor: audit.Actor,
    group: ComponentGroup | None = None,
    description: str = "",
    position: int | None = None,
    components: Sequence[str] | None = None,
    now: datetime | None = None,
) -> ComponentGroup:
    """Add a group, or change one. A new one stands last unless its `position` is given.

    `components`: the ids of its members from now on; whoever else was in it stands alone,
    and who was in another group leaves that. None: they stay. Archived members stay too.
    """
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    members = None if components is None else known_components(list(components))
    before = facts_of(group) if group else None
    group = group or ComponentGroup(created_at=now, position=behind_last())
    group.name, group.description = title(name), clean_text(description)
    group.position, group.updated_at = position if position is not None else group.position, now
    group.full_clean()
    group.save()
    moved = _gather(group, list(members), now) if members is not None else []
    after = facts_of(group)
    note(actor, "save_group", "group", group.pk, now, before=before, after=after)
    renamed = before and before["name"] != after["name"]
    render_anew([*moved, *(_members(group) if renamed else ())])
    return group


@action
def delete_group(*, group: ComponentGroup, actor: audit.Actor, now: datetime | None = None) -> None:
    """Take a heading away: its members stand alone, and who follows the group follows them."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    before, members = facts_of(group), _members(group)
    note(actor, "delete_group", "group", group.pk, now, before=before)
    events.dissolve(events.GroupDissolved(group_id=group.pk, component_ids=tuple(members)))
    render_anew(members)
    group.delete()


def facts_of(group: ComponentGroup) -> dict[str, Any]:
    """What the audit log says of one."""
    return {"name": group.name, "position": group.position, "components": _members(group)}


def _members(group: ComponentGroup) -> list[str]:
    return list(group.components.order_by("position", "name").values_list("pk", flat=True))


def _gather(group: ComponentGroup, wanted: Sequence[str], now: datetime) -> list[str]:
    """Make these the group's members; the ids of all that came or went."""
    listed = Component.objects.listed()
    gone = list(listed.filter(group=group).exclude(pk__in=wanted).values_list("pk", flat=True))
    come = list(listed.filter(pk__in=wanted).exclude(group=group).values_list("pk", flat=True))
    Component.objects.filter(pk__in=gone).update(group=None, updated_at=now)
    Component.objects.filter(pk__in=come).update(group=group, updated_at=now)
    return [*gone, *come]
