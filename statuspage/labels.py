"""The vocabulary in the reader's language: one label for each value, through gettext."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .sla.clocks import Step
from .vocabulary import Cause, ComponentStatus, Impact, IncidentStatus, MaintenanceStatus, ReportChannel, Severity

COMPONENT_STATUS: dict[str, Promise] = {
    ComponentStatus.OPERATIONAL: _("Operational"),
    ComponentStatus.UNDER_MAINTENANCE: _("Under maintenance"),
    ComponentStatus.DEGRADED_PERFORMANCE: _("Degraded performance"),
    ComponentStatus.PARTIAL_OUTAGE: _("Partial outage"),
    ComponentStatus.MAJOR_OUTAGE: _("Major outage"),
}
INCIDENT_STATUS: dict[str, Promise] = {
    IncidentStatus.INVESTIGATING: _("Investigating"),
    IncidentStatus.IDENTIFIED: _("Identified"),
    IncidentStatus.MONITORING: _("Monitoring"),
    IncidentStatus.RESOLVED: _("Resolved"),
    IncidentStatus.POSTMORTEM: _("Postmortem"),
}
MAINTENANCE_STATUS: dict[str, Promise] = {
    MaintenanceStatus.SCHEDULED: _("Scheduled"),
    MaintenanceStatus.IN_PROGRESS: _("In progress"),
    MaintenanceStatus.VERIFYING: _("Verifying"),
    MaintenanceStatus.COMPLETED: _("Completed"),
    MaintenanceStatus.CANCELLED: _("Cancelled"),
}
IMPACT: dict[str, Promise] = {
    Impact.NONE: _("No impact"),
    Impact.MINOR: _("Minor"),
    Impact.MAJOR: _("Major"),
    Impact.CRITICAL: _("Critical"),
    Impact.MAINTENANCE: _("Maintenance"),
}
SEVERITY: dict[int, Promise] = {
    Severity.I: _("Severity I"),
    Severity.II: _("Severity II"),
    Severity.III: _("Severity III"),
}
CAUSE: dict[str, Promise] = {
    Cause.OWN: _("Our own"),
    Cause.THIRD_PARTY: _("A third party"),
    Cause.BEYOND_CONTROL: _("Beyond our control"),
    Cause.MAINTENANCE: _("Planned maintenance"),
    Cause.CLIENT: _("The client's own"),
}
CHANNEL: dict[str, Promise] = {"email": _("E-mail"), "sms": _("SMS"), "webhook": _("Webhook")}
"""What people are told by."""
REPORT_CHANNEL: dict[str, Promise] = {
    ReportChannel.PAGE: _("Report form of this page"),
    ReportChannel.EMAIL: _("E-mail"),
    ReportChannel.PHONE: _("Phone"),
    ReportChannel.CHAT: _("Chat"),
    ReportChannel.TICKET: _("Ticket"),
}
"""What a client may report a failure by."""
REPORT_STEP: dict[str, Promise] = {
    Step.AUTO_ACKNOWLEDGEMENT: _("Acknowledged by itself"),
    Step.RESPONSE: _("Response"),
    Step.WAITING_FOR_CLIENT: _("Waiting for the client"),
    Step.CLIENT_ANSWERED: _("The client answered"),
    Step.PROGRESS_REPORT: _("Progress report"),
    Step.WORKAROUND_ACCEPTED: _("Work-around accepted"),
    Step.RESOLVED: _("Resolved"),
}
"""What may happen to a client's report."""
REGION: dict[str, Promise] = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}
"""The first part of a time zone's name."""
UPDATE_STATUS: dict[str, Promise] = {**INCIDENT_STATUS, **MAINTENANCE_STATUS}


def choices(labels: dict[str, Promise]) -> list[tuple[str, Promise]]:
    """Choices for a model or form field, in the vocabulary's order."""
    return [(str(value) if isinstance(value, StrEnum) else value, label) for value, label in labels.items()]
