"""Statements that are the same for every message: PostgreSQL reads and plans them once a connection.

Django puts the values into a statement's words, so each one is new to the database, which
then takes longer to plan it than to do it. Here the words stay, and the values go beside
them. A database that keeps no statements between transactions (a pooler in front of it)
is told so by `prepare_threshold` in DATABASE_URL's options.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection


def execute(sql: str, parameters: Sequence[Any]) -> Any:
    """Run one statement; a cursor with its rows and its count."""
    cursor = new_cursor()
    with connection.wrap_database_errors:
        cursor.execute(sql, parameters)
    return cursor


def write(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run one statement that has `{rows}` where lists of values belong; how many rows it wrote."""
    return int(
        execute(sql.format(rows=lists(len(rows), len(rows[0]))), [value for row in rows for value in row]).rowcount
    )


def lists(rows: int, columns: int) -> str:
    """Places for so many rows of so many values: (%s, %s), (%s, %s)."""
    return ", ".join([f"({', '.join(['%s'] * columns)})"] * rows)


def new_cursor() -> Any:
    """A cursor that leaves the values out of the words, where the database's client can."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from psycopg import Cursor

    connection.ensure_connection()
    return Cursor(connection.connection)


# --- Values as this database takes them, and gives them back --------------------------------


def adapted(ids: Iterable[UUID]) -> list[Any]:
    """Ids for a statement."""
    if connection.features.has_native_uuid_field:
        return list(ids)
    return [each.hex for each in ids]


def id_from(raw: Any) -> UUID:
    return raw if isinstance(raw, UUID) else UUID(raw)


def moments(times: Iterable[datetime]) -> list[Any]:
    """Times for a statement."""
    if connection.vendor == "postgresql":
        return list(times)
    return [at.astimezone(UTC).replace(tzinfo=None).isoformat(" ") for at in times]


@lru_cache(maxsize=256)
def moment_from(raw: Any) -> datetime | None:
    """Kept: the rows of one claim, and those of one event, have theirs in common."""
    if raw is None:
        return None
    at = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
