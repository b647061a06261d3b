"""The doorbell: a ring makes workers look at once; a ring that is lost costs one round of the sweep.

Nobody waits for it. A broker that hangs would hold a publication for as long as its
sockets' timeouts (fault 9), so each ring is a thread of its own that is waited for
briefly. While one ring hangs, others are not even tried.
"""

import collections
import logging
import threading
from collections.abc import Iterable
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

WAIT_SECONDS = 0.3
"""A broker that is well answers in a few milliseconds."""

RELAY = "notifications.tasks.relay_outbox"
DELIVER = "notifications.tasks.deliver"

_lost: collections.deque[str] = collections.deque(maxlen=1_000_000)
_ringing = threading.Semaphore(2)
"""Two: one ring may hang for as long as a socket's timeout, without muting the next at once."""


def ring_after_commit(delay_seconds: float = 0) -> None:
    """Have the outbox looked at once the transaction is through; never its trouble."""
    transaction.on_commit(lambda: ring(RELAY, delay_seconds=delay_seconds), robust=True)


def ring_for_delivery_after_commit(channels: Iterable[str]) -> None:
    """Have what was put into these channels' queues sent once the transaction is through."""
    for channel in sorted(set(channels)):
        transaction.on_commit(partial(ring, DELIVER, str(channel)), robust=True)


def ring(task: str, *arguments: object, delay_seconds: float = 0) -> None:
    """Ask for one run of a task, `delay_seconds` (minutes at most) from now. Never raises, never waits long."""
    if not _ringing.acquire(blocking=False):
        note_loss(task, "another ring hangs")
        return
    thread = threading.Thread(target=_ring, args=(task, arguments, delay_seconds), daemon=True)
    thread.start()
    thread.join(WAIT_SECONDS)


def _ring(task: str, arguments: tuple[object, ...], delay_seconds: float) -> None:
    try:
        current_app.send_task(task, args=arguments, countdown=delay_seconds or None, retry=False, ignore_result=True)
    except Exception as error:
        # Whatever the broker's library raises: the row is stored, and the sweep looks anyway.
        note_loss(task, type(error).__name__)
    finally:
        _ringing.release()


def note_loss(task: str, reason: str) -> None:
    """Count a ring that did not sound."""
    _lost.append(task)
    logger.warning("doorbell: %s not rung (%s); the sweep will find the work", task, reason)


def losses() -> int:
    """Rings of this process that did not sound and were not taken into the books yet."""
    return len(_lost)


def take_losses() -> int:
    """The same, and they are taken now."""
    count = len(_lost)
    for _ in range(count):
        _lost.popleft()
    return count
