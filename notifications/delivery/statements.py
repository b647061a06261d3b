"""Statements that are the same for every message: PostgreSQL reads and plans them once a connection.

Django puts the values into a statement's words, so each one is new to the database, which
then takes longer to plan it than to do it. Here the words stay, and the values go beside
them. A database that keeps no statements between transactions (a pooler in front of it)
is told so by `prepare_threshold` in DATABASE_URL's options.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def execute(sql: str, parameters: Sequence[Any]) -> Any:
    """Run one statement; a cursor with its rows and its count."""
    cursor = new_cursor()
    with connection.wrap_database_errors:
        cursor.execute(sql, parameters)
    return cursor


def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run one statement for each row of values; how many rows it changed in all."""
    if len(rows) == 1:
        return int(execute(sql, rows[0]).rowcount)
    cursor = new_cursor()
    with connection.wrap_database_errors:
        cursor.executemany(sql, rows)
    return int(cursor.rowcount)


def new_cursor() -> Any:
    """A cursor that leaves the values out of the words, where the database's client can."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from psycopg import Cursor

    connection.ensure_connection()
    return Cursor(connection.connection)
