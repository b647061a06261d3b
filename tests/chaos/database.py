"""One question to a site's database from outside, by plain SQL; an answer, or None while it is down."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg


def ask(url: str, sql: str) -> list[tuple[Any, ...]] | None:
    """The rows; None where the database does not answer."""
    try:
        if url.startswith("sqlite:///"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(url, connect_timeout=2, autocommit=True) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]
    except (psycopg.OperationalError, sqlite3.OperationalError):
        return None


UNFINISHED = """
    SELECT (SELECT count(*) FROM notifications_delivery WHERE state IN ('queued', 'sending'))
         + (SELECT count(*) FROM notifications_outboxevent
             WHERE fanned_out_at IS NULL AND voided_at IS NULL AND kind NOT IN {later} AND kind <> 'canary')
""".format(later="('maintenance_advance', 'maintenance_reminder')")
"""Rows that do not rest, and words whose fan-out is not over. Later notices of a window wait for their day."""


def unfinished(url: str) -> int | None:
    """How much is still to do; None where the database does not answer."""
    rows = ask(url, UNFINISHED)
    return int(rows[0][0]) if rows else None


def waits(url: str, subscription: str) -> bool:
    """Whether a row for this subscription is still to be sent. SQLite keeps ids without their dashes."""
    ids = f"('{subscription}', '{subscription.replace('-', '')}')"
    rows = ask(url, f"SELECT count(*) FROM notifications_delivery WHERE state = 'queued' AND subscription_id IN {ids}")
    return bool(rows and rows[0][0])
