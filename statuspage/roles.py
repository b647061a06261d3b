"""Who may do what: six roles, each a Django group of that name, each a set of abilities.

The rules live here and are checked in the actions, so that console, API and commands
obey the same ones (docs/security.md 16). A superuser is an owner.
"""

from enum import Enum

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Ability(Enum):
    """One thing a role allows; `label` completes "the right to ..."."""

    VIEW = "view"
    DRAFT = "draft"
    PUBLISH = "publish"
    SUBSCRIBERS = "subscribers"
    SERVICE_LEVELS = "service_levels"
    OWN = "own"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS = {
    Ability.VIEW: _("look at the console"),
    Ability.DRAFT: _("write drafts"),
    Ability.PUBLISH: _("publish"),
    Ability.SUBSCRIBERS: _("see and change subscribers"),
    Ability.SERVICE_LEVELS: _("decide on service levels"),
    Ability.OWN: _("change staff, components and settings"),
}

WRITING = frozenset({Ability.VIEW, Ability.DRAFT})
ROLES: dict[str, frozenset[Ability]] = {
    "viewer": frozenset({Ability.VIEW}),
    "author": WRITING,
    "publisher": WRITING | {Ability.PUBLISH},
    "subscriber admin": frozenset({Ability.VIEW, Ability.SUBSCRIBERS}),
    "service-level officer": WRITING | {Ability.SERVICE_LEVELS},
    "owner": frozenset(Ability),
}

CLIENTS_REPORTS = (Ability.PUBLISH, Ability.SERVICE_LEVELS)
"""Either is enough for what clients report: who tells them of failures, or answers for what was promised."""

NAMES: dict[str, Promise] = {
    "viewer": pgettext_lazy("role", "viewer"),
    "author": pgettext_lazy("role", "author"),
    "publisher": pgettext_lazy("role", "publisher"),
    "subscriber admin": pgettext_lazy("role", "subscriber admin"),
    "service-level officer": pgettext_lazy("role", "service-level officer"),
    "owner": pgettext_lazy("role", "owner"),
}
"""What the console calls them."""


def abilities_of(user: AbstractBaseUser) -> frozenset[Ability]:
    """All that the roles of `user` allow; nothing for somebody who is not active staff."""
    if not (getattr(user, "is_active", False) and getattr(user, "is_staff", False)):
        return frozenset()
    if getattr(user, "is_superuser", False):
        return frozenset(Ability)
    names = user.groups.values_list("name", flat=True)  # type: ignore[attr-defined]
    return frozenset().union(*(ROLES.get(name, frozenset()) for name in names))
