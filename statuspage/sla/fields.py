"""A case's JSON, read strictly: every key known, every instant with an offset, every error naming its key."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from .intervals import Interval

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

MISSING = object()


class Unusable(ValueError):
    """A case that cannot be computed; the text names the key."""


class Fields:
    """The keys of one JSON object, each asked for by name; what nobody asked for is unknown."""

    def __init__(self, given: Any, place: str = "") -> None:
        if not isinstance(given, Mapping):
            raise Unusable(f"{place or 'case'}: not an object")
        self.given = given
        self.place = place
        self.asked: set[str] = set()

    def key(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

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
        """Nothing was asked for under another name."""
        for name in self.given:
            if name not in self.asked:
                raise self.fail(name, "unknown key")


def instant(value: Any) -> datetime:
    """ISO 8601 with an offset, in UTC."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        raise Unusable(f"{value!r} is not an instant") from None
    if at.utcoffset() is None:
        raise Unusable(f"{value!r} has no offset")
    return at.astimezone(UTC)


def zone(value: Any) -> ZoneInfo:
    if text(value) not in available_timezones():
        raise Unusable(f"{value!r} is not a time zone")
    return ZoneInfo(value)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unusable(f"{value!r} is not a text")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unusable(f"{value!r} is neither true nor false")
    return value


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unusable(f"{value!r} is not a whole number from 0 on")
    return value


def a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unusable(f"{value!r} is not a list")
    return value


def word(kind: type[E]) -> Callable[[Any], E]:
    """One of an enumeration's words."""

    def read(value: Any) -> E:
        try:
            return kind(text(value))
        except ValueError:
            raise Unusable(f"{value!r} is not one of {', '.join(str(each.value) for each in kind)}") from None

    return read
