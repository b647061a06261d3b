"""Statuspage's `/api/v2` documents -> History, or Unusable naming file, field and value.

Pure: no Django, no I/O. Strict about what would be stored wrong (times, statuses, ids,
orders of time), lenient about what older captures and other programs leave out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus, MaintenanceStatus

from .fields import Fields, Unusable, shown
from .records import Affected, Component, Group, History, Incident, Maintenance, Update

COMPONENTS = "components.json"
INCIDENTS = "incidents.json"
MAINTENANCES = "scheduled-maintenances.json"
REQUIRED = (COMPONENTS, INCIDENTS, MAINTENANCES)

MORE_INCIDENTS = ("incidents/unresolved.json",)
MORE_MAINTENANCES = ("scheduled-maintenances/upcoming.json", "scheduled-maintenances/active.json")
OPTIONAL = (*MORE_INCIDENTS, *MORE_MAINTENANCES)
"""They may hold what is still open but older than the newest 50 that the first lists give."""

Statuses = type[IncidentStatus] | type[MaintenanceStatus]


def history(documents: Mapping[str, object]) -> History:
    """Everything the documents (name as in REQUIRED and OPTIONAL -> parsed JSON) tell."""
    page = _page(documents)
    groups, components = _components(Fields(documents[COMPONENTS], COMPONENTS))
    incidents = tuple(map(_incident, _entries(documents, INCIDENTS, MORE_INCIDENTS)))
    maintenances = tuple(map(_maintenance, _entries(documents, MAINTENANCES, MORE_MAINTENANCES)))
    told = [page.moment("updated_at"), *(each.updated_at for each in components)]
    told += [each.updated_at for each in (*incidents, *maintenances)]
    found = History(
        page_id=page.identifier(), page_name=page.line("name"), time_zone=_time_zone(page),
        as_of=max(told), groups=groups, components=components, incidents=incidents,
        maintenances=maintenances,
    )  # fmt: skip
    _require_unique(found)
    return found


def _page(documents: Mapping[str, object]) -> Fields:
    """The page's object. All documents must be of one page, or their ids would mix."""
    pages = {
        name: Fields(document.required("page"), f"{name}: page")
        for name, document in ((name, Fields(data, name)) for name, data in documents.items())
        if name == COMPONENTS or "page" in document.data
    }
    page = pages[COMPONENTS]
    for other in pages.values():
        if other.identifier() != page.identifier():
            raise other.wrong("id", f"{other.identifier()} is not {page.identifier()} as in {COMPONENTS}")
    return page


def _time_zone(page: Fields) -> str:
    """The page's zone; some programs that speak this dialect leave it out."""
    zone = page.data.get("time_zone")
    if zone is None:
        return "UTC"
    if not isinstance(zone, str) or zone not in available_timezones():
        raise page.wrong("time_zone", f"{shown(zone)} is not a time zone")
    return zone


# --- Components ---------------------------------------------------------------------------


def _components(document: Fields) -> tuple[tuple[Group, ...], tuple[Component, ...]]:
    rows = [each.named(f"{COMPONENTS}: component {each.identifier()}") for each in document.objects("components")]
    groups = tuple(_group(row, place) for place, row in enumerate(rows, 1) if row.flag("group", False))
    known = {group.id for group in groups}
    components = tuple(
        _component(row, place, known) for place, row in enumerate(rows, 1) if not row.flag("group", False)
    )
    return groups, components


def _group(row: Fields, place: int) -> Group:
    return Group(
        id=row.identifier(), name=row.line("name"), description=row.text("description"),
        position=row.number("position", place), created_at=row.moment("created_at"),
        updated_at=row.moment("updated_at"),
    )  # fmt: skip


def _component(row: Fields, place: int, groups: set[str]) -> Component:
    group_id = row.optional_identifier("group_id")
    if group_id is not None and group_id not in groups:
        raise row.wrong("group_id", f"{group_id} is no group in this file")
    return Component(
        id=row.identifier(), name=row.line("name"), description=row.text("description"),
        status=_component_status(row), group_id=group_id, position=row.number("position", place),
        showcase=row.flag("showcase", True),
        only_show_if_degraded=row.flag("only_show_if_degraded", False),
        start_date=row.optional_date("start_date"), created_at=row.moment("created_at"),
        updated_at=row.moment("updated_at"),
    )  # fmt: skip


def _component_status(row: Fields) -> ComponentStatus:
    """Statuspage's write specification also allows an empty status: nothing is wrong."""
    if row.required("status") == "":
        return ComponentStatus.OPERATIONAL
    return row.word("status", ComponentStatus)


# --- Incidents and maintenances --------------------------------------------------------------


def _entries(documents: Mapping[str, object], first: str, more: Iterable[str]) -> Iterator[Fields]:
    """Each entry once, newest first within its document; the first list's word counts."""
    key = first.removesuffix(".json").replace("-", "_")
    kind = key.removesuffix("s").removeprefix("scheduled_")
    listed: set[str] = set()
    for name in (first, *more):
        found = [
            row.named(f"{name}: {kind} {row.identifier()}")
            for row in (Fields(documents[name], name).objects(key) if name in documents else ())
        ]
        yield from (row for row in found if name == first or row.identifier() not in listed)
        listed |= {row.identifier() for row in found}


