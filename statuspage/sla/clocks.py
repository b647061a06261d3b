"""Response, fix and progress-report clocks of the messaging platform contract, 4: derived from what was logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .intervals import Interval


class Step(StrEnum):
    """What may happen to a reported failure."""

    RESPONSE = "response"
    AUTO_ACKNOWLEDGEMENT = "auto_acknowledgement"
    PROGRESS_REPORT = "progress_report"
    WORKAROUND_ACCEPTED = "workaround_accepted"
    WAITING_FOR_CLIENT = "waiting_for_client"
    CLIENT_ANSWERED = "client_answered"
    RESOLVED = "resolved"


WAITING = frozenset({Step.WAITING_FOR_CLIENT, Step.CLIENT_ANSWERED})
"""They come in turns."""


class Standing(StrEnum):
    """How a clock stands."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True)
class Targets:
    """The longest times; `progress` None: at resolution only."""

    response: timedelta
    fix: timedelta
    progress: timedelta | None


@dataclass(frozen=True)
class Event:
    """One logged step."""

    at: datetime
    step: Step


@dataclass(frozen=True)
class Clocks:
    """How all three stand. Each gap over the limit is one missed progress report, however long."""

    response: Standing
    fix: Standing
    progress_missed: int


def clocks(targets: Targets, started_at: datetime, events: Iterable[Event], now: datetime) -> Clocks:
    """From the complete report (`started_at`) to the resolution; to `now` where there is none yet.

    Raises ValueError where the client answers without having been asked, or is asked twice.
    """
    log = sorted(events, key=lambda each: each.at)
    end = first(log, Step.RESOLVED)
    until = end or now
    return Clocks(
        response=standing(answered(log), started_at, targets.response, until),
        fix=fix_of(targets, started_at, log, until),
        progress_missed=missed_reports(targets, started_at, log, until),
    )


def answered(log: Sequence[Event]) -> datetime | None:
    """When the client had an answer: what was resolved needs no other, and none that comes later undoes it."""
    return min((each.at for each in log if each.step in {Step.RESPONSE, Step.RESOLVED}), default=None)


def standing(done_at: datetime | None, started_at: datetime, limit: timedelta, until: datetime) -> Standing:
    """Of one clock without pauses."""
    if (done_at or until) - started_at > limit:
        return Standing.MISSED
    return Standing.MET if done_at else Standing.OPEN


def fix_of(targets: Targets, started_at: datetime, log: Sequence[Event], until: datetime) -> Standing:
    """Restored, or a work-around accepted; the clock pauses while the client is asked."""
    ends = [each.at for each in log if each.step in {Step.RESOLVED, Step.WORKAROUND_ACCEPTED}]
    fixed_at = min(ends, default=None)
    done = fixed_at or until
    spent = done - started_at - paused(log, started_at, done)
    if spent > targets.fix:
        return Standing.MISSED
    return Standing.MET if fixed_at else Standing.OPEN


def paused(log: Sequence[Event], started_at: datetime, done: datetime) -> timedelta:
    """How long the client was waited for between the report and `done`."""
    return sum((overlap(*each, started_at, done) for each in pauses(log, done)), timedelta())


def pauses(log: Sequence[Event], until: datetime) -> list[Interval]:
    """When the client was waited for, of a log in order; where it has not answered yet, to `until`."""
    found, asked_at = [], None
    for event in log:
        if event.step not in WAITING:
            continue
        if (event.step == Step.WAITING_FOR_CLIENT) != (asked_at is None):
            raise ValueError(f"{event.step} at {event.at.isoformat()} does not follow its counterpart")
        if asked_at is not None:
            found.append(Interval(asked_at, event.at))
        asked_at = event.at if event.step == Step.WAITING_FOR_CLIENT else None
    return [*found, Interval(asked_at, max(asked_at, until))] if asked_at else found


def overlap(start: datetime, end: datetime, first_at: datetime, last_at: datetime) -> timedelta:
    return max(timedelta(), min(end, last_at) - max(start, first_at))


def missed_reports(targets: Targets, started_at: datetime, log: Sequence[Event], until: datetime) -> int:
    """Gaps over the limit: from the response (with none, from the report) over each report to the end."""
    if targets.progress is None:
        return 0
    begun = begins(log, started_at)
    points = [begun, *reports_within(log, begun, until), max(begun, until)]
    gaps = (after - before for before, after in zip(points, points[1:], strict=False))
    return sum(gap > targets.progress for gap in gaps)


def begins(log: Sequence[Event], started_at: datetime) -> datetime:
    """From when progress reports are due: the response, and no earlier than the complete report."""
    return max(first(log, Step.RESPONSE) or started_at, started_at)


def reports_within(log: Sequence[Event], begun: datetime, until: datetime) -> list[datetime]:
    """When progress was reported."""
    return [each.at for each in log if each.step == Step.PROGRESS_REPORT and begun <= each.at <= until]


def first(log: Sequence[Event], step: Step) -> datetime | None:
    return next((each.at for each in log if each.step == step), None)
