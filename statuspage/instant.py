"""Many reads that see one state of the database: publications and exports are made of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_instant() -> Iterator[None]:
    """All reads within see one state of the database, and hold no writer up.

    On SQLite a deferred transaction, not Django's: that one takes the write lock, and
    whatever reads a long history would make everybody else wait for it.
    """
    if connection.in_atomic_block:
        yield
        return
    postgresql = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED" if connection.vendor == "sqlite" else postgresql)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
