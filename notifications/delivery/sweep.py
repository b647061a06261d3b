"""Sweep: what nobody came back for. From the database alone; any number of copies at once.

Leases that ran out, notices that no longer hold, deliveries whose time has passed, events
whose deliveries all rest.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from notifications import lateness, outbox, providers
from notifications.clock import database_now
from notifications.models import Attempt, Delivery, OutboxEvent
from notifications.notices import STOOD_IN_FOR
from notifications.retry import LostLease, Tries, next_step
from notifications.states import UNRESTING, Channel, State, after_a_try
from statuspage import selectors

from . import breakers, canary, hold

logger = logging.getLogger(__name__)

CHUNK = 2_000
"""Rows one transaction changes: short enough that nobody waits for its locks."""


def upkeep() -> None:
    """One round of everything but the sending."""
    now = database_now()
    may_send = hold.pulse(now)
    recover_leases(now)
    for event in unsettled():
        look_after(event, now, makes_up=may_send)
    breakers.forget(now)
    if may_send:
        canary.sing(now)


def look_after(event: OutboxEvent, now: datetime, *, makes_up: bool) -> None:
    """One event; where that fails the others are looked after all the same.

    `makes_up`: whoever it did not reach in time hears how things stand. A held site must not: another may tell them.
    """
    try:
        overtake(event, now)
        expire(event, now)
        settle(event, now, makes_up=makes_up)
    except Exception:
        logger.exception("sweep: event %s is looked at again in the next round", event.pk)


# --- Leases ---------------------------------------------------------------------------------


def recover_leases(now: datetime) -> int:
    """Take back what a worker was leased and never recorded; how many.

    What was never opened goes straight back into the queue. What was may have been sent:
    that counts as an attempt without an answer.
    """
    count = 0
    while taken := recover_some(now):
        count += taken
    if count:
        logger.warning("sweep: %s leases ran out", count)
    return count


@transaction.atomic
def recover_some(now: datetime) -> int:
    over = Delivery.objects.filter(state=State.SENDING, lease_expires_at__lte=Now())
    rows = list(over.select_for_update(skip_locked=True)[:CHUNK])
    unopened = [row.pk for row in rows if row.opened_at is None]
    Delivery.objects.filter(pk__in=unopened).update(state=State.QUEUED, lease_expires_at=None)
    for row in rows:
        if row.opened_at is not None:
            recover_open(row, now)
    return len(rows)


def recover_open(row: Delivery, now: datetime) -> None:
    """A call may have been made, and nobody knows what came of it."""
    tries = Tries(row.attempts, row.ambiguous, row.ask_first)
    step = next_step(LostLease(opened=True), tries, now, providers.policy(row.channel))
    Attempt.objects.update_or_create(
        delivery=row,
        number=row.fence,
        defaults={"ended_at": now, "outcome": "lost"},
        create_defaults={"started_at": row.opened_at or now, "ended_at": now, "outcome": "lost"},
    )
    Delivery.objects.filter(pk=row.pk).update(
        state=step.state,
        attempts=step.tries.attempts,
        ambiguous=step.tries.ambiguous,
        ask_first=step.tries.ask_first,
        next_attempt_at=step.at or now,
        priority=after_a_try(row.priority),
        lease_expires_at=None,
        opened_at=None,
        last_code="lost",
        final_at=None if step.state == State.QUEUED else now,
    )


# --- Events ---------------------------------------------------------------------------------


def unsettled() -> Iterator[OutboxEvent]:
    """Events that may have deliveries which do not rest; not those whose fan-out is still to come."""
    begun = Q(fanned_out_at__isnull=False) | Q(fan_out_cursor__isnull=False) | Q(voided_at__isnull=False)
    return OutboxEvent.objects.filter(begun, settled_at=None).order_by("id").iterator()


def queued(event: OutboxEvent) -> QuerySet[Delivery]:
    """Its queued deliveries, in terms of the index `delivery_queue`."""
    priorities = [event.priority, after_a_try(event.priority)]
    return Delivery.objects.filter(
        event=event, state=State.QUEUED, channel__in=[each.value for each in Channel], priority__in=priorities
    )


def overtake(event: OutboxEvent, now: datetime) -> int:
    """A notice that no longer holds: what is unsent of it is overtaken by what voided it."""
    if event.voided_at is None:
        return 0
    return rest(queued(event), now, state=State.SUPERSEDED, superseded_by=event.voided_by_id)


def expire(event: OutboxEvent, now: datetime) -> int:
    """Its time has passed."""
    if event.expires_at > now:
        return 0
    return rest(queued(event), now, state=State.EXPIRED)


def rest(rows: QuerySet[Delivery], now: datetime, **facts: object) -> int:
    """Lay rows to rest, so many at a time; how many."""
    count = 0
    while done := rest_some(rows, now, facts):
        count += done
    return count


@transaction.atomic
def rest_some(rows: QuerySet[Delivery], now: datetime, facts: dict[str, object]) -> int:
    """Only rows that nobody has locked: two sweeps that waited for each other's would both be stuck."""
    free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:CHUNK])
    return Delivery.objects.filter(pk__in=free).update(final_at=now, **facts)


@transaction.atomic
def settle(event: OutboxEvent, now: datetime, *, makes_up: bool) -> None:
    """Look at it no more, once all its deliveries rest and whoever it missed is to be told how it stands."""
    is_complete = event.fanned_out_at is not None or event.voided_at is not None
    if makes_up and is_complete and event.kind in STOOD_IN_FOR:
        # Before the event's row, as the actions take the two: the other way round each would wait for the other.
        selectors.maintenance_held_still(event.subject_id)
    # One statement: between two questions a row could go from sending back into the queue.
    unresting = Delivery.objects.filter(event=OuterRef("pk"), state__in=sorted(UNRESTING))
    its = OutboxEvent.objects.filter(pk=event.pk)
    is_settled = is_complete and outbox.settle(its.exclude(Exists(unresting)), now)
    if is_settled and makes_up and not lateness.make_up_for(event, now):
        its.update(settled_at=None)
