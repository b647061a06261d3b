"""Which subscriptions a program sees, in which of Statuspage's states. Reads only.

Whoever owns a webhook, or was written a letter, has a row as well, but asked for nothing there: a
row that is not in force counts only while a link that would begin it waits to be used, or where it was
imported so.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, When
from django.http import Http404

from notifications.delivery.canary import KIND as CANARY
from notifications.models import Following, LinkToken, Subscription, Suppression
from notifications.states import Channel
from notifications.tokens import Purpose
from statuspage.text import clean_line

TYPES = (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)
"""Statuspage's other types have nobody here."""


class Standing(StrEnum):
    """Statuspage's states. Quarantined: the address gets nothing, because it failed or said STOP."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    QUARANTINED = "quarantined"
    ALL = "all"


IN_FORCE = Q(confirmed_at__isnull=False, unsubscribed_at=None) & (Q(wants_incidents=True) | Q(wants_maintenances=True))


def everybody() -> QuerySet[Subscription]:
    """All rows with an address, with what decides on their state: `waits`, `stopped_at`."""
    links = LinkToken.objects.filter(subscription=OuterRef("pk"), purpose=Purpose.CONFIRM, used_at=None)
    links = links.filter(payload__has_key="choices")
    imported = Q(confirmed_at=None) & ~Q(consent_wording_version="")
    waits = Q(unsubscribed_at=None) & (Q(Exists(links)) | imported)
    waits |= Q(Exists(links.filter(created_at__gt=OuterRef("unsubscribed_at"))))
    # An erasure stops nobody who asks again themselves.
    stops = Suppression.objects.filter(address_key=OuterRef("address_key")).exclude(reason=Suppression.Reason.ERASED)
    rows = Subscription.objects.filter(channel__in=TYPES).exclude(address="").exclude(address_key=CANARY)
    first = stops.values("address_key").annotate(first=Min("since")).values("first")
    return rows.alias(waits=Case(When(IN_FORCE, then=False), When(waits, then=True), default=False)).annotate(
        stopped_at=Subquery(first)
    )


def subscribers(state: str = Standing.ALL, channel: str | None = None) -> QuerySet[Subscription]:
    """Those in a state; in none of them is who left."""
    rows = everybody().filter(IN_FORCE | Q(waits=True))
    if channel:
        rows = rows.filter(channel=channel)
    match state:
        case Standing.ACTIVE:
            return rows.filter(waits=False, stopped_at=None)
        case Standing.UNCONFIRMED:
            return rows.filter(waits=True, stopped_at=None)
        case Standing.QUARANTINED:
            return rows.filter(stopped_at__isnull=False)
    return rows


def followers(subject_id: str) -> QuerySet[Subscription]:
    """Those who follow one incident or maintenance alone or as well, or are asked to confirm that."""
    theirs = Following.objects.filter(subscription=OuterRef("pk"), subject_id=subject_id)
    there = Q(Exists(theirs.filter(confirmed_at=None))) | Q(Exists(theirs), unsubscribed_at=None)
    return everybody().filter(there, stopped_at=None)


def departed() -> QuerySet[Subscription]:
    """Those who left, until their address is forgotten."""
    return everybody().filter(waits=False, unsubscribed_at__isnull=False)


def one(subscriber_id: str, rows: QuerySet[Subscription] | None = None) -> Subscription:
    """The subscriber of that id; 404 where there is none, or they left."""
    pk = key(subscriber_id)
    row = (subscribers() if rows is None else rows).filter(pk=pk).first() if pk else None
    if row is None:
        raise Http404("subscriber")
    return row


def key(subscriber_id: str) -> UUID | None:
    """None where it is nobody's."""
    try:
        return UUID(subscriber_id)
    except ValueError:
        return None


def counts() -> dict[str, dict[str, int]]:
    """By type, and in it by state, by one statement; "total" is their sum."""
    rows = subscribers().values("channel").annotate(
        active=Count("pk", filter=Q(waits=False, stopped_at=None)),
        unconfirmed=Count("pk", filter=Q(waits=True, stopped_at=None)),
        quarantined=Count("pk", filter=Q(stopped_at__isnull=False)),
        total=Count("pk"),
    )  # fmt: skip
    return {each.pop("channel"): each for each in rows}


# --- Looked for, and in which order ---------------------------------------------------------------


def searched(rows: QuerySet[Subscription], text: str) -> QuerySet[Subscription]:
    """Whose address holds the text, in any case."""
    return rows.filter(address__icontains=clean_line(text))


def in_order(rows: QuerySet[Subscription], field: str, is_descending: bool, text: str = "") -> QuerySet[Subscription]:
    """`primary` is the address; `relevance` the address that is the text, then those that begin with it."""
    by: Any = {"primary": F("address"), "created_at": F("created_at"), "quarantined_at": F("stopped_at")}.get(field)
    if by is None:
        whole, beginning = Q(address__iexact=clean_line(text)), Q(address__istartswith=clean_line(text))
        by = Case(When(whole, then=0), When(beginning, then=1), default=2, output_field=IntegerField())
    return rows.order_by(by.desc(nulls_last=True) if is_descending else by.asc(nulls_last=True), "address", "pk")


def quarantined_at(row: Subscription) -> datetime | None:
    """When a row of `everybody` was stopped."""
    stopped: datetime | None = getattr(row, "stopped_at", None)
    return stopped
