"""The drain loop: due work is done though no doorbell rings.

A worker's parent process starts `manage.py drain` beside its pool. That process runs
the bodies of the scheduled tasks from the database alone, so a dead broker, or a worker
that went deaf after a reconnect, delays nothing for longer than one round. It is a
process of its own, not a thread: a thread's database connection would be torn in half
by the pool's forks.
"""

import subprocess
import sys
from typing import Any

from celery import bootsteps
from django.conf import settings


class DrainLoop(bootsteps.StartStopStep):
    """Start the drain process with the worker, end it with the worker."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, parent: Any) -> None:
        manage = str(settings.BASE_DIR / "manage.py")
        # The pipe is a leash: when the worker dies, however it dies, the read end closes.
        self.process = subprocess.Popen([sys.executable, manage, "drain"], stdin=subprocess.PIPE)

    def stop(self, parent: Any) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=30)

    terminate = stop
