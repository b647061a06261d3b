"""Where the console's header leads, for what somebody may do."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.roles import Ability

PLACES: list[tuple[str, Promise, Ability]] = [
    ("index", _("Now"), Ability.VIEW),
    ("incidents", _("Incidents"), Ability.VIEW),
    ("maintenances", _("Maintenance"), Ability.VIEW),
    ("templates", _("Templates"), Ability.VIEW),
    ("notice", _("Notice"), Ability.VIEW),
    ("components", _("Components"), Ability.VIEW),
    ("outages", _("Outages"), Ability.VIEW),
    ("contracts", _("Contracts"), Ability.SERVICE_LEVELS),
    ("reports", _("Reports"), Ability.VIEW),
    ("audit", _("Audit log"), Ability.VIEW),
    ("staff", _("Staff"), Ability.OWN),
]


def places(request: HttpRequest, held: Collection[Ability], apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The header's links; other applications' lists come after ours."""
    own = [(reverse(f"admin:{name}"), label) for name, label, needed in PLACES if needed in held]
    others = [(model["admin_url"], model["name"]) for app in apps for model in app["models"] if model["admin_url"]]
    links = own + others
    here = closest(request.path, [address for address, _label in links])
    return [{"address": address, "label": label, "is_here": address == here} for address, label in links]


def closest(path: str, addresses: list[str]) -> str:
    """The link below which `path` is; the longest, since all are below the first."""
    return max((each for each in addresses if path.startswith(each)), key=len, default="")
