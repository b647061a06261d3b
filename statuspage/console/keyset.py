"""Pages of a long list by where the one before ended: the hundredth costs what the first does (fault 87).

A cursor is the moment and the id of the row at a page's edge, `2026-11-10T14:32:00+00:00_0a1b2c3d4e5f`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Page:
    """Rows, newest first, and the cursors of its neighbours: "" where there is none."""

    object_list: list[Any]
    newer: str
    older: str

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)


def page(rows: QuerySet[Any], field: str, size: int, asked: Mapping[str, str]) -> Page:
    """The page that `asked` names: rows older than `after`, or newer than `before`; else, and for rubbish, the first.

    `rows` are ordered anew, by `field`, a moment; those of one moment by their id.
    """
    if (edge := parsed(asked.get("before", ""))) and (found := newer_than(edge, rows, field, size + 1)):
        newer = cursor(found[size - 1], field) if len(found) > size else ""
        return Page(found[:size][::-1], newer, cursor(found[0], field))
    edge = parsed(asked.get("after", ""))
    found = older_than(edge, rows, field, size + 1)
    older = cursor(found[size - 1], field) if len(found) > size else ""
    return Page(found[:size], cursor(found[0], field) if edge and found else "", older)


def older_than(edge: tuple[datetime, str] | None, rows: QuerySet[Any], field: str, count: int) -> list[Any]:
    ordered = rows.order_by(f"-{field}", "-pk")
    if edge:
        at, pk = edge
        ordered = ordered.filter(**{f"{field}__lte": at}).exclude(**{field: at, "pk__gte": pk})
    return list(ordered[:count])


def newer_than(edge: tuple[datetime, str], rows: QuerySet[Any], field: str, count: int) -> list[Any]:
    """The nearest first."""
    at, pk = edge
    ordered = rows.order_by(field, "pk").filter(**{f"{field}__gte": at})
    return list(ordered.exclude(**{field: at, "pk__lte": pk})[:count])


def cursor(row: Model, field: str) -> str:
    return f"{getattr(row, field).isoformat()}_{row.pk}"


def parsed(text: str) -> tuple[datetime, str] | None:
    """A cursor's moment and id; None where it is none."""
    moment, _, pk = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, pk) if at.tzinfo and pk.isalnum() else None
