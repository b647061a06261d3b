"""The outbox: what is to be told, written inside the transaction that published it.

`record` and `recall` are called by the status page, through its signal and its ports.
Everything after that (who, when, how) happens later and elsewhere.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from statuspage import selectors
from statuspage.events import (
    Event,
    MaintenanceCancelled,
    MaintenanceEvent,
    MaintenanceMoved,
    MaintenanceReplanned,
    MaintenanceScheduled,
)
from statuspage.vocabulary import Severity

from . import audience, dialect, doorbell, known_times, overtaken, throughput
from .models import Audience, Delivery, OutboxEvent
from .notices import (
    ADVANCE,
    ADVANCE_AHEAD,
    LATER,
    Notice,
    first_notice,
    notices_of,
)
from .states import Channel, Priority

RING_AHEAD = timedelta(minutes=2)
"""A notice due within this gets a delayed ring; later ones are the sweep's."""

COMPONENT_UPDATE = "component_update"
TELLING = "telling_seconds"
"""In the payload of a message that lists further windows: how long telling of it was taken to last."""

NOT_ASKED_FOR = "not asked for"
RECALLED = "recalled"
MOVED = "moved"
CANCELLED = "cancelled"
BEGUN = "begun"
REPLANNED = "replanned"
LATE = "late"
WITHDRAWN = "withdrawn"
"""Reasons why an outbox row is told no further."""


def record(event: Event) -> None:
    """Write what is to be told of `event`; call inside the transaction that publishes it.

    Where nobody is to be told a voided row says so: that nobody was told is then no
    accident (I11). An event that was recorded before adds nothing.
    """
    view = dialect.frozen(event) if settings.WEBHOOKS else {}
    if isinstance(event, MaintenanceReplanned):
        event = with_its_list(event)
        drop_reminders(event)
    takes = telling(event)
    if isinstance(event, MaintenanceScheduled) and event.further:
        view[TELLING] = takes.total_seconds()
    rows = [store(row_of(event, notice, view)) for notice in notices_of(event, takes)]
    if isinstance(event, MaintenanceReplanned):
        return
    if event.notify:
        hold(event, rows[0])
        if view:
            record_components(event, rows[0])
        until_due = (rows[0].due_at - rows[0].published_at).total_seconds()
        if until_due <= RING_AHEAD.total_seconds():
            doorbell.ring_after_commit(max(0.0, until_due))
    void_overtaken(event, rows[0])


def telling(event: Event) -> timedelta:
    """How long it will take to tell people of a window; nothing where its advance notice does not depend on it.

    Of windows that are announced together it is asked once: for the one whose message lists the others.
    """
    if not isinstance(event, MaintenanceScheduled | MaintenanceMoved | MaintenanceReplanned):
        return timedelta()
    if isinstance(event, MaintenanceScheduled) and event.told_with:
        return timedelta(seconds=estimated_with(event.told_with))
    is_near = event.scheduled_for - event.published_at <= ADVANCE_AHEAD
    if (is_near or event.reminders is not None) and not (event.further or event.told_with):
        return timedelta()
    return throughput.time_to_tell(row_of(event, first_notice(event)))


def estimated_with(update_id: str) -> float:
    """What was estimated for the message that lists a window, in seconds."""
    row = OutboxEvent.objects.filter(update_id=update_id, kind=MaintenanceScheduled.kind).first()
    return float(row.payload.get(TELLING, 0)) if row else 0.0


def with_its_list(event: MaintenanceReplanned) -> MaintenanceReplanned:
    """The event, and by what its window was only listed: it has no word of its own yet, nor one that is due."""
    rows = OutboxEvent.objects.filter(subject_id=event.subject_id, window_revision=event.window_revision)
    own = rows.filter(kind=MaintenanceScheduled.kind, audience=Audience.INVITED).first()
    if own is None or rows.filter(kind=ADVANCE, voided_at=None, due_at__lte=event.published_at).exists():
        return event
    return replace(event, told_with=own.payload["told_with"])


