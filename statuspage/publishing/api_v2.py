"""Statuspage's public API v2, field for field and in its key order: `/api/v2/*.json`.

Registered with the publication; bytes depend on the revision alone, so a heartbeat
changes none of them. Clients destructure the keys: every key is always there, empty
lists included.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from statuspage.vocabulary import MaintenanceStatus

from .documents import JSON, Document, register_hot
from .snapshot import RECENT, Component, Entry, Group, Incident, Maintenance, Snapshot, Update

Data = dict[str, Any]


@register_hot
def documents(snapshot: Snapshot) -> Iterator[Document]:
    """The eight documents of the dialect."""
    for path, content in CONTENTS.items():
        yield Document(
            path=f"/api/v2/{path}.json",
            content_type=JSON,
            render=partial(rendered, snapshot, content),
            key=str(snapshot.revision),
        )


def rendered(snapshot: Snapshot, content: Callable[[Snapshot], Data]) -> bytes:
    """The page and what a document holds beside it, as compact UTF-8."""
    return encoded({"page": page(snapshot), **content(snapshot)})


def encoded(data: Data) -> bytes:
    """Compact UTF-8; what is no character becomes a question mark."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def time(at: datetime | None) -> str | None:
    """ "2026-11-10T14:32:00.000Z", whatever the page's zone."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- What each document holds beside the page ---------------------------------------------------


def status_only(snapshot: Snapshot) -> Data:
    return {"status": asdict(snapshot.status)}


def all_components(snapshot: Snapshot) -> Data:
    return {"components": list(component_list(snapshot))}


def recent_incidents(snapshot: Snapshot) -> Data:
    return {"incidents": incident_list(snapshot, snapshot.incidents[:RECENT])}


def unresolved_incidents(snapshot: Snapshot) -> Data:
    return {"incidents": incident_list(snapshot, snapshot.open_incidents)}


def recent_maintenances(snapshot: Snapshot) -> Data:
    newest = sorted(snapshot.maintenances[:RECENT], key=lambda each: each.created_at, reverse=True)
    return {"scheduled_maintenances": maintenance_list(snapshot, newest)}


def upcoming_maintenances(snapshot: Snapshot) -> Data:
    return {"scheduled_maintenances": maintenance_list(snapshot, snapshot.upcoming_maintenances)}


def active_maintenances(snapshot: Snapshot) -> Data:
    return {"scheduled_maintenances": maintenance_list(snapshot, snapshot.active_maintenances)}


def summary(snapshot: Snapshot) -> Data:
    """Components, what is open, what is planned and the overall status."""
    open_maintenances = snapshot.active_maintenances + snapshot.upcoming_maintenances
    return {
        **all_components(snapshot),
        **unresolved_incidents(snapshot),
        "scheduled_maintenances": maintenance_list(snapshot, open_maintenances),
        **status_only(snapshot),
    }


CONTENTS: dict[str, Callable[[Snapshot], Data]] = {
    "summary": summary,
    "status": status_only,
    "components": all_components,
    "incidents": recent_incidents,
    "incidents/unresolved": unresolved_incidents,
    "scheduled-maintenances": recent_maintenances,
    "scheduled-maintenances/upcoming": upcoming_maintenances,
    "scheduled-maintenances/active": active_maintenances,
}

# --- The objects ------------------------------------------------------------------------------


def page(snapshot: Snapshot) -> Data:
    facts = snapshot.page
    return {
        "id": facts.id,
        "name": facts.name,
        "url": facts.url,
        "time_zone": facts.time_zone,
        "updated_at": time(facts.updated_at),
    }


def component_list(snapshot: Snapshot) -> Iterator[Data]:
    """Groups and the components outside of any in the page's order, members after their group."""
    for top in snapshot.tops():
        if isinstance(top, Group):
            yield group(top, snapshot)
            yield from (component(each, snapshot) for each in snapshot.members(top))
        else:
            yield component(top, snapshot)


def component(facts: Component, snapshot: Snapshot) -> Data:
    return {
        "id": facts.id,
        "name": facts.name,
        "status": facts.status,
        "created_at": time(facts.created_at),
        "updated_at": time(facts.updated_at),
        "position": facts.position,
        "description": facts.description or None,
        "showcase": facts.showcase,
        "start_date": facts.start_date.isoformat() if facts.start_date else None,
        "group_id": facts.group_id,
        "page_id": snapshot.page.id,
        "group": False,
        "only_show_if_degraded": facts.only_show_if_degraded,
    }


def group(facts: Group, snapshot: Snapshot) -> Data:
    """A group is a component entry with `group` true and its members' ids."""
    return {
        "id": facts.id,
        "name": facts.name,
        "status": facts.status,
        "created_at": time(facts.created_at),
        "updated_at": time(facts.updated_at),
        "position": facts.position,
        "description": facts.description or None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": snapshot.page.id,
        "group": True,
        "only_show_if_degraded": False,
        "components": list(facts.component_ids),
    }


def incident_list(snapshot: Snapshot, incidents: Iterable[Incident]) -> list[Data]:
    return [incident(each, snapshot) for each in incidents]


def maintenance_list(snapshot: Snapshot, maintenances: Iterable[Maintenance]) -> list[Data]:
    return [maintenance(each, snapshot) for each in maintenances]


def incident(facts: Incident, snapshot: Snapshot) -> Data:
    return {**entry(facts, snapshot), "reminder_intervals": None}


def maintenance(facts: Maintenance, snapshot: Snapshot) -> Data:
    """An incident with a window. The dialect's `started_at` is its announcement, never null."""
    data = entry(facts, snapshot)
    data["started_at"] = time(facts.announced_at)
    if facts.status == MaintenanceStatus.CANCELLED:
        data["resolved_at"] = time(facts.resolved_at or facts.updated_at)
    return {
        **data,
        "scheduled_for": time(facts.scheduled_for),
        "scheduled_until": time(facts.scheduled_until),
    }


def entry(facts: Entry, snapshot: Snapshot) -> Data:
    """What an incident and a maintenance have in common; components as they are now."""
    touched = (snapshot.component(each) for each in facts.component_ids)
    return {
        "id": facts.id,
        "name": facts.name,
        "status": status_of(facts.status),
        "created_at": time(facts.created_at),
        "updated_at": time(facts.updated_at),
        "monitoring_at": time(facts.monitoring_at),
        "resolved_at": time(facts.resolved_at),
        "impact": facts.impact,
        "shortlink": facts.shortlink,
        "started_at": time(facts.started_at),
        "page_id": snapshot.page.id,
        "incident_updates": [update(each, facts) for each in facts.updates],
        "components": [component(each, snapshot) for each in touched if each],
    }


def update(facts: Update, of: Entry) -> Data:
    affected = facts.affected_components
    return {
        "id": facts.id,
        "status": status_of(facts.status),
        "body": facts.body,
        "incident_id": of.id,
        "created_at": time(facts.created_at),
        "updated_at": time(facts.updated_at),
        "display_at": time(facts.display_at),
        "affected_components": None if affected is None else [asdict(each) for each in affected],
        "deliver_notifications": facts.deliver_notifications,
        "custom_tweet": None,
        "tweet_id": None,
    }


def status_of(status: str) -> str:
    """The dialect has no word for a cancelled maintenance; it is over, its last body says why."""
    return MaintenanceStatus.COMPLETED if status == MaintenanceStatus.CANCELLED else status
