"""Staff's "try again": what is unknown or failed goes back into the queue."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from notifications import doorbell
from notifications.models import Delivery, OutboxEvent
from notifications.states import TRY_AGAIN, State


@transaction.atomic
def try_again(ids: Sequence[UUID]) -> int:
    """Queue these once more with fresh tries, where they are still of use; how many.

    `ambiguous` stays: whatever may have arrived before may still have.
    """
    rows = Delivery.objects.filter(pk__in=ids, state__in=sorted(TRY_AGAIN), not_after__gt=Now())
    events = list(rows.values_list("event", flat=True).distinct())
    count = rows.update(state=State.QUEUED, attempts=0, next_attempt_at=Now(), final_at=None)
    OutboxEvent.objects.filter(pk__in=events).update(settled_at=None)
    doorbell.ring_after_commit()
    return count
