"""What no longer holds of a window once something else happened to it: as a condition on the outbox rows about it."""

from django.db.models import Q

from statuspage.events import (
    Event,
    MaintenanceCancelled,
    MaintenanceCompleted,
    MaintenanceDelayed,
    MaintenanceMoved,
    MaintenanceOverran,
    MaintenanceScheduled,
    MaintenanceStarted,
    MaintenanceUpdated,
)

from .notices import CURRENT, LATER


def by(event: Event) -> Q | None:
    """What `event` overtakes of all that was to be said of its window; None: nothing."""
    if isinstance(event, MaintenanceCancelled):
        return Q()
    if isinstance(event, MaintenanceMoved):
        return Q(window_revision__lt=event.window_revision)
    if isinstance(event, MaintenanceStarted) and event.previous_scheduled_for:
        return of_other_times(event) & Q(settled_at=None)
    if isinstance(event, MaintenanceStarted | MaintenanceCompleted | MaintenanceDelayed | MaintenanceOverran):
        return no_longer(event) & Q(settled_at=None)
    return None


def of_other_times(event: MaintenanceStarted) -> Q:
    """What speaks of the window as it was before its work began early, the announcement that waits included.

    Where the beginning tells nobody, what is overdue is owed still, as in `no_longer`.
    """
    before = Q(window_revision__lt=event.window_revision)
    return before if event.notify else before & Q(expires_at__gt=event.published_at)


def no_longer(event: Event) -> Q:
    """What does not hold once work has begun or ended, or its time was seen to pass.

    Where this event tells nobody, a reminder whose time is over is owed still, and so are other
    times that nobody heard of: `lateness` tells how it stands instead. But what is told must be so.
    """
    ahead, kinds = Q(kind__in=[*LATER, CURRENT]), [MaintenanceDelayed.kind, MaintenanceOverran.kind]
    if event.notify:
        return ahead | Q(kind__in=kinds)
    if isinstance(event, MaintenanceCompleted):
        ahead |= Q(kind=MaintenanceMoved.kind)
        kinds += [MaintenanceScheduled.kind, MaintenanceUpdated.kind, MaintenanceStarted.kind]
    return ahead & Q(expires_at__gt=event.published_at) | Q(kind__in=kinds)
