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

from notifications.models import Audience, Delivery, OutboxEvent, Suppression
from notifications.states import Channel, State

from . import statements


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
    wants_invitations: bool


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
    "subscription__wants_invitations",
)
"""As in Facts."""


def facts_of(ids: Sequence[UUID]) -> QuerySet[Delivery, Any]:
    """The statement. Locks the rows where the database can: nobody changes them while we judge."""
    under_way = theirs().filter(state=State.SENDING, opened_at__isnull=False)
    rows = Delivery.objects.filter(pk__in=ids).select_for_update(of=("self",))
    return rows.annotate(
        now=Now(),
        newer=Subquery(newer_words().order_by("-published_at", "-pk").values("pk")[:1]),
        is_behind=Exists(same_subject().exclude(pk=OuterRef("event")).filter(Exists(under_way))),
        is_suppressed=Case(When(suppressed(), then=Value(True)), default=False, output_field=BooleanField()),
    ).values_list(*COLUMNS)


def same_subject() -> QuerySet[OutboxEvent]:
    """All events of the same incident or maintenance, seen from one delivery.

    They are few; the deliveries of one subscription, looked through from its own side, grow with the years.
    """
    return OutboxEvent.objects.filter(subject_id=OuterRef("event__subject_id"))


def theirs() -> QuerySet[Delivery]:
    """The same subscription's deliveries, seen from one of those events."""
    return Delivery.objects.filter(event=OuterRef("pk"), subscription=OuterRef(OuterRef("subscription")))


def newer_words() -> QuerySet[OutboxEvent]:
    """Those of the events that say something later to the same subscription, and still hold."""
    at_the_same_time = Q(published_at=OuterRef("event__published_at"), pk__gt=OuterRef("event"))
    later = same_subject().filter(
        Q(published_at__gt=OuterRef("event__published_at")) | at_the_same_time, voided_at=None
    )
    return later.filter(Exists(theirs()))


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
        self._sql, parameters = facts_of(stand_ins).query.get_compiler(connection=connection).as_sql()
        self._parameters = [str(each) if isinstance(each, str) else each for each in parameters]  # no enumerations
        self._places = [self._parameters.index(each) for each in statements.adapted(stand_ins)]

    def at(self, ids: Sequence[UUID]) -> dict[UUID, Facts]:
        parameters = self._parameters.copy()
        for place, each in zip(self._places, statements.adapted(ids), strict=True):
            parameters[place] = each
        found = [facts_from(row) for row in statements.execute(self._sql, parameters).fetchall()]
        return {facts.id: facts for facts in found}


READ = {
    "id": statements.id_from,
    "subscription_id": statements.id_from,
    "not_after": statements.moment_from,
    "lease_expires_at": statements.moment_from,
    "now": statements.moment_from,
    "voided_at": statements.moment_from,
}
READERS = [(Facts._fields.index(name), read) for name, read in READ.items()]
"""What some database gives as text; the rest is as it is."""


def facts_from(row: Sequence[Any]) -> Facts:
    values = list(row)
    for place, read in READERS:
        values[place] = read(values[place])
    return Facts(*values)
