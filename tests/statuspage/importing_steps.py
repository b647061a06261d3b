"""Steps that the tests of the import share."""

from datetime import UTC, datetime

from statuspage import audit
from statuspage.actions.importing import import_history
from statuspage.importing import parse
from statuspage.models import (
    AuditEntry,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceUpdate,
    Outage,
    Publication,
)
from tests.histories import at

TABLES = (AuditEntry, Component, ComponentGroup, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Outage)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def take(found, now=NOW):
    """Import documents."""
    return import_history(history=parse.history(found), actor=audit.SYSTEM, now=now)


def moment(time: str) -> datetime:
    return datetime.fromisoformat(at(time))


def outages(**only):
    """Component, status, start and end of each current outage, oldest first."""
    rows = Outage.objects.filter(is_current=True, **only).order_by("started_at", "component_id")
    return [
        (row.component_id.rstrip("0"), row.status, f"{row.started_at:%H:%M}", row.ended_at and f"{row.ended_at:%H:%M}")
        for row in rows
    ]


def stored():
    """Every row of every table that an import writes, as values."""
    return {table.__name__: sorted(table.objects.values_list(), key=str) for table in (*TABLES, Publication)}
