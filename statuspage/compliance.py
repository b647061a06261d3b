"""Which maintenance had its notice: rows and the ledger -> judgements, by maintenance and by month.

Reads only, and no clock: the same rows give the same answer. The rules are `sla.notice`'s.
A month is the page's (PAGE_TIME_ZONE); a maintenance belongs to the month its window starts
in, the minutes that count to the month they are in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet

from . import ports
from .models import EmergencyApproval, Maintenance, MaintenanceWindow
from .publishing.times import Clock
from .sla import periods
from .sla.intervals import Interval, Span, clip, seconds, union
from .sla.judgement import Announcement, Basis, Judgement, Planned, judged
from .sla.notice import CHAIN
from .vocabulary import MaintenanceStatus


@dataclass(frozen=True)
class Judged:
    """One maintenance with its judgement."""

    maintenance: Maintenance
    planned: Planned
    judgement: Judgement

    @property
    def announced_at(self) -> datetime:
        """When the last revision of its window was published."""
        return max(self.maintenance.windows.all(), key=lambda each: each.number).published_at


@dataclass(frozen=True)
class Month:
    """One calendar month: how many maintenances start in it, needed notice, lacked it; and its minutes that count.

    `pending`: of those that need it, how many have it still to come. `counted` are the instants in
    it at which work counts as downtime, overlapping ones once.
    """

    key: str
    windows: int
    needed: int
    wanting: int
    pending: int
    counted: Span

    @property
    def kept(self) -> int:
        return self.needed - self.wanting - self.pending

    @property
    def counted_seconds(self) -> Fraction:
        return seconds(self.counted)


# --- One maintenance, and those it is judged with -------------------------------------------------


def judge(maintenances: QuerySet[Maintenance]) -> list[Judged]:
    """These, by their start; each judged together with those around it."""
    wanted = set(maintenances.values_list("pk", flat=True))
    around = list(with_all(with_neighbours(maintenances)))
    planned = {each.pk: planned_of(each, announcements(each)) for each in around}
    found = judged(planned.values())
    return [Judged(each, planned[each.pk], found[each.pk]) for each in around if each.pk in wanted]


def with_all(maintenances: QuerySet[Maintenance]) -> QuerySet[Maintenance]:
    rows = maintenances.select_related("emergency__approved_by").prefetch_related("windows", "claims")
    return rows.order_by("scheduled_for", "pk")


def with_neighbours(maintenances: QuerySet[Maintenance]) -> QuerySet[Maintenance]:
    """And all that may bear on their judgement: what overlaps with them, and chains of starts 24 hours apart."""
    ends = ("scheduled_for", "started_at", "scheduled_until", "resolved_at")
    edges = maintenances.order_by().aggregate(
        **{f"first_{name}": Min(name) for name in ends}, **{f"last_{name}": Max(name) for name in ends}
    )
    if edges["first_scheduled_for"] is None:
        return maintenances
    first = min(edges[f"first_{name}"] for name in ends if edges[f"first_{name}"])
    last = max(edges[f"last_{name}"] for name in ends if edges[f"last_{name}"])
    first, last = min(first, end_of_chain(edges["first_scheduled_for"], back=True)), max(last, end_of_chain(last))
    return Maintenance.objects.filter(scheduled_for__lte=last, scheduled_until__gte=first)


def end_of_chain(start: datetime, *, back: bool = False) -> datetime:
    """The farthest start that is reached from `start` by steps of less than 24 hours."""
    while True:
        near = Maintenance.objects.order_by("scheduled_for" if back else "-scheduled_for")
        if back:
            near = near.filter(scheduled_for__gt=start - CHAIN, scheduled_for__lt=start)
        else:
            near = near.filter(scheduled_for__lt=start + CHAIN, scheduled_for__gt=start)
        farther = near.values_list("scheduled_for", flat=True).first()
        if farther is None:
            return start
        start = farther


def planned_of(row: Maintenance, announced: tuple[Announcement, ...]) -> Planned:
    """A maintenance as it is judged. One that completed by itself ended with its window, found late or not."""
    approved = approved_for(row, getattr(row, "emergency", None), row.scheduled_for)
    return Planned(
        id=row.pk,
        services=tuple(sorted(each.component_id for each in row.claims.all())),
        announcements=announced,
        began_at=row.started_at,
        ended_at=row.ended_at,
        is_cancelled=row.status == MaintenanceStatus.CANCELLED,
        is_emergency=approved is not None,
        approved_for=approved,
    )


def announcements(row: Maintenance) -> tuple[Announcement, ...]:
    """What was announced of it, in order."""
    notices = ports.notices(row.pk)
    return tuple(announcement(each, notices) for each in row.windows.all())


def announcement(window: MaintenanceWindow, notices: dict[int, ports.Notice]) -> Announcement:
    """One revision. Where nobody tells people of it (an imported one), its publication is the notice."""
    told = notices.get(window.number)
    if told is None:
        return Announcement(window.scheduled_for, window.scheduled_until, window.published_at, Basis.PUBLICATION)
    return Announcement(window.scheduled_for, window.scheduled_until, told.completed_at, due_at=told.due_at)


def approved_for(row: Maintenance, said: EmergencyApproval | None, start: datetime) -> Interval | None:
    """The times of which two people recorded before the `start` that notice was not reasonably possible.

    As long as the window was when it was approved: work that begins early keeps that length, and
    what is added to it later was approved by nobody. (A move before the start ends the approval.)
    """
    at = said.approved_at if said else None
    if at is None or at >= start:
        return None
    revisions = list(row.windows.all())
    known = [each for each in revisions if each.published_at <= at] or revisions[:1]
    return Interval(start, start + (known[-1].scheduled_until - known[-1].scheduled_for))


# --- By month -------------------------------------------------------------------------------------


def of_month(key: str) -> tuple[Month, list[Judged]]:
    """A month such as "2026-11", and the maintenances that start in it or count in it.

    Raises ValueError where that is no month.
    """
    period = period_of(key)
    found = judge(touching(period))
    return month(key, found), [
        each for each in found if starts_in(each, period) or clip(each.judgement.counted, period)
    ]


def touching(period: Interval) -> QuerySet[Maintenance]:
    """Those whose window or work reaches into a period."""
    begins = Q(scheduled_for__lt=period.end) | Q(started_at__lt=period.end)
    ends = Q(scheduled_until__gt=period.start) | Q(resolved_at__gt=period.start)
    return Maintenance.objects.filter(begins & ends)


def months(found: Sequence[Judged]) -> list[Month]:
    """Every month that these start or count in, the newest first."""
    clock = Clock(ZoneInfo(settings.PAGE_TIME_ZONE))
    keys = {clock.month_of(each.maintenance.scheduled_for) for each in found}
    for each in found:
        for start, end in each.judgement.counted:
            keys.update(keys_between(clock.day_of(start), clock.day_of(end)))
    everything = (month(key, found) for key in sorted(keys, reverse=True))
    return [each for each in everything if each.windows or each.counted]


def month(key: str, found: Iterable[Judged]) -> Month:
    """The figures of one month, out of all that may start or count in it."""
    period = period_of(key)
    held = list(found)
    here = [each.judgement for each in held if starts_in(each, period)]
    return Month(
        key=key,
        windows=len(here),
        needed=sum(each.needs_notice for each in here),
        wanting=sum(each.needs_notice and each.is_wanting for each in here),
        pending=sum(each.needs_notice and each.is_pending for each in here),
        counted=clip(union(span for each in held for span in each.judgement.counted), period),
    )


def starts_in(each: Judged, period: Interval) -> bool:
    return period.start <= each.maintenance.scheduled_for < period.end


def period_of(key: str) -> Interval:
    """A month in the page's zone. Raises ValueError where that is none."""
    try:
        return periods.month(key, ZoneInfo(settings.PAGE_TIME_ZONE))
    except OverflowError:
        raise ValueError(f"{key!r} is beyond the calendar") from None


def keys_between(first: date, last: date) -> Iterator[str]:
    """The months of these two days, and those between."""
    while (first.year, first.month) <= (last.year, last.month):
        yield f"{first:%Y-%m}"
        first = periods.following_month(first)
