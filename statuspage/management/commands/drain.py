"""`manage.py drain`: run the scheduled tasks' bodies until standard input closes."""

import logging
import select
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from statuspage.celery import app

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Do due work from the database alone, until standard input closes."

    def handle(self, *args: Any, **options: Any) -> None:
        app.loader.import_default_modules()
        due = dict.fromkeys(settings.CELERY_BEAT_SCHEDULE, 0.0)
        while not leash_is_cut(1.0):
            for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
                if time.monotonic() >= due[name]:
                    due[name] = time.monotonic() + float(entry["schedule"])
                    run(str(entry["task"]))


def run(task: str) -> None:
    """Run one task's body here; a failure is logged and tried again next round."""
    close_old_connections()
    try:
        app.tasks[task].run()
    except Exception:
        logger.exception("drain: %s failed", task)
    finally:
        close_old_connections()


def leash_is_cut(seconds: float) -> bool:
    """Wait up to `seconds`; True once whoever started us is gone."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.buffer.read1(1)
