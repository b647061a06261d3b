"""The registry: which tables an export holds, and why the others are left out.

Each package enters its own: `contents` this one's, `notifications` its own when it is installed. A model in
neither list fails a test, so nobody adds one without a decision.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Collate

NAMED = {"auth.user": "username", "auth.group": "name"}
"""Rows of these are named by words in an export: whoever has an account elsewhere is the same person."""


@dataclass(frozen=True)
class Table:
    """One table of an export. `label` as Django has it, in lower case: it is the files' name."""

    label: str
    without: Mapping[str, str] = field(default_factory=dict)
    """Columns that are left out -> why. An import fills them with `filled`, or with the model's defaults."""
    filled: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    is_single: bool = False
    """One row, which a new site has too: an import replaces it."""

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def is_link(self) -> bool:
        """Whether it only links two others: its numbers mean nothing, and are left out."""
        return bool(self.model._meta.auto_created)

    @property
    def columns(self) -> "list[Column]":
        """What is exported, in the model's order."""
        skipped = {*self.without, *(["id"] if self.is_link else [])}
        return [Column(each) for each in self.model._meta.concrete_fields if each.name not in skipped]

    @property
    def keys(self) -> "list[Column]":
        """The columns that tell rows apart."""
        if self.label in NAMED:
            return [each for each in self.columns if each.name == NAMED[self.label]]
        return self.columns if self.is_link else [Column(self.model._meta.pk)]

    def rows(self) -> models.QuerySet:
        """All rows, those that lists leave out too, in one order on every database."""
        return self.model._base_manager.order_by(*(each.in_order() for each in self.keys))


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    field: models.Field

    @cached_property
    def name(self) -> str:
        return self.field.name

    @cached_property
    def leads_to(self) -> str:
        """The label of the table that a reference leads to; "" for any other column."""
        return self.field.related_model._meta.label_lower if self.field.is_relation else ""  # type: ignore[union-attr]

    @property
    def source(self) -> str:
        """Where a query finds the value: in the column, or in the name of the row that it leads to."""
        named = NAMED.get(self.leads_to)
        return f"{self.name}__{named}" if named else self.field.attname

    @cached_property
    def leaf(self) -> models.Field:
        """The field that says of what kind the value is, at the end of all references."""
        found = self.field
        while found.is_relation:
            named = NAMED.get(found.related_model._meta.label_lower)  # type: ignore[union-attr]
            found = found.related_model._meta.get_field(named) if named else found.target_field  # type: ignore
        return found

    def in_order(self) -> Any:
        """To sort by: texts by code point, where PostgreSQL would go by the language of its database."""
        is_text = isinstance(self.leaf, models.CharField) and connection.vendor == "postgresql"
        return Collate(F(self.source), "C") if is_text else F(self.source)


_tables: dict[str, Table] = {}
_left_out: dict[str, str] = {}
_marks: dict[str, Callable[[], str]] = {}


def register(
    exported: Iterable[Table], left_out: Mapping[str, str], marks: Mapping[str, Callable[[], str]] | None = None
) -> None:
    """Enter a package's tables, and the reasons for those it leaves out (by label, in lower case).

    `marks`: what must be the same where the export is read, or its rows mean nothing there; name -> value.
    """
    _tables.update({each.label: each for each in exported})
    _left_out.update(left_out)
    _marks.update(marks or {})


def exported() -> list[Table]:
    """All tables of an export: each package's in its own order, each followed by its links to others."""
    return [table for entered in _tables.values() for table in (entered, *links_of(entered))]


def links_of(table: Table) -> Iterator[Table]:
    """The tables behind its many-to-many columns, unless they are models of their own or left out."""
    for each in table.model._meta.local_many_to_many:
        through = each.remote_field.through._meta
        if through.auto_created and through.label_lower not in {*_left_out, *_tables}:
            yield Table(through.label_lower)


def left_out() -> dict[str, str]:
    """Label -> why it is not exported."""
    return dict(_left_out)


def marks() -> dict[str, str]:
    """What must be the same where the export is read."""
    return {name: value() for name, value in sorted(_marks.items())}
