"""Records -> unsaved rows, and what tells a stored row from the record it came from. No writes."""

from collections.abc import Collection, Hashable
from datetime import datetime, timedelta

from statuspage import models
from statuspage.vocabulary import Cause, ComponentStatus, MaintenanceStatus

from .records import Component, Entry, Group, Incident, Maintenance, Update
from .timeline import Interval

NAMED_FIELDS = ("name", "description", "position", "created_at", "updated_at")
GROUP_FIELDS = NAMED_FIELDS
COMPONENT_FIELDS = (*NAMED_FIELDS, "group_id", "showcase", "only_show_if_degraded", "start_date")
ENTRY_FIELDS = (
    "name", "status", "impact", "created_at", "updated_at", "monitoring_at", "resolved_at", "shortlink", "started_at",
)  # fmt: skip
INCIDENT_BEGINS_WITH = ("metadata", "is_backfilled", "impact_is_chosen")
MAINTENANCE_BEGINS_WITH = ("metadata", "auto_start", "auto_complete", "tells_start", "tells_end")
"""Columns of a new row, which are not compared: one of two sources leaves them out, and both may be imported."""
WINDOW_FIELDS = ("scheduled_for", "scheduled_until")
MAINTENANCE_FIELDS = (*ENTRY_FIELDS, "announced_at", *WINDOW_FIELDS, "window_revision")
UPDATE_FIELDS = (
    "status", "body", "affected_components", "deliver_notifications", "created_at", "updated_at", "display_at",
)  # fmt: skip
OUTAGE_FIELDS = ("status", "cause", "ended_at")

RESOLUTION = timedelta(microseconds=1)
"""The finest difference between two stored times."""


def group(record: Group) -> models.ComponentGroup:
    return models.ComponentGroup(id=record.id, **{name: getattr(record, name) for name in GROUP_FIELDS})


def component(record: Component) -> models.Component:
    facts = {name: getattr(record, name) for name in COMPONENT_FIELDS}
    return models.Component(id=record.id, status=record.status, is_third_party=record.is_third_party, **facts)


def incident(record: Incident, third_party: Collection[str], revision: int) -> models.Incident:
    """The cause is only a first guess, for staff to correct: others' if all its components are."""
    touched = record.last_words().keys()
    return models.Incident(
        id=record.id,
        revision=revision,
        cause=Cause.THIRD_PARTY if touched and touched <= set(third_party) else Cause.OWN,
        **{name: getattr(record, name) for name in (*ENTRY_FIELDS, *INCIDENT_BEGINS_WITH)},
    )


def maintenance(record: Maintenance, time_zone: str, window_revision: int, revision: int) -> models.Maintenance:
    """Statuspage's `started_at` is the announcement; the work begins with the update that says so."""
    same = (name for name in (*ENTRY_FIELDS, *WINDOW_FIELDS, *MAINTENANCE_BEGINS_WITH) if name != "started_at")
    begun = (each.display_at for each in record.updates if each.status == MaintenanceStatus.IN_PROGRESS)
    return models.Maintenance(
        id=record.id,
        revision=revision,
        time_zone=time_zone,
        window_revision=window_revision,
        announced_at=record.started_at,
        started_at=next(begun, None),
        **{name: getattr(record, name) for name in same},
    )


def window(record: Maintenance, latest: models.MaintenanceWindow | None) -> models.MaintenanceWindow:
    """The window as a new revision, or `latest` itself where it still stands.

    What a window was before it moved, the source does not tell: the first import makes
    the last one revision 1.
    """
    if latest and all(getattr(latest, name) == getattr(record, name) for name in WINDOW_FIELDS):
        return latest
    return models.MaintenanceWindow(
        maintenance_id=record.id,
        number=latest.number + 1 if latest else 1,
        published_at=record.updated_at if latest else record.started_at,
        **{name: getattr(record, name) for name in WINDOW_FIELDS},
    )


def update_facts(record: Update) -> dict[str, object]:
    """The columns that updates of incidents and of maintenances share."""
    affected = record.affected
    return {
        "id": record.id,
        "status": record.status,
        "body": record.body,
        "affected_components": None if affected is None else [vars(each) for each in affected],
        "deliver_notifications": record.deliver_notifications,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "display_at": record.display_at,
    }


def incident_updates(record: Entry) -> list[models.IncidentUpdate]:
    return [models.IncidentUpdate(incident_id=record.id, **update_facts(each)) for each in record.updates]


def maintenance_updates(record: Entry) -> list[models.MaintenanceUpdate]:
    return [models.MaintenanceUpdate(maintenance_id=record.id, **update_facts(each)) for each in record.updates]


def incident_claims(record: Entry, known: Collection[str]) -> list[models.IncidentComponent]:
    """One for each component that exists; of one it never spoke about it says nothing bad."""
    return [
        models.IncidentComponent(incident_id=record.id, component_id=each, status=status or ComponentStatus.OPERATIONAL)
        for each, status in record.last_words().items()
        if each in known
    ]


def maintenance_claims(record: Entry, known: Collection[str]) -> list[models.MaintenanceComponent]:
    return [
        models.MaintenanceComponent(maintenance_id=record.id, component_id=each)
        for each in record.last_words()
        if each in known
    ]


def outage(interval: Interval, third_party: Collection[str], now: datetime) -> models.Outage:
    """Recorded later than it began: by this an imported outage is known from a live one."""
    subject = interval.subject
    return models.Outage(
        component_id=interval.component_id,
        status=interval.status,
        cause=_cause(interval, third_party),
        started_at=interval.start,
        ended_at=interval.end,
        incident_id=subject.id if subject and subject.kind == "incident" else None,
        maintenance_id=subject.id if subject and subject.kind == "maintenance" else None,
        created_at=max(now, interval.start + RESOLUTION),
    )


def _cause(interval: Interval, third_party: Collection[str]) -> Cause:
    planned = interval.subject is not None and interval.subject.kind == "maintenance"
    if planned or interval.status == ComponentStatus.UNDER_MAINTENANCE:
        return Cause.MAINTENANCE
    return Cause.THIRD_PARTY if interval.component_id in third_party else Cause.OWN


def outage_key(row: models.Outage) -> Hashable:
    """What makes two outage rows tell of the same thing."""
    return row.component_id, row.started_at, row.incident_id, row.maintenance_id
