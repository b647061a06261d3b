"""What is over, by the days on which it happened: the last two weeks of the front page, and a month. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter

from statuspage.vocabulary import MaintenanceStatus

from .snapshot import Entry, Snapshot
from .stories import Story, told
from .times import Clock

RECENT_DAYS = 14


@dataclass(frozen=True)
class DayOfHistory:
    """A day, or several quiet ones in a row (`stories` empty), or those that `is_known` is False of."""

    first: date
    last: date
    stories: tuple[Story, ...]
    is_known: bool = True
    """Whether the snapshot holds all that happened then; else only the history tells."""


def recent(snapshot: Snapshot, clock: Clock) -> list[DayOfHistory]:
    """The last RECENT_DAYS days, newest first, with what is over; quiet days are folded.

    A page on which more happens than a snapshot holds says of fewer days what they had, and
    of the rest nothing: none of them may have been quiet.
    """
    today = clock.day_of(snapshot.as_of)
    days = [today - timedelta(days=back) for back in range(RECENT_DAYS)]
    whole_since = clock.day_of(snapshot.whole_since) if snapshot.whole_since else days[-1]
    known = [day for day in days if day >= whole_since] or days[:1]
    by_day = stories_by_day(snapshot, known[-1], clock)
    found = list(folded(known, by_day, disturbed(snapshot, clock)))
    if unknown := days[len(known) :]:
        found.append(DayOfHistory(unknown[-1], unknown[0], (), is_known=False))
    return found


def stories_by_day(snapshot: Snapshot, first: date, clock: Clock) -> dict[date, list[Story]]:
    """What is over, by the day it stands on; the newest first."""
    everything: tuple[Entry, ...] = (*snapshot.incidents, *snapshot.maintenances)
    over = [(recent_at(each, first, clock), each) for each in everything if not each.is_open]
    found: dict[date, list[Story]] = {}
    for at, entry in sorted(over, key=itemgetter(0), reverse=True):
        found.setdefault(clock.day_of(at), []).append(told(entry))
    return found


def recent_at(entry: Entry, first: date, clock: Clock) -> datetime:
    """When an entry began; when it ended where it was called off, or began before the `first` day shown."""
    is_by_end = entry.status == MaintenanceStatus.CANCELLED or clock.day_of(entry.happened_at) < first
    return entry.resolved_at if is_by_end and entry.resolved_at else entry.happened_at


def disturbed(snapshot: Snapshot, clock: Clock) -> set[date]:
    """Days on which an incident was open, or may have been: never called quiet."""
    found = {clock.day_of(snapshot.whole_since)} if snapshot.whole_since else set()
    for incident in snapshot.incidents:
        day, last = clock.day_of(incident.started_at), clock.day_of(incident.resolved_at or snapshot.as_of)
        day = max(day, last - timedelta(days=RECENT_DAYS))
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return found


def by_days(entries: Iterable[Entry], clock: Clock) -> list[DayOfHistory]:
    """The days that entries happened on, newest first."""
    found: dict[date, list[Story]] = {}
    for entry in sorted(entries, key=lambda each: each.happened_at, reverse=True):
        found.setdefault(clock.day_of(entry.happened_at), []).append(told(entry))
    return [DayOfHistory(day, day, tuple(stories)) for day, stories in found.items()]


def folded(
    days: Sequence[date], by_day: Mapping[date, list[Story]], disturbed: Collection[date]
) -> Iterator[DayOfHistory]:
    """Days newest first; quiet neighbours become one line."""
    quiet: list[date] = []
    for day in days:
        if day not in by_day and day not in disturbed:
            quiet.append(day)
            continue
        if quiet:
            yield DayOfHistory(quiet[-1], quiet[0], ())
            quiet = []
        if day in by_day:
            yield DayOfHistory(day, day, tuple(by_day[day]))
    if quiet:
        yield DayOfHistory(quiet[-1], quiet[0], ())
