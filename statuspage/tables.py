"""Rows as files that others read: CSV that no spreadsheet computes, and JSON. Written a line at a time.

A row is a mapping of names to texts, numbers, truths, datetimes and None; JSON takes lists besides.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

CSV = "text/csv; charset=utf-8"
JSON = "application/json"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute (fault 71; OWASP, CSV injection)."""
NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
"""A number below zero computes nothing, and is of no use to a spreadsheet as a text."""


class Line:
    """A file for csv.writer that keeps what was written last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """RFC 4180, a line at a time, with a head."""
    line = Line()
    writer = csv.writer(line)
    writer.writerow(columns)
    yield line.text
    for row in rows:
        writer.writerow([cell(row[name]) for name in columns])
        yield line.text


def cell(value: Any) -> Any:
    """A value as a spreadsheet takes it: never as a formula. Several stand beside each other."""
    if isinstance(value, list | tuple):
        value = " ".join(value)
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return stamp(value)


def as_json(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One array, an object a line."""
    yield "["
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row, default=stamp, ensure_ascii=False)}"
    yield "\n]\n"


def stamp(value: Any) -> Any:
    """Times in ISO 8601."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
