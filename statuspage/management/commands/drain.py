"""`manage.py drain`: run the scheduled tasks' bodies until standard input closes."""

import logging
import select
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from statuspage.celery import app

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 30.0
"""A database that is back, or has room again, is noticed within this."""


class Command(BaseCommand):
    help = "Do due work from the database alone, until standard input closes."

    def handle(self, *args: Any, **options: Any) -> None:
        app.loader.import_default_modules()
        due = dict.fromkeys(settings.CELERY_BEAT_SCHEDULE, 0.0)
        failures = dict.fromkeys(settings.CELERY_BEAT_SCHEDULE, 0)
        while not leash_is_cut(1.0):
            for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
                if time.monotonic() >= due[name]:
                    failures[name] = 0 if run(str(entry["task"])) else failures[name] + 1
                    due[name] = time.monotonic() + pause(float(entry["schedule"]), failures[name])


def pause(schedule: float, failures: int) -> float:
    """Seconds until the next round; after failures in a row it doubles (fault 22)."""
    longest = max(schedule, LONGEST_PAUSE_SECONDS)
    return min(schedule * 2 ** min(failures, 10), longest)


def run(task: str) -> bool:
    """Run one task's body here; a failure is logged and tried again, and answered False."""
    close_old_connections()
    try:
        app.tasks[task].run()
    except (OperationalError, InterfaceError) as error:
        # Without the trace: a database that is down for an hour would fill the log with it.
        logger.error("drain: %s failed: %s", task, str(error).partition("\n")[0])
        return False
    except Exception:
        logger.exception("drain: %s failed", task)
        return False
    finally:
        close_old_connections()
    return True


def leash_is_cut(seconds: float) -> bool:
    """Wait up to `seconds`; True once whoever started us is gone."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.buffer.read1(1)
