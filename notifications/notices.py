"""Which notices an event calls for, whom each is for, when it is due and how long it is of use.

Pure: an event in, plain facts out. `outbox` writes them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.events import (
    Event,
    MaintenanceCancelled,
    MaintenanceCompleted,
    MaintenanceEvent,
    MaintenanceMoved,
    MaintenanceScheduled,
    MaintenanceStarted,
)

from .models import Audience

ADVANCE = "maintenance_advance"
REMINDER = "maintenance_reminder"

MAX_AGE = timedelta(hours=24)
"""Older than this, an update informs nobody; the page already tells the story."""

STARTED_MAX_AGE = timedelta(minutes=30)
"""Work that began half an hour ago is no news; it is on the page, and its end will be told."""

ADVANCE_AHEAD = timedelta(hours=25)
"""So that the last of many recipients has it 24 hours ahead."""

REMINDER_AHEAD = timedelta(hours=1)

ADVANCE_FROM_LENGTH = timedelta(minutes=30)
"""Contracts ask for notice of maintenance that exceeds this."""

WORTH_ITS_OWN = timedelta(minutes=15)
"""A notice whose moment is nearer than this would come on the heels of the first one."""


@dataclass(frozen=True)
class Notice:
    """One outbox row to be: due from `due_at`, of use until `expires_at`.

    `published_at` fixes who is told: whoever had confirmed by then. For a notice that
    comes later it is the moment it comes, so that new subscribers get it too.
    """

    kind: str
    audience: str
    published_at: datetime
    due_at: datetime
    expires_at: datetime


def notices_of(event: Event) -> list[Notice]:
    """The notice now, and for a window that is (newly) announced the later ones."""
    first = first_notice(event)
    if isinstance(event, MaintenanceScheduled | MaintenanceMoved):
        return [first, *later_notices(event)]
    return [first]


def first_notice(event: Event) -> Notice:
    at = event.published_at
    return Notice(event.kind, audience_of(event), at, at, at + max_age(event))


def audience_of(event: Event) -> str:
    """A changed window concerns whoever heard of the old one; a cancelled one nobody else.

    What another window's message tells of too is said again to calendars alone.
    """
    if isinstance(event, MaintenanceCancelled):
        return Audience.INVITED_AND_TOLD if event.told_with else Audience.TOLD
    if isinstance(event, MaintenanceScheduled) and event.told_with and has_time(event, ADVANCE_AHEAD):
        return Audience.INVITED
    if isinstance(event, MaintenanceMoved):
        return Audience.MEMBERS_AND_TOLD
    return Audience.MEMBERS


def max_age(event: Event) -> timedelta:
    """For how long after its publication the first notice is of use."""
    if isinstance(event, MaintenanceStarted):
        return STARTED_MAX_AGE
    if not isinstance(event, MaintenanceEvent) or isinstance(event, MaintenanceCompleted | MaintenanceCancelled):
        return MAX_AGE
    if isinstance(event, MaintenanceScheduled | MaintenanceMoved):
        ahead = event.scheduled_for - event.published_at
        if ahead > STARTED_MAX_AGE:
            return ahead
    return min(MAX_AGE, max(STARTED_MAX_AGE, event.scheduled_until - event.published_at))


def later_notices(event: MaintenanceEvent) -> list[Notice]:
    """The advance notice of a longer window, and one reminder; each only where it is not too near."""
    start, length = event.scheduled_for, event.scheduled_until - event.scheduled_for
    reminder = Notice(REMINDER, Audience.MEMBERS, start, start, start)
    moments = [(REMINDER, REMINDER_AHEAD)]
    if length > ADVANCE_FROM_LENGTH or event.told_with:  # the latter has no other word of its own
        moments.insert(0, (ADVANCE, ADVANCE_AHEAD))
    return [
        replace(reminder, kind=kind, published_at=start - ahead, due_at=start - ahead)
        for kind, ahead in moments
        if has_time(event, ahead)
    ]


def has_time(event: MaintenanceEvent, ahead: timedelta) -> bool:
    """Whether a notice so long before the start does not come on the heels of the first one."""
    return event.scheduled_for - ahead >= event.published_at + WORTH_ITS_OWN
