"""Deadlines: at every moment they say what `clocks` says; whose clocks run from when; and mutants are found."""

import inspect
import types
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from statuspage.sla import deadlines
from statuspage.sla.clocks import Event, Standing, Step, Targets, clocks
from statuspage.sla.contracts import PLATFORM
from statuspage.sla.deadlines import Assessment, ClockKind, Stage
from statuspage.vocabulary import Severity

START = datetime(2026, 3, 10, 10, tzinfo=UTC)
MINUTE, SECOND, INSTANT = timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)
SHORT = Targets(response=5 * MINUTE, fix=10 * MINUTE, progress=5 * MINUTE)
TARGETS = {
    Severity.I: SHORT,
    Severity.II: Targets(response=10 * MINUTE, fix=20 * MINUTE, progress=10 * MINUTE),
    Severity.III: Targets(response=15 * MINUTE, fix=30 * MINUTE, progress=None),
}
MET, MISSED, OPEN = Standing.MET, Standing.MISSED, Standing.OPEN
LATEST = 40


def minute(number: float) -> datetime:
    return START + number * MINUTE


def log_of(*steps: tuple[float, Step]) -> list[Event]:
    return [Event(minute(at), step) for at, step in steps]


# --- Stories: whatever may be logged of a failure, minute by minute -----------------------------


MINUTES = st.integers(0, 12) | st.integers(0, LATEST)
"""Often so early that limits and steps meet in one minute."""
ONCE = st.sampled_from([Step.AUTO_ACKNOWLEDGEMENT, Step.PROGRESS_REPORT, Step.PROGRESS_REPORT, Step.RESPONSE])
ENDS = st.sampled_from([Step.WORKAROUND_ACCEPTED, Step.RESOLVED])
WORDS = st.builds(Assessment, at=MINUTES.map(minute), severity=st.sampled_from(Severity), was_wrongly_low=st.booleans())


@st.composite
def logs(draw) -> list[Event]:
    """Steps in any order of giving; the client is asked and answers in turns."""
    said = draw(st.lists(st.tuples(MINUTES, ONCE), max_size=5)) + draw(st.lists(st.tuples(MINUTES, ENDS), max_size=1))
    turns = sorted(draw(st.lists(MINUTES, max_size=4, unique=True)))
    waits = [(at, [Step.WAITING_FOR_CLIENT, Step.CLIENT_ANSWERED][turn % 2]) for turn, at in enumerate(turns)]
    return log_of(*said, *waits)


STORIES = st.tuples(logs(), st.lists(WORDS, max_size=3), MINUTES)


def is_true(module: types.ModuleType, log: list[Event], history: list[Assessment], at: int) -> None:
    """All that must hold of one story when somebody looks in minute `at`, and around each limit."""
    run = module.course(history, TARGETS, START, log, minute(at))[-1]
    seen = module.deadlines(run, log, minute(at))
    for now in moments(seen, minute(at)):
        agrees(module, run, log, now)
    found = module.crossings(run, log, minute(at))
    for crossing in found:
        came_then(module, run, log, crossing)
    for moment in (each.at + step for each in log for step in (0 * SECOND, SECOND)):
        if moment <= minute(at):
            assert lasting(module.crossings(run, log, moment)) <= keys(found), "an alarm's moment never moves"


def moments(seen, now: datetime) -> list[datetime]:
    """Now, and both sides of every limit."""
    limits = [each for each in (seen.response, seen.fix, seen.progress) if each]
    edges = [edge for each in limits for edge in (each.due_at, each.warn_at)]
    return [now, now + INSTANT, *(edge + step for edge in edges for step in (-SECOND, -INSTANT, 0 * SECOND, INSTANT))]


