"""Premise: just before a group is sent, is what was promised still true?

Owns the step from claimed to open, in one short transaction. An open row counts as "a call
may have been made" from then on, whatever becomes of this process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now

from notifications.clock import later
from notifications.models import Attempt, Audience, Delivery, Suppression
from notifications.states import Channel, State

from . import breakers
from .claim import Claimed

ORDER_PAUSE = timedelta(seconds=1)
"""An older message to the same person is on its way: the newer one comes right behind it."""


class Verdict(StrEnum):
    """What became of the promise since it was claimed."""

    GO = "go"
    LOST = "lost"  # somebody else has it
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    SUPERSEDED = "superseded"
    WAITS = "waits"  # for an older message, or for a breaker


@dataclass(frozen=True, slots=True)
class Ready:
    """An open delivery with all that its message needs. Its address goes no further than the call."""

    claimed: Claimed
    subscription_id: UUID
    address: str
    address_key: str
    address_version: int
    language: str
    time_zone: str
    not_after: datetime
    now: datetime

    @property
    def id(self) -> UUID:
        return self.claimed.id


def open_group(group: Sequence[Claimed], lease: timedelta, closed: Mapping[str, datetime]) -> list[Ready]:
    """Those of a group that are to be sent now, opened; the others go where they belong.

    `closed`: the breakers that hold, and until when.
    """
    with transaction.atomic():
        rows = {row["id"]: row for row in looked_at([each.id for each in group])}
        verdicts = {each: judge(each, rows.get(each.id)) for each in group}
        put_aside(verdicts, rows)
        ready = [ready_from(each, rows[each.id]) for each, verdict in verdicts.items() if verdict == Verdict.GO]
        if closed:
            ready = hold_back(ready, closed)
        mark_open(ready, lease)
    return ready


def looked_at(ids: list[UUID]) -> QuerySet[Delivery, dict[str, Any]]:
    """Everything the verdict and the message need, the rows locked where the database can."""
    same = Delivery.objects.filter(
        subscription=OuterRef("subscription"), event__subject_id=OuterRef("event__subject_id")
    )
    is_later = Q(event__published_at__gt=OuterRef("event__published_at")) | Q(
        event__published_at=OuterRef("event__published_at"), event__gt=OuterRef("event")
    )
    newest = same.filter(is_later).order_by("-event__published_at", "-event_id")
    under_way = same.filter(state=State.SENDING, opened_at__isnull=False).exclude(pk=OuterRef("pk"))
    return (
        Delivery.objects.filter(pk__in=ids)
        .select_for_update(of=("self",))
        .annotate(
            now=Now(),
            newer=Subquery(newest.values("event_id")[:1]),
            is_behind=Exists(under_way),
            is_suppressed=Case(When(suppressed(), then=Value(True)), default=False, output_field=BooleanField()),
        )
        .values(
            "id",
            "fence",
            "state",
            "not_after",
            "lease_expires_at",
            "now",
            "newer",
            "is_behind",
            "is_suppressed",
            "subscription_id",
            voided_at=F("event__voided_at"),
            voided_by=F("event__voided_by"),
            address=F("subscription__address"),
            address_key=F("subscription__address_key"),
            address_version=F("subscription__address_version"),
            language=F("subscription__subscriber__language"),
            time_zone=F("subscription__subscriber__time_zone"),
        )
    )


def suppressed() -> Q:
    """As `audience.is_suppressed`, seen from the delivery: unsubscribed, STOP, quarantine, erased."""
    stops = Suppression.objects.filter(address_key=OuterRef("subscription__address_key"))
    unless_asked_for = Q(subscription__unsubscribed_at__isnull=False) | Q(Exists(stops))
    return (
        (Q(subscription__address="") & ~Q(channel=Channel.NULL))
        | Q(Exists(stops.exclude(reason=Suppression.Reason.ERASED)))
        | (unless_asked_for & ~Q(event__audience=Audience.ONE))
    )


def judge(claimed: Claimed, row: dict[str, Any] | None) -> Verdict:
    """In this order: ours, in time, wanted, still the newest word, next in order."""
    if row is None or row["fence"] != claimed.fence or row["state"] != State.SENDING:
        return Verdict.LOST
    if row["lease_expires_at"] <= row["now"]:
        return Verdict.LOST
    if row["not_after"] <= row["now"]:
        return Verdict.EXPIRED
    if row["is_suppressed"]:
        return Verdict.SUPPRESSED
    if row["voided_at"] or row["newer"]:
        return Verdict.SUPERSEDED
    return Verdict.WAITS if row["is_behind"] else Verdict.GO


def ready_from(claimed: Claimed, row: dict[str, Any]) -> Ready:
    return Ready(
        claimed,
        row["subscription_id"],
        row["address"],
        row["address_key"],
        row["address_version"],
        row["language"],
        row["time_zone"],
        row["not_after"],
        row["now"],
    )


def put_aside(verdicts: dict[Claimed, Verdict], rows: dict[UUID, dict[str, Any]]) -> None:
    """Write down what is not to be sent, or not now."""
    for each, verdict in verdicts.items():
        row = Delivery.objects.filter(pk=each.id)
        match verdict:
            case Verdict.EXPIRED | Verdict.SUPPRESSED:
                row.update(state=State(verdict), lease_expires_at=None, final_at=Now())
            case Verdict.SUPERSEDED:
                by = rows[each.id]["newer"] or rows[each.id]["voided_by"]
                row.update(state=State.SUPERSEDED, superseded_by=by, lease_expires_at=None, final_at=Now())
            case Verdict.WAITS:
                row.update(state=State.QUEUED, lease_expires_at=None, next_attempt_at=later(ORDER_PAUSE))


def hold_back(ready: Sequence[Ready], closed: Mapping[str, datetime]) -> list[Ready]:
    """Queue what a breaker keeps from its place until that is tried again; the others."""
    free = []
    for each in ready:
        until = closed.get(breakers.place_of(each.claimed.channel, each.address))
        if until is None:
            free.append(each)
        else:
            row = Delivery.objects.filter(pk=each.id)
            row.update(state=State.QUEUED, lease_expires_at=None, next_attempt_at=until)
    return free


def mark_open(ready: Sequence[Ready], lease: timedelta) -> None:
    """From here on a call may have been made. A text's attempt is written before its call."""
    if not ready:
        return
    rows = Delivery.objects.filter(pk__in=[each.id for each in ready])
    rows.update(opened_at=Now(), lease_expires_at=later(lease))
    texts = [each for each in ready if each.claimed.channel == Channel.SMS]
    Attempt.objects.bulk_create(
        [Attempt(delivery_id=each.id, number=each.claimed.fence, started_at=each.now) for each in texts]
    )


def close_again(unsent: Sequence[Ready], until: datetime | None) -> None:
    """Give back what was opened and not called: no try is spent. `until`: not before then."""
    for each in unsent:
        mine = Delivery.objects.filter(pk=each.id, fence=each.claimed.fence, state=State.SENDING)
        facts = {"next_attempt_at": until} if until else {}
        mine.update(state=State.QUEUED, lease_expires_at=None, opened_at=None, **facts)
        Attempt.objects.filter(delivery=each.id, number=each.claimed.fence, outcome="").update(outcome="not made")
