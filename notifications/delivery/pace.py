"""Pace: all processes that send on a channel share one row, so that together they keep its limit."""

import random
from datetime import datetime, timedelta

from django.db import connection, transaction

from notifications import ratelimit
from notifications.clock import Clock
from notifications.models import Pace


class Places:
    """One process's places in a lane. A few are reserved at a time, so that other processes get theirs in between."""

    def __init__(self, channel: str, per_second: float, clock: Clock) -> None:
        self._channel, self._per_second, self._clock = channel, per_second, clock
        self._size = ratelimit.block(per_second)
        self._first = self._earliest = clock.now()
        self._used = self._reserved = 0
        self._quickest: timedelta | None = None

    def next(self, until: datetime) -> datetime | None:
        """When the next call may be made, the same again until it is `use`d; None where that is after `until`."""
        if self._used >= self._reserved or self._is_stale():
            size = self._next_size()
            first = reserve(self._channel, size, self._per_second, self._clock.now(), until)
            if first is None:
                return None
            self._first, self._reserved, self._used = first, size, 0
        return max(self._at(), self._earliest)

    def use(self, started: datetime, answered: datetime) -> None:
        """The call was made."""
        self._used += 1
        took = answered - started
        self._earliest = ratelimit.earliest(started, took, self._quickest, self._per_second)
        self._quickest = min(self._quickest or took, took)
        if self._size == 1 and self._earliest > self._at():
            delay(self._channel, self._earliest)  # the next may come from another lane

    def give_up(self) -> None:
        """The provider said "too many": what was reserved before that lies in the pause."""
        self._used = self._reserved

    def _at(self) -> datetime:
        return ratelimit.place(self._first, self._used, self._per_second)

    def _is_stale(self) -> bool:
        return self._clock.now() - self._at() > ratelimit.LATEST

    def _next_size(self) -> int:
        """Of the next block: smaller where this process is too slow for the last, or others would wait for nothing."""
        used_all = self._used >= self._reserved
        return min(self._size, self._used * 2 if used_all else self._used) or 1


@transaction.atomic
def reserve(
    channel: str, count: int, per_second: float, now: datetime, until: datetime | None = None
) -> datetime | None:
    """The moment of the first of `count` places; the others follow evenly. None, and none taken, after `until`."""
    forget_if_it_crashes()
    row = locked(channel, now)
    first, row.free_at = ratelimit.reserve(row.free_at, now, count, per_second)
    if until and first > until:
        return None
    row.save(update_fields=["free_at"])
    return first


def delay(channel: str, until: datetime) -> None:
    """A call came late: nobody has a place before then."""
    Pace.objects.filter(channel=channel, free_at__lt=until).update(free_at=until)


def free_at(channel: str, now: datetime) -> datetime | None:
    """When the next place is free; None where nobody has reserved any yet."""
    stored = Pace.objects.filter(channel=channel).values_list("free_at", flat=True).first()
    return ratelimit.believed(stored, now) if stored else None


@transaction.atomic
def back_off(channel: str, asked_for: timedelta | None, now: datetime) -> None:
    """The provider said "too many": nobody sends for as long as it asks for, or ever longer while it goes on."""
    row = locked(channel, now)
    row.refusals = ratelimit.in_a_row(row.refusals, row.refused_at, now)
    row.refused_at = now
    pause = max(asked_for or timedelta(), ratelimit.pause_after(row.refusals, random.random()))  # nosec B311
    row.free_at = ratelimit.back_off(row.free_at, now, pause)
    row.save()


def forgive(channel: str, started: datetime) -> None:
    """A call that began then was taken: whatever was refused before, the next "too many" is the first in its row."""
    Pace.objects.filter(channel=channel, refusals__gt=0, refused_at__lt=started).update(refusals=0)


def locked(channel: str, now: datetime) -> Pace:
    rows = Pace.objects.select_for_update().filter(channel=channel)
    row = rows.first()
    if row is None:
        Pace.objects.bulk_create([Pace(channel=channel, free_at=now)], ignore_conflicts=True)
        row = rows.get()
    return row


def forget_if_it_crashes() -> None:
    """Let this transaction end without waiting for the disk: after a crash of the database it was no limit anyway.

    Whoever waited for the disk would hold the row, and with it everybody, for that long.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
