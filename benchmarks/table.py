"""What a benchmark answers: rows of ratios. Figures move from machine to machine, ratios hold."""

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = ("database", "measure", "reference", "ours", "ratio", "target", "")


@dataclass(frozen=True)
class Row:
    """One measure on one database.

    `reference` and `ours` are figures with their unit, in words. `ratio` is ours to the
    reference's; None where it could not be measured, and `ours` then says why. `target` is
    ">= 0.5" or "<= 1.1"; empty where there is none.
    """

    measure: str
    reference: str
    ours: str
    ratio: float | None
    target: str
    database: str

    @property
    def is_reached(self) -> bool | None:
        """Whether the ratio keeps its target; None where there is nothing to compare."""
        if self.ratio is None or not self.target:
            return None
        sign, limit = self.target.split()
        return self.ratio >= float(limit) if sign == ">=" else self.ratio <= float(limit)

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        verdict = {True: "reached", False: "MISSED", None: ""}[self.is_reached]
        return (self.database, self.measure, self.reference, self.ours, ratio, self.target, verdict)


def table(rows: Iterable[Row]) -> str:
    """The rows as a table in Markdown, which docs/performance.md takes as it is."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(line_of(cells, widths) for cells in [lines[0], rule, *lines[1:]])


def line_of(cells: tuple[str, ...], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
