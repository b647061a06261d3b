"""Rows a second of a fan-out, with subscribers who chose their components, against a bare INSERT ... SELECT.

The reference writes as many rows, with constants for all that the fan-out works out, into a
table with the same columns and indexes.
"""

from django.db import connection
from django.utils import timezone

from benchmarks import people
from benchmarks.events import event
from benchmarks.rounds import Sample, figure, interleaved, ratio, timed
from benchmarks.table import Row
from notifications import fanout
from notifications.models import Delivery, OutboxEvent
from statuspage.models import Component

SUBSCRIBERS = 100_000
COMPONENTS = 20
CHOSEN = 3
"""Components that each of those chose who did not want everything."""

COPY = "benchmark_copy"


def run(database: str, quick: bool) -> list[Row]:
    count = SUBSCRIBERS // 10 if quick else SUBSCRIBERS
    touched = prepare(count)
    make_copy()
    bare, ours = interleaved([lambda: insert_select(rows_of_last()), lambda: fan_out(touched)])
    what = f"fan-out rows, {count:,} subscribers, half of them with {CHOSEN} of {COMPONENTS} components"
    return [Row(what, f"INSERT ... SELECT: {figure(bare)}", figure(ours), ratio(ours, bare), ">= 0.5", database)]


def prepare(count: int) -> list[str]:
    """Subscribers and their choices; the components that the update is about."""
    now = timezone.now()
    components = [
        Component.objects.create(name=f"Component {number}", created_at=now, updated_at=now).pk
        for number in range(COMPONENTS)
    ]
    people.subscribe(1, count, choosing=True)
    people.choose(components, CHOSEN)
    touched = components[:2]
    fan_out(touched)
    return touched


def fan_out(touched: list[str]) -> Sample:
    """One update, told to whoever wants it."""
    Delivery.objects.all()._raw_delete("default")
    row = event(component_ids=touched)
    vacuum()
    return timed(lambda: fanout.fan_out(row, timezone.now()))


def rows_of_last() -> int:
    return Delivery.objects.filter(event=OutboxEvent.objects.latest("pk")).count()


# --- The reference ---------------------------------------------------------------------------


def make_copy() -> None:
    """A table like the ledger's, with the same indexes and checks."""
    if connection.vendor == "postgresql":
        execute(f"CREATE TABLE {COPY} (LIKE notifications_delivery INCLUDING ALL)")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'notifications_delivery' AND sql IS NOT NULL")
        statements = [sql for (sql,) in cursor.fetchall()]
    for sql in statements:
        execute(sql.replace('"notifications_delivery"', f'"{COPY}"').replace('INDEX "', f'INDEX "{COPY}_'))


def insert_select(rows: int) -> Sample:
    """As many rows as the fan-out had, in one statement and one transaction."""
    columns = [field.column for field in Delivery._meta.concrete_fields]
    made = {"id": new_id(), "subscription_id": "notifications_subscription.id"}
    values = ", ".join(made.get(name, f"given.{name}") for name in columns)
    sql = (
        f"INSERT INTO {COPY} ({', '.join(columns)}) SELECT {values} FROM notifications_subscription "
        f"CROSS JOIN (SELECT * FROM notifications_delivery WHERE state = 'queued' LIMIT 1) AS given LIMIT {rows}"
    )
    execute(f"DELETE FROM {COPY}")
    vacuum()
    return timed(lambda: execute(sql))


def execute(sql: str) -> int:
    """How many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.rowcount)


def new_id() -> str:
    return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"


def vacuum() -> None:
    """What was deleted before must slow nobody down."""
    if connection.vendor == "postgresql":
        execute("VACUUM")
