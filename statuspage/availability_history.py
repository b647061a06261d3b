"""What a contract would have made of what is recorded: availability by component and calendar month.

Each component is judged as the one service of a client who had the contract all the time, by the code that makes
statements (`sla.statement`). Two readings of "substantially not functioning": a major outage alone interrupts, or a
partial outage does too; what staff marked by hand counts as they marked it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from . import compliance, tables
from .models import Component, Maintenance, Outage
from .sla import periods
from .sla.contracts import Contract
from .sla.exact import decimal, percentage
from .sla.intervals import Interval, clip
from .sla.judgement import Planned
from .sla.stated import Failure, Inputs, Service, Stretch
from .sla.statement import Statement, statement
from .vocabulary import Cause, ComponentStatus
from .windows import REACH

COLUMNS = (
    "component",
    "name",
    "month",
    "total_seconds",
    "counted_seconds",
    "availability",
    "met",
    "credit_days",
    "counted_seconds_with_partial",
    "availability_with_partial",
    "met_with_partial",
    "credit_days_with_partial",
)
"""The table's head; seconds are exact, percentages cut off."""
PLACES = 4


@dataclass(frozen=True)
class Cell:
    """One component in one month, by both readings."""

    component: Component
    month: str
    major: Statement
    partial: Statement


@dataclass(frozen=True)
class Recorded:
    """One component with what happened to it. A partial outage counts in the second reading alone."""

    component: Component
    outages: Sequence[Outage]
    works: Sequence[Planned]

    def failures(self, period: Interval, now: datetime, *, with_partial: bool) -> Iterator[Failure]:
        """Cut to the period; what is not over is known until now."""
        for row in self.outages:
            counts = row.is_interruption or (with_partial and is_partial(row))
            for part in clip((Interval(row.started_at, row.ended_at or now),), period):
                yield Failure(str(row.pk), self.component.pk, part, Cause(row.cause), counts, row.ended_at is None)

    def works_near(self, period: Interval) -> tuple[Planned, ...]:
        """Those in the period, and what a chain of short ones may reach from it."""
        first, last = period.start - REACH, period.end + REACH
        return tuple(each for each in self.works if any(span.start < last and span.end > first for span in spans(each)))


def is_partial(row: Outage) -> bool:
    return row.interrupts is None and row.status == ComponentStatus.PARTIAL_OUTAGE


def spans(work: Planned) -> tuple[Interval, ...]:
    return (work.last.interval, *work.work)


# --- Judged ---------------------------------------------------------------------------------------


def history(years: Sequence[int], terms: Contract, zone: ZoneInfo, now: datetime) -> list[Cell]:
    """Every component in every month of these years that is over at `now`, from the component's first month on."""
    keys = {key: periods.month(key, zone) for year in years for key in periods.months_of(year)}
    over = {key: period for key, period in keys.items() if period.end <= now}
    if not over:
        return []
    found = recorded(Interval(min(over.values()).start, max(over.values()).end))
    return [
        Cell(each.component, key, *readings(each, key, period, terms, zone, now))
        for each in found
        for key, period in over.items()
        if each.component.start_date is None or f"{each.component.start_date:%Y-%m}" <= key
    ]


def readings(
    of: Recorded, key: str, period: Interval, terms: Contract, zone: ZoneInfo, now: datetime
) -> list[Statement]:
    """Without and with partial outages."""
    service = Service(of.component.pk, of.component.name, (of.component.pk,))
    stretch = Stretch(1, period, terms, zone.key, None, (service,))
    theirs = frozenset({of.component.pk} if of.component.is_third_party else ())
    works = of.works_near(period)
    return [
        statement(Inputs("", key, period, (stretch,), tuple(failures), works, theirs))
        for failures in (of.failures(period, now, with_partial=each) for each in (False, True))
    ]


def recorded(whole: Interval) -> list[Recorded]:
    """All components in the page's order, with everybody's outages that reach into `whole`, and their maintenance."""
    rows = Outage.objects.current().filter(client=None, started_at__lt=whole.end)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=whole.start))
    rows = rows.exclude(cause=Cause.MAINTENANCE, maintenance__isnull=False).order_by("started_at", "pk")
    outages: dict[str, list[Outage]] = {}
    for row in rows:
        outages.setdefault(row.component_id, []).append(row)
    works = [each.planned for each in compliance.judge(Maintenance.objects.all())]
    components = Component.objects.order_by("position", "name")
    return [Recorded(each, outages.get(each.pk, ()), on(works, each.pk)) for each in components]


def on(works: Iterable[Planned], component: str) -> list[Planned]:
    return [each for each in works if component in each.services]


# --- As a file ------------------------------------------------------------------------------------


def row_of(cell: Cell) -> dict[str, Any]:
    head = {
        "component": cell.component.pk,
        "name": cell.component.name,
        "month": cell.month,
        "total_seconds": decimal(cell.major.total_seconds),
    }
    partial = {f"{name}_with_partial": value for name, value in figures(cell.partial).items()}
    return {**head, **figures(cell.major), **partial}


def figures(found: Statement) -> dict[str, Any]:
    return {
        "counted_seconds": decimal(found.counted_seconds),
        "availability": percentage(found.share, PLACES),
        "met": found.is_met,
        "credit_days": found.credit_days,
    }


def as_csv(cells: Sequence[Cell]) -> Iterator[str]:
    return tables.as_csv(COLUMNS, (row_of(each) for each in cells))


def as_text(cells: Sequence[Cell]) -> Iterator[str]:
    """A line for each component and year: months below the target, the downtime, days of credit; by both readings."""
    head = ("component", "year", "months", *("missed", "minutes", "days"), *("missed", "minutes", "days"))
    yield line(head)
    for (name, year), held in by_year(cells).items():
        sums = [value for each in ("major", "partial") for value in summed([getattr(cell, each) for cell in held])]
        yield line((name, year, len(held), *sums))


def by_year(cells: Sequence[Cell]) -> dict[tuple[str, str], list[Cell]]:
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        found.setdefault((cell.component.name, cell.month[:4]), []).append(cell)
    return found


def summed(months: Sequence[Statement]) -> tuple[int, str, int]:
    """How many missed the target, minutes that count (cut to hundredths), days of credit."""
    counted = sum((each.counted_seconds for each in months), Fraction(0))
    hundredths = int(counted * 100 / 60)
    missed = sum(each.is_met is False for each in months)
    return missed, f"{hundredths // 100}.{hundredths % 100:02}", sum(each.credit_days for each in months)


def line(values: Sequence[object]) -> str:
    name, *rest = values
    return f"{str(name)[:24]:24}" + "".join(f"{value!s:>10}" for value in rest) + "\n"
