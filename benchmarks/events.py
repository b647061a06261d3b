"""Published events in bulk: what tells a crowd of one update, as the outbox has it."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from notifications import fanout
from notifications.models import Audience, OutboxEvent
from notifications.states import Priority
from statuspage.models.base import new_id

BODY = (
    "Since this morning requests to the interface fail for some of our clients, and those that succeed take longer "
    "than usual. Our engineers have found the cause in a network between two data centres and lead the traffic round "
    "it. What you sent meanwhile is kept and will be worked off in the order in which it came."
)
numbers = count(1)


def event(at: datetime | None = None, **facts: Any) -> OutboxEvent:
    """One incident's update, due now."""
    at = at or timezone.now()
    payload = {
        "name": "Interface answers slowly",
        "status": "investigating",
        "body": BODY,
        "impact": "major",
        "affected_components": [],
        "component_names": ["Interface", "Console", "Reports"],
        "published_at": at.isoformat(),
        "next_update_by": None,
    }
    row = {
        "kind": "incident_update",
        "subject_kind": "incident",
        "subject_id": new_id(),
        "update_id": f"update-{next(numbers)}",
        "priority": Priority.ORDINARY,
        "audience": Audience.MEMBERS,
        "payload": payload,
        "published_at": at,
        "due_at": at,
        "expires_at": at + timedelta(hours=24),
    }
    return OutboxEvent.objects.create(**row | facts)


def told(row: OutboxEvent) -> int:
    """Fan the row out; how many deliveries it has."""
    return fanout.fan_out(row, timezone.now())
