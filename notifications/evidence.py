"""Evidence: what a client was told, when, and how long before a window; one row a delivery.

Reads only. Names no address: a recipient is a pseudonym (docs/ledger.md). What one person
asked for themselves, links to confirm and to manage, is not evidence of anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min, Prefetch, Q, QuerySet

from statuspage import tables

from . import labels, pseudonyms
from .channels.twilio_codes import DELIVERED, RECEIPT_RANK
from .models import Attempt, Audience, Delivery
from .states import State

ARRIVED = [status for status, rank in RECEIPT_RANK.items() if rank == DELIVERED]
ENOUGH = timedelta(hours=24)
CHUNK = 1_000

COLUMNS = (
    "published_at",
    "kind",
    "subject",
    "subject_id",
    "update_id",
    "status",
    "window_revision",
    "window_start",
    "client",
    "subscription",
    "recipient",
    "channel",
    "state",
    "meaning",
    "accepted_at",
    "delivered_at",
    "lead_seconds",
    "told_24_hours_before",
    "attempts",
    "ambiguous",
    "code",
)
"""The table's head; JSON has `tries` besides."""


@dataclass(frozen=True)
class Wanted:
    """Whose evidence, and of when: [since, until). One of `client` and `subscription` is given."""

    client: str = ""
    subscription: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def deliveries(self) -> QuerySet[Delivery]:
        """By the time of publication."""
        rows = Delivery.objects.exclude(event__audience=Audience.ONE)
        rows = rows.filter(subscription=self.subscription) if self.subscription else rows.filter(self.of_the_client)
        if self.since:
            rows = rows.filter(event__published_at__gte=self.since)
        if self.until:
            rows = rows.filter(event__published_at__lt=self.until)
        return rows

    @property
    def of_the_client(self) -> Q:
        return Q(subscription__subscriber__client_reference=self.client) & ~Q(
            subscription__subscriber__client_reference=""
        )


def rows(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The evidence, oldest first; any number of rows in a steady amount of memory."""
    found = wanted.deliveries().select_related("event", "subscription__subscriber")
    arrived = Min("receipts__received_at", filter=Q(receipts__status__in=ARRIVED))
    tries = Prefetch("tries", queryset=Attempt.objects.order_by("number"))
    ordered = found.annotate(arrived_at=arrived).prefetch_related(tries).order_by("event__published_at", "event", "pk")
    return (row_of(each) for each in ordered.iterator(chunk_size=CHUNK))


def row_of(delivery: Any) -> dict[str, Any]:
    """One delivery as evidence. Times are datetimes in UTC, or None."""
    event, subscription = delivery.event, delivery.subscription
    start = window_start(event.payload)
    # What came back, or never reached the handset, told nobody, however early it was handed over.
    is_told = delivery.accepted_at and delivery.state != State.UNDELIVERED
    lead = start - delivery.accepted_at if start and is_told else None
    return {
        "published_at": event.published_at,
        "kind": event.kind,
        "subject": event.payload.get("name", ""),
        "subject_id": event.subject_id,
        "update_id": event.update_id,
        "status": event.payload.get("status", ""),
        "window_revision": event.window_revision,
        "window_start": start,
        "client": subscription.subscriber.client_reference,
        "subscription": str(subscription.pk),
        "recipient": pseudonyms.short(subscription.address_key),
        "channel": delivery.channel,
        "state": delivery.state,
        "meaning": str(labels.meaning(delivery.state, delivery.channel, is_taken=bool(delivery.accepted_at))),
        "accepted_at": delivery.accepted_at,
        "delivered_at": delivery.arrived_at,
        "lead_seconds": int(lead.total_seconds()) if lead is not None else None,
        "told_24_hours_before": (lead is not None and lead >= ENOUGH) if start else None,
        "attempts": len(delivery.tries.all()),
        "ambiguous": delivery.ambiguous,
        "code": delivery.last_code,
        "tries": [try_of(each) for each in delivery.tries.all()],
    }


def window_start(payload: dict[str, Any]) -> datetime | None:
    """When the announced window was to begin, as it was published; None for an incident."""
    said = payload.get("scheduled_for")
    return datetime.fromisoformat(said) if said else None


def try_of(attempt: Attempt) -> dict[str, Any]:
    return {
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": attempt.outcome,
        "code": attempt.code,
    }


# --- As a file ----------------------------------------------------------------------------------


def as_csv(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    return tables.as_csv(COLUMNS, found)


FORMATS = {"csv": (as_csv, tables.CSV), "json": (tables.as_json, tables.JSON)}
