"""Pace: all processes that send on a channel share one row, so that together they keep its limit."""

from datetime import datetime, timedelta

from django.db import transaction

from notifications import ratelimit
from notifications.models import Pace


@transaction.atomic
def reserve(channel: str, count: int, per_second: float, now: datetime) -> datetime:
    """The moment of the first of `count` places; the others follow evenly."""
    row = locked(channel, now)
    first, row.free_at = ratelimit.reserve(row.free_at, now, count, per_second)
    row.save(update_fields=["free_at"])
    return first


def free_at(channel: str) -> datetime | None:
    """When the next place is free; None where nobody has reserved any yet."""
    return Pace.objects.filter(channel=channel).values_list("free_at", flat=True).first()


@transaction.atomic
def back_off(channel: str, pause: timedelta, now: datetime) -> None:
    """The provider said "too many": nobody sends before the pause is over."""
    row = locked(channel, now)
    row.free_at = ratelimit.back_off(row.free_at, now, pause)
    row.save(update_fields=["free_at"])


def locked(channel: str, now: datetime) -> Pace:
    Pace.objects.bulk_create([Pace(channel=channel, free_at=now)], ignore_conflicts=True)
    return Pace.objects.select_for_update().get(channel=channel)
