"""Until when a response, a fix and the next progress report are due: the clocks of `clocks.py`, seen while they run.

`clocks.clocks` says how all three stand; this says of each when its limit ends, how much of it is used, and which
limits were passed when. Both agree at every moment. A limit is inclusive: what comes at `due_at` is in time.

    course(history, targets, completed_at, log, now)     which severity's clocks ran from when (B-k)
    deadlines(run, log, now)                             one run's clocks as they stand
    crossings(run, log, now)                             each 80 % and each breach so far, for alarms
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from statuspage.vocabulary import Severity

from .clocks import WAITING, Event, Standing, Step, Targets, answered, begins, first, overlap, pauses, reports_within
from .intervals import MICROSECOND, Interval, elapsed

SAID = frozenset({Step.RESPONSE, Step.PROGRESS_REPORT})
"""What a person told the client."""
WARNING = Fraction(4, 5)
"""Of its limit: when staff are told that a clock runs out."""


class ClockKind(StrEnum):
    """What is due."""

    RESPONSE = "response"
    FIX = "fix"
    PROGRESS = "progress"


class Stage(StrEnum):
    """What of a limit has passed."""

    WARNING = "warning"
    BREACH = "breach"


# --- Which severity's clocks run from when ----------------------------------------------------


@dataclass(frozen=True)
class Assessment:
    """Somebody's word on a failure's severity. `was_wrongly_low`: it had been this bad from the beginning."""

    at: datetime
    severity: Severity
    was_wrongly_low: bool = False


@dataclass(frozen=True)
class Run:
    """One severity's clocks: they count from `started_at`, and were in force in [since, until), None: still.

    `is_restarted`: what was said before counts no more. `is_assumed`: nobody has said how severe the failure is, so
    the strictest limits hold.
    """

    severity: Severity
    targets: Targets
    started_at: datetime
    since: datetime
    until: datetime | None = None
    is_restarted: bool = False
    is_assumed: bool = False


def course(
    history: Iterable[Assessment],
    targets: Mapping[Severity, Targets],
    completed_at: datetime,
    log: Iterable[Event],
    now: datetime,
) -> tuple[Run, ...]:
    """The runs of a report in their order; the last one is in force. Never empty.

    The first severity counts from the complete report. A higher one restarts each clock at the change, or from the
    complete report where the severity was wrongly low. A lower one gives the running clocks its longer limits. What
    was resolved does not get worse afterwards: it is only judged anew where it was wrongly low, or too high.
    """
    known = sorted((each for each in history if each.at <= now), key=lambda each: each.at)
    if not known:
        worst = min(targets)
        return (Run(worst, targets[worst], completed_at, completed_at, is_assumed=True),)
    resolved_at = min((each.at for each in log if each.step == Step.RESOLVED), default=None)
    runs = [Run(known[0].severity, targets[known[0].severity], completed_at, completed_at)]
    for word in known[1:]:
        is_over = resolved_at is not None and resolved_at <= word.at
        if changes(runs[-1], word, is_over):
            following = follows(runs[-1], word, targets[word.severity], completed_at)
            runs[-1:] = [replace(runs[-1], until=word.at), following]
    return tuple(runs)


def changes(run: Run, word: Assessment, is_over: bool) -> bool:
    """Whether this word begins another run. A smaller number is a higher severity."""
    if word.severity == run.severity:
        return False
    return word.severity > run.severity or word.was_wrongly_low or not is_over


def follows(run: Run, word: Assessment, targets: Targets, completed_at: datetime) -> Run:
    """The run after `run`: from when its clocks count, and whether they begin afresh."""
    if word.severity > run.severity:
        return Run(word.severity, targets, run.started_at, word.at, is_restarted=run.is_restarted)
    if word.was_wrongly_low or word.at <= completed_at:
        return Run(word.severity, targets, completed_at, word.at)
    return Run(word.severity, targets, word.at, word.at, is_restarted=True)


def counted(run: Run, log: Iterable[Event], now: datetime) -> list[Event]:
    """What a run's clocks see of a report's log by `now`, in order.

    What was said before a restart answers nothing after it, and the first word after it is the response, whatever it
    was recorded as; that the client is waited for goes on.
    """
    known = sorted((each for each in log if each.at <= now), key=lambda each: each.at)
    if not run.is_restarted:
        return known
    seen = [each for each in known if each.at >= run.started_at or each.step in WAITING]
    said = next((place for place, each in enumerate(seen) if each.step in SAID), None)
    if said is not None:
        seen[said] = Event(seen[said].at, Step.RESPONSE)
    return seen


# --- One limit --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deadline:
    """One limit, as it stands.

    `due_at` is the last moment in time, `breach_at` the next one, `warn_at` the first at which 80 % are used; all move
    on while `is_paused`. `used` is the share of the limit, above 1 where it was missed. `ended_at`: when it was met or
    came late; None: it is still owed. `missed`: of progress reports, how many came late or are, this one included.
    """

    kind: ClockKind
    standing: Standing
    limit: timedelta
    started_at: datetime
    ended_at: datetime | None
    due_at: datetime
    warn_at: datetime
    used: Fraction
    is_paused: bool = False
    missed: int = 0

    @property
    def breach_at(self) -> datetime:
        return self.due_at + MICROSECOND

    @property
    def is_owed(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True)
class Leg:
    """What one limit is measured on: from `started_at` to `ended_at`, None: it goes on."""

    kind: ClockKind
    limit: timedelta
    started_at: datetime
    ended_at: datetime | None
    pauses: tuple[Interval, ...] = ()
    is_paused: bool = False

    def seen(self, now: datetime, missed: int = 0) -> Deadline:
        until = self.ended_at or now
        spent = until - self.started_at - self.waited(until)
        return Deadline(
            kind=self.kind,
            standing=standing_of(spent > self.limit, self.ended_at),
            limit=self.limit,
            started_at=self.started_at,
            ended_at=self.ended_at,
            due_at=self.spent_by(self.limit, is_last=True),
            warn_at=self.spent_by(self.limit * WARNING.numerator // WARNING.denominator, is_last=False),
            used=max(elapsed(spent), Fraction(0)) / elapsed(self.limit),
            is_paused=self.is_paused and self.ended_at is None,
            missed=missed,
        )

    def waited(self, until: datetime) -> timedelta:
        return sum((overlap(*each, self.started_at, until) for each in self.pauses), timedelta())

    def spent_by(self, amount: timedelta, *, is_last: bool) -> datetime:
        """The first moment at which so much is spent, or the last at which no more is: a pause may lie between."""
        at = self.started_at + amount
        for pause in self.pauses:
            begun = max(pause.start, self.started_at)
            if begun < at or (is_last and begun == at):
                at += max(pause.end - begun, timedelta())
        return at


def standing_of(is_missed: bool, ended_at: datetime | None) -> Standing:
    if is_missed:
        return Standing.MISSED
    return Standing.MET if ended_at else Standing.OPEN


# --- All three --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deadlines:
    """How the three clocks of a run stand; `progress` None: a report is due at resolution only."""

    run: Run
    response: Deadline
    fix: Deadline
    progress: Deadline | None

    @property
    def owed(self) -> list[Deadline]:
        """What is still to come, the next first; what waits for the client comes last."""
        running = [each for each in (self.response, self.fix, self.progress) if each and each.is_owed]
        return sorted(running, key=lambda each: (each.is_paused, each.due_at))


def deadlines(run: Run, log: Iterable[Event], now: datetime) -> Deadlines:
    """One run's clocks at `now`, or as they stood when another severity's took over.

    Raises ValueError where the client answers without having been asked, or is asked twice.
    """
    now = min(now, run.until or now)
    seen = counted(run, log, now)
    gaps = progress_legs(run, seen, now)
    missed = [each.seen(now).standing for each in gaps].count(Standing.MISSED)
    return Deadlines(
        run=run,
        response=response_leg(run, seen).seen(now),
        fix=fix_leg(run, seen, now).seen(now),
        progress=gaps[-1].seen(now, missed) if gaps else None,
    )


def response_leg(run: Run, seen: Sequence[Event]) -> Leg:
    return Leg(ClockKind.RESPONSE, run.targets.response, run.started_at, answered(seen))


def fix_leg(run: Run, seen: Sequence[Event], now: datetime) -> Leg:
    ends = [each.at for each in seen if each.step in {Step.RESOLVED, Step.WORKAROUND_ACCEPTED}]
    fixed_at = min(ends, default=None)
    until = fixed_at or now
    waits = tuple(Interval(start, min(end, until)) for start, end in pauses(seen, until) if start <= until)
    asked = [each.step for each in seen if each.step in WAITING and each.at <= until]
    return Leg(ClockKind.FIX, run.targets.fix, run.started_at, fixed_at, waits, asked[-1:] == [Step.WAITING_FOR_CLIENT])


def progress_legs(run: Run, seen: Sequence[Event], now: datetime) -> list[Leg]:
    """Each gap between two reports; the last one goes on until the failure is resolved."""
    limit = run.targets.progress
    if limit is None:
        return []
    resolved_at = first(seen, Step.RESOLVED)
    begun = begins(seen, run.started_at)
    points = [begun, *reports_within(seen, begun, resolved_at or now)]
    ends = [*points[1:], max(begun, resolved_at) if resolved_at else None]
    return [Leg(ClockKind.PROGRESS, limit, start, end) for start, end in zip(points, ends, strict=True)]


# --- What has passed --------------------------------------------------------------------------


@dataclass(frozen=True)
class Crossing:
    """A limit of which 80 % were used, or that was missed: once for each deadline, whenever somebody looks.

    `at` is the moment at which it came to that, and does not move any more; `deadline` is as it stands now.
    """

    stage: Stage
    at: datetime
    deadline: Deadline


def crossings(run: Run, log: Iterable[Event], now: datetime) -> list[Crossing]:
    """All of one run so far, in the order in which they came."""
    now = min(now, run.until or now)
    seen = counted(run, log, now)
    legs = [response_leg(run, seen), fix_leg(run, seen, now), *progress_legs(run, seen, now)]
    found = (crossing for leg in legs for crossing in crossed(leg.seen(now)))
    return sorted(found, key=lambda each: (each.at, each.deadline.kind, each.stage))


def crossed(deadline: Deadline) -> Iterable[Crossing]:
    """What of one limit has passed by now, or by when it was answered."""
    if deadline.used >= WARNING:
        yield Crossing(Stage.WARNING, deadline.warn_at, deadline)
    if deadline.standing == Standing.MISSED:
        yield Crossing(Stage.BREACH, deadline.due_at, deadline)