def drop_reminders(event: MaintenanceReplanned) -> None:
    """What was planned for later is planned anew; what is due already is told as it was planned."""
    planned = OutboxEvent.objects.filter(subject_id=event.subject_id, kind__in=LATER, voided_at=None)
    void(planned.filter(fanned_out_at=None, due_at__gt=event.published_at), REPLANNED, event.published_at)


def row_of(event: Event, notice: Notice, view: dict[str, Any] | None = None) -> OutboxEvent:
    """The outbox row for one notice, not stored yet; voided where staff told nobody.

    `view`: what is frozen of it for webhooks.
    """
    row = OutboxEvent(
        kind=notice.kind,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        update_id=f"{event.update_id}.{notice.minutes}" if notice.minutes else event.update_id,
        severity=event.severity,
        payload=payload_of(event) | (view or {}),
        component_ids=list(event.component_ids),
        audience=notice.audience,
        priority=Priority.URGENT if event.severity == Severity.I else Priority.ORDINARY,
        published_at=notice.published_at,
        due_at=notice.due_at,
        expires_at=notice.expires_at,
    )
    if isinstance(event, MaintenanceEvent):
        row.window_revision = event.window_revision
    if not event.notify:
        row.voided_at = row.settled_at = event.published_at
        row.void_reason = NOT_ASKED_FOR
    return row


def payload_of(event: Event) -> dict[str, Any]:
    """The event, the names its components have now (they may be renamed before a reminder), and the times known."""
    components = selectors.components().filter(pk__in=event.component_ids)
    names = {"component_names": [component.full_name for component in components]}
    return event.payload() | names | known_times.of(event)


def store(row: OutboxEvent) -> OutboxEvent:
    """The stored row: this one, or the one that was recorded before."""
    known = OutboxEvent.objects.filter(update_id=row.update_id, kind=row.kind).first()
    if known:
        return known
    row.save(force_insert=True)
    return row


def record_components(event: Event, row: OutboxEvent) -> None:
    """By webhook each component's change is told by itself as well, when its update is."""
    changed = [each for each in event.affected_components if each.old_status != each.new_status]
    for affected in changed:
        told = OutboxEvent(
            kind=COMPONENT_UPDATE,
            subject_kind="component",
            subject_id=affected.code,
            update_id=f"{event.update_id}.{affected.code}",
            severity=event.severity,
            payload={"name": affected.name, "published_at": event.published_at.isoformat()}
            | dialect.frozen_component(affected, event),
            component_ids=[affected.code],
            audience=Audience.WEBHOOKS,
            priority=row.priority,
            published_at=row.published_at,
            due_at=row.due_at,
            expires_at=row.expires_at,
        )
        store(told)


def hold(event: Event, row: OutboxEvent) -> None:
    """Give staff who pressed a button UNDO_SECONDS to take it back.

    Not for Severity I, where seconds count, nor where texts alone would wait.
    """
    if not event.undoable or event.severity == Severity.I or is_text_only(row):
        return
    row.due_at = row.published_at + timedelta(seconds=settings.UNDO_SECONDS)
    OutboxEvent.objects.filter(pk=row.pk).update(due_at=row.due_at)


def is_text_only(row: OutboxEvent) -> bool:
    """Whether somebody is to be told, and nobody by mail."""
    people = audience.of(row)
    return not people.exclude(channel=Channel.SMS).exists() and people.exists()


def void_overtaken(event: Event, row: OutboxEvent) -> None:
    """What was to be said of a window and no longer holds is said no further."""
    condition = overtaken.by(event)
    if condition is not None:
        others = OutboxEvent.objects.filter(subject_id=event.subject_id, voided_at=None).exclude(
            update_id=row.update_id
        )
        reason = {MaintenanceCancelled: CANCELLED, MaintenanceMoved: MOVED}.get(type(event), BEGUN)
        void(others.filter(condition), reason, event.published_at, row)


