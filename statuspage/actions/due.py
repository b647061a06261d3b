"""Windows whose time has come: the sweep's door to the maintenance actions."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from statuspage import audit, selectors
from statuspage.models import Maintenance
from statuspage.vocabulary import ACTIVE_MAINTENANCE, MaintenanceStatus

from .base import MaintenanceClosed, StaleEdit
from .maintenance import complete_maintenance, start_maintenance
from .maintenance_notices import say_delayed, say_overran

logger = logging.getLogger(__name__)

LATE_NEWS = timedelta(hours=24)
"""The end of work that is older than this informs nobody."""

DELAY_GRACE = timedelta(minutes=15)
"""Work that staff begin by hand may begin so long after its time before readers are told that it has not."""

AFTER = timedelta(microseconds=1)
"""Start and end found in one round still stand in their order on the page."""


def run_due(now: datetime | None = None) -> int:
    """Start and complete the windows whose time has come; how many steps were taken.

    Of those that staff start or complete by hand it is said once that their time has passed.
    Any number of copies may run: each step claims the row's version, so that a second
    copy finds nothing to do. A window that passed while nobody looked (or came with an
    import) is put right on the page; nobody is told that it began after it has ended,
    nor that it ended long ago (fault 14). A window whose step fails is logged and tried
    again by the next round; it holds up no other.
    """
    now = now or selectors.database_now()
    begun: set[str] = set()
    steps = 0
    for maintenance in starting(now):
        is_news = maintenance.scheduled_until > now and maintenance.tells_start
        steps += _attempt(start_maintenance, maintenance, now, is_news)
        begun.add(maintenance.pk)
    for maintenance in not_begun(now):
        steps += _attempt(say_delayed, maintenance, now, now - maintenance.scheduled_for <= LATE_NEWS)
    for maintenance in ending(now):
        is_news = now - maintenance.scheduled_until <= LATE_NEWS
        at = now + AFTER if maintenance.pk in begun else now
        if maintenance.auto_complete:
            steps += _attempt(complete_maintenance, maintenance, at, is_news and maintenance.tells_end)
        else:
            steps += _attempt(say_overran, maintenance, at, is_news)
    return steps


def starting(now: datetime) -> QuerySet[Maintenance]:
    """What begins by itself, and should have by now."""
    planned = Maintenance.objects.filter(status=MaintenanceStatus.SCHEDULED, auto_start=True)
    return planned.filter(scheduled_for__lte=now).order_by("scheduled_for")


def not_begun(now: datetime) -> QuerySet[Maintenance]:
    """What staff should have begun, and nobody was told yet that they have not."""
    planned = Maintenance.objects.filter(status=MaintenanceStatus.SCHEDULED, auto_start=False)
    late = planned.filter(scheduled_for__lte=now - DELAY_GRACE).exclude(delay_told_for=F("window_revision"))
    return late.order_by("scheduled_for")


def ending(now: datetime) -> QuerySet[Maintenance]:
    """What ends by itself, or is not over though it should be and nobody was told yet."""
    running = Maintenance.objects.filter(status__in=ACTIVE_MAINTENANCE, scheduled_until__lte=now)
    told = {"auto_complete": False, "overrun_told_for": F("window_revision")}
    return running.exclude(**told).order_by("scheduled_until")


def _attempt(step: Callable[..., Any], maintenance: Maintenance, at: datetime, is_news: bool) -> int:
    """Take one step; 0 where another copy, or staff, took it first, or where it failed."""
    known = maintenance.version
    try:
        step(maintenance=maintenance, actor=audit.SYSTEM, notify=is_news, expected_version=known, now=at)
    except (StaleEdit, MaintenanceClosed):
        return 0
    except Exception:  # Whatever is wrong with this one: the others' time has come as well.
        logger.exception("maintenance %s: its step could not be taken; the next round tries again", maintenance.pk)
        return 0
    return 1
