"""The drain loop: due work is done though no doorbell rings.

A worker's parent process keeps `manage.py drain` running beside its pool. That process
runs the bodies of the scheduled tasks from the database alone, so a dead broker, or a
worker that went deaf after a reconnect, delays nothing for longer than one round. It is
a process of its own, not a thread: a thread's database connection would be torn in half
by the pool's forks.
"""

import logging
import subprocess
import sys
import threading
from typing import Any

from celery import bootsteps
from django.conf import settings

logger = logging.getLogger(__name__)

RESTART_SECONDS = 5.0
"""How long a drain process that died stays away: no faster than it takes to start one."""


class DrainLoop(bootsteps.StartStopStep):
    """Start the drain process with the worker, end it with the worker."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.ending = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.keeper = threading.Thread(target=self.keep, name="drain", daemon=True)

    def start(self, parent: Any) -> None:
        self.keeper.start()

    def keep(self) -> None:
        """Run the process, and another should it die."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "drain"]
        while not self.ending.is_set():
            # The pipe is a leash: when the worker dies, however it dies, the read end closes.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE)
            status = self.process.wait()
            if not self.ending.wait(RESTART_SECONDS):
                logger.warning("the drain process ended with status %s; another is started", status)

    def stop(self, parent: Any) -> None:
        self.ending.set()
        if self.process and self.process.stdin:
            self.process.stdin.close()
        if self.keeper.is_alive():
            self.keeper.join(timeout=30)

    terminate = stop