@transaction.atomic
def void(rows: QuerySet[OutboxEvent], reason: str, at: datetime, by: OutboxEvent | None = None) -> int:
    """Tell these no further; how many. Their queued deliveries are overtaken by the sweep.

    A row nobody was told of yet is settled with that; any other when its deliveries rest. Which it is, is asked once
    the rows are locked: a page of their fan-out may be under way.
    """
    locked = rows.select_for_update().order_by("pk").values_list("pk", flat=True)
    rows = OutboxEvent.objects.filter(pk__in=list(locked))
    facts = {"voided_at": at, "void_reason": reason, "voided_by": by}
    return rows.filter(untouched()).update(settled_at=at, **facts) + rows.exclude(untouched()).update(**facts)


def untouched() -> Q:
    """Rows nobody has a delivery of. A cancellation's fan-out may begin anew, and has no cursor then."""
    nobody = ~Exists(Delivery.objects.filter(event=OuterRef("pk")))
    return Q(nobody, fanned_out_at=None, fan_out_cursor=None)


@transaction.atomic
def recall(update_id: str) -> bool:
    """Take an update's notices back while nobody was told; True where that was in time.

    A recall ends what was to be sent, the later notices of a window too, and of the other
    windows that its message told of; the page is corrected by another update. The later notices
    of a window that was moved stay: they name the times that the page has, and the old ones are void.
    """
    locked = OutboxEvent.objects.select_for_update().filter(told_by(update_id), voided_at=None)
    locked = locked.exclude(kind__in=LATER, window_revision__gt=1)
    rows = OutboxEvent.objects.filter(pk__in=[row.pk for row in locked])
    if rows.exclude(untouched()).exists():
        return False
    return void(rows, RECALLED, selectors.database_now()) > 0


def withdraw(subject_id: str) -> None:
    """Tell nobody any more of an incident or a maintenance that was withdrawn; who was told keeps what was sent."""
    own = OutboxEvent.objects.filter(subject_id=subject_id)
    rows = Q(subject_id=subject_id)
    for update_id in own.values_list("update_id", flat=True).distinct():
        rows |= Q(update_id__startswith=f"{update_id}.", kind=COMPONENT_UPDATE)
    void(OutboxEvent.objects.filter(rows, voided_at=None), WITHDRAWN, selectors.database_now())


def told_by(update_id: str) -> Q:
    """All rows of one update: its own, its components', its reminders, and those of windows its message lists."""
    return Q(update_id=update_id) | Q(update_id__startswith=f"{update_id}.") | Q(payload__told_with=update_id)


@transaction.atomic
def tell_after_all(update_id: str, body: str) -> bool:
    """Tell what a recall took back, to whoever is to hear of it now; False where nothing was, or it is no news.

    `body`: the update's words, which may have been corrected. The rows are the same: nobody can be told of them twice.
    """
    now = selectors.database_now()
    taken_back = OutboxEvent.objects.filter(told_by(update_id), void_reason=RECALLED, expires_at__gt=now)
    rows = list(taken_back.select_for_update().order_by("pk"))
    for row in rows:
        if row.update_id == update_id:
            row.payload["body"] = body
            if dialect.VIEW in row.payload:
                row.payload |= dialect.frozen_subject(row.subject_kind, row.subject_id)
        row.voided_at = row.settled_at = None
        row.void_reason, row.published_at, row.due_at = "", now, now
        row.save()
    if rows:
        doorbell.ring_after_commit()
    return bool(rows)


def held_until(update_id: str) -> datetime | None:
    """Until when an update can still be taken back; None: no longer, or never."""
    untold = OutboxEvent.objects.filter(untouched(), update_id=update_id, voided_at=None)
    return untold.filter(due_at__gt=Now()).values_list("due_at", flat=True).first()


def advance(row: OutboxEvent, **facts: object) -> None:
    """Write down how far the fan-out of one row has come."""
    OutboxEvent.objects.filter(pk=row.pk).update(**facts)


def hand_on(rows: Collection[OutboxEvent], to: OutboxEvent) -> None:
    """Whoever these were to make up to for a notice that was missed is made up to by this one."""
    OutboxEvent.objects.filter(stood_in_by__in=[row.pk for row in rows]).update(stood_in_by=to)


def settle(rows: QuerySet[OutboxEvent], now: datetime) -> int:
    """All deliveries of these rest."""
    return rows.filter(settled_at=None).update(settled_at=now)
