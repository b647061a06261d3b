"""Every read that is more than a lookup, named for who asks."""

from django.db.models import QuerySet

from .models import (
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceUpdate,
    Publication,
)
from .vocabulary import OPEN_INCIDENT, OPEN_MAINTENANCE


def open_incidents() -> QuerySet[Incident]:
    """For the console: what is going on, newest first."""
    return Incident.objects.filter(status__in=OPEN_INCIDENT).order_by("-created_at")


def open_maintenances() -> QuerySet[Maintenance]:
    """For the console: what is planned or under way, soonest first."""
    return Maintenance.objects.filter(status__in=OPEN_MAINTENANCE).order_by("scheduled_for")


def newest_updates(count: int) -> list[IncidentUpdate | MaintenanceUpdate]:
    """For the console: what was said last, of incidents and maintenances alike."""
    said = IncidentUpdate.objects.select_related("incident").order_by("-created_at")[:count]
    planned = MaintenanceUpdate.objects.select_related("maintenance").order_by("-created_at")[:count]
    return sorted([*said, *planned], key=lambda update: update.created_at, reverse=True)[:count]


def components() -> QuerySet[Component]:
    """All components with their groups, in the order of the page."""
    return Component.objects.select_related("group").order_by("position", "name")


def groups() -> QuerySet[ComponentGroup]:
    """All groups with their components, in the order of the page."""
    return ComponentGroup.objects.prefetch_related("components").order_by("position", "name")


def publication() -> Publication:
    """Which revision is stored and which one readers have; also in what past both belong (`epoch`)."""
    return Publication.objects.current()
