"""`manage.py watch`: look for trouble every few seconds and tell staff; a program apart from all it watches."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.translation import gettext as _

from notifications import alarms
from notifications.alarms.routes import Stage
from notifications.clock import database_now

logger = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
LOOK_SECONDS = 30.0
"""A look takes milliseconds, and as long as its slowest route where something is to be told."""
PATIENCE_SECONDS = 60.0
"""A database that restarts is no trouble yet."""


class Command(BaseCommand):
    help = "Look for trouble every few seconds and tell staff, also when every worker is dead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=EVERY_SECONDS, metavar="SECONDS")
        parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        database, rounds = Database(options["patience"]), Rounds()
        while True:
            look(database, rounds)
            time.sleep(options["every"])


def look(database: "Database", rounds: "Rounds") -> None:
    """One round. What a silent database cannot note is kept in this process."""
    if rounds.next_ended(LOOK_SECONDS):
        database.answered()
    else:
        database.did_not_answer()


def look_once() -> None:
    close_old_connections()
    alarms.watch(database_now())


class Rounds:
    """Looks, in a thread of their own: a database that hangs must not hold up whoever is to tell of it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "look")
        self._running: Future[None] | None = None

    def next_ended(self, seconds: float) -> bool:
        """Whether a look, or the one that still hangs, ended in this time and the database answered it."""
        self._running = self._running or self._thread.submit(look_once)
        try:
            self._running.result(seconds)
        except TimeoutError:
            if self._running.done():  # its own, not ours
                self._running = None
            return False
        except DatabaseError:
            self._running = None
            return False
        except Exception:
            logger.exception("alarm: the watch failed; the next round tries again")
        self._running = None
        return True


class Database:
    """Since when the database does not answer, and whether staff know."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._since: datetime | None = None
        self._is_told = False

    def answered(self) -> None:
        if self._is_told and self._since:
            alarms.tell(self.notice(Stage.CLEARED, _("The database answers again."), self._since))
        self._since, self._is_told = None, False

    def did_not_answer(self) -> None:
        self._since = self._since or datetime.now(UTC)
        silent = (datetime.now(UTC) - self._since).total_seconds()
        if silent >= self._patience_seconds and not self._is_told:
            words = _("The database does not answer. Readers have the last page; nobody is told of anything.")
            self._is_told = alarms.tell(self.notice(Stage.RAISED, words, self._since))

    @staticmethod
    def notice(stage: Stage, words: str, since: datetime) -> alarms.Notice:
        return alarms.Notice("database", stage, words, "", since)
