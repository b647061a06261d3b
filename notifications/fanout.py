"""Fan-out: one outbox row becomes one Delivery for each subscription it is for.

The rows are made inside the database, by INSERT ... SELECT in pages of the subscriptions'
keys: a hundred thousand recipients never pass through this process. A page and the cursor
behind it are one transaction, and UNIQUE(event, subscription) ignores what is there
already: a fan-out that was killed, or runs twice at once, adds nobody twice.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, DateTimeField, Exists, F, Func, OuterRef, QuerySet, UUIDField, Value, When
from django.db.models.sql.compiler import SQLCompiler

from . import audience, doorbell, due_rows, lateness, outbox, providers
from .clock import database_now
from .delivery import hold
from .models import Audience, Delivery, OutboxEvent, Subscription
from .states import UNRESTING, Channel, State

logger = logging.getLogger(__name__)

FIRST_PAGE = 500
LARGEST_PAGE = 8_000
"""Subscriptions a page looks at. The first is small, so that the first message leaves at
once; each is four times the last, because a page's fixed cost is a few milliseconds."""

HEAD_START_SECONDS = 0.2
"""Between the first pages and the rest: a worker that was just rung up sends its first messages before large pages
take the processor, and SQLite's one lock, from it."""

AT_ONCE = 100
"""Outbox rows of one round; the rest is the next round's."""

HELPERS = 4
ROWS_A_HELPER = 2_000
TEXTS_A_HELPER = 10
"""How many workers are rung up for a large fan-out: more help nobody on one database."""


class NewId(Func):
    """A random UUID, made by the database."""

    function = "gen_random_uuid"

    def __init__(self) -> None:
        super().__init__(output_field=UUIDField())

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Version 4: SQLite has random bytes only."""
        sql = (
            "lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || "
            "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || hex(randomblob(6)))"
        )
        return sql, ()


@dataclass(frozen=True)
class Page:
    """What one page did: rows added, and where the next one starts. `is_last`: nobody is behind it."""

    added: int
    cursor: UUID | None
    is_last: bool


def relay() -> int:
    """Fan out whatever is due, and wake the workers for it; how many deliveries were added.

    The first page of everything comes before the rest of anything: an urgent notice does
    not wait for a large one, and its first message leaves at once. What missed its moment
    comes before both: it is told as it stands now, or not at all.
    """
    now = database_now()
    if hold.may_send():
        lateness.stand_in(now)
    rows = list(due_rows.due(now)[:AT_ONCE])
    added = sum(attempted(row, now, pages=1) for row in rows)
    if added:
        wake(added)
        if due_rows.due(now).exists():
            time.sleep(HEAD_START_SECONDS)
    more = sum(attempted(row, now) for row in rows)
    if more:
        wake(more)
    return added + more


def attempted(row: OutboxEvent, now: datetime, *, pages: int | None = None) -> int:
    """Fan one row out; where that fails the others behind it are not held up, and the next round tries again."""
    try:
        return fan_out(row, now, pages=pages)
    except Exception:
        logger.exception("fan-out: event %s is tried again with the next sweep", row.pk)
        return 0


def wake(added: int) -> None:
    """Ring for every channel; more than once where several processes may help with so many rows."""
    for channel in providers.channels():
        for _ in range(hands(channel, added)):
            doorbell.ring(doorbell.DELIVER, channel.value)


def hands(channel: str, added: int) -> int:
    """How many processes work on a channel: of texts each has one in flight, so a high rate takes many."""
    if channel == Channel.SMS:
        return min(providers.hands(providers.per_second(channel)), 1 + added // TEXTS_A_HELPER)
    return min(HELPERS, 1 + added // ROWS_A_HELPER) if channel == Channel.EMAIL else 1


def fan_out(row: OutboxEvent, now: datetime, *, pages: int | None = None) -> int:
    """Write the deliveries of one outbox row, or so many pages of them; how many were added.

    Stops without a word where the row was recalled meanwhile, or another copy works on it.
    """
    added, size = 0, FIRST_PAGE
    while pages is None or pages > 0:
        page = next_page(row.pk, size, now)
        if page is None:
            break
        added += page.added
        if page.is_last:
            break
        size = min(size * 4, LARGEST_PAGE)
        pages = pages - 1 if pages else None
    return added


@transaction.atomic
def next_page(row_id: int, size: int, now: datetime) -> Page | None:
    """One page in one transaction; None where there is nothing to do here."""
    waiting = OutboxEvent.objects.filter(pk=row_id, fanned_out_at=None, voided_at=None)
    row = waiting.select_for_update(skip_locked=True).first()
    if row is None:
        return None
    last = boundary(row, size)
    people = within(audience.of(row), row.fan_out_cursor, last)
    added = insert(row, people, now)
    supersede(row, last, now)
    if last is not None:
        outbox.advance(row, fan_out_cursor=last)
    elif must_be_repeated(row):
        outbox.advance(row, fan_out_cursor=None)
    else:
        outbox.advance(row, fanned_out_at=now)
    return Page(added, last, last is None)


def boundary(row: OutboxEvent, size: int) -> UUID | None:
    """The key of the last subscription of a page; None where the page reaches the end."""
    if row.audience == Audience.ONE:
        return None
    keys = Subscription.objects.order_by("pk").values_list("pk", flat=True)
    if row.fan_out_cursor:
        keys = keys.filter(pk__gt=row.fan_out_cursor)
    return next(iter(keys[size - 1 : size]), None)


def within(rows: QuerySet[Any], after: UUID | None, until: UUID | None, key: str = "pk") -> QuerySet[Any]:
    """Those whose key is in (after, until]; None: no bound on that side."""
    if after is not None:
        rows = rows.filter(**{f"{key}__gt": after})
    if until is not None:
        rows = rows.filter(**{f"{key}__lte": until})
    return rows


def insert(row: OutboxEvent, people: QuerySet[Subscription], now: datetime) -> int:
    """The page's rows, by one statement: columns and values side by side in `columns_of`."""
    columns = columns_of(row, now)
    chosen = people.annotate(**{f"new_{name}": value for name, value in columns.items()})
    select, params = chosen.values_list(*(f"new_{name}" for name in columns)).query.sql_with_params()
    names = ", ".join(connection.ops.quote_name(column_name(name)) for name in columns)
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {select} {REPEATED}", params)  # nosec B608
        return int(cursor.rowcount)


