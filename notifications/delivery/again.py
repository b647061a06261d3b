"""Staff's "try again": what is unknown or failed goes back into the queue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from notifications import doorbell
from notifications.models import Delivery, OutboxEvent
from notifications.states import TRY_AGAIN, State
from statuspage import audit
from statuspage.roles import Ability

from . import look


def dead_letters(rows: QuerySet[Delivery] | None = None) -> QuerySet[Delivery]:
    """What staff may decide about: refused, or never answered."""
    return (Delivery.objects.all() if rows is None else rows).filter(state__in=sorted(TRY_AGAIN))


def of_use(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that would be sent if they were tried again: in time, wanted, and still the newest word."""
    in_time = dead_letters(rows).filter(not_after__gt=Now(), event__voided_at=None)
    return in_time.filter(~look.suppressed(), ~Exists(look.newer_words()))


@transaction.atomic
def try_again(ids: Sequence[UUID]) -> int:
    """Queue these once more with fresh tries, where they are still in time; how many.

    `ambiguous` stays: whatever may have arrived before may still have.
    """
    rows = dead_letters(Delivery.objects.filter(pk__in=ids, not_after__gt=Now()))
    events = list(rows.values_list("event", flat=True).distinct())
    channels = channels_of(rows)
    count = requeue(rows)
    reopen(events, channels)
    return count


@transaction.atomic
def try_again_by_staff(
    *, event: OutboxEvent, ids: Sequence[UUID] | None, actor: audit.Actor, now: datetime | None = None
) -> int:
    """The same for one event: these of its dead letters, or all (None), as far as they are of use; how many."""
    actor.require(Ability.PUBLISH)
    mine = Delivery.objects.filter(event=event)
    rows = of_use(mine if ids is None else mine.filter(pk__in=ids))
    channels = channels_of(rows)
    count = requeue(rows)
    if count:
        # Before the outbox row: whoever publishes takes the audit's lock first, too.
        audit.record(
            actor=actor,
            action="try_again",
            kind="update",
            object_id=event.update_id,
            at=now or timezone.now(),
            after={"kind": event.kind, "subject": event.subject_id, "people": count, "all": ids is None},
        )
        reopen([event.pk], channels)
    return count


def channels_of(rows: QuerySet[Delivery]) -> list[str]:
    return list(rows.order_by("channel").values_list("channel", flat=True).distinct())


def requeue(rows: QuerySet[Delivery]) -> int:
    return rows.update(state=State.QUEUED, attempts=0, next_attempt_at=Now(), final_at=None)


def reopen(events: Sequence[int], channels: Sequence[str]) -> None:
    """They have deliveries again that do not rest."""
    OutboxEvent.objects.filter(pk__in=events).update(settled_at=None)
    doorbell.ring_for_delivery_after_commit(channels)
