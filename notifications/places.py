"""Countries and time zones for people to choose from, out of the time zone database's own tables.

The package `tzdata` brings them along; phonenumbers' names of countries would cost three
seconds and tens of megabytes at import.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from statuspage.labels import REGION
from statuspage.publishing.languages import isolated

from . import choices

ZoneGroups = list[tuple[str, list[tuple[str, str]]]]


def countries() -> list[tuple[str, str]]:
    """The countries that are texted: ("NL", "Netherlands (+31)"), by name."""
    named = [
        (code, f"{name_of(code)} ({isolated(f'+{phonenumbers.country_code_for_region(code)}')})")
        for code in settings.SMS_COUNTRIES
    ]
    return sorted(named, key=lambda each: each[1])


def name_of(code: str) -> str:
    """ "Netherlands" of "NL", in the language that is active; the code itself where it is unknown."""
    name = country_names().get(code)
    return pgettext("country", name) if name else code


@cache
def country_names() -> dict[str, str]:
    """Names by their two letters."""
    return {row[0]: row[1] for row in table("iso3166.tab")}


@cache
def zone_groups() -> ZoneGroups:
    """One zone a country and a difference, grouped by continent, as a select shows them."""
    names = sorted(row[2] for row in table("zone.tab"))
    continents = sorted({name.partition("/")[0] for name in names})
    return [(area, [(name, city(name)) for name in names if name.startswith(f"{area}/")]) for area in continents]


def zone_choices(current: str) -> ZoneGroups:
    """UTC, `current` and all others: a subscriber's own zone may be an old name for one."""
    first = dict.fromkeys([choices.UTC, current])
    listed = {name for _area, members in zone_groups() for name, _city in members}
    extra = [(name, "UTC" if name == choices.UTC else city(name)) for name in first if name and name not in listed]
    regions = [(str(REGION.get(area, area)), members) for area, members in zone_groups()]
    return [(str(_("Everywhere")), extra), *regions]


def city(name: str) -> str:
    """ "Buenos Aires, Argentina" of "America/Argentina/Buenos_Aires"."""
    return ", ".join(reversed(name.replace("_", " ").split("/")[1:])) or name


def table(name: str) -> Iterator[list[str]]:
    """The rows of one of tzdata's tables, without its comments."""
    text = (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
