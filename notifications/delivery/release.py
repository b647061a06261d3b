"""Release: a held site sends again, and what may have gone out after the backup does not go out twice.

What waits in a restored ledger is of three kinds. What was published before the backup and
was due while the lost site still ran may have been sent by it: that rests as `unknown`, which
is what is known of it, so that a receipt can still settle it and staff can have it tried
again. What is too late expires. What was published since, and what comes due later, is sent.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.crypto import get_random_string

from notifications import doorbell, fanout, providers
from notifications.models import Delivery, Instance, OutboxEvent
from notifications.states import UNRESTING, State
from statuspage import audit, selectors

from . import canary, hold, sweep

SLACK = timedelta(minutes=1)
"""The lost site may have run for so long after its last sign of life."""

PATIENCE, PAUSE_SECONDS = 100, 0.1
"""A worker may be in the middle of a page of the same event."""

CODE = "restored"
"""The code of what may have been sent by a site that is gone."""


class StillAtWork(Exception):
    """A worker writes down just now who is to be told; nothing was released yet, run it again."""


@dataclass(frozen=True)
class Waiting:
    """One event's deliveries that wait: channel -> how many. Empty: it is still to be fanned out."""

    event: OutboxEvent
    channels: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.channels.values())


@dataclass(frozen=True)
class Plan:
    """What a release would do, worked out without changing anything."""

    instance: Instance
    doubtful_until: datetime
    late: list[Waiting]
    doubtful: list[Waiting]
    fresh: list[Waiting]
    later: list[OutboxEvent]


def plan(now: datetime) -> Plan | None:
    """What would become of everything that waits; None where nothing is held."""
    row = Instance.objects.filter(pk=1).first()
    until = row and (row.doubtful_until or row.waiting_since)
    if row is None or until is None:
        return None
    found = Plan(row, until, [], [], [], [])
    for event in open_events():
        if event.expires_at <= now:
            found.late.append(waiting(event))
        elif event.created_at > until:
            found.fresh.append(waiting(event))
        elif event.due_at <= until + SLACK:
            found.doubtful.append(waiting(event))
        elif event.fanned_out_at is None:
            found.later.append(event)
        else:
            found.fresh.append(waiting(event))
    return found


def open_events() -> Iterator[OutboxEvent]:
    """Events with anything still to be told, the oldest first."""
    events = OutboxEvent.objects.filter(settled_at=None, voided_at=None).exclude(kind=canary.KIND)
    return events.order_by("id").iterator()


def waiting(event: OutboxEvent) -> Waiting:
    rows = unrested(event).order_by("channel").values_list("channel").annotate(count=Count("pk"))
    return Waiting(event, dict(rows))


def unrested(event: OutboxEvent) -> QuerySet[Delivery]:
    return Delivery.objects.filter(event=event, state__in=sorted(UNRESTING))


def release(found: Plan, now: datetime, *, send_doubtful: bool = False) -> None:
    """Let the site send again, as planned. Where this is interrupted the site is still held: run it again."""
    for each in found.late:
        sweep.look_after(each.event, now, makes_up=False)
    if not send_doubtful:
        for each in found.doubtful:
            lay_to_rest(each.event, now)
    with transaction.atomic():
        audit.record(
            actor=audit.SYSTEM,
            action="sending_released",
            kind="instance",
            object_id=found.instance.name,
            at=now,
            before={"held_at": str(found.instance.held_at), "reason": found.instance.hold_reason},
            after={"left_unsent": 0 if send_doubtful else sum(each.count for each in found.doubtful)},
        )
        begin_anew(now)
    # What is to be fanned out yet, and what was already and waited.
    doorbell.ring_after_commit()
    doorbell.ring_for_delivery_after_commit(providers.channels())


def lay_to_rest(event: OutboxEvent, now: datetime) -> None:
    """Everybody this was for may have it already. Who that is has to be written down first.

    Raises StillAtWork where a worker has been writing it down for as long as we can wait.
    """
    for _ in range(PATIENCE):
        fanout.fan_out(event, now)
        event.refresh_from_db()
        sweep.rest(unrested(event), now, **MAY_BE_TOLD)
        if event.fanned_out_at or event.voided_at:
            return
        time.sleep(PAUSE_SECONDS)
    raise StillAtWork(f"event {event.pk} is being fanned out; try again in a minute")


MAY_BE_TOLD: dict[str, object] = {
    "state": State.UNKNOWN,
    "last_code": CODE,
    "lease_expires_at": None,
    "opened_at": None,
}


def begin_anew(now: datetime) -> None:
    """Under a new name: the first machine that comes joins, the others follow it."""
    Instance.objects.filter(pk=1).update(
        name=settings.INSTANCE_ID or get_random_string(hold.NAME_LENGTH),
        pulse=0,
        seen_at=now,
        epoch=selectors.publication().epoch,
        held_at=None,
        hold_reason="",
        doubtful_until=None,
        waiting_since=None,
    )
