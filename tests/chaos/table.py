"""One line a storm: what was done to the site, and what came of it."""

import time
from dataclasses import dataclass

from tests.chaos.case import Case

HEAD = (
    "storm", "seed", "words", "rows", "copies", "kills", "faults", "lost", "twice", "bound",
    "looks", "errors", "rest s", "took s", "breaches",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One storm's figures."""

    name: str
    seed: int
    case: Case
    breaches: list[str]
    seconds: float

    def cells(self) -> tuple[str, ...]:
        evidence = self.case.evidence
        values = (
            self.name,
            self.seed,
            len(evidence.told),
            len(evidence.rows),
            len(evidence.copies),
            evidence.tally.kills,
            evidence.tally.faults.total(),
            len(self.case.lost()),
            self.case.duplicates(),
            self.case.bound(),
            evidence.looks["looks"],
            len(evidence.looks["errors"]),
            round(evidence.rested_in),
            round(self.seconds),
            len(self.breaches) or "none",
        )
        return tuple(map(str, values))


def head() -> str:
    return row(HEAD)


def row(cells: tuple[str, ...]) -> str:
    first, *others = cells
    widths = [max(7, len(each) + 1) for each in HEAD[1:]]
    return f"{first:<22}" + "".join(f"{cell:>{width}}" for cell, width in zip(others, widths, strict=True))


def said(line: Line) -> str:
    """The line, what was done by kind, and the first breaches."""
    faults = ", ".join(f"{name} {count}" for name, count in sorted(line.case.evidence.tally.faults.items()))
    return "\n".join([row(line.cells()), f"    {faults}", *(f"    {each}" for each in line.breaches[:10])])


class Stopwatch:
    def __init__(self) -> None:
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def summary(lines: list[Line], mutants: list[Line]) -> str:
    """What may be said of all of it, and no more."""
    cases = [line.case for line in lines]
    faults = sum(case.evidence.tally.faults.total() for case in cases)
    lost = sum(len(case.lost()) for case in cases)
    breaches = sum(len(line.breaches) for line in lines)
    seen = "no loss was observed" if not lost else f"{lost} rows were lost"
    noticed = sum(bool(line.breaches) for line in mutants)
    return (
        f"In {len(lines)} seeded runs with {faults} injected faults {seen}; "
        f"{sum(case.duplicates() for case in cases)} duplicates, {sum(case.bound() for case in cases)} allowed; "
        f"{breaches} breaches. Mutants noticed: {noticed} of {len(mutants)}."
    )
