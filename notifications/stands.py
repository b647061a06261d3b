"""How a window stands at a moment: what a message about it may truthfully say. Pure but for the row it is given."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from statuspage.vocabulary import ACTIVE_MAINTENANCE, MaintenanceStatus

from . import known_times

OLD_NEWS = timedelta(hours=24)
"""The end of work that is older than this informs nobody."""


class Phase(StrEnum):
    """What is said of a window."""

    AHEAD = "ahead"
    DELAYED = "delayed"  # its start has passed, the work has not begun
    RUNNING = "running"
    OVER = "over"


def phase(window: Any, now: datetime) -> Phase | None:
    """How it stands; None: its time has come, and the page does not say so yet: better to wait than to contradict."""
    if window.status == MaintenanceStatus.SCHEDULED:
        if now < window.scheduled_for:
            return Phase.AHEAD
        return Phase.DELAYED if window.delay_told_for == window.window_revision else None
    if window.status in ACTIVE_MAINTENANCE:
        is_known = now < window.scheduled_until or window.overrun_told_for == window.window_revision
        return Phase.RUNNING if is_known else None
    return Phase.OVER


def true_until(window: Any, phase: Phase, now: datetime) -> datetime:
    """Until when that may be sent: until it may have changed."""
    ends = {
        Phase.AHEAD: window.scheduled_for,
        Phase.DELAYED: window.scheduled_until,
        Phase.RUNNING: window.scheduled_until,
    }
    end: datetime = ends.get(phase, now)
    return end if end > now else now + OLD_NEWS


def ended_at(window: Any) -> datetime:
    """Since when it is over; where nobody said so, since its announced end."""
    ended: datetime = window.ended_at or window.scheduled_until
    return ended


def facts(window: Any, phase: Phase, now: datetime) -> dict[str, Any]:
    """What of a payload says how it stands, JSON-ready: the newest word on the page, and the times."""
    said = window.updates.order_by("-created_at").first()
    return {
        "status": window.status,
        "body": said.body if said else "",
        "published_at": now.isoformat(),
        "phase": phase.value,
        "begun_at": window.begun_at.isoformat() if window.begun_at else None,
        "ended_at": ended_at(window).isoformat(),
        "scheduled_for": window.scheduled_for.isoformat(),
        "scheduled_until": window.scheduled_until.isoformat(),
        "affected_components": [],
        "further": [],
        "told_with": "",
        "previous_scheduled_for": None,
        "previous_scheduled_until": None,
        known_times.KEY: None,
    }
