"""Small histories in the shape of Statuspage's `/api/v2`, for tests of the import.

history = documents(
    components=[component("api")],
    incidents=[incident("down", said("10:00", "investigating", api="major_outage"))],
)
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DAY = "2026-03-01"
PAGE = "page00000000"
Json = dict[str, Any]


def pk(name: str) -> str:
    """A name as an id of 12 characters."""
    return f"{name:0<12}"[:12]


def at(time: str) -> str:
    """ "10:00" as a moment of DAY; a whole moment as it is."""
    return time if "T" in time else f"{DAY}T{time}:00.000Z"


def component(name: str, /, **details: Any) -> Json:
    """A component, operational unless told otherwise."""
    return {
        "id": pk(name),
        "name": name.capitalize(),
        "status": "operational",
        "created_at": "2025-01-01T00:00:00.000Z",
        "updated_at": "2025-01-01T00:00:00.000Z",
        "position": 1,
        "description": None,
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE,
        "group": False,
        "only_show_if_degraded": False,
        **details,
    }


def said(time: str, status: str, body: str = "A sentence.", **statuses: str) -> Json:
    """An update; `statuses` are what it says of components."""
    affected = [
        {"code": pk(name), "name": name.capitalize(), "old_status": "operational", "new_status": status}
        for name, status in statuses.items()
    ]
    return {
        "status": status,
        "body": body,
        "created_at": at(time),
        "updated_at": at(time),
        "display_at": at(time),
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def incident(name: str, /, *updates: Json, **details: Any) -> Json:
    """An incident with its updates, given oldest first; what they say is what it says."""
    first, last = updates[0], updates[-1]
    return {
        "id": pk(name),
        "name": f"Incident {name}",
        "status": last["status"],
        "created_at": first["created_at"],
        "updated_at": last["created_at"],
        "monitoring_at": None,
        "resolved_at": last["created_at"] if last["status"] in {"resolved", "completed"} else None,
        "impact": "minor",
        "shortlink": f"https://stspg.io/{pk(name)}",
        "started_at": first["created_at"],
        "page_id": PAGE,
        "incident_updates": [
            {"id": pk(f"{name}u{number}"), "incident_id": pk(name), **update}
            for number, update in reversed(list(enumerate(updates)))
        ],
        "components": [{"id": code, "name": code} for code in sorted(codes(updates))],
        **details,
    }


def codes(updates: tuple[Json, ...]) -> set[str]:
    """The components that updates speak of."""
    return {each["code"] for update in updates for each in update["affected_components"] or ()}


def maintenance(name: str, /, *updates: Json, **details: Any) -> Json:
    """A maintenance from 20:00 to 22:00."""
    window = {"scheduled_for": at("20:00"), "scheduled_until": at("22:00"), "impact": "maintenance"}
    return incident(name, *updates, **{"name": f"Maintenance {name}", **window, **details})


def documents(
    components: list[Json] | None = None,
    incidents: list[Json] | None = None,
    maintenances: list[Json] | None = None,
    **page: Any,
) -> dict[str, Json]:
    """The three documents of a page."""
    about = {
        "id": PAGE,
        "name": "Elsewhere",
        "url": "https://status.example.com",
        "time_zone": "Etc/UTC",
        "updated_at": at("23:59"),
        **page,
    }
    return {
        "components.json": {"page": about, "components": components or []},
        "incidents.json": {"page": about, "incidents": incidents or []},
        "scheduled-maintenances.json": {"page": about, "scheduled_maintenances": maintenances or []},
    }


def written(folder: Path, found: Mapping[str, Json]) -> Path:
    """The documents as files of a folder."""
    for name, document in found.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document))
    return folder


def everyday() -> dict[str, Json]:
    """A page with a group, an incident that was resolved and a maintenance that is over."""
    return documents(
        components=[
            component("core", group=True, name="Core"),
            component("api", group_id=pk("core"), updated_at=at("12:00"), start_date="2025-02-01"),
            component("web", position=2, updated_at=at("22:05"), description="The site"),
        ],
        incidents=[
            incident(
                "slow",
                said("10:00", "investigating", api="degraded_performance"),
                said("11:00", "identified", api="major_outage", web="partial_outage"),
                said("11:30", "monitoring", web="operational"),
                said("12:00", "resolved", api="operational"),
                impact="critical",
                monitoring_at=at("11:30"),
            )
        ],
        maintenances=[
            maintenance(
                "upgrade",
                said("09:00", "scheduled"),
                said("20:01", "in_progress", web="under_maintenance"),
                said("22:05", "completed", web="operational"),
            )
        ],
    )
