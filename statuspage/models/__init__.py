"""Rows of the status page. Written by `actions`, `audit` and `publishing.publish` only."""

from .audit import AuditEntry
from .component import Component, ComponentGroup
from .draft import Draft
from .failure_report import FailureReport
from .incident import Incident, IncidentComponent, IncidentUpdate
from .maintenance import Maintenance, MaintenanceComponent, MaintenanceUpdate, MaintenanceWindow
from .outage import Outage
from .publication import Publication

__all__ = [
    "AuditEntry",
    "Component",
    "ComponentGroup",
    "Draft",
    "FailureReport",
    "Incident",
    "IncidentComponent",
    "IncidentUpdate",
    "Maintenance",
    "MaintenanceComponent",
    "MaintenanceUpdate",
    "MaintenanceWindow",
    "Outage",
    "Publication",
]
