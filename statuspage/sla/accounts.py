"""Every interval of a statement accounted for: which of its seconds count, and by which rule the others do not.

The seconds of all pieces that are `COUNTED` add up to the downtime of the period; what overlaps with an earlier
line is a piece of its own, so that the sum can be checked by hand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from statuspage.vocabulary import Cause

from .availability import PRIMARY, SECONDARY, downtime
from .contracts import Redundancy
from .excuses import COUNTING, Excuse, Place, Rule, excuses_of, span_of
from .intervals import Interval, Span, clip, difference, intersection, seconds, union
from .judgement import Planned
from .stated import Failure, Inputs, Service, Stretch


@dataclass(frozen=True)
class Piece:
    """A part of a line with one fate. `window`: the maintenance that excludes it; `lines`: those that had it first."""

    interval: Interval
    rule: Rule
    window: str = ""
    lines: tuple[int, ...] = ()

    @property
    def counts(self) -> bool:
        return self.rule in COUNTING

    @property
    def seconds(self) -> Fraction:
        return seconds((self.interval,))


@dataclass(frozen=True)
class Line:
    """One interval on one component of one service, under one version of the contract.

    `source` is the id of an outage or of a maintenance; `is_work`: of a maintenance.
    """

    number: int
    version: int
    service: Service
    component: str
    source: str
    is_work: bool
    interval: Interval
    cause: Cause
    interrupts: bool = True
    is_open: bool = False
    pieces: tuple[Piece, ...] = ()

    @property
    def place(self) -> Place:
        return self.service.key, self.component

    @property
    def counted_seconds(self) -> Fraction:
        """What this line adds to the downtime of the period."""
        return sum((each.seconds for each in self.pieces if each.counts), Fraction(0))


@dataclass(frozen=True)
class Account:
    """One stretch, accounted for."""

    lines: tuple[Line, ...]
    counted: Span


def account(stretch: Stretch, inputs: Inputs, first: int = 1) -> Account:
    """The lines of one stretch inside the period, numbered from `first` on."""
    here = clip((stretch.interval,), inputs.known)
    raw = sorted(lines_of(stretch, inputs, here[0]) if here else (), key=order)
    lines = [replace(each, number=number) for number, each in enumerate(raw, first)]
    excuses = excuses_of(stretch, inputs.works)
    counted = clip(counted_of(stretch, lines, excuses), here[0]) if here else ()
    works = {each.id: each for each in inputs.works}
    return Account(tuple(accounted(lines, stretch, excuses, counted, works)), counted)


def order(line: Line) -> tuple[Interval, bool, str, str, str]:
    return line.interval, line.is_work, line.source, line.service.key, line.component


# --- What happened ------------------------------------------------------------------------------------


def lines_of(stretch: Stretch, inputs: Inputs, here: Interval) -> Iterator[Line]:
    """Outages and works on what the contract covers, cut to the stretch."""
    covering: dict[str, list[Service]] = {}
    for service in stretch.services:
        for component in service.components:
            covering.setdefault(component, []).append(service)
    for failure in inputs.failures:
        for service in covering.get(failure.component, ()):
            yield from cut(failure_line(stretch, service, failure), here)
    for work in inputs.works:
        for component in work.services:
            for service in covering.get(component, ()):
                for line in work_lines(stretch, service, component, work, inputs):
                    yield from cut(line, here)


def cut(line: Line, here: Interval) -> Iterator[Line]:
    for part in clip((line.interval,), here):
        yield replace(line, interval=part)


def failure_line(stretch: Stretch, service: Service, failure: Failure) -> Line:
    return Line(
        number=0,
        version=stretch.number,
        service=service,
        component=failure.component,
        source=failure.id,
        is_work=False,
        interval=failure.interval,
        cause=failure.cause,
        interrupts=failure.interrupts,
        is_open=failure.is_open,
    )


def work_lines(stretch: Stretch, service: Service, component: str, work: Planned, inputs: Inputs) -> Iterator[Line]:
    """Work interrupts what it works on, from its beginning to its end."""
    cause = Cause.THIRD_PARTY if component in inputs.third_party else Cause.OWN
    for span in work.work:
        is_open = work.ended_at is None and span.end < inputs.period.end
        yield Line(0, stretch.number, service, component, work.id, True, span, cause, is_open=is_open)


# --- What counts -----------------------------------------------------------------------------------------


def counted_of(stretch: Stretch, lines: Iterable[Line], excuses: Mapping[Place, list[Excuse]]) -> Span:
    """The union of what counts on each service; of two redundant gateways what both lack.

    A service lacks what is not excluded, for it, on the component it happened to. What is excluded there is, to a
    gateway, its noticed maintenance.
    """
    down: dict[str, dict[str, list[Interval]]] = {}
    for line in lines:
        if is_downtime(line, stretch):
            down.setdefault(line.service.key, {}).setdefault(line.component, []).append(line.interval)
    lacking: dict[str, Span] = {}
    planned: dict[str, Span] = {}
    for key, components in down.items():
        unions = {component: union(intervals) for component, intervals in components.items()}
        free = {component: span_of(excuses.get((key, component), ())) for component in components}
        lacking[key] = union(part for each, span in unions.items() for part in difference(span, free[each]))
        excused = union(part for each, span in unions.items() for part in intersection(span, free[each]))
        planned[key] = difference(excused, lacking[key])
    return downtime(lacking, planned, stretch.redundancy)


def is_downtime(line: Line, stretch: Stretch) -> bool:
    return line.interrupts and line.cause not in stretch.terms.not_counted


# --- Line by line ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """Seconds that a line has counted already."""

    interval: Interval
    line: int


def accounted(
    lines: Iterable[Line],
    stretch: Stretch,
    excuses: Mapping[Place, list[Excuse]],
    counted: Span,
    works: Mapping[str, Planned],
) -> Iterator[Line]:
    """Each line with its pieces, in order; `lines` come by their start."""
    taken: list[Taken] = []
    for line in lines:
        taken = [each for each in taken if each.interval.end > line.interval.start]
        here = clip(counted, line.interval)
        pieces = list(pieces_of(line, stretch, excuses.get(line.place, ()), here, taken, works))
        taken += [Taken(each.interval, line.number) for each in pieces if each.counts]
        yield replace(line, pieces=tuple(sorted(pieces, key=lambda each: each.interval)))


def pieces_of(
    line: Line,
    stretch: Stretch,
    excuses: Iterable[Excuse],
    counted: Span,
    taken: list[Taken],
    works: Mapping[str, Planned],
) -> Iterator[Piece]:
    if not line.interrupts:
        yield Piece(line.interval, Rule.NO_INTERRUPTION)
        return
    if line.cause in stretch.terms.not_counted:
        yield Piece(line.interval, Rule(line.cause.value))
        return
    rest: Span = (line.interval,)
    for excuse in excuses:
        for part in clip(rest, excuse.interval):
            yield Piece(part, excused_rule(line, excuse), excuse.window)
        rest = difference(rest, (excuse.interval,))
    yield from (Piece(part, Rule.OTHER_GATEWAY) for part in difference(rest, counted))
    yield from counting(intersection(rest, counted), line, stretch, taken, works)


def excused_rule(line: Line, excuse: Excuse) -> Rule:
    """A window excludes its own work, and what happens inside it to what it works on."""
    return excuse.rule if line.is_work and line.source == excuse.window else Rule.OUTAGE_IN_WINDOW


def counting(
    span: Span, line: Line, stretch: Stretch, taken: list[Taken], works: Mapping[str, Planned]
) -> Iterator[Piece]:
    """What counts: what an earlier line has not counted, and what one has."""
    first = union(each.interval for each in taken)
    for part in intersection(span, first):
        lines = sorted({each.line for each in taken if clip((each.interval,), part)})
        yield Piece(part, Rule.OVERLAP, lines=tuple(lines))
    if line.is_work:
        yield from work_pieces(difference(span, first), works[line.source])
        return
    rule = Rule.BOTH_GATEWAYS if is_gateway(line, stretch) else Rule.INTERRUPTION
    yield from (Piece(part, rule) for part in difference(span, first))


def is_gateway(line: Line, stretch: Stretch) -> bool:
    return stretch.redundancy == Redundancy.REDUNDANT and line.service.key in (PRIMARY, SECONDARY)


def work_pieces(span: Span, work: Planned) -> Iterator[Piece]:
    """Why work counts: it was called off, went beyond its window, or its window lacked notice."""
    if work.is_cancelled:
        yield from (Piece(part, Rule.CALLED_OFF, work.id) for part in span)
        return
    yield from (Piece(part, Rule.OUTSIDE_WINDOW, work.id) for part in difference(span, (work.last.interval,)))
    rule = Rule.CHAINED if work.windows()[0].is_short else Rule.LATE_NOTICE
    yield from (Piece(part, rule, work.id) for part in clip(span, work.last.interval))
