"""Types of single fields as clients send them, by JSON or by form: text for everything, "" for nothing."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

YEARS = range(1970, 2200)
"""In which instants can be stored, moved to zones and shown."""

METADATA_MOST = 25_000
"""Characters of what a client keeps with an incident, as JSON."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
"""What an id may look like; whether there is one of it, the actions say."""


def nothing(value: Any) -> Any:
    """A form has no null."""
    return None if value == "" else value


def spaced(value: Any) -> Any:
    """Ruby writes "2026-12-01 10:00:00 UTC" and "2026-12-01 10:00:00 -0500"."""
    return SPACED_ZONE.sub(lambda found: found[1] or "Z", value) if isinstance(value, str) else value


def listed(value: Any) -> Any:
    """One value of a form where a list is expected."""
    return [value] if isinstance(value, str) and value else nothing(value)


def truth(value: bool | str | None) -> bool | None:
    """Some clients write truths as texts, in JSON too."""
    return value == "true" if isinstance(value, str) else value


def instant(value: datetime | None) -> datetime | None:
    """Without an offset it is UTC."""
    return in_zone(value, UTC)


def instant_of_the_page(value: datetime | None) -> datetime | None:
    """Without an offset it is the page's time."""
    return in_zone(value, ZoneInfo(settings.PAGE_TIME_ZONE))


def in_zone(value: datetime | None, zone: Any) -> datetime | None:
    if value is None:
        return None
    if value.year not in YEARS:
        raise ValueError(f"a time from {YEARS[0]} to {YEARS[-1]} is expected")
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def storable(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """JSON that every database can store, and not too much of it: a number may have been too large for one."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        raise ValueError("this cannot be stored as JSON") from None
    if len(text) > METADATA_MOST:
        raise ValueError(f"at most {METADATA_MOST} characters are expected")
    return value


Blank = BeforeValidator(nothing)
SPACED_ZONE = re.compile(r" (?:UTC|([+-][0-9]{2}:?[0-9]{2}))\Z")
Flag = Annotated[bool | Literal["true", "false", ""] | None, Blank, AfterValidator(truth)]
OfTheseYears = Annotated[
    datetime, WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"^(19[7-9]|2[01][0-9])"})
]
Spaced = BeforeValidator(spaced)
Instant = Annotated[OfTheseYears | Literal[""] | None, Blank, Spaced, AfterValidator(instant)]
PageInstant = Annotated[OfTheseYears | Literal[""] | None, Blank, Spaced, AfterValidator(instant_of_the_page)]
Ids = Annotated[list[Id] | None, BeforeValidator(listed)]
Metadata = Annotated[dict[str, dict[str, Any]] | None, Blank, AfterValidator(storable)]
