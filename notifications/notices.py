"""Which notices an event calls for, whom each is for, when it is due and how long it is of use.

Pure: an event in, plain facts out. `outbox` writes them; what has missed its moment is `lateness`'s.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from statuspage.events import (
    Event,
    MaintenanceCancelled,
    MaintenanceCompleted,
    MaintenanceDelayed,
    MaintenanceEvent,
    MaintenanceMoved,
    MaintenanceOverran,
    MaintenanceReplanned,
    MaintenanceScheduled,
    MaintenanceStarted,
)

from .models import Audience

ADVANCE = "maintenance_advance"
REMINDER = "maintenance_reminder"
LATER = (ADVANCE, REMINDER)
"""Kinds of notices that come at a time of their own, before a window begins."""

CURRENT = "maintenance_current"
"""The kind of the message that stands in for notices whose moment has passed."""

MAX_AGE = timedelta(hours=24)
"""Older than this, an update informs nobody; the page already tells the story."""

LATE = timedelta(minutes=15)
"""A reminder that comes later than this would be taken for one that is on time."""

STARTED_MAX_AGE = timedelta(minutes=30)
"""Work that began half an hour ago is no news any more: whoever was not told hears how it stands (fault 14)."""

LATE_AFTER = {ADVANCE: LATE, REMINDER: LATE, MaintenanceStarted.kind: STARTED_MAX_AGE}
"""Kind -> how long after it was due its fan-out may still begin."""

STOOD_IN_FOR = (*LATE_AFTER, CURRENT, MaintenanceScheduled.kind, MaintenanceMoved.kind)
"""Kinds that are followed by a current message for whoever was not told in time."""

NOTICE = timedelta(hours=24)
ADVANCE_AHEAD = timedelta(hours=25)
"""So that the last of many recipients has it 24 hours ahead; earlier where telling them takes longer."""

REMINDER_AHEAD = timedelta(hours=1)

SOON = timedelta(hours=2)
"""A reminder so near the start says that it begins soon; one that comes earlier is an advance notice."""

FARTHEST_AHEAD = timedelta(days=30)

ADVANCE_FROM_LENGTH = timedelta(minutes=30)
"""Contracts ask for notice of maintenance that exceeds this."""

WORTH_ITS_OWN = timedelta(minutes=15)
"""A notice whose moment is nearer than this would come on the heels of the first one."""


@dataclass(frozen=True)
class Notice:
    """One outbox row to be: due from `due_at`, of use until `expires_at`.

    `published_at` fixes who is told: whoever had confirmed by then. For a notice that
    comes later it is the moment it comes, so that new subscribers get it too.
    `minutes`: before the start, which tells one reminder of an update from another.
    """

    kind: str
    audience: str
    published_at: datetime
    due_at: datetime
    expires_at: datetime
    minutes: int | None = None


def notices_of(event: Event, telling: timedelta = timedelta()) -> list[Notice]:
    """The notice now, and for a window that is (newly) announced the later ones.

    `telling`: how long it will take until the last recipient is told, as estimated.
    """
    if isinstance(event, MaintenanceReplanned):
        return replanned(event, telling)
    first = first_notice(event)
    if not isinstance(event, MaintenanceScheduled | MaintenanceMoved):
        return [first]
    later = later_notices(event, telling, earliest=event.published_at + WORTH_ITS_OWN)
    if isinstance(event, MaintenanceScheduled) and event.told_with and is_notice(event, later, telling):
        first = replace(first, audience=Audience.INVITED)
    return [first, *later]


def replanned(event: MaintenanceReplanned, telling: timedelta) -> list[Notice]:
    """The later notices anew. A window that another one's message only listed keeps one that is told in time."""
    later = later_notices(event, telling, earliest=event.published_at)
    if not event.told_with or is_notice(event, later, telling):
        return later
    own = reminder(event.scheduled_for, whole_minutes(advance_ahead(telling)))
    return [own, *later] if own.due_at > event.published_at else later


def is_notice(event: MaintenanceEvent, later: list[Notice], telling: timedelta) -> bool:
    """Whether one of these is told to the last one in time, so that the window needs no other word of its own."""
    return any(each.due_at + telling < event.scheduled_for - NOTICE for each in later)


def first_notice(event: Event) -> Notice:
    at = event.published_at
    return Notice(event.kind, audience_of(event), at, at, at + max_age(event))


def audience_of(event: Event) -> str:
    """A cancelled window concerns whoever heard of it, and nobody else; a changed one every member too.

    A change is the announcement of the new times: its notice is complete when all who are
    subscribed by then have it (I12), those too who came after the old times were told. Work
    that begins early is a changed window. What another window's message tells of too is
    said again to calendars alone.
    """
    if isinstance(event, MaintenanceCancelled):
        return Audience.INVITED_AND_TOLD if event.told_with else Audience.TOLD
    if isinstance(event, MaintenanceMoved) or (isinstance(event, MaintenanceStarted) and event.previous_scheduled_for):
        return Audience.MEMBERS_AND_TOLD
    return Audience.MEMBERS


LAST_WORDS = (MaintenanceCompleted, MaintenanceDelayed, MaintenanceOverran)
"""What is true until the next word, whatever the window's times are."""


def max_age(event: Event) -> timedelta:
    """For how long after its publication the first notice is of use."""
    if isinstance(event, MaintenanceStarted):
        return STARTED_MAX_AGE
    if not isinstance(event, MaintenanceEvent) or isinstance(event, LAST_WORDS):
        return MAX_AGE
    if isinstance(event, MaintenanceCancelled):
        return max(MAX_AGE, event.scheduled_until - event.published_at)
    if isinstance(event, MaintenanceScheduled | MaintenanceMoved):
        ahead = event.scheduled_for - event.published_at
        if ahead > STARTED_MAX_AGE:
            return ahead
    return min(MAX_AGE, max(STARTED_MAX_AGE, event.scheduled_until - event.published_at))


def later_notices(event: MaintenanceEvent, telling: timedelta, *, earliest: datetime) -> list[Notice]:
    """The reminders of a window, the first one first; none before `earliest`."""
    planned = [reminder(event.scheduled_for, minutes) for minutes in reminders_of(event, telling)]
    return [notice for notice in planned if notice.due_at >= earliest]


def reminders_of(event: MaintenanceEvent, telling: timedelta) -> list[int]:
    """Minutes before the start: those asked for, or an hour, and for a longer window the advance notice."""
    if event.reminders is not None:
        return sorted(event.reminders, reverse=True)
    near = whole_minutes(REMINDER_AHEAD)
    is_short = event.scheduled_until - event.scheduled_for <= ADVANCE_FROM_LENGTH
    if is_short and not event.told_with:  # the latter has no other word of its own
        return [near]
    return [whole_minutes(advance_ahead(telling)), near]


def advance_ahead(telling: timedelta) -> timedelta:
    """How long before the start the advance notice of a window comes."""
    return min(FARTHEST_AHEAD, max(ADVANCE_AHEAD, NOTICE + 2 * telling))


def whole_minutes(span: timedelta) -> int:
    return ceil(span / timedelta(minutes=1))


def reminder(start: datetime, minutes: int) -> Notice:
    """One reminder. That it begins soon is of no use later; what comes a day ahead stays true until the start."""
    ahead = timedelta(minutes=minutes)
    at = start - ahead
    if ahead > SOON:
        return Notice(ADVANCE, Audience.MEMBERS, at, at, start, minutes)
    return Notice(REMINDER, Audience.MEMBERS, at, at, min(start, at + LATE), minutes)
