"""A case's JSON, read strictly: every key known and there once, instants with an offset, errors that name the key."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from .intervals import Interval

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

MISSING = object()
EARLIEST, LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
"""What can be told in every zone, a claim's month later too, with the years that a datetime knows."""
SHOWN = 80
"""Characters of a value in an error, which is one line."""


class Unusable(ValueError):
    """A case that cannot be computed; the text names the key."""


class Object(dict[str, Any]):
    """A JSON object that remembers which key came twice, if one did."""

    twice: str | None = None


def load(data: bytes) -> Any:
    """The value of a JSON text, its objects as `Object`. Raises Unusable where it is none."""
    try:
        return json.loads(data, object_pairs_hook=an_object_of)
    except RecursionError:
        raise Unusable("nested too deeply") from None
    except ValueError as error:
        raise Unusable(f"not JSON: {error}") from None


def an_object_of(pairs: list[tuple[str, Any]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        found.twice = first_twice(name for name, _value in pairs)
    return found


def first_twice(names: Iterable[str]) -> str | None:
    """The first name that came before."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def shown(value: Any) -> str:
    """A value as an error shows it: on one line, and not the whole of a long one."""
    found = ascii(value)
    return found if len(found) <= SHOWN else f"{found[:SHOWN]}..."


def named(name: str) -> str:
    """A key or an id: as it stands, where it is one word of ordinary characters."""
    return name if name.isprintable() and len(name) <= SHOWN else shown(name)


class Fields:
    """The keys of one JSON object, each asked for by name; what nobody asked for is unknown."""

    def __init__(self, given: Any, place: str = "") -> None:
        if not isinstance(given, dict):
            raise Unusable(f"{place or 'case'}: not an object")
        self.given = given
        self.place = place
        self.asked: set[str] = set()

    def key(self, name: str) -> str:
        return f"{self.place}.{named(name)}" if self.place else named(name)

    def fail(self, name: str, why: str) -> Unusable:
        return Unusable(f"{self.key(name)}: {why}")

    def take(self, name: str, read: Callable[[Any], T], default: Any = MISSING) -> T:
        """The value of a key as `read` makes of it; without a default it must be there."""
        self.asked.add(name)
        value = self.given.get(name, MISSING)
        if value is MISSING:
            if default is MISSING:
                raise self.fail(name, "missing")
            return default  # type: ignore[no-any-return]
        try:
            return read(value)
        except Unusable as error:
            raise self.fail(name, str(error)) from None

    def each(self, name: str) -> list["Fields"]:
        """A list of objects."""
        rows = self.take(name, a_list)
        return [Fields(row, f"{self.key(name)}[{number}]") for number, row in enumerate(rows)]

    def interval(self, open_end: datetime | None = None) -> Interval:
        """`start` and `end`; a null end is `open_end` where there is one."""
        start = self.take("start", instant)
        end = self.take("end", lambda value: open_end if value is None else instant(value))
        if end is None:
            raise self.fail("end", "still open: as_of is needed")
        if end < start:
            raise self.fail("end", "before its start")
        return Interval(start, end)

    def done(self) -> None:
        """Nothing was asked for under another name, and no key comes twice."""
        for name in self.given:
            if name not in self.asked:
                raise self.fail(name, "unknown key")
        if twice := getattr(self.given, "twice", None):
            raise self.fail(twice, "comes twice")


FINER = re.compile(r"[.,]\d{6}\d*[1-9]")
"""Decimals of a second beyond the microsecond, which would be cut off in silence."""


def instant(value: Any) -> datetime:
    """ISO 8601 with an offset, to the microsecond, in UTC."""
    try:
        at = datetime.fromisoformat(text(value))
        known = at.astimezone(UTC) if at.utcoffset() is not None else None
    except (ValueError, OverflowError):
        raise Unusable(f"{shown(value)} is not an instant") from None
    if known is None:
        raise Unusable(f"{shown(value)} has no offset")
    if FINER.search(value):
        raise Unusable(f"{shown(value)} is finer than a microsecond")
    if not EARLIEST <= known < LATEST:
        raise Unusable(f"{shown(value)} is not within the years 2 to 9997")
    return known


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(value: Any) -> ZoneInfo:
    if text(value) not in zones():
        raise Unusable(f"{shown(value)} is not a time zone")
    return ZoneInfo(value)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unusable(f"{shown(value)} is not a text")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unusable(f"{shown(value)} is neither true nor false")
    return value


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unusable(f"{shown(value)} is not a whole number from 0 on")
    return value


def a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unusable(f"{shown(value)} is not a list")
    return value


def word(kind: type[E]) -> Callable[[Any], E]:
    """One of an enumeration's words."""

    def read(value: Any) -> E:
        try:
            return kind(text(value))
        except ValueError:
            raise Unusable(f"{shown(value)} is not one of {', '.join(str(each.value) for each in kind)}") from None

    return read
