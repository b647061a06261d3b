"""A table as lines of JSON, as lines for people, and read back: a few at a time, however long it is."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from statuspage import tables as printed
from statuspage.importing.fields import shown

from .tables import Column, Table
from .values import Refused, plain, read

AT_ONCE = 1_000
"""Rows that are held in memory."""


def of(table: Table) -> Iterator[list[Any]]:
    """The table's rows as JSON has their values, in the order of its columns."""
    sources = [each.source for each in table.columns]
    for row in table.rows().values_list(*sources).iterator(chunk_size=AT_ONCE):
        yield [plain(value) for value in row]


def as_line(names: Sequence[str], row: Sequence[Any]) -> bytes:
    """One object and the end of its line: keys by code point, no spaces, nothing escaped that need not be."""
    facts = dict(zip(names, row, strict=True))
    try:
        return _json(facts, is_plain=True).encode() + b"\n"
    except UnicodeEncodeError:  # Half a character, which UTF-8 has no bytes for: an escape has.
        return _json(facts, is_plain=False).encode() + b"\n"


def _json(value: Any, *, is_plain: bool) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=not is_plain, allow_nan=False)


def as_cells(row: Sequence[Any]) -> list[Any]:
    """For a spreadsheet, which computes none of it."""
    return [printed.cell(_json(each, is_plain=True) if isinstance(each, dict | list) else each) for each in row]


def parsed(line: bytes) -> dict[str, Any]:
    """The object of one line. Raises Refused."""
    try:
        found = json.loads(line.decode(), parse_constant=_refuse)
    except RecursionError:
        raise Refused("nested too deeply") from None
    except ValueError as error:
        raise Refused(f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused(f"{shown(found)} is not an object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def values(columns: Sequence[Column], row: dict[str, Any]) -> Iterator[tuple[Column, Any]]:
    """Each column with its value as the database takes it. Raises Refused, which names the field."""
    known = {each.name for each in columns}
    if strange := sorted(row.keys() - known):
        raise Refused(f"{shown(strange[0])}: this version knows no such field")
    for each in columns:
        if each.name not in row:
            raise Refused(f"{each.name}: is missing")
        try:
            yield each, read(each.leaf, row[each.name], may_be_null=each.field.null)
        except Refused as error:
            raise Refused(f"{each.name}: {error}") from None
