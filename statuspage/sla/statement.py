"""The statement of one contract's availability in one period, every second of it accounted for.

Pure and exact. `statement` takes the facts (`stated.Inputs`), judges each stretch by the version of the contract that
was in force, and adds up. Nothing is rounded before it is compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from .accounts import Line, account
from .contracts import Band, band_of
from .excuses import Rule
from .intervals import Interval, Span, clip, seconds, union
from .judgement import Judgement, Planned, judged
from .stated import Inputs, Service, Stretch

PLACES = 4
"""Decimals of a percentage on a statement, cut off."""


@dataclass(frozen=True)
class Part:
    """A month of a year: its length under contract and what counted in it. They add up to the year's."""

    key: str
    interval: Interval
    total_seconds: Fraction
    counted_seconds: Fraction


@dataclass(frozen=True)
class Statement:
    """What the period came to. `stretches` are those the figure was judged by.

    `is_promised`: a target is promised for a period of this kind. Where it is a month of a contract that promises
    years, the figure is told and nothing is due for it.
    """

    inputs: Inputs
    stretches: tuple[Stretch, ...]
    lines: tuple[Line, ...]
    counted: Span
    total_seconds: Fraction
    target: Fraction
    is_promised: bool
    bands: tuple[Band, ...]
    windows: tuple[Judgement, ...]

    @property
    def counted_seconds(self) -> Fraction:
        return seconds(self.counted)

    @property
    def share(self) -> Fraction:
        """0 to 1."""
        return (self.total_seconds - self.counted_seconds) / self.total_seconds

    @property
    def is_met(self) -> bool | None:
        """None: no target is promised for a period of this kind."""
        return self.share >= self.target if self.is_promised else None

    @property
    def band(self) -> Band | None:
        """The band of credit that the availability falls into; None where the target is met or credits are none."""
        return band_of(self.share, self.bands) if self.is_met is False else None

    @property
    def credit_days(self) -> int:
        return self.band.days if self.band else 0

    @property
    def allowed_seconds(self) -> Fraction:
        """How much downtime the target leaves in the period."""
        return (1 - self.target) * self.total_seconds

    @property
    def left_seconds(self) -> Fraction:
        """Below zero: the target is missed."""
        return self.allowed_seconds - self.counted_seconds

    @property
    def is_provisional(self) -> bool:
        """The period is not over, or something in it is not."""
        return self.inputs.as_of is not None or any(each.is_open for each in self.lines)

    @property
    def excluded_in_windows(self) -> Fraction:
        """Seconds of outages that only a noticed window excludes: another reading would count them."""
        inside = [
            piece.interval for line in self.lines for piece in line.pieces if is_outage_in_window(line, piece.rule)
        ]
        return seconds(union(inside)) - seconds(clip_all(inside, self.counted))


def is_outage_in_window(line: Line, rule: Rule) -> bool:
    return rule == Rule.OUTAGE_IN_WINDOW and not line.is_work


def clip_all(intervals: Iterable[Interval], span: Span) -> Span:
    return union(part for each in union(intervals) for part in clip(span, each))


def statement(inputs: Inputs) -> Statement:
    """Judge one period. Raises ValueError where no version is in force in it, or none promises a year."""
    stretches = judged_stretches(inputs)
    lines: list[Line] = []
    counted: list[Interval] = []
    for each in stretches:
        found = account(each, inputs, first=len(lines) + 1)
        lines += found.lines
        counted += found.counted
    return Statement(
        inputs=inputs,
        stretches=stretches,
        lines=tuple(lines),
        counted=union(counted),
        total_seconds=total(stretches, inputs.period),
        target=target(stretches, inputs.period),
        is_promised=stretches[-1].terms.is_yearly == inputs.is_year,
        bands=stretches[-1].terms.bands,
        windows=tuple(windows_of(inputs, stretches)),
    )


def judged_stretches(inputs: Inputs) -> tuple[Stretch, ...]:
    """Of a year what promises years; of a month what promises months, where anything does."""
    here = [each for each in inputs.stretches if clip((each.interval,), inputs.period)]
    if not here:
        raise ValueError(f"no version of the contract is in force in {inputs.period_key}")
    if inputs.is_year:
        here = [each for each in here if each.terms.is_yearly]
        if not here:
            raise ValueError(f"{inputs.period_key} is a year, and the contract promises months")
    return tuple([each for each in here if not each.terms.is_yearly] or here)


def total(stretches: Iterable[Stretch], period: Interval) -> Fraction:
    """A monthly promise is of the whole month (literally so), a yearly one of the part that is under contract."""
    held = list(stretches)
    if not held[-1].terms.is_yearly:
        return seconds((period,))
    return seconds(under_contract(held, period))


def under_contract(stretches: Iterable[Stretch], period: Interval) -> Span:
    return clip(union(each.interval for each in stretches), period)


def target(stretches: Iterable[Stretch], period: Interval) -> Fraction:
    """The share promised; where it changed, by how long each was in force."""
    weighed = [(each.terms.targets[each.redundancy], seconds(clip((each.interval,), period))) for each in stretches]
    shares = {share for share, _length in weighed}
    if len(shares) == 1:
        return shares.pop()
    return sum((share * length for share, length in weighed), Fraction(0)) / sum(length for _share, length in weighed)


def windows_of(inputs: Inputs, stretches: Iterable[Stretch]) -> Iterator[Judgement]:
    """The maintenances of the period on what is covered, by their start, with the verdict on their notice."""
    services = [service for each in stretches for service in each.services]
    planned = [replace(each, services=touched(each, services)) for each in inputs.works]
    found = judged(each for each in planned if each.services)
    for work in sorted(planned, key=lambda each: (each.last.start, each.id)):
        if work.services and clip(union([work.last.interval, *work.work]), inputs.period):
            yield found[work.id]


def touched(work: Planned, services: Iterable[Service]) -> tuple[str, ...]:
    """The contracted services a maintenance works on: short windows on one of them add up."""
    return tuple(sorted({each.key for each in services if set(each.components) & set(work.services)}))


def parts(found: Statement, months: Iterable[tuple[str, Interval]]) -> list[Part]:
    """A year by its months; `months` are their keys and bounds."""
    here = under_contract(found.stretches, found.inputs.period)
    held = ((key, each, seconds(clip(here, each)), seconds(clip(found.counted, each))) for key, each in months)
    return [Part(*each) for each in held if each[2]]
