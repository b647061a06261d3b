"""Look: all that a verdict and a message need of a group, by one statement that is compiled once.

Every ten mails are looked at anew just before they are sent. The ORM takes longer to write
such a statement than to send all ten, so each run writes it once and fills in the ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now

from notifications.models import Audience, Delivery, Suppression
from notifications.states import Channel, State

from .statements import execute


class Facts(NamedTuple):
    """One claimed delivery as it is now. `newer`: the newest event that has a later word for it."""

    id: UUID
    fence: int
    state: str
    not_after: datetime
    lease_expires_at: datetime
    now: datetime
    newer: int | None
    is_behind: bool
    is_suppressed: bool
    subscription_id: UUID
    voided_at: datetime | None
    voided_by: int | None
    address: str
    address_key: str
    address_version: int
    language: str
    time_zone: str


COLUMNS = (
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
    "event__voided_at",
    "event__voided_by",
    "subscription__address",
    "subscription__address_key",
    "subscription__address_version",
    "subscription__subscriber__language",
    "subscription__subscriber__time_zone",
)
"""As in Facts."""


def facts_of(ids: Sequence[UUID]) -> QuerySet[Delivery, Any]:
    """The statement. Locks the rows where the database can: nobody changes them while we judge."""
    same, newest = same_thing(), newer_words().order_by("-event__published_at", "-event_id")
    under_way = same.filter(state=State.SENDING, opened_at__isnull=False).exclude(pk=OuterRef("pk"))
    rows = Delivery.objects.filter(pk__in=ids).select_for_update(of=("self",))
    return rows.annotate(
        now=Now(),
        newer=Subquery(newest.values("event_id")[:1]),
        is_behind=Exists(under_way),
        is_suppressed=Case(When(suppressed(), then=Value(True)), default=False, output_field=BooleanField()),
    ).values_list(*COLUMNS)


def same_thing() -> QuerySet[Delivery]:
    """All deliveries about the same incident or maintenance to the same subscription, seen from one of them."""
    return Delivery.objects.filter(
        subscription=OuterRef("subscription"), event__subject_id=OuterRef("event__subject_id")
    )


def newer_words() -> QuerySet[Delivery]:
    """Those of them that say something later."""
    at_the_same_time = Q(event__published_at=OuterRef("event__published_at"), event__gt=OuterRef("event"))
    return same_thing().filter(Q(event__published_at__gt=OuterRef("event__published_at")) | at_the_same_time)


def suppressed() -> Q:
    """As `audience.is_suppressed`, seen from the delivery: unsubscribed, STOP, quarantine, erased."""
    stops = Suppression.objects.filter(address_key=OuterRef("subscription__address_key"))
    unless_asked_for = Q(subscription__unsubscribed_at__isnull=False) | Q(Exists(stops))
    return (
        (Q(subscription__address="") & ~Q(channel=Channel.NULL))
        | Q(Exists(stops.exclude(reason=Suppression.Reason.ERASED)))
        | (unless_asked_for & ~Q(event__audience=Audience.ONE))
    )


class Look:
    """The compiled statements of one run, one for each size of group. Not for several threads."""

    def __init__(self) -> None:
        self._compiled: dict[int, Compiled] = {}

    def at(self, ids: Sequence[UUID]) -> dict[UUID, Facts]:
        """Facts by id. Inside a transaction."""
        if len(ids) not in self._compiled:
            self._compiled[len(ids)] = Compiled(len(ids))
        return self._compiled[len(ids)].at(ids)


class Compiled:
    """The statement for `size` ids, with places where they go."""

    def __init__(self, size: int) -> None:
        stand_ins = [UUID(int=number) for number in range(1, size + 1)]
        self._compiler = facts_of(stand_ins).query.get_compiler(connection=connection)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = [str(each) if isinstance(each, str) else each for each in parameters]  # no enumerations
        self._places = [self._parameters.index(adapted(each)) for each in stand_ins]

    def at(self, ids: Sequence[UUID]) -> dict[UUID, Facts]:
        parameters = self._parameters.copy()
        for place, each in zip(self._places, ids, strict=True):
            parameters[place] = adapted(each)
        rows = execute(self._sql, parameters).fetchall()
        found = [Facts(*row) for row in self._compiler.results_iter([rows])]
        return {facts.id: facts for facts in found}


def adapted(id: UUID) -> Any:
    """An id as this database takes it in plain SQL."""
    return Delivery._meta.pk.get_db_prep_value(id, connection)
