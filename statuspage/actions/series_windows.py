"""The windows of a series: announced in time, called off, and told of in one message where several happen the same.

Called inside `series`' actions.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from statuspage import audit
from statuspage.events import Further
from statuspage.models import Maintenance, MaintenanceSeries
from statuspage.recurrence import Recurrence, Window, recurrence
from statuspage.vocabulary import MaintenanceStatus

from .maintenance import cancel_maintenance, schedule_maintenance
from .words import Together

WALL = "%Y-%m-%dT%H:%M"
"""How a series keeps its first start: what clocks in its zone show."""


def announced(series: MaintenanceSeries) -> QuerySet[Maintenance]:
    """The windows of a series that are announced and have not begun, soonest first."""
    waiting = occurrences(series).filter(status=MaintenanceStatus.SCHEDULED, withdrawn_at=None)
    return waiting.order_by("scheduled_for")


def recurrence_of(series: MaintenanceSeries) -> Recurrence:
    """The series' rule, ready to be counted out."""
    start = datetime.strptime(series.wall_start, WALL)
    return recurrence(series.rule, start, series.time_zone, series.length)


def occurrences(series: MaintenanceSeries) -> QuerySet[Maintenance]:
    """All there ever were: one that was withdrawn is not announced again."""
    return Maintenance.everything.filter(series=series)


def component_ids(series: MaintenanceSeries) -> Collection[str]:
    return set(series.components.filter(archived_at=None).values_list("pk", flat=True))


# --- Announcing -------------------------------------------------------------------------------------


def announce(series: MaintenanceSeries, actor: audit.Actor, *, since: datetime, now: datetime) -> list[Maintenance]:
    """Announce what begins between `since` and the horizon and is not over, and remember how far that is.

    The first is told of with the times of all; where there are no windows left the series has ended.
    """
    counted = recurrence_of(series)
    since, until = max(since, now - series.length), horizon(now)
    found = counted.between(since, until)
    known = set(occurrences(series).filter(occurs_at__gte=since).values_list("occurs_at", flat=True))
    fresh = [each for each in found if each.end > now and each.start not in known]
    made = _schedule(series, actor, fresh, now)
    _remember(series, counted.following(until, 1), now)
    return made


def _schedule(
    series: MaintenanceSeries, actor: audit.Actor, windows: Sequence[Window], now: datetime
) -> list[Maintenance]:
    made: list[Maintenance] = []
    together = Together(further=tuple(_further(each.start, each.end) for each in windows[1:]))
    for window in windows:
        made.append(_scheduled(series, actor, window, together, now))
        if len(made) == 1:
            together = Together(told_with=made[0].updates.get().pk)
    if made:
        note(actor, "announce_series", series, now, after={"announced": [each.pk for each in made]})
    return made


def _scheduled(
    series: MaintenanceSeries, actor: audit.Actor, window: Window, together: Together, now: datetime
) -> Maintenance:
    return schedule_maintenance(
        name=series.name,
        body=series.body,
        components=sorted(component_ids(series)),
        scheduled_for=window.start,
        scheduled_until=window.end,
        time_zone=series.time_zone,
        actor=actor,
        notify=series.notify,
        now=now,
        together=together,
        reminders=series.reminders,
        auto_start=series.auto_start,
        auto_complete=series.auto_complete,
        tells_start=series.tells_start,
        tells_end=series.tells_end,
        series=series,
        occurs_at=window.start,
    )


def _remember(series: MaintenanceSeries, coming: Sequence[Window], now: datetime) -> None:
    """When the next window begins that is not announced: before that there is nothing to do."""
    if coming:
        series.announced_until = coming[0].start
    else:
        series.ended_at = now
    series.save(update_fields=["announced_until", "ended_at"])


def behind_last(series: MaintenanceSeries, now: datetime) -> datetime:
    """When the last announced occurrence is over, had it not been moved; now, where that is later."""
    last = occurrences(series).filter(occurs_at__isnull=False).order_by("occurs_at").last()
    if last is None or last.occurs_at is None:
        return now
    return max(now, last.occurs_at + (last.scheduled_until - last.scheduled_for))


def _further(start: datetime, end: datetime, subject_id: str = "") -> Further:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return Further(subject_id=subject_id, scheduled_for=start.isoformat(), scheduled_until=end.isoformat())


def horizon(now: datetime) -> datetime:
    return now + timedelta(days=settings.SERIES_DAYS_AHEAD)


# --- Calling off ------------------------------------------------------------------------------------


def replace(series: MaintenanceSeries, actor: audit.Actor, reason: str, now: datetime) -> None:
    """Call off what the new rule does not have; no occurrence any more, it may be one of a later rule again."""
    waiting = list(announced(series))
    coming = {each.start: each.end for each in recurrence_of(series).between(now, horizon(now))}
    gone = [each for each in waiting if coming.get(each.scheduled_for) != each.scheduled_until]
    call_off(gone, actor, reason, series.notify, now)
    occurrences(series).filter(pk__in=[each.pk for each in gone]).update(occurs_at=None)
    for each in waiting:
        if each not in gone:
            _settle_at(series, each)


def _settle_at(series: MaintenanceSeries, window: Maintenance) -> None:
    """A window that was moved to where the new rule has one is that one: otherwise there would be two of them."""
    others = occurrences(series).exclude(pk=window.pk)
    if not others.filter(occurs_at=window.scheduled_for).exists():
        occurrences(series).filter(pk=window.pk).update(occurs_at=window.scheduled_for)


def call_off(windows: Sequence[Maintenance], actor: audit.Actor, body: str, notify: bool, now: datetime) -> None:
    """Cancel these; the first one's message tells of all of them."""
    rest = [_further(each.scheduled_for, each.scheduled_until, each.pk) for each in windows[1:]]
    together = Together(further=tuple(rest))
    for window in windows:
        update = cancel_maintenance(
            maintenance=window, body=body, actor=actor, notify=notify, now=now, together=together
        )
        if rest:
            together = Together(told_with=together.get("told_with") or update.pk)


def note(actor: audit.Actor, act: str, series: MaintenanceSeries, now: datetime, **facts: object) -> None:
    audit.record(actor=actor, action=act, kind="series", object_id=series.pk, at=now, **facts)
