"""The ledger as it stands before a test begins, and what a test asks it afterwards."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from notifications import delivery, fanout
from notifications.models import Audience, Breaker, Delivery, OutboxEvent, Pace
from notifications.states import Priority
from statuspage.models.base import new_id
from tests.servers.smtp import SmtpSink

numbers = count(1)


def payload(**facts: Any) -> dict[str, Any]:
    """An incident's update as it is frozen."""
    return {
        "name": "API is down",
        "status": "investigating",
        "body": "Requests fail.",
        "impact": "major",
        "affected_components": [],
        "component_names": ["API"],
        "published_at": timezone.now().isoformat(),
        "next_update_by": None,
    } | facts


def event(subject: str = "", *, at: datetime | None = None, **facts: Any) -> OutboxEvent:
    """One outbox row that is due now."""
    at = at or timezone.now()
    said = payload(published_at=at.isoformat(), **facts.pop("payload", {}))
    defaults = {
        "kind": "incident_update",
        "subject_kind": "incident",
        "subject_id": subject or new_id(),
        "update_id": f"update-{next(numbers)}",
        "priority": Priority.ORDINARY,
        "audience": Audience.MEMBERS,
        "published_at": at,
        "due_at": at,
        "expires_at": at + timedelta(hours=24),
    }
    return OutboxEvent.objects.create(payload=said, **defaults | facts)


def told(row: OutboxEvent) -> OutboxEvent:
    """The row, fanned out."""
    fanout.fan_out(row, timezone.now())
    row.refresh_from_db()
    return row


def send(channel: str = "email", seconds: float = 5.0) -> int:
    """Everything that is due on one channel."""
    return delivery.work(channel, seconds)


def sweep(rounds: int = 1) -> None:
    """Rounds of the sweep's body, as the drain loop has them; between two of them every wait is over."""
    for number in range(rounds):
        if number:
            make_due()
        delivery.upkeep()
        fanout.relay()
        delivery.work_on_all()


def states(**filters: Any) -> dict[str, int]:
    """State -> number of deliveries."""
    return dict(Counter(Delivery.objects.filter(**filters).values_list("state", flat=True)))


def copies(relay: SmtpSink) -> Counter[str]:
    """How often an SMTP sink saw each delivery's mail."""
    return Counter(str(mail.message["X-Delivery-ID"]) for mail in relay.messages())


def make_due() -> None:
    """Let every wait be over."""
    Breaker.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    Pace.objects.update(free_at=timezone.now())
    Delivery.objects.filter(state="queued").update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def let_leases_run_out() -> None:
    """Let every lease be over."""
    Delivery.objects.filter(state="sending").update(lease_expires_at=timezone.now() - timedelta(seconds=1))