def agrees(module: types.ModuleType, run, log: list[Event], now: datetime) -> None:
    """The same standing as `clocks`, counted without a line of the module's."""
    known = [each for each in log if each.at <= now]
    if run.is_restarted:
        said = {Step.RESPONSE, Step.PROGRESS_REPORT, Step.WORKAROUND_ACCEPTED, Step.AUTO_ACKNOWLEDGEMENT}
        known = [each for each in known if each.at >= run.started_at or each.step not in said]
        words = [each.at for each in known if each.step in {Step.RESPONSE, Step.PROGRESS_REPORT}]
        if words:
            # One more response at the first word changes nothing where that was one.
            known.append(Event(min(words), Step.RESPONSE))
    expected = clocks(run.targets, run.started_at, known, now)
    seen = module.deadlines(run, log, now)
    assert (seen.response.standing, seen.fix.standing) == (expected.response, expected.fix)
    assert (seen.progress.missed if seen.progress else 0) == expected.progress_missed
    for each in (seen.response, seen.fix, seen.progress):
        if each is not None:
            holds_together(each, now)


def holds_together(deadline, now: datetime) -> None:
    """What one deadline says of itself."""
    until = deadline.ended_at or now
    assert (deadline.standing == MISSED) == (until >= deadline.breach_at)
    assert (deadline.used >= Fraction(4, 5)) == (until >= deadline.warn_at)
    assert (deadline.used > 1) == (deadline.standing == MISSED)
    assert deadline.is_owed == (deadline.ended_at is None)
    if deadline.is_owed and not deadline.is_paused:
        # Seconds to go or gone by, and the share used, are two ways of saying one thing.
        late = (now - deadline.due_at) / deadline.limit
        assert deadline.standing == MISSED or abs(float(deadline.used) - 1 - late) < 1e-9
    if deadline.is_paused:
        assert deadline.kind == ClockKind.FIX and deadline.ended_at is None


def came_then(module: types.ModuleType, run, log: list[Event], crossing) -> None:
    """Somebody who looked at that moment had found it, and a moment before had not."""
    late = INSTANT if crossing.stage == Stage.BREACH else 0 * SECOND
    if run.until is not None and crossing.at + late > run.until:
        return
    known = [each for each in log if each.at <= crossing.at]
    then = keys(module.crossings(run, known, crossing.at + late))
    before = keys(module.crossings(run, known, crossing.at + late - INSTANT))
    is_first_gap = crossing.deadline.kind == ClockKind.PROGRESS and not any(
        each.step == Step.RESPONSE and each.at <= crossing.at for each in log
    )
    if not is_first_gap:
        assert key(crossing) in then
        assert key(crossing) not in before


def lasting(crossings) -> set[tuple[str, str, datetime]]:
    """All but those of progress reports, which count from the response once there is one."""
    return keys(each for each in crossings if each.deadline.kind != ClockKind.PROGRESS)


def key(crossing) -> tuple[str, str, datetime]:
    return (crossing.deadline.kind, crossing.stage, crossing.at)


def keys(crossings) -> set[tuple[str, str, datetime]]:
    return {key(each) for each in crossings}


@given(STORIES)
def test_deadlines_say_what_the_clocks_say_at_every_moment(story):
    is_true(deadlines, *story)


MUTANTS = [
    ("is_last=True", "is_last=False"),
    ("is_last and begun == at", "begun == at"),
    ("spent > self.limit", "spent >= self.limit"),
    ("begun < at or", "begun <= at or"),
    ("used >= WARNING", "used > WARNING"),
    ("Fraction(4, 5)", "Fraction(3, 5)"),
    ("- self.waited(until)", ""),
    ("each.step == Step.RESOLVED), default=None)\n    runs", "each.step == Step.RESPONSE), default=None)\n    runs"),
    ("run.started_at, answered(seen))", "run.started_at, first(seen, Step.RESPONSE))"),
    ("run.started_at, answered(seen))", "run.started_at, first(seen, Step.AUTO_ACKNOWLEDGEMENT))"),
    ("{Step.RESOLVED, Step.WORKAROUND_ACCEPTED}", "{Step.RESOLVED}"),
    ("if not run.is_restarted:", "if True:"),
    ("each.at >= run.started_at or each.step in WAITING", "each.at >= run.started_at"),
    ("if said is not None:", "if False:"),
    ("*reports_within(seen, begun, resolved_at or now)", ""),
    ("max(begun, resolved_at) if resolved_at else None", "None"),
    ("(each for each in log if each.at <= now), key", "log, key"),
    ("for each in gaps].count(Standing.MISSED)", "for each in gaps].count(Standing.MET)"),
    ("and self.ended_at is None,", "or self.ended_at is None,"),
    ("MICROSECOND\n\n    @property", "0 * MICROSECOND\n\n    @property"),
]


