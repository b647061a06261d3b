"""The canary: a message of our own through the whole path, to show that it is open.

It goes to CANARY_EMAIL, or nowhere where none is set, and is left out of every report. A
worker that lives and is deaf, or a sweep that no longer runs, shows in its age.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.models import Attempt, Audience, Delivery, OutboxEvent, Subscriber, Subscription
from notifications.states import Channel, Priority

KIND = "canary"
KEPT = timedelta(days=1)
"""Yesterday's canaries prove nothing any more."""


def sing(now: datetime) -> None:
    """Send one, where the last one's time is over; of many copies of the sweep one does."""
    if not settings.CANARY_SECONDS:
        return
    number = int(now.timestamp() // settings.CANARY_SECONDS)
    if not OutboxEvent.objects.filter(update_id=f"{KIND}-{number}", kind=KIND).exists():
        send(number, now)
        bury(now - KEPT)


@transaction.atomic
def send(number: int, now: datetime) -> None:
    """One outbox row, of use until the next."""
    row = OutboxEvent(
        kind=KIND,
        subject_kind=KIND,
        subject_id=KIND,
        update_id=f"{KIND}-{number}",
        payload={"kind": KIND, "published_at": now.isoformat()},
        audience=Audience.ONE,
        single_subscription=reserved_subscription(now),
        priority=Priority.URGENT,
        published_at=now,
        due_at=now,
        expires_at=now + timedelta(seconds=2 * settings.CANARY_SECONDS),
    )
    OutboxEvent.objects.bulk_create([row], ignore_conflicts=True)


def reserved_subscription(now: datetime) -> Subscription:
    """The canary's own: never confirmed, so that nothing else is ever sent there."""
    channel = Channel.EMAIL if settings.CANARY_EMAIL else Channel.NULL
    person = Subscriber.objects.filter(subscriptions__address_key=KIND).first() or Subscriber.objects.create(
        created_at=now
    )
    subscription, _ = Subscription.objects.update_or_create(
        channel=channel,
        address_key=KIND,
        defaults={"address": settings.CANARY_EMAIL},
        create_defaults={"subscriber": person, "address": settings.CANARY_EMAIL, "created_at": now},
    )
    return subscription


@transaction.atomic
def bury(before: datetime) -> None:
    """Forget the old ones."""
    old = OutboxEvent.objects.filter(kind=KIND, created_at__lt=before, settled_at__isnull=False)
    Attempt.objects.filter(delivery__event__in=old).delete()
    Delivery.objects.filter(event__in=old).delete()
    old.delete()
