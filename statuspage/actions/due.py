"""Windows whose time has come: the sweep's door to the maintenance actions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from statuspage import audit, selectors
from statuspage.models import Maintenance
from statuspage.vocabulary import ACTIVE_MAINTENANCE, MaintenanceStatus

from .base import MaintenanceClosed, StaleEdit
from .maintenance import complete_maintenance, start_maintenance

LATE_NEWS = timedelta(hours=24)
"""The end of work that is older than this informs nobody."""

AFTER = timedelta(microseconds=1)
"""Start and end found in one round still stand in their order on the page."""


def run_due(now: datetime | None = None) -> int:
    """Start and complete the windows whose time has come; how many steps were taken.

    Any number of copies may run: each step claims the row's version, so that a second
    copy finds nothing to do. A window that passed while nobody looked (or came with an
    import) is put right on the page; nobody is told that it began after it has ended,
    nor that it ended long ago (fault 14).
    """
    now = now or selectors.database_now()
    begun: set[str] = set()
    steps = 0
    starting = Maintenance.objects.filter(status=MaintenanceStatus.SCHEDULED, scheduled_for__lte=now)
    for maintenance in starting.order_by("scheduled_for"):
        is_news = maintenance.scheduled_until > now
        steps += _attempt(start_maintenance, maintenance, now, is_news)
        begun.add(maintenance.pk)
    ending = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE, scheduled_until__lte=now)
    for maintenance in ending.order_by("scheduled_until"):
        is_news = now - maintenance.scheduled_until <= LATE_NEWS
        at = now + AFTER if maintenance.pk in begun else now
        steps += _attempt(complete_maintenance, maintenance, at, is_news)
    return steps


def _attempt(step: Callable[..., Any], maintenance: Maintenance, at: datetime, is_news: bool) -> int:
    """Take one step; 0 where another copy, or staff, took it first."""
    known = maintenance.version
    try:
        step(maintenance=maintenance, actor=audit.SYSTEM, notify=is_news, expected_version=known, now=at)
    except (StaleEdit, MaintenanceClosed):
        return 0
    return 1
