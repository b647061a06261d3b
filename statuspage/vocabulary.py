"""The field's words as enumerations: what a component, an incident, a maintenance can be.

Imports nothing of ours and nothing of Django, so that pure modules may use it.
The values are Statuspage's, so they go into JSON and CSS unchanged.
"""

from enum import IntEnum, StrEnum


class ComponentStatus(StrEnum):
    """Statuspage's five component statuses."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


class IncidentStatus(StrEnum):
    """How far the work on an incident has come."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


class MaintenanceStatus(StrEnum):
    """How far a planned maintenance has come. Statuspage has no word for `cancelled`."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Impact(StrEnum):
    """How bad an incident is for readers; `maintenance` is kept for maintenances."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


class Severity(IntEnum):
    """Failure severity of the messaging platform contract, clause 4.1."""

    I = 1  # noqa: E741 - the contract's own name
    II = 2
    III = 3


class Cause(StrEnum):
    """Why a component was not operational. The last two are never counted as downtime."""

    OWN = "own"
    THIRD_PARTY = "third_party"
    BEYOND_CONTROL = "beyond_control"
    MAINTENANCE = "maintenance"
    CLIENT = "client"


class ReportChannel(StrEnum):
    """By what a client may report a failure, as its support package has it (platform contract, 2.1)."""

    PAGE = "page"
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    TICKET = "ticket"


OPEN_INCIDENT = frozenset({IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING})
ACTIVE_MAINTENANCE = frozenset({MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING})
OPEN_MAINTENANCE = ACTIVE_MAINTENANCE | {MaintenanceStatus.SCHEDULED}
