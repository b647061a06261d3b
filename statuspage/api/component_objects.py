"""Components and groups as Statuspage's v1 has them, every key in its place."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ninja import Schema

from statuspage import selectors
from statuspage.models import Component as Row
from statuspage.models import ComponentGroup as GroupRow
from statuspage.status import worst
from statuspage.vocabulary import ComponentStatus

from .answers import time


class Component(Schema):
    """A component; or a group, with `group` true, whose status is its worst member's."""

    id: str
    page_id: str
    group_id: str | None
    created_at: str
    updated_at: str
    group: bool
    name: str
    description: str | None
    position: int
    status: ComponentStatus
    showcase: bool
    only_show_if_degraded: bool
    automation_email: str | None
    start_date: date | None


class Group(Schema):
    """A group; `components` are its members' ids in their order."""

    id: str
    page_id: str
    name: str
    description: str | None
    components: list[str]
    position: int
    created_at: str
    updated_at: str


def component(row: Row, page_id: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "page_id": page_id,
        "group_id": row.group_id,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "group": False,
        "name": row.name,
        "description": row.description or None,
        "position": row.position,
        "status": row.status,
        "showcase": row.showcase,
        "only_show_if_degraded": row.only_show_if_degraded,
        "automation_email": None,
        "start_date": row.start_date,
    }


def group(row: GroupRow, page_id: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "page_id": page_id,
        "name": row.name,
        "description": row.description or None,
        "components": [each.pk for each in members(row)],
        "position": row.position,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
    }


def group_entry(row: GroupRow, page_id: str) -> dict[str, Any]:
    """A group among components."""
    shown = group(row, page_id)
    del shown["components"]
    return {
        **shown,
        "group_id": None,
        "group": True,
        "status": worst(ComponentStatus(each.status) for each in members(row)),
        "showcase": False,
        "only_show_if_degraded": False,
        "automation_email": None,
        "start_date": None,
    }


def listed(page_id: str) -> list[dict[str, Any]]:
    """Groups and the components outside of any in the page's order, members after their group."""
    return list(_entries(selectors.groups(), selectors.components().filter(group=None), page_id))


def _entries(groups: Iterable[GroupRow], alone: Iterable[Row], page_id: str) -> Iterator[dict[str, Any]]:
    for row in sorted([*groups, *alone], key=lambda each: (each.position, each.name)):
        if isinstance(row, GroupRow):
            yield group_entry(row, page_id)
            yield from (component(each, page_id) for each in members(row))
        else:
            yield component(row, page_id)


def members(row: GroupRow) -> list[Row]:
    """Those of its components that are there; of a group from `selectors.groups`."""
    return list(row.components.all())
