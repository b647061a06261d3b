"""The Celery application. Its tasks are doorbells: the database is the queue."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")

app = Celery("statuspage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("statuspage.drain:DrainLoop")


@celeryd_after_setup.connect
def look_at_the_schema(**kwargs: Any) -> None:
    """Before anything is forked or consumed."""
    from .schema import wait_until_current

    wait_until_current()