@pytest.mark.parametrize(("right", "wrong"), MUTANTS, ids=[f"{number}" for number in range(len(MUTANTS))])
def test_a_mutant_is_found(right, wrong):
    module = mutated(right, wrong)

    @settings(max_examples=1000, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
    @given(STORIES)
    def search(story):
        is_true(module, *story)

    with pytest.raises((AssertionError, ValueError, TypeError)):
        table(module)
        ties(module)
        search()


def mutated(right: str, wrong: str) -> types.ModuleType:
    source = inspect.getsource(deadlines)
    assert right in source, "this line was rewritten: give the mutant its new words"
    module = types.ModuleType(deadlines.__name__)
    module.__dict__["__package__"] = deadlines.__package__
    # A dataclass looks itself up in the modules by name.
    exec(compile(source.replace(right, wrong), "mutant", "exec"), module.__dict__)
    return module


# --- Whose clocks run from when (B-k) -----------------------------------------------------------


def table(module: types.ModuleType) -> None:
    """The decisions on a changed severity, one after another."""

    def runs(*history: Assessment, log=(), now=LATEST):
        return module.course(history, TARGETS, START, log, minute(now))

    assumed = runs()[-1]
    assert (assumed.severity, assumed.started_at, assumed.is_assumed) == (Severity.I, START, True)
    [first] = runs(said(3, 3))
    assert (first.started_at, first.is_assumed) == (START, False), "triage is no change: from the complete report"
    low, high = runs(said(3, 3), said(8, 1))
    assert (high.started_at, high.is_restarted) == (minute(8), True), "it became worse"
    assert (low.until, high.since, high.until) == (minute(8), minute(8), None)
    assert runs(said(3, 3), said(8, 1), now=7)[-1].severity == Severity.III, "nobody knows it yet"
    wrongly = runs(said(3, 3), said(8, 1, wrongly=True))[-1]
    assert (wrongly.started_at, wrongly.is_restarted) == (START, False), "it had been so bad from the beginning"
    lowered = runs(said(3, 3), said(8, 1), said(9, 2))[-1]
    assert (lowered.severity, lowered.started_at) == (Severity.II, minute(8)), "the running clocks, longer limits"
    over = log_of((6, Step.RESOLVED))
    assert len(runs(said(3, 3), said(8, 1), log=over)) == 1, "what is over does not get worse"
    assert runs(said(3, 3), said(8, 1, wrongly=True), log=over)[-1].severity == Severity.I
    assert len(runs(said(3, 2), said(8, 2))) == 1
    answered = log_of((4, Step.RESPONSE))
    stand = module.deadlines(high, answered, minute(13))
    assert (stand.response.standing, stand.response.due_at) == (OPEN, minute(13)), "it is to be answered anew"
    told = module.deadlines(high, log_of((4, Step.RESPONSE), (9, Step.PROGRESS_REPORT)), minute(13))
    assert (told.response.standing, told.response.ended_at) == (MET, minute(9)), "the first word after it is the answer"
    assert module.deadlines(wrongly, answered, minute(13)).response.standing == MET


def said(at: float, severity: int, wrongly: bool = False) -> Assessment:
    return Assessment(minute(at), Severity(severity), wrongly)


def test_a_severity_that_changes_restarts_the_clocks_as_was_decided():
    table(deadlines)


def ties(module: types.ModuleType) -> None:
    """The client is asked in the very moment at which 80 % or all of a limit is used."""
    for asked in (8, 10):
        log = log_of((asked, Step.WAITING_FOR_CLIENT), (asked + 3, Step.CLIENT_ANSWERED))
        for at in range(asked, asked + 6):
            is_true(module, log, [], at)


def test_a_pause_that_begins_at_a_limit_moves_the_end_and_not_the_warning():
    ties(deadlines)


# --- The limits of the contract, at their seconds ------------------------------------------------


LIMITS = [
    (severity, kind)
    for severity, targets in PLATFORM.severities.items()
    for kind in ClockKind
    if getattr(targets, kind.value) is not None
]


@pytest.mark.parametrize(("severity", "kind"), LIMITS, ids=[f"{each.name}-{kind}" for each, kind in LIMITS])
def test_each_limit_of_the_contract_is_inclusive_to_the_second(severity, kind):
    limit = getattr(PLATFORM.severities[severity], kind.value)
    [run] = deadlines.course([Assessment(START, severity)], PLATFORM.severities, START, (), START)

    def at(moment: datetime):
        return getattr(deadlines.deadlines(run, (), moment), kind.value)

    assert at(START).due_at == START + limit
    assert [at(START + limit + step).standing for step in (-SECOND, 0 * SECOND, INSTANT, SECOND)] == [
        OPEN,
        OPEN,
        MISSED,
        MISSED,
    ]
    assert at(START).warn_at == START + limit * 4 / 5
    assert [stages(run, kind, START + limit * 4 / 5 + step) for step in (-SECOND, 0 * SECOND)] == [[], ["warning"]]
    assert [stages(run, kind, START + limit + step) for step in (0 * SECOND, SECOND)] == [
        ["warning"],
        ["warning", "breach"],
    ]
    assert at(START + limit / 4).used == Fraction(1, 4)


def stages(run, kind: ClockKind, now: datetime) -> list[str]:
    """What has passed of the first limit of this kind."""
    return [each.stage.value for each in deadlines.crossings(run, (), now) if each.deadline.kind == kind]


def test_an_answer_after_the_resolution_changes_nothing():
    log = log_of((4, Step.RESOLVED), (30, Step.RESPONSE))
    assert clocks(SHORT, START, log, minute(LATEST)).response == MET


def test_a_fix_waits_while_the_client_is_asked_and_its_deadline_moves():
    [run] = deadlines.course([said(0, 1)], TARGETS, START, (), minute(LATEST))
    log = log_of((4, Step.WAITING_FOR_CLIENT), (7, Step.CLIENT_ANSWERED))
    before, during, after = (deadlines.deadlines(run, log, minute(at)).fix for at in (3, 6, 8))
    assert (before.due_at, before.is_paused) == (minute(10), False)
    assert (during.due_at, during.warn_at) == (minute(12), minute(10))
    assert (during.is_paused, during.used) == (True, Fraction(2, 5))
    assert (after.due_at, after.is_paused) == (minute(13), False)
    assert deadlines.deadlines(run, log, minute(6)).response.due_at == minute(5), "the other clocks go on"
    assert deadlines.deadlines(run, log, minute(6)).owed[-1].kind == ClockKind.FIX


def test_each_gap_without_a_report_is_a_deadline_of_its_own():
    [run] = deadlines.course([said(0, 1)], TARGETS, START, (), minute(LATEST))
    log = log_of((1, Step.RESPONSE), (7, Step.PROGRESS_REPORT), (13, Step.PROGRESS_REPORT))
    late = [each for each in deadlines.crossings(run, log, minute(14)) if each.deadline.kind == ClockKind.PROGRESS]
    assert [each.at for each in late if each.stage == Stage.BREACH] == [minute(6), minute(12)]
    assert [each.deadline.ended_at for each in late if each.stage == Stage.BREACH] == [minute(7), minute(13)]
    progress = deadlines.deadlines(run, log, minute(14)).progress
    assert (progress.missed, progress.standing, progress.due_at) == (2, OPEN, minute(18))


def test_without_a_limit_for_progress_none_is_due():
    [run] = deadlines.course([said(0, 3)], TARGETS, START, (), minute(1))
    assert deadlines.deadlines(run, (), minute(1)).progress is None
