"""Sending processes, stepped by hand: each stops at the seams of the protocol until it is told to go on.

A worker is a thread with a database connection of its own; one runs at a time. It sleeps
by not being told to go on while time passes. It dies as by kill -9: nothing behind the
seam runs, no statement reaches the database any more, not even from a `finally`.
"""

import itertools
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, connections

from tests.notifications.scripted import Killed

PATIENCE_SECONDS = 60
DIE = "die"
GO_ON = "go on"

process_ids = itertools.count(1)
_here = threading.local()


def current() -> "Worker | None":
    """The worker whose thread this is; None in the machine's own."""
    return getattr(_here, "worker", None)


def pause(seam: str, about: Any = None) -> Any:
    """Stop here until the machine says how to go on. The machine's own thread never stops."""
    worker = current()
    return worker.pause(seam, about) if worker else GO_ON


def note_open(at: datetime | None) -> None:
    """This worker holds a group from now on; None: nothing is open."""
    if worker := current():
        worker.opened_at = at


class Worker:
    """One sending process, started again whenever it was killed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process_id = next(process_ids)
        self.seam: str | None = None
        """Where it stands; None: it has nothing to do."""
        self.about: Any = None
        self.opened_at: datetime | None = None
        """When the group it has in hand was opened."""
        self.is_dead = False
        self.error: BaseException | None = None
        self._job: Callable[[], Any] | None = None
        self._order: Any = None
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    # --- Told by the machine --------------------------------------------------------------------------

    def start(self, job: Callable[[], Any]) -> None:
        """Begin, and run as far as the first seam."""
        assert self.seam is None
        self._job = job
        self._step()

    def go_on(self, order: Any = GO_ON) -> None:
        """Run from this seam to the next."""
        assert self.seam is not None
        self._order = order
        self._step()

    def end(self) -> None:
        """Be no more."""
        while self.seam is not None:
            self.go_on(DIE)
        self._job = None
        self._go.release()
        self._thread.join(PATIENCE_SECONDS)

    def _step(self) -> None:
        self._go.release()
        assert self._stands.acquire(timeout=PATIENCE_SECONDS), f"{self.name} does not come to its next seam"
        if self.error:
            raise self.error

    # --- In its thread --------------------------------------------------------------------------------

    def pause(self, seam: str, about: Any) -> Any:
        self.check_alive()
        self.seam, self.about = seam, about
        self._stands.release()
        self._go.acquire()
        if self._order == DIE:
            self.is_dead = True
        self.check_alive()
        return self._order

    def check_alive(self) -> None:
        if self.is_dead:
            raise Killed

    def die(self) -> None:
        """kill -9, here and now."""
        self.is_dead = True
        raise Killed

    def _run(self) -> None:
        _here.worker = self
        with connection.execute_wrapper(self._statement):
            while True:
                self._go.acquire()
                if self._job is None:
                    break
                self._work(self._job)
                self.seam = self.about = None
                self._stands.release()
        connections.close_all()

    def _work(self, job: Callable[[], Any]) -> None:
        try:
            job()
        except Killed:
            self.process_id = next(process_ids)
        except BaseException as error:
            self.error = error
        self.is_dead = False

    def _statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.check_alive()
        return execute(sql, params, many, context)
