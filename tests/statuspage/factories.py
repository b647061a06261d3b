"""Published facts for tests: plain dataclasses with everything but the point filled in.

`a_snapshot()` is a page on Tuesday 10 November 2026, 14:32 UTC. Ids follow from names, so
the same call gives the same bytes.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.publishing import bars
from statuspage.publishing.snapshot import (
    AffectedComponent,
    Component,
    Group,
    Incident,
    Maintenance,
    MonthCount,
    Page,
    Snapshot,
    Update,
)
from statuspage.status import page_status, worst
from statuspage.vocabulary import (
    OPEN_INCIDENT,
    ComponentStatus,
    Impact,
    IncidentStatus,
    MaintenanceStatus,
)

NOW = datetime(2026, 11, 10, 14, 32, tzinfo=UTC)
LONG_AGO = datetime(2024, 2, 1, 9, 30, tzinfo=UTC)


def ago(**spans: float) -> datetime:
    """So long before NOW: `ago(hours=2)`."""
    return NOW - timedelta(**spans)


def ahead(**spans: float) -> datetime:
    """So long after NOW."""
    return NOW + timedelta(**spans)


def id_of(name: str) -> str:
    """12 lower-case letters and digits that follow from `name`."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def a_page(**facts: Any) -> Page:
    default = {
        "id": "pagepagepage",
        "name": "Example",
        "url": "https://status.example.com",
        "time_zone": "UTC",
        "updated_at": ago(minutes=2),
    }
    return Page(**{**default, **facts})


def an_outage(start: datetime, end: datetime | None, status: str = "major_outage") -> bars.Outage:
    return bars.Outage(start, end, ComponentStatus(status))


def a_component(
    name: str = "API", *, outages: list[bars.Outage] | None = None, zone: str = "UTC", **facts: Any
) -> Component:
    """A component with its bars drawn from `outages`."""
    place = ZoneInfo(zone)
    days = bars.days(outages or [], as_of=NOW, zone=place)
    default = {
        "id": id_of(name),
        "name": name,
        "description": "",
        "status": ComponentStatus.OPERATIONAL,
        "group_id": None,
        "is_third_party": False,
        "position": 1,
        "showcase": True,
        "only_show_if_degraded": False,
        "start_date": None,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "days": days,
        "uptime": bars.uptime(days, as_of=NOW, zone=place, start_date=facts.get("start_date")),
    }
    return Component(**{**default, **facts, "status": ComponentStatus(facts.get("status", "operational"))})


def a_group(name: str, members: list[Component], **facts: Any) -> Group:
    """A group over `members`, which should be made with `group_id=id_of(name)`."""
    default = {
        "id": id_of(name),
        "name": name,
        "description": "",
        "position": 1,
        "status": worst(member.status for member in members),
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "component_ids": tuple(member.id for member in members),
    }
    return Group(**{**default, **facts})


def an_update(
    status: str = "investigating", body: str = "We look into it.", *, at: datetime | None = None, **facts: Any
) -> Update:
    at = at or ago(minutes=2)
    default = {
        "id": id_of(f"{status} {body} {at}"),
        "status": status,
        "body": body,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "deliver_notifications": True,
        "affected_components": None,
    }
    return Update(**{**default, **facts})


def affected(component: Component, old: str, new: str) -> AffectedComponent:
    return AffectedComponent(code=component.id, name=component.name, old_status=old, new_status=new)


def an_incident(name: str = "Delays", *, components: tuple[Component, ...] = (), **facts: Any) -> Incident:
    """An incident that is being investigated since 34 minutes."""
    status = facts.get("status", IncidentStatus.INVESTIGATING)
    started = facts.get("started_at", ago(minutes=34))
    ended = None if status in OPEN_INCIDENT else started + timedelta(minutes=30)
    default = {
        "id": id_of(name),
        "name": name,
        "status": status,
        "impact": Impact.MINOR,
        "created_at": started,
        "updated_at": ended or started,
        "started_at": started,
        "monitoring_at": None,
        "resolved_at": ended,
        "shortlink": f"https://status.example.com/incidents/{id_of(name)}",
        "updates": (an_update(status, at=ended or started),),
        "component_ids": tuple(each.id for each in components),
        "component_names": tuple(each.name for each in components),
    }
    return Incident(**{**default, **facts})


def a_maintenance(
    name: str = "Database upgrade", *, components: tuple[Component, ...] = (), **facts: Any
) -> Maintenance:
    """A maintenance announced four days ago that starts in two days and lasts two hours."""
    status = facts.get("status", MaintenanceStatus.SCHEDULED)
    start = facts.get("scheduled_for", datetime(2026, 11, 12, 15, tzinfo=UTC))
    default = {
        "id": id_of(name),
        "name": name,
        "status": status,
        "impact": Impact.MAINTENANCE,
        "created_at": ago(days=4),
        "updated_at": ago(days=4),
        "announced_at": ago(days=4),
        "started_at": None,
        "monitoring_at": None,
        "resolved_at": None,
        "scheduled_for": start,
        "scheduled_until": start + timedelta(hours=2),
        "time_zone": "UTC",
        "window_revision": 1,
        "shortlink": f"https://status.example.com/incidents/{id_of(name)}",
        "updates": (an_update(status, "We upgrade the database.", at=ago(days=4)),),
        "component_ids": tuple(each.id for each in components),
        "component_names": tuple(each.name for each in components),
    }
    return Maintenance(**{**default, **facts})


def a_month(key: str = "2026-11", incidents: int = 1, maintenances: int = 0) -> MonthCount:
    return MonthCount(key=key, incidents=incidents, maintenances=maintenances)


def a_snapshot(**facts: Any) -> Snapshot:
    """A page on which everything works, unless told otherwise."""
    components = facts.get("components", (a_component(),))
    open_impacts = [Impact(each.impact) for each in facts.get("incidents", ()) if each.is_open]
    default = {
        "revision": 7,
        "as_of": NOW,
        "page": a_page(),
        "status": page_status([each.status for each in components], open_impacts),
        "components": components,
    }
    return Snapshot(**{**default, **facts})
