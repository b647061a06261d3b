"""One value as JSON, and back: exact both ways, so that what was exported imports equal.

Times are in UTC with microseconds, decimals and spans are texts, JSON is itself. `read` takes nothing that the
column would not: a value of another kind is refused in words, since not every database would mind.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils.dateparse import parse_duration
from django.utils.duration import duration_iso_string

from statuspage.importing.fields import shown


class Refused(ValueError):
    """The value is none of its column; the message says why."""


def plain(value: Any) -> Any:
    """A stored value as JSON has it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return duration_iso_string(value)
        case Decimal() | uuid.UUID():
            return str(value)
        case _:
            return value


def read(column: models.Field, value: Any, *, may_be_null: bool) -> Any:
    """What JSON has, as the column takes it. Raises Refused."""
    if value is None:
        if may_be_null:
            return None
        raise Refused("null; a value is needed")
    try:
        return reader_of(type(column))(column, value)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{shown(value)} is none of its kind") from None


@cache
def reader_of(kind: type[models.Field]) -> Callable[[Any, Any], Any]:
    """What reads columns of a kind. Raises Refused where none are exported."""
    found = next((read for of, read in READERS if issubclass(kind, of)), None)
    if found is None:
        raise Refused(f"columns of kind {kind.__name__} are not exported")
    return found


def text(column: models.Field, value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise Refused(f"{shown(value)} is not text")
    if column.max_length and len(value) > column.max_length:
        raise Refused(f"{len(value)} characters; {column.max_length} fit")
    return value


def number(column: models.Field, value: Any) -> int:
    low, high = range_of(column.get_internal_type())
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{shown(value)} is not a whole number")
    if (low is not None and value < low) or (high is not None and value > high):
        raise Refused(f"{shown(value)} is not from {low} to {high}")
    return value


@cache
def range_of(kind: str) -> tuple[int | None, int | None]:
    """The least and the largest that a column holds."""
    return connection.ops.integer_field_range(kind)


def truth(column: models.Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{shown(value)} is not true or false")
    return value


def moment(column: models.Field, value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise Refused(f"{shown(value)} has neither Z nor an offset")
    return at.astimezone(UTC)


def day(column: models.Field, value: Any) -> date:
    return date.fromisoformat(value)


def span(column: models.Field, value: Any) -> timedelta:
    found = parse_duration(value)
    if found is None:
        raise Refused(f"{shown(value)} is not a span such as P0DT02H00M00S")
    return found


def decimal(column: models.DecimalField, value: Any) -> Decimal:
    """No more digits than the column holds: SQLite would keep them, PostgreSQL round them."""
    if not isinstance(value, str):
        raise Refused(f"{shown(value)} is not a decimal number as text")
    found = Decimal(value)
    digits = -int(found.as_tuple().exponent) if found.is_finite() else column.decimal_places + 1
    if digits > column.decimal_places or abs(found) >= 10 ** (column.max_digits - column.decimal_places):
        raise Refused(f"{shown(value)}: {column.max_digits} digits fit, {column.decimal_places} of them decimals")
    return found


def unique_id(column: models.Field, value: Any) -> uuid.UUID:
    if not isinstance(value, str):
        raise Refused(f"{shown(value)} is not a UUID")
    return uuid.UUID(value)


def itself(column: models.Field, value: Any) -> Any:
    return value


READERS: tuple[tuple[type[models.Field], Callable[[Any, Any], Any]], ...] = (
    (models.DateTimeField, moment),
    (models.DateField, day),
    (models.DurationField, span),
    (models.DecimalField, decimal),
    (models.UUIDField, unique_id),
    (models.JSONField, itself),
    (models.BooleanField, truth),
    (models.IntegerField, number),
    (models.CharField, text),
    (models.TextField, text),
)
"""By kind of column, the first that fits: a moment is a date to Django."""
