"""Stored maintenances as the service levels judge them, each announcement with the moment from which it is notice.

Reads only. For what is planned; what was done is judged by `compliance`, which says too when
an announcement was notice.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import F, QuerySet

from .compliance import announcements, approved_for
from .models import EmergencyApproval, Maintenance
from .sla.intervals import Interval
from .sla.judgement import THE_PAGE
from .sla.notice import CHAIN, NEVER, NO_NOTICE_NEEDED, Revision, Window
from .vocabulary import MaintenanceStatus

REACH = 31 * CHAIN
"""So far the windows go that can be judged together with one: a chain across that has 31 links, and with
whole minutes more than 30 of them."""


def planned(
    start: datetime,
    end: datetime,
    components: Collection[str],
    told_at: datetime,
    maintenance: Maintenance | None = None,
    *,
    begins: bool = False,
) -> list[Window]:
    """A window [start, end) as it would be announced now, noticed at `told_at`; one for each of `components` (ids).

    `maintenance`: whose new times these are; what was announced of it before comes first.
    `begins`: whether its work begins with them.
    """
    earlier = revisions_of(maintenance) if maintenance else ()
    revisions = (*earlier, Revision(start, end, told_at))
    keeps = maintenance and (begins or keeps_approval(maintenance, start, end))
    approved = approved_before(maintenance, start) if maintenance and keeps else None
    return [Window(each, revisions, False, approved is not None, approved) for each in components or (THE_PAGE,)]


def beside(
    components: Collection[str], start: datetime, end: datetime, maintenance: Maintenance | None = None
) -> list[tuple[str, Window]]:
    """The windows of others that one [start, end) is judged together with, each under its maintenance's title."""
    others = [*meeting(components, start, end), *linked(short_ones_near(components, start), start)]
    known = {each.pk: each for each in others if maintenance is None or each.pk != maintenance.pk}
    return [(each.name, window) for each in known.values() for window in windows_of(each)]


def windows_of(maintenance: Maintenance) -> list[Window]:
    """A maintenance as the service levels take it: one window for each component it names.

    Notice that is on its way is taken to arrive when it is sent.
    """
    services = [claim.component_id for claim in maintenance.claims.all()] or [THE_PAGE]
    revisions = hoped_of(maintenance)
    approved = approved_before(maintenance, maintenance.scheduled_for)
    is_cancelled = maintenance.status == MaintenanceStatus.CANCELLED
    return [Window(each, revisions, is_cancelled, approved is not None, approved) for each in services]


def revisions_of(maintenance: Maintenance) -> tuple[Revision, ...]:
    """What was announced of it, in order, by the notice that is complete: other times void what was still to come."""
    return tuple(Revision(each.start, each.end, each.noticed_at or NEVER) for each in announcements(maintenance))


def hoped_of(maintenance: Maintenance) -> tuple[Revision, ...]:
    """The same, where what is on its way, or comes before the start, arrives."""
    moments = ((each, each.noticed_at or each.due_at or NEVER) for each in announcements(maintenance))
    return tuple(Revision(each.start, each.end, at) for each, at in moments)


def keeps_approval(maintenance: Maintenance, start: datetime, end: datetime) -> bool:
    """Whether an approval outlives a move to these times: it ends it, but for work that goes on."""
    is_held = (start, end) == (maintenance.scheduled_for, maintenance.scheduled_until)
    return is_held or maintenance.is_active


def approved_before(maintenance: Maintenance, start: datetime) -> Interval | None:
    """Of which times it was approved before `start` that notice was not reasonably possible."""
    said = EmergencyApproval.objects.filter(maintenance=maintenance).first()
    return approved_for(maintenance, said, start)


def on(components: Collection[str]) -> QuerySet[Maintenance]:
    """What is not called off on any of `components`; on none: what names none."""
    claims = {"claims__component__in": components} if components else {"claims": None}
    found = Maintenance.objects.exclude(status=MaintenanceStatus.CANCELLED).filter(**claims)
    return found.distinct().prefetch_related("windows", "claims")


def meeting(components: Collection[str], start: datetime, end: datetime) -> QuerySet[Maintenance]:
    """Windows at the same time: what they had announced is announced for this one too."""
    return on(components).filter(scheduled_for__lt=end, scheduled_until__gt=start)


def short_ones_near(components: Collection[str], start: datetime) -> QuerySet[Maintenance]:
    """Windows of at most 30 minutes around `start`, in order."""
    near = on(components).filter(scheduled_for__range=(start - REACH, start + REACH))
    return near.filter(scheduled_until__lte=F("scheduled_for") + NO_NOTICE_NEEDED).order_by("scheduled_for")


def linked(ordered: Iterable[Maintenance], start: datetime) -> list[Maintenance]:
    """Of short windows those that a chain can reach from `start`: each less than CHAIN from the one before.

    Whether they are links of it, the service levels say: this only leaves out what cannot be.
    """
    rows = list(ordered)
    before = [each for each in reversed(rows) if each.scheduled_for < start]
    after = [each for each in rows if each.scheduled_for >= start]
    return [*reached(before, start), *reached(after, start)]


def reached(outwards: Iterable[Maintenance], start: datetime) -> Iterator[Maintenance]:
    last = start
    for each in outwards:
        if abs(each.scheduled_for - last) >= CHAIN:
            return
        yield each
        last = each.scheduled_for
