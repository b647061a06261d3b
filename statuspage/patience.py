"""How long a request waits for the database, and what it says where that does not answer (faults 21, 24 and 29).

Connected by `wsgi` alone: a statement of a worker's may take its time, somebody at a form
may not be kept. Published pages ask no database and never wait.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, InternalError)
"""Gone, out of reach, or its own files are torn (fault 29): not what the request asked is at fault."""

STATEMENT_SECONDS = 5
"""Longer, and a person presses again."""

LOCK_SECONDS = 2
"""Writers hold a lock for milliseconds: whoever holds it this long hangs."""

IDLE_SECONDS = 60
"""In a transaction, without a word: longer, and the process was stopped, or its machine is gone. Its locks would stay
for as long as the server believes in it, and every sweep would wait for them (fault 5)."""

RETRY_AFTER_SECONDS = 10


def limit_requests() -> None:
    """From now on every new connection of this process is limited."""
    connection_created.connect(limit, dispatch_uid="statuspage.patience")


def limit_everybody() -> None:
    """No process keeps others waiting by a transaction that it left open."""
    connection_created.connect(release, dispatch_uid="statuspage.patience.release")


def release(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """The server ends such a session, and with it the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")


def limit(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """SQLite has a limit of its own: how long it waits for the one lock it has."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'; SET lock_timeout = '{LOCK_SECONDS}s'")


class NotNow:
    """Middleware: where the database does not answer, whoever asked gets 503 in words, from no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AWAY):
            return None
        logger.error("the database: %s", " ".join(str(exception).split()))
        said = render_to_string("503.html", {"is_full": is_full(exception)})
        return HttpResponse(said, status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})


def is_full(exception: Exception) -> bool:
    """Whether what the database has no room on is its disk (fault 24): SQLITE_FULL, and PostgreSQL's 53100."""
    code = getattr(exception.__cause__, "sqlite_errorname", None) or getattr(exception.__cause__, "sqlstate", None)
    return code in {"SQLITE_FULL", "53100"}
