"""Celery's doors. No rule lives here: the database says what is due, and any copy may run at any time.

The names are kept for ever: a task of an older version may still be in the broker.
"""

from celery import shared_task
from django.utils import timezone

from . import alarms, delivery, enquiries, fanout, limits, retention

STALE_SECONDS = 60
"""A sweep that waited so long for a free worker has been overtaken by others."""


@shared_task(name="notifications.tasks.sweep", expires=STALE_SECONDS)
def sweep() -> None:
    """Everything that is due, from the database alone."""
    with alarms.look_after():
        delivery.upkeep()
        fanout.relay()
        delivery.work_on_all()
    enquiries.ask_for_receipts()
    limits.forget_old(timezone.now())
    retention.tend(timezone.now())


@shared_task(name="notifications.tasks.relay_outbox")
def relay_outbox() -> None:
    """Somebody published: fan it out now."""
    fanout.relay()


@shared_task(name="notifications.tasks.deliver")
def deliver(channel: str) -> None:
    """Somebody fanned out: send what is due on one channel."""
    delivery.work_and_go_on(channel)
