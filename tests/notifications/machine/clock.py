"""Virtual time: the database's clock and the processes' own, in step, moved by hand.

Leases, waits and expiry are compared inside the database, so its clock must be the test's:
PostgreSQL finds a function of the test's own before its built-in one, SQLite lets
`strftime` be replaced.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from notifications import clock
from notifications.delivery import courier, lanes, senders
from statuspage import selectors

START = datetime(2026, 3, 2, 9, 0, 0, 500_000, UTC)
TICK = 0.01
"""Seconds that every step takes: no two things happen at the same instant."""

SCHEMA = """
    CREATE SCHEMA virtual_time;
    CREATE TABLE virtual_time.clock (at timestamptz);
    INSERT INTO virtual_time.clock VALUES (now());
    CREATE FUNCTION virtual_time.statement_timestamp() RETURNS timestamptz
        LANGUAGE sql STABLE AS 'SELECT at FROM virtual_time.clock';
"""


class VirtualTime:
    """Seconds since START, for everybody."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=round(self.seconds, 3))

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float = TICK) -> None:
        """Let time pass."""
        self.set(self.seconds + max(0.0, seconds))

    def set(self, seconds: float) -> None:
        self.seconds = seconds
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE virtual_time.clock SET at = %s", [self.now()])

    def rule(self, connection: Any, **kwargs: Any) -> None:
        """Make this connection tell our time."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET search_path TO virtual_time, public, pg_catalog")
        else:
            connection.connection.create_function("strftime", -1, self.strftime)

    def strftime(self, pattern: str, moment: str) -> str:
        """As SQLite's own for "now", to the millisecond; Django asks it nothing else."""
        assert moment.lower() == "now"
        return f"{self.now():%Y-%m-%d %H:%M:%S.%f}"[:-3]


@contextmanager
def virtual_time() -> Iterator[VirtualTime]:
    """Rule the time of this database and this process until the end."""
    time = VirtualTime()
    machine_time = SimpleNamespace(monotonic=time.monotonic, sleep=time.pass_by)
    fixed = type("Datetime", (datetime,), {"now": staticmethod(lambda zone=None: time.now())})
    with pytest.MonkeyPatch.context() as patch:
        for module in (clock, courier, lanes, senders):
            patch.setattr(module, "time", machine_time)
        for module in (clock, selectors):
            patch.setattr(module, "datetime", fixed)
        with told_by(time):
            yield time


@contextmanager
def told_by(time: VirtualTime) -> Iterator[None]:
    """The database's part."""
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        with connection.cursor() as cursor:
            cursor.execute(SCHEMA)
    connection.close()
    connection_created.connect(time.rule)
    time.set(0)
    try:
        yield
    finally:
        connection_created.disconnect(time.rule)
        connection.close()
        if is_postgres:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA virtual_time CASCADE")
