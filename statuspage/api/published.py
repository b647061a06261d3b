"""What readers' programs read, for the OpenAPI document: Statuspage's public API v2, published as files, without a key.

Written by `publishing/api_v2.py` and `api_entries.py`; a test holds what they write against these shapes.
"""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus, MaintenanceStatus

from .answers import Problem

REFERENCE = "#/components/schemas/{model}"
TAG = "published"


class Published(BaseModel):
    """Every key is always there, and no other."""

    model_config = ConfigDict(extra="forbid")


class PublishedPage(Published):
    """The page; `updated_at` is when something that readers see last changed."""

    id: str
    name: str
    url: str
    time_zone: str
    updated_at: str


class PublishedStatus(Published):
    """The page as a whole: the worst component decides."""

    indicator: Literal["none", "minor", "major", "critical", "maintenance"]
    description: str


class PublishedComponent(Published):
    """A component, or a group of them (`group` true), which alone has `components`: the ids of its members."""

    id: str
    name: str
    status: ComponentStatus
    created_at: str
    updated_at: str
    position: int
    description: str | None
    showcase: bool
    start_date: str | None
    group_id: str | None
    page_id: str
    group: bool
    only_show_if_degraded: bool
    components: list[str] = []


class PublishedChange(Published):
    """What an update said of a component; one in a group is named "Group - Child"."""

    code: str
    name: str
    old_status: ComponentStatus
    new_status: ComponentStatus


class PublishedUpdate(Published):
    """One thing that was said, newest first in its list."""

    id: str
    status: IncidentStatus | MaintenanceStatus
    body: str
    incident_id: str
    created_at: str
    updated_at: str
    display_at: str
    affected_components: list[PublishedChange] | None
    deliver_notifications: bool
    custom_tweet: None
    tweet_id: None


class PublishedEntry(Published):
    """What an incident and a maintenance have in common."""

    id: str
    name: str
    status: IncidentStatus | MaintenanceStatus
    created_at: str
    updated_at: str
    monitoring_at: str | None
    resolved_at: str | None
    impact: Impact
    shortlink: str
    started_at: str
    page_id: str
    incident_updates: list[PublishedUpdate]
    components: list[PublishedComponent]


class PublishedIncident(PublishedEntry):
    """Something unplanned."""

    status: IncidentStatus
    reminder_intervals: None


class PublishedMaintenance(PublishedEntry):
    """Planned work, with its window."""

    status: MaintenanceStatus
    scheduled_for: str
    scheduled_until: str


class PublishedLine(Published):
    """One incident of a month; `timestamp` is HTML."""

    code: str
    name: str
    message: str
    impact: Impact
    timestamp: str


class PublishedMonth(Published):
    """A month of history; `starts_on` is its first weekday, 0 for Sunday."""

    name: str
    year: int
    starts_on: int
    days: int
    incidents: list[PublishedLine]


class WithPage(Published):
    page: PublishedPage


class PublishedSummary(WithPage):
    """Everything that is of interest now."""

    components: list[PublishedComponent]
    incidents: list[PublishedIncident]
    scheduled_maintenances: list[PublishedMaintenance]
    status: PublishedStatus


class PageWithStatus(WithPage):
    status: PublishedStatus


class PageWithComponents(WithPage):
    components: list[PublishedComponent]


class PageWithIncidents(WithPage):
    incidents: list[PublishedIncident]


class PageWithMaintenances(WithPage):
    scheduled_maintenances: list[PublishedMaintenance]


class PageWithIncident(WithPage):
    incident: PublishedIncident | PublishedMaintenance


class PublishedWhole(PublishedEntry):
    """One incident or maintenance by itself, with its postmortem and its window; its components are as it left them."""

    code: str
    backfilled: bool
    impact_override: str | None
    metadata: dict[str, Any]
    postmortem_body: str | None
    postmortem_body_last_updated_at: str | None
    postmortem_ignored: bool
    postmortem_notified_subscribers: bool
    postmortem_notified_twitter: bool
    postmortem_published_at: str | None
    reminder_intervals: None = None
    scheduled_for: str | None
    scheduled_remind_prior: bool
    scheduled_reminded_at: str | None
    scheduled_until: str | None


class PublishedHistory(Published):
    """Three months, the newest first."""

    page_status: PageWithStatus
    months: list[PublishedMonth]


DOCUMENTS: dict[str, tuple[type[Published], str]] = {
    "/api/v2/summary.json": (PublishedSummary, "Components, what is open and planned, and the page as a whole"),
    "/api/v2/status.json": (PageWithStatus, "The page as a whole"),
    "/api/v2/components.json": (PageWithComponents, "All components and groups"),
    "/api/v2/incidents.json": (PageWithIncidents, "The newest incidents"),
    "/api/v2/incidents/unresolved.json": (PageWithIncidents, "Open incidents"),
    "/api/v2/scheduled-maintenances.json": (PageWithMaintenances, "The newest maintenances"),
    "/api/v2/scheduled-maintenances/upcoming.json": (PageWithMaintenances, "What is planned"),
    "/api/v2/scheduled-maintenances/active.json": (PageWithMaintenances, "What is under way"),
    "/api/v2/incidents/{incident_id}.json": (PageWithIncident, "One incident or maintenance"),
    "/incidents/{incident_id}.json": (PublishedWhole, "One incident or maintenance by itself"),
    "/history.json": (PublishedHistory, "Three months of history, as pages from 1"),
    "/history/{month}.json": (PublishedMonth, "A month of history, such as 2026-11"),
}


OTHER_NAMES = {"/incidents/{incident_id}.json": "published_whole_incident"}
"""Operations that would else be called as another is."""

NAMED_IN = re.compile("{([a-z_]+)}")
NUMBER = {"in": "query", "name": "page", "required": False, "schema": {}, "description": "Whatever is no number is 1."}


def paths() -> dict[str, Any]:
    """The documents as path items of OpenAPI."""
    return {path: {"get": operation(path, model, title)} for path, (model, title) in DOCUMENTS.items()}


def operation(path: str, model: type[Published], title: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    parameters = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}} for name in NAMED_IN.findall(path)
    ]
    missing = {"$ref": REFERENCE.format(model=Problem.__name__)}
    return {
        "operationId": OTHER_NAMES.get(path)
        or "published_" + path.removesuffix(".json").strip("/").replace("api/v2/", "").translate(PLAIN),
        "summary": title,
        "tags": [TAG],
        "parameters": [*parameters, *([NUMBER] if path == "/history.json" else [])],
        "security": [],
        "responses": {
            200: {"description": "OK", "content": {"application/json": {"schema": schema}}},
            304: {"description": "Not Modified"},
        }
        | (
            {404: {"description": "Not Found", "content": {"application/json": {"schema": missing}}}}
            if parameters
            else {}
        ),
    }


PLAIN = str.maketrans({"/": "_", "-": "_", "{": None, "}": None})


def schemas() -> dict[str, Any]:
    """The objects by their names."""
    models = [(model, "serialization") for model in {model for model, _title in DOCUMENTS.values()}]
    _by_model, said = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    return dict(said["$defs"])