REPEATED = "ON CONFLICT (event_id, subscription_id) DO NOTHING"
"""Told already. Without its columns PostgreSQL would ask every unique index, for each row."""


def column_name(field: str) -> str:
    return str(next(each.column for each in Delivery._meta.concrete_fields if each.name == field))


def columns_of(row: OutboxEvent, now: datetime) -> dict[str, Any]:
    """Field -> what a new delivery has there: an expression over the subscription."""
    suppressed = audience.is_suppressed(row)
    is_late = row.expires_at <= now
    final_at = Value(now, DateTimeField())
    return defaults() | {
        "id": NewId(),
        "event": Value(row.pk),
        "subscription": F("pk"),
        "channel": F("channel"),
        "state": Case(
            When(suppressed, then=Value(State.SUPPRESSED.value)),
            default=Value(State.EXPIRED.value if is_late else State.QUEUED.value),
        ),
        "priority": Value(row.priority),
        "not_before": Value(row.due_at, DateTimeField()),
        "not_after": Value(row.expires_at, DateTimeField()),
        "next_attempt_at": Value(row.due_at, DateTimeField()),
        "created_at": Value(now, DateTimeField()),
        "final_at": final_at
        if is_late
        else Case(When(suppressed, then=final_at), default=None, output_field=DateTimeField()),
    }


def defaults() -> dict[str, Any]:
    """What every column starts with that is not empty; the ORM's defaults are unknown to the database."""
    fields = [field for field in Delivery._meta.concrete_fields if not field.null and not field.is_relation]
    return {field.name: Value(field.get_default(), field) for field in fields}


def supersede(row: OutboxEvent, last: UUID | None, now: datetime) -> int:
    """Overtake what is still queued about the same thing, for those who now have a newer word.

    Nobody is skipped: whoever has no delivery of this row keeps the older one.
    """
    earlier = list(row.earlier_about_the_same().values_list("pk", flat=True))
    if not earlier:
        return 0
    newer = Delivery.objects.filter(event=row, subscription=OuterRef("subscription"))
    older = Delivery.objects.filter(Exists(newer), event__in=earlier, state=State.QUEUED)
    older = within(older, row.fan_out_cursor, last, "subscription")
    return older.update(state=State.SUPERSEDED, superseded_by=row, final_at=now)


def must_be_repeated(row: OutboxEvent) -> bool:
    """Whether an earlier message is on its way just now: then it is not known yet who was told."""
    if row.audience not in {Audience.TOLD, Audience.MEMBERS_AND_TOLD, Audience.INVITED_AND_TOLD}:
        return False
    under_way = Delivery.objects.filter(audience.about(row), state__in=sorted(UNRESTING))
    return under_way.filter(event__published_at__lte=row.published_at).exclude(event=row).exists()
