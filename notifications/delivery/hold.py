"""Hold: a database that was restored or copied sends nothing until somebody releases it (fault 27).

The ledger of last night's backup has in its queue what went out this morning. So every sweep
of a machine that belongs to the site raises a pulse in the database, and then writes it into
a file of its own beside the published pages. Where the file is ahead of the database, the
database is an older one. A machine without a file (a second worker, or the home of a copy)
joins once it has seen the pulse go on, which takes somebody who belongs: a copy has nobody.
"""

import logging
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import get_random_string

from notifications import doorbell
from notifications.clock import database_now
from notifications.models import Instance, OutboxEvent
from statuspage import selectors

from . import node
from .node import Known

logger = logging.getLogger(__name__)

NAME_LENGTH = 20


class Reason(StrEnum):
    """Why nothing is sent."""

    OLDER = "older"  # this machine has seen a newer state of the database
    STRANGER = "stranger"  # this machine does not know the database, and nobody who does is at work
    ASKED = "asked"  # an operator asked for it
    IMPORTED = "imported"  # the ledger came from another site, which may have been at work until now


class Standing(StrEnum):
    """How this machine and the database stand to each other."""

    MEMBER = "member"
    FIRST = "first"  # nothing was sent from here yet: whoever comes belongs
    STRANGER = "stranger"
    OLDER = "older"
    HELD = "held"


def standing(row: Instance, known: Known | None) -> Standing:
    """Pure: the row and this machine's file side by side."""
    if row.held_at:
        return Standing.HELD
    if known and known.instance == row.name:
        return Standing.OLDER if known.pulse > row.pulse else Standing.MEMBER
    return Standing.STRANGER if row.pulse else Standing.FIRST


def may_send() -> bool:
    """Whether this process may claim anything; asked before every batch. One query and one small file."""
    row = Instance.objects.filter(pk=1).first() or begin(database_now())
    match standing(row, node.read()):
        case Standing.MEMBER:
            return True
        case Standing.FIRST | Standing.OLDER:
            return pulse(database_now())
        case _:
            return False


def reason(now: datetime) -> Reason | None:
    """Why nothing is sent, for whoever asks; None where messages go out.

    A machine that joins a site at work waits for a sweep or two: that alone is no reason.
    """
    row = Instance.objects.filter(pk=1).first()
    if row and row.held_at:
        return Reason(row.hold_reason)
    is_alone = row and row.waiting_since and now - row.waiting_since > timedelta(seconds=3 * settings.SWEEP_SECONDS)
    return Reason.STRANGER if is_alone else None


def pulse(now: datetime) -> bool:
    """One sign of life, with every sweep; whether this machine belongs here and may send."""
    begin(now)
    with node.durable(), transaction.atomic():
        row = Instance.objects.select_for_update().get(pk=1)
        may = settled(row, now)
        if may:
            row.pulse, row.seen_at, row.waiting_since = row.pulse + 1, max(now, row.seen_at), None
            row.epoch, row.rings_lost = selectors.publication().epoch, row.rings_lost + doorbell.take_losses()
            row.save()
    if may:
        # After the commit: a file that is ahead of its own database would hold it for nothing.
        node.write(Known(row.name, row.pulse, row.seen_at))
    return may


def settled(row: Instance, now: datetime) -> bool:
    """Whether this machine belongs; what it found instead is written down. Inside the pulse's transaction."""
    known = node.read()
    match standing(row, known):
        case Standing.OLDER:
            assert known
            hold(row, Reason.OLDER, known.seen_at, now)
        case Standing.STRANGER:
            return joins(row, now)
        case Standing.FIRST:
            row.name = settings.INSTANCE_ID or row.name
            # Before the pulse: where this process dies in between, the machine belongs all the same.
            node.write(Known(row.name, 0, now))
            return True
        case Standing.HELD:
            widen(row, known)
        case Standing.MEMBER:
            if row.epoch == selectors.publication().epoch:
                return True
            # The published pages were ahead of the database, and publishing has mended that.
            hold(row, Reason.OLDER, now, now)
    return False


def joins(row: Instance, now: datetime) -> bool:
    """Whether a stranger has seen somebody at work since it first looked; else it waits."""
    if not settings.INSTANCE_ID and node.has_seen_pulse(row.name, row.pulse):
        logger.warning("hold: this machine joins %s", row.name)
        return True
    if row.waiting_since is None:
        Instance.objects.filter(pk=1).update(waiting_since=now)
        logger.warning("hold: this machine does not know the database and sends nothing until one that does is at work")
    return False


def hold(row: Instance, reason: Reason, doubtful_until: datetime, now: datetime) -> None:
    """Send nothing from here on, on any machine."""
    facts = {"held_at": now, "hold_reason": reason.value, "doubtful_until": doubtful_until}
    if Instance.objects.filter(pk=1, held_at=None).update(**facts):
        logger.error("hold: nothing is sent (%s); see manage.py release", reason)


def widen(row: Instance, known: Known | None) -> None:
    """Another machine may have seen the lost time for longer than the one that noticed."""
    if known and known.instance == row.name and row.hold_reason == Reason.OLDER:
        Instance.objects.filter(pk=1, doubtful_until__lt=known.seen_at).update(doubtful_until=known.seen_at)


def ask_for_hold(now: datetime) -> None:
    """An operator's own hold: before a copy is started, or while something is looked into."""
    hold(begin(now), Reason.ASKED, now, now)


def hold_imported(now: datetime) -> None:
    """The ledger is another site's: what that one was to send until now, it may have sent."""
    hold(begin(now), Reason.IMPORTED, now, now)


def begin(now: datetime) -> Instance:
    """The row, made where there is none.

    None is what a new site has, or one of before this table. Where this machine's file knows
    an instance, and the ledger is not empty, it is a backup of before the table.
    """
    facts: dict[str, Any] = {
        "name": settings.INSTANCE_ID or get_random_string(NAME_LENGTH),
        "seen_at": now,
        "epoch": selectors.publication().epoch,
    }
    known = node.read()
    if known and OutboxEvent.objects.exists():
        facts |= {"held_at": now, "hold_reason": Reason.OLDER.value, "doubtful_until": known.seen_at}
    return Instance.objects.get_or_create(pk=1, defaults=facts)[0]
