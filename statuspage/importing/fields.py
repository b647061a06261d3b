"""One JSON object, read field by field: a value of the right kind, or an error that says where.

Used by `parse` only. Every text is cleaned here, so nothing unclean gets further.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar

from statuspage.text import clean_line, clean_text

NAME_MAX = 255
TEXT_MAX = 25_000
"""Characters; Statuspage's own limit for an update's body."""
LINK_MAX = 200
NUMBER_MAX = 2_147_483_647
"""The largest position that the database's column holds."""
FIRST_YEAR = 1970
"""Before it nobody had a status page; a zero time from a careless exporter is refused."""
SHOWN_MAX = 60
"""Characters of a bad value that an error repeats."""

ID = re.compile(r"[0-9a-z]{12}")
LINK = re.compile(r"https?://[^\s<>\"']+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(?P<offset>Z|[+-]\d\d:?\d\d)?")

Word = TypeVar("Word", bound=StrEnum)


class Unusable(Exception):
    """The source cannot be imported; the message names the file, the field and the value."""


class Fields:
    """A JSON object and the words for where it stands, such as `incidents.json: incident x`."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise Unusable(f"{place}: {shown(data)} is not an object")
        self.data, self.place = data, place

    def wrong(self, field: str, reason: str) -> Unusable:
        """The error to raise for a field."""
        return Unusable(f"{self.place}: {field}: {reason}")

    def required(self, field: str) -> object:
        """The raw value; the key has to be there."""
        if field not in self.data:
            raise self.wrong(field, "is missing")
        return self.data[field]

    def identifier(self, field: str = "id") -> str:
        """Statuspage's ids: they become addresses, so nothing else may pass."""
        value = self.required(field)
        if not isinstance(value, str) or not ID.fullmatch(value):
            raise self.wrong(field, f"{shown(value)} is not 12 lower-case letters and digits")
        return value

    def optional_identifier(self, field: str) -> str | None:
        """None where it is null or missing."""
        return None if self.data.get(field) is None else self.identifier(field)

    def line(self, field: str) -> str:
        """One line of text, not empty."""
        value = clean_line(self._string(field, self.required(field)))
        if not value:
            raise self.wrong(field, "is empty")
        if len(value) > NAME_MAX:
            raise self.wrong(field, f"{len(value)} characters; {NAME_MAX} fit")
        return value

    def text(self, field: str) -> str:
        """Several lines of text; null and a missing key are empty."""
        value = clean_text(self._string(field, self.data.get(field)))
        if len(value) > TEXT_MAX:
            raise self.wrong(field, f"{len(value)} characters; {TEXT_MAX} fit")
        return value

    def link(self, field: str) -> str:
        """A web address, empty where there is none; it will be followed, so no other scheme."""
        value = self._string(field, self.data.get(field))
        if value and not (LINK.fullmatch(value) and len(value) <= LINK_MAX):
            raise self.wrong(field, f"{shown(value)} is not an http:// or https:// address")
        return value

    def _string(self, field: str, value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(field, f"{shown(value)} is not text")
        return value

    def flag(self, field: str, default: bool) -> bool:
        """True or false; `default` where it is null or missing."""
        value = self.data.get(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(field, f"{shown(value)} is not true or false")
        return value

    def number(self, field: str, default: int) -> int:
        """A position; `default` where it is null or missing."""
        value = self.data.get(field)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
            raise self.wrong(field, f"{shown(value)} is not a whole number from 0 to {NUMBER_MAX}")
        return value

    def word(self, field: str, words: type[Word]) -> Word:
        """A word of a vocabulary."""
        value = self.required(field)
        try:
            return words(value)  # type: ignore[arg-type]
        except ValueError:
            known = ", ".join(words)
            raise self.wrong(field, f"{shown(value)} is none of {known}") from None

    def moment(self, field: str) -> datetime:
        """An instant in UTC; a time without an offset names no instant."""
        value = self.required(field)
        match = MOMENT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise self.wrong(field, f"{shown(value)} is not a time such as 2026-01-31T12:00:00.000Z")
        if not match["offset"]:
            raise self.wrong(field, f"{shown(value)} has neither Z nor an offset")
        try:
            at = datetime.fromisoformat(match[0]).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(field, f"{shown(value)} does not exist") from None
        if at.year < FIRST_YEAR:
            raise self.wrong(field, f"{shown(value)} is before {FIRST_YEAR}")
        return at

    def optional_moment(self, field: str) -> datetime | None:
        """None where it is null or missing."""
        return None if self.data.get(field) is None else self.moment(field)

    def optional_date(self, field: str) -> date | None:
        """A calendar date; None where it is null or missing."""
        value = self.data.get(field)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.wrong(field, f"{shown(value)} is not a date such as 2026-01-31") from None

    def items(self, field: str) -> list[object]:
        """A list; the key has to be there."""
        value = self.required(field)
        if not isinstance(value, list):
            raise self.wrong(field, f"{shown(value)} is not a list")
        return value

    def objects(self, field: str) -> Iterator["Fields"]:
        """Each object of a list, placed by its number until its id is known."""
        for number, each in enumerate(self.items(field), start=1):
            yield Fields(each, f"{self.place}: {field} {number}")

    def named(self, place: str) -> "Fields":
        """The same object, placed by other words."""
        return Fields(self.data, place)


def shown(value: object) -> str:
    """A value for an error: one printable line, cut short."""
    text = ascii(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
