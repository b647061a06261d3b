"""Where the console's header leads, for what somebody may do."""

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.roles import CLIENTS_REPORTS, Ability

Place = tuple[str, Promise, Ability | tuple[Ability, ...]]
"""Name, label, and what it takes; of several abilities any one is enough."""

PLACES: list[Place] = [
    ("index", _("Now"), Ability.VIEW),
    ("incidents", _("Incidents"), Ability.VIEW),
    ("maintenances", _("Maintenance"), Ability.VIEW),
    ("components", _("Components"), Ability.VIEW),
    ("service-levels", _("Service levels"), Ability.SERVICE_LEVELS),
    ("reports", _("Reports"), Ability.VIEW),
    ("staff", _("Staff"), Ability.VIEW),
]

SECTIONS: dict[str, list[Place]] = {
    "maintenances": [
        ("maintenances", _("Maintenance"), Ability.VIEW),
        ("series-list", _("Recurring maintenance"), Ability.VIEW),
        ("templates", _("Templates"), Ability.VIEW),
        ("notice", _("Notice"), Ability.VIEW),
    ],
    "components": [
        ("components", _("Components"), Ability.VIEW),
        ("outages", _("Outages"), Ability.VIEW),
        ("embedding", _("On other sites"), Ability.VIEW),
    ],
    "service-levels": [
        ("service-levels", _("Overview"), Ability.SERVICE_LEVELS),
        ("contracts", _("Contracts"), Ability.SERVICE_LEVELS),
        ("report-list", _("Reports of clients"), CLIENTS_REPORTS),
        ("claims", _("Claims"), Ability.SERVICE_LEVELS),
        ("refunds", _("Refunds"), Ability.SERVICE_LEVELS),
    ],
    "staff": [
        ("staff", _("Staff"), Ability.OWN),
        ("keys", _("API keys"), Ability.OWN),
        ("hooks", _("Calls of machines"), Ability.OWN),
        ("audit", _("Audit log"), Ability.VIEW),
    ],
}
"""Places that share one link of the header, by its name; shown below it while somebody is in one of them."""


def places(request: HttpRequest, held: Collection[Ability], apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The header's links, each with the `rooms` of its section; other applications' lists come after ours."""
    found = [link(place, held) for place in PLACES if open_rooms(place, held)]
    found += [section_of(app) for app in apps if lists_of(app)]
    mark(request.path, found)
    return found


def section_of(app: dict[str, Any]) -> dict[str, Any]:
    """Another application's lists behind one link."""
    return {"address": lists_of(app)[0]["address"], "label": app["name"], "rooms": lists_of(app)}


def lists_of(app: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"address": each["admin_url"], "label": each["name"]} for each in app["models"] if each["admin_url"]]


def open_rooms(place: Place, held: Collection[Ability]) -> list[Place]:
    """The place itself, or those of its section, as far as somebody may enter."""
    return [each for each in SECTIONS.get(place[0], [place]) if is_open(each, held)]


def is_open(place: Place, held: Collection[Ability]) -> bool:
    needed = place[2] if isinstance(place[2], tuple) else (place[2],)
    return not set(needed).isdisjoint(held)


def link(place: Place, held: Collection[Ability]) -> dict[str, Any]:
    """It leads to the first room of its section that is open, and is named after the only one."""
    rooms = [{"address": reverse(f"admin:{name}"), "label": label} for name, label, _needed in open_rooms(place, held)]
    label = place[1] if len(rooms) > 1 else rooms[0]["label"]
    return {"address": rooms[0]["address"], "label": label, "rooms": rooms if place[0] in SECTIONS else []}


def mark(path: str, links: Sequence[dict[str, Any]]) -> None:
    """Where somebody is: in one place, and in one room of it."""
    every = [each["address"] for place in links for each in (place, *place["rooms"])]
    here = closest(path, every)
    for place in links:
        for room in place["rooms"]:
            room["is_here"] = room["address"] == here
        place["is_here"] = place["address"] == here or any(room["is_here"] for room in place["rooms"])


def closest(path: str, addresses: list[str]) -> str:
    """The link below which `path` is; the longest, since all are below the first."""
    return max((each for each in addresses if path.startswith(each)), key=len, default="")
