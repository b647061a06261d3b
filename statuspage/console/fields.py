"""Fields of the console's forms: cleaned text, wall-clock times, time zones."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from statuspage.labels import REGION
from statuspage.publishing.times import UTC_NAMES
from statuspage.text import clean_line, clean_text

FORMAT = "%Y-%m-%dT%H:%M"
"""How browsers send a `datetime-local`."""
YEARS = range(2000, 2200)
"""What a planner can mean; outside, time zones cannot be computed."""


class Line(forms.CharField):
    """One line; what it shows is what it says (no control or direction characters)."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value))


class Text(forms.CharField):
    """Several lines, cleaned likewise."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value))


class WallTime(forms.Field):
    """What a clock on the wall shows: no zone, and seconds only where asked."""

    default_error_messages = {
        "invalid": _("Give a date and a time, such as 2026-11-30T14:30."),
        "offset": _("Give the time without an offset; its zone is named beside it."),
    }

    def __init__(self, *, has_seconds: bool = False, **kwargs: Any) -> None:
        self.has_seconds = has_seconds
        step, shown = ("1", f"{FORMAT}:%S") if has_seconds else ("60", FORMAT)
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": step}, format=shown)
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        try:
            wall = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValidationError(self.error_messages["invalid"]) from None
        if wall.tzinfo is not None:
            raise ValidationError(self.error_messages["offset"])
        if wall.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"])
        return wall.replace(microsecond=0) if self.has_seconds else wall.replace(second=0, microsecond=0)


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """All zones that have a place, by region, UTC before them."""
    regions: dict[str, list[tuple[str, str]]] = {"UTC": [("UTC", "UTC")]}
    for name in sorted(available_timezones()):
        region, slash, place = name.partition("/")
        if slash and region in REGION:
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
    return list(regions.items())


def zone_choices(*extra: str) -> list[Any]:
    """`zones()`, with the names in `extra` first where they have no place of their own."""
    known = {name for _region, places in zones() for name, _place in places}
    missing = [(name, name) for name in dict.fromkeys(extra) if name not in known and name in available_timezones()]
    return [*missing, *((str(REGION.get(region, region)), places) for region, places in zones())]


def plain_zone(name: str) -> str:
    """ "UTC" for each of its many names."""
    return "UTC" if name in UTC_NAMES else name
