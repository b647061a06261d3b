"""Notices that missed their moment: in their place one message says how the window stands now.

A reminder an hour late, or "it begins" three hours after the start (fault 14), would be
taken for news that is on time. Whoever was to hear several of them hears one message; whoever
has a later word already hears nothing more.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from statuspage import selectors
from statuspage.events import MaintenanceScheduled, MaintenanceUpdated

from . import dialect, due_rows, outbox, stands
from .models import Audience, Delivery, OutboxEvent
from .notices import CURRENT, LATER, STOOD_IN_FOR
from .stands import Phase
from .states import Priority, State

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Windows of one round; the rest is the next round's."""


def stand_in(now: datetime) -> int:
    """Replace what is overdue and was told to nobody; how many messages stand in for it."""
    late = due_rows.overdue(now).values_list("subject_id", flat=True).order_by("subject_id").distinct()
    return sum(attempted(subject_id, now) for subject_id in late[:AT_ONCE])


def attempted(subject_id: str, now: datetime) -> int:
    """One window; where that fails the others are not held up, and the next round tries again."""
    try:
        return stand_in_for_window(subject_id, now)
    except Exception:
        logger.exception("lateness: window %s is looked at again in the next round", subject_id)
        return 0


@transaction.atomic
def stand_in_for_window(subject_id: str, now: datetime) -> int:
    """One message in place of all that is overdue of one window; 0 where none is needed, or not yet."""
    window = selectors.maintenance_held_still(subject_id)
    if window is None:
        return 0
    rows = list(due_rows.overdue(now).filter(subject_id=subject_id).select_for_update())
    phase = stands.phase(window, now)
    if not rows or phase is None:
        return 0
    current = said(window, rows, phase, audience_of(rows), now)
    if current:
        outbox.hand_on(rows, current)
    outbox.void(OutboxEvent.objects.filter(pk__in=[row.pk for row in rows]), outbox.LATE, now, current)
    return int(current is not None)


def audience_of(rows: Sequence[OutboxEvent]) -> Audience:
    """Whom the message is for that replaces these, besides those whom one of them was to make up to."""
    wanted = {row.audience for row in rows}
    if Audience.MEMBERS_AND_TOLD in wanted:
        return Audience.MEMBERS_AND_TOLD
    return Audience.MISSED if wanted == {Audience.MISSED} else Audience.MEMBERS


@transaction.atomic
def make_up_for(row: OutboxEvent, now: datetime) -> bool:
    """Tell whoever a notice did not reach in time how its window stands; False: not yet, ask again."""
    if row.kind not in STOOD_IN_FOR or row.voided_at or row.stood_in_by_id:
        return True
    if not Delivery.objects.filter(event=row, state=State.EXPIRED).exists():
        return True
    window = selectors.maintenance_held_still(row.subject_id)
    phase = stands.phase(window, now) if window else Phase.OVER
    if phase is None:
        return False
    if window and (current := said(window, [row], phase, Audience.MISSED, now)):
        outbox.advance(row, stood_in_by=current)
    return True


def said(window: Any, rows: Sequence[OutboxEvent], phase: Phase, to_whom: str, now: datetime) -> OutboxEvent | None:
    """The stored message that says how it stands; None where a later word says so, or it is of no use any more."""
    if is_covered(rows, now) or (phase is Phase.OVER and not is_owed(window, rows, now)):
        return None
    return outbox.store(current_row(window, rows, phase, to_whom, now))


def is_covered(rows: Sequence[OutboxEvent], now: datetime) -> bool:
    """Whether a word that is told, or about to be, says later how the window stands."""
    newest = max(rows, key=lambda row: (row.published_at, row.pk))
    after = Q(published_at__gt=newest.published_at) | Q(published_at=newest.published_at, pk__gt=newest.pk)
    words = OutboxEvent.objects.filter(after, subject_id=newest.subject_id, voided_at=None)
    says_little = Q(kind=MaintenanceScheduled.kind) | Q(kind=MaintenanceUpdated.kind, payload__status="scheduled")
    return words.exclude(says_little).exclude(kind__in=LATER, due_at__gt=now).exists()


def is_owed(window: Any, rows: Sequence[OutboxEvent], now: datetime) -> bool:
    """Whether it is of use to hear that a window is over: not long after, nor where its end is not told.

    Of times that nobody heard of its readers must hear all the same.
    """
    if now - stands.ended_at(window) > stands.OLD_NEWS:
        return False
    return window.tells_end or any(row.audience == Audience.MEMBERS_AND_TOLD for row in rows)


def current_row(window: Any, rows: Sequence[OutboxEvent], phase: Phase, to_whom: str, now: datetime) -> OutboxEvent:
    """The message that says how a window stands, not stored yet."""
    newest = max(rows, key=lambda row: (row.published_at, row.pk))
    view = dialect.frozen_subject("maintenance", window.pk) if settings.WEBHOOKS else {}
    return OutboxEvent(
        kind=CURRENT,
        subject_kind="maintenance",
        subject_id=window.pk,
        update_id=update_id(newest, phase),
        payload=newest.payload | stands.facts(window, phase, now) | view,
        component_ids=newest.component_ids,
        window_revision=window.window_revision,
        audience=to_whom,
        priority=Priority.ORDINARY,
        published_at=now,
        due_at=now,
        expires_at=stands.true_until(window, phase, now),
    )


def update_id(newest: OutboxEvent, phase: Phase) -> str:
    """The update that was to be told, and how it stood when that was made up for."""
    said = newest.update_id
    for each in Phase:
        said = said.removesuffix(f".{each}")
    made = f"{said}.{phase}"
    return made if made != newest.update_id else f"{made}.again"
