"""Which rows of the outbox are to be fanned out now, and which have missed their moment. Reads only."""

from datetime import datetime

from django.db.models import Q, QuerySet

from .models import OutboxEvent
from .notices import LATE_AFTER, STOOD_IN_FOR
from .outbox import untouched


def due(now: datetime) -> QuerySet[OutboxEvent]:
    """Rows whose fan-out may begin or go on, the urgent first, then the oldest."""
    waiting = OutboxEvent.objects.filter(fanned_out_at=None, voided_at=None, due_at__lte=now)
    return waiting.exclude(past(now) & untouched()).order_by("priority", "id")


def overdue(now: datetime) -> QuerySet[OutboxEvent]:
    """Rows whose moment has passed before anybody was told: they are not fanned out any more."""
    return OutboxEvent.objects.filter(past(now), untouched(), voided_at=None).order_by("id")


def past(now: datetime) -> Q:
    """Notices of a window that are too old to be told as if they were on time."""
    late = Q(kind__in=STOOD_IN_FOR, expires_at__lte=now)
    for kind, age in LATE_AFTER.items():
        late |= Q(kind=kind, due_at__lte=now - age)
    return late
