"""What a statement is made of in any format: headings, sentences, tables; and how times and seconds are written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import chain
from zoneinfo import ZoneInfo

Row = list[str]


@dataclass(frozen=True)
class Table:
    """Rows of texts under their heads. `numbers`: which columns are figures, `strong`: the last row is a sum."""

    heads: Row
    rows: list[Row]
    numbers: frozenset[int] = frozenset()
    strong: bool = False


@dataclass(frozen=True)
class Section:
    """`plot`: the drawing of the period stands above the table, which says the same."""

    heading: str
    said: list[str] = field(default_factory=list)
    table: Table | None = None
    plot: bool = False


@dataclass(frozen=True)
class Document:
    title: str
    standing: str
    is_provisional: bool
    facts: list[tuple[str, str]]
    sections: list[Section]

    def texts(self) -> Iterator[str]:
        """All that stands in it."""
        yield from (self.title, self.standing, *chain.from_iterable(self.facts))
        for section in self.sections:
            yield from (section.heading, *section.said)
            if section.table:
                yield from chain(section.table.heads, *section.table.rows)


@dataclass(frozen=True)
class Frozen:
    """Where a statement stands among its numbers; `number` 0: it is not frozen."""

    number: int = 0
    frozen_at: datetime | None = None
    history: tuple[tuple[int, datetime, str, str, str], ...] = ()
    """Number, when, author, reason and digest of each, the first one first."""


@dataclass(frozen=True)
class Clock:
    """Instants as the contract's zone has them, with their offset: "2026-04-01 02:00:00 +02:00"."""

    zone: ZoneInfo

    def __call__(self, stamp: str | None) -> str:
        if not stamp:
            return ""
        there = datetime.fromisoformat(stamp).astimezone(self.zone)
        clock = there.replace(tzinfo=None).isoformat(" ")
        return f"{clock} {there.isoformat(' ').removeprefix(clock)}"

    def of(self, at: datetime | None) -> str:
        return self(at.isoformat()) if at else ""


def spelled(seconds: str) -> str:
    """ "7200" as "7200 s (2:00:00)"; hours, minutes and seconds."""
    whole, _point, rest = seconds.lstrip("-").partition(".")
    if not whole.isdigit():
        return f"{seconds} s"
    count = int(whole)
    fraction = f".{rest}" if rest else ""
    sign = "-" if seconds.startswith("-") else ""
    return f"{seconds} s ({sign}{count // 3600}:{count // 60 % 60:02}:{count % 60:02}{fraction})"


def minutes(seconds: str) -> str:
    """Whole minutes and hundredths, cut off."""
    hundredths = int(Fraction(seconds) * 100 / 60)
    return f"{hundredths // 100}.{hundredths % 100:02}"