def _incident(row: Fields) -> Incident:
    return Incident(
        status=row.word("status", IncidentStatus), is_backfilled=row.flag("backfilled", False),
        impact_is_chosen=bool(row.data.get("impact_override")), **_common(row, IncidentStatus),
    )  # fmt: skip


def _maintenance(row: Fields) -> Maintenance:
    start, end = row.moment("scheduled_for"), row.moment("scheduled_until")
    if end <= start:
        raise row.wrong("scheduled_until", f"{row.data['scheduled_until']} is not after scheduled_for")
    return Maintenance(
        status=row.word("status", MaintenanceStatus), scheduled_for=start, scheduled_until=end,
        auto_start=row.flag("scheduled_auto_in_progress", True),
        auto_complete=row.flag("scheduled_auto_completed", True),
        tells_start=row.flag("auto_transition_deliver_notifications_at_start", True),
        tells_end=row.flag("auto_transition_deliver_notifications_at_end", True),
        **_common(row, MaintenanceStatus),
    )  # fmt: skip


def _common(row: Fields, statuses: Statuses) -> dict[str, Any]:
    created_at = row.moment("created_at")
    started_at = row.optional_moment("started_at") or created_at
    metadata = row.data.get("metadata")
    updates = _updates(row, statuses)
    return {
        "id": row.identifier(),
        "name": row.line("name"),
        "impact": row.word("impact", Impact),
        "created_at": created_at,
        "updated_at": row.moment("updated_at"),
        "started_at": started_at,
        "monitoring_at": row.optional_moment("monitoring_at"),
        "resolved_at": _resolved_at(row, started_at, updates),
        "shortlink": row.link("shortlink"),
        "component_ids": _component_ids(row),
        "metadata": metadata if metadata and isinstance(metadata, dict) else None,
        "updates": updates,
    }


def _resolved_at(row: Fields, started_at: datetime, updates: tuple[Update, ...]) -> datetime | None:
    """When it ended. The field decides; where it is empty, the update that said so."""
    resolved_at = row.optional_moment("resolved_at")
    if resolved_at is None and row.data["status"] in {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM}:
        said = [each.display_at for each in updates if each.status == IncidentStatus.RESOLVED]
        if not said:
            raise row.wrong("resolved_at", f"is missing, though the status is {row.data['status']}")
        resolved_at = said[-1]
    if resolved_at is not None and resolved_at < started_at:
        raise row.wrong("resolved_at", f"{resolved_at.isoformat()} is before the start at {started_at.isoformat()}")
    return resolved_at


def _component_ids(row: Fields) -> tuple[str, ...]:
    if row.data.get("components") is None:
        return ()
    listed = [each.identifier() for each in row.objects("components") if not each.flag("group", False)]
    return tuple(dict.fromkeys(listed))


def _updates(row: Fields, statuses: Statuses) -> tuple[Update, ...]:
    """The updates oldest first, by the moment they were written; documents have them newest first."""
    found = [_update(each, row, statuses) for each in row.objects("incident_updates")]
    found.reverse()
    return tuple(sorted(found, key=lambda update: update.created_at))


def _update(data: Fields, parent: Fields, statuses: Statuses) -> Update:
    row = data.named(f"{parent.place}: update {data.identifier()}")
    if row.data.get("incident_id", parent.data["id"]) != parent.data["id"]:
        raise row.wrong("incident_id", f"{shown(row.data['incident_id'])} is not the one it stands in")
    created_at, updated_at = row.moment("created_at"), row.moment("updated_at")
    if updated_at < created_at:
        raise row.wrong("updated_at", f"{row.data['updated_at']} is before created_at")
    return Update(
        id=row.identifier(), status=row.word("status", statuses), body=row.text("body"),
        created_at=created_at, updated_at=updated_at,
        display_at=row.optional_moment("display_at") or created_at,
        deliver_notifications=row.flag("deliver_notifications", True), affected=_affected(row),
    )  # fmt: skip


def _affected(row: Fields) -> tuple[Affected, ...] | None:
    """What the update said of components; null is kept apart from an empty list."""
    if row.data.get("affected_components") is None:
        return None
    return tuple(
        Affected(
            code=each.identifier("code"), name=each.line("name"),
            old_status=each.word("old_status", ComponentStatus),
            new_status=each.word("new_status", ComponentStatus),
        )
        for each in row.objects("affected_components")
    )  # fmt: skip


# --- The whole ----------------------------------------------------------------------------


def _require_unique(found: History) -> None:
    """Each id names one thing: incidents and maintenances share their addresses."""
    _once(COMPONENTS, "component", [each.id for each in found.groups] + [each.id for each in found.components])
    _once(INCIDENTS, "incident", (each.id for each in found.incidents))
    _once(MAINTENANCES, "maintenance", (each.id for each in found.entries()))
    _once(INCIDENTS, "update", (update.id for each in found.incidents for update in each.updates))
    _once(MAINTENANCES, "update", (update.id for each in found.entries() for update in each.updates))


def _once(name: str, kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise Unusable(f"{name}: {kind} {each}: id: is there twice")
        seen.add(each)
