"""Bring stored rows to the wanted ones with as few statements as it takes; none where they agree."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)

AT_ONCE = 500
"""Rows or ids a statement: enough to be quick, few enough for any database's limits."""


@dataclass(frozen=True)
class Difference(Generic[Row]):
    """What was written: rows that are new, that changed, and that the source took back."""

    new: list[Row]
    changed: list[Row]
    gone: list[Row]

    def rows(self) -> list[Row]:
        """All of them."""
        return [*self.new, *self.changed, *self.gone]


def difference(
    wanted: Iterable[Row], stored: Iterable[Row], fields: Sequence[str], key: Callable[[Row], Hashable]
) -> Difference[Row]:
    """Compare by `key`, then by `fields`. A changed row is the stored one with its new values."""
    before = {key(row): row for row in stored}
    found: Difference[Row] = Difference([], [], [])
    for row in wanted:
        old = before.pop(key(row), None)
        if old is None:
            found.new.append(row)
        elif any(getattr(row, field) != getattr(old, field) for field in fields):
            for field in fields:
                setattr(old, field, getattr(row, field))
            found.changed.append(old)
    found.gone.extend(before.values())
    return found


def sync(
    model: type[Row],
    wanted: Iterable[Row],
    stored: Iterable[Row],
    fields: Sequence[str],
    key: Callable[[Row], Hashable] = attrgetter("pk"),
    *,
    forget: bool = False,
) -> Difference[Row]:
    """Write the difference; stored rows that are not wanted stay, unless `forget`.

    In this order, because one component may have one open outage: rows that go make
    room for rows that change, and these for new ones.
    """
    found = difference(wanted, stored, fields, key)
    if not forget:
        found.gone.clear()
    for batch in batches([row.pk for row in found.gone]):
        model._default_manager.filter(pk__in=batch).delete()
    for row in found.changed:
        row.save(update_fields=fields)
    model._default_manager.bulk_create(found.new, batch_size=AT_ONCE)
    return found


def below(model: type[Row], column: str, ids: Sequence[str]) -> Iterator[Row]:
    """The stored rows whose `column` is one of `ids`."""
    for batch in batches(ids):
        yield from model._base_manager.filter(**{f"{column}__in": batch})


Item = TypeVar("Item")


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items, AT_ONCE at a time."""
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]
