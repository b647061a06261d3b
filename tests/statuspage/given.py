"""A cast for tests that meet the database: Alice publishes, Bob only looks."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from statuspage import audit
from statuspage.actions import incidents, maintenance, series
from statuspage.models import (
    Component,
    ComponentGroup,
    Incident,
    IncidentComponent,
    IncidentUpdate,
    Maintenance,
    MaintenanceSeries,
    Publication,
)
from statuspage.publishing import capture, publish
from statuspage.publishing.snapshot import Snapshot
from statuspage.roles import ROLES

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ALICE = audit.Actor(name="alice", source="console", abilities=ROLES["publisher"])
BOB = audit.Actor(name="bob", source="console", abilities=ROLES["viewer"])
HISTORY = 300
"""Incidents of a page that has been there for years."""


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def component(name: str = "API", *, group: ComponentGroup | None = None, **facts) -> Component:
    """A component as it stands before the test begins: no publication."""
    return Component.objects.create(name=name, group=group, created_at=NOON, updated_at=NOON, **facts)


def group(name: str = "Core", position: int = 1) -> ComponentGroup:
    return ComponentGroup.objects.create(name=name, position=position, created_at=NOON, updated_at=NOON)


def incident(components: dict[Component, str] | None = None, **facts) -> Incident:
    """An incident that Alice opens at noon, unless the test says otherwise."""
    facts = {"name": "API is down", "body": "Requests fail.", "actor": ALICE, "now": NOON} | facts
    said = {each.pk: status for each, status in (components or {}).items()}
    return incidents.open_incident(components=said, **facts)


def scheduled(*components: Component, **facts) -> Maintenance:
    """A two-hour window a week ahead, announced at noon."""
    start = facts.pop("start", NOON + timedelta(days=7))
    length = facts.pop("length", hours(2))
    facts = {"name": "Database upgrade", "body": "Read-only.", "actor": ALICE, "now": NOON} | facts
    return maintenance.schedule_maintenance(
        components=[each.pk for each in components],
        scheduled_for=start,
        scheduled_until=start + length,
        **facts,
    )


def recurring(*components: Component, **facts) -> MaintenanceSeries:
    """Two hours each week at the same time of day in UTC, the first in three days; the near ones are announced."""
    start = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0, tzinfo=None)
    chosen = {"name": "Database upgrade", "body": "Read-only.", "time_zone": "UTC", "wall_start": start}
    chosen |= {
        "length": hours(2),
        "rule": "FREQ=WEEKLY",
        "actor": ALICE,
        "components": [each.pk for each in components],
    }
    return series.create_series(**chosen | facts)


def captured() -> Snapshot:
    """The page as it would be published now."""
    return capture.take(Publication.objects.current(), as_of=timezone.now(), months={})


def history(
    count: int = HISTORY, *, touched: Component | None = None, every: timedelta = timedelta(days=3)
) -> list[str]:
    """So many incidents that are over, all of them published; their paths, the newest first."""
    starts = [NOON - timedelta(days=1) - every * number for number in range(count)]
    rows = [
        Incident(pk=f"{number:012}", name=f"Incident {number}", status="resolved", impact="minor", created_at=at,
                 updated_at=at, started_at=at, resolved_at=at)
        for number, at in enumerate(starts)
    ]  # fmt: skip
    Incident.objects.bulk_create(rows)
    said = [
        IncidentUpdate(incident=row, status="resolved", body="It was a cable.", created_at=row.created_at,
                       updated_at=row.created_at, display_at=row.created_at)
        for row in rows
    ]  # fmt: skip
    IncidentUpdate.objects.bulk_create(said)
    if touched:
        claims = [IncidentComponent(incident=row, component=touched, status="operational") for row in rows]
        IncidentComponent.objects.bulk_create(claims)
    publish.publish(now=NOON)
    return [f"/incidents/{row.pk}" for row in rows]
