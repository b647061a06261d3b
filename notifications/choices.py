"""What somebody wants to be told: the choices of the subscribe form and of the manage page.

Choices are asked for first and come into force when the link is used, so they travel in
the link's row (`payload`). Reads components to check them; never writes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from statuspage import selectors

from .addresses import InputRefused
from .models import Subscription

UTC = "Etc/UTC"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A group stands for its members at the time of telling: new ones join by themselves."""

    all_components: bool = True
    component_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    wants_incidents: bool = True
    wants_maintenances: bool = True
    wants_invitations: bool | None = False
    """With mails about planned maintenance; other channels have no place for it. None: not asked, stays as it is."""
    language: str = ""
    time_zone: str = UTC

    def payload(self) -> dict[str, Any]:
        """As JSON-ready data, for the link's row."""
        known = {"language": known_language(self.language), "time_zone": known_time_zone(self.time_zone)}
        return asdict(self) | known

    def check(self) -> None:
        """Raises InputRefused where the choices say nothing, or name what is not there."""
        if not (self.wants_incidents or self.wants_maintenances):
            raise InputRefused("about", _("Choose incidents, maintenance or both."))
        if self.all_components:
            return
        if not (self.component_ids or self.group_ids):
            raise InputRefused("component_ids", _("Choose at least one component, or everything."))
        if not (
            all_exist(selectors.components(), self.component_ids) and all_exist(selectors.groups(), self.group_ids)
        ):
            raise InputRefused("component_ids", _("One of the components no longer exists. Choose again."))


def all_exist(rows: QuerySet[Any], ids: tuple[str, ...]) -> bool:
    """Whether every id is one of `rows`; the database is not shown what is no id at all."""
    if not all(each.isascii() and each.isalnum() for each in ids):
        return False
    return rows.filter(pk__in=ids).count() == len(set(ids))


def limited_to(choices: Choices, ids: Sequence[str] | None) -> Choices:
    """The same for these components and groups alone; None: for everything."""
    if ids is None:
        return replace(choices, all_components=True, component_ids=(), group_ids=())
    plain = [each for each in ids if each.isascii() and each.isalnum()]
    groups = set(selectors.groups().filter(pk__in=plain).values_list("pk", flat=True))
    return replace(
        choices,
        all_components=False,
        component_ids=tuple(dict.fromkeys(each for each in ids if each not in groups)),
        group_ids=tuple(dict.fromkeys(each for each in ids if each in groups)),
    )


def from_payload(payload: dict[str, Any]) -> Choices:
    """The choices that a link's row carries."""
    lists = {name: tuple(payload.get(name, ())) for name in ("component_ids", "group_ids")}
    return Choices(**{**payload, **lists})


def of(subscription: Subscription) -> Choices:
    """What is in force now."""
    return Choices(
        all_components=subscription.all_components,
        component_ids=tuple(subscription.components.order_by("pk").values_list("pk", flat=True)),
        group_ids=tuple(subscription.groups.order_by("pk").values_list("pk", flat=True)),
        wants_incidents=subscription.wants_incidents,
        wants_maintenances=subscription.wants_maintenances,
        wants_invitations=subscription.wants_invitations,
        language=subscription.subscriber.language,
        time_zone=subscription.subscriber.time_zone,
    )


def known_language(code: str) -> str:
    """`code` where the site speaks it, else the site's own."""
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def known_time_zone(name: str) -> str:
    """`name` where it is a zone, else UTC (fault 55: it must never reach the file system)."""
    return name if name in zones() else UTC


@cache
def zones() -> frozenset[str]:
    """Every zone's name; read from the disk once."""
    return frozenset(available_timezones())
