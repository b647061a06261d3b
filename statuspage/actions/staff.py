"""Staff: accounts with one role each, the link that lets somebody choose a password, disabling."""

from datetime import datetime

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Publication
from statuspage.roles import ROLES, Ability

OWNER = "owner"


@transaction.atomic
def save_staff(
    *, user: User, role: str, actor: audit.Actor, before: dict[str, object] | None = None, now: datetime | None = None
) -> User:
    """Store an account with its role, which works from the next request on; `before` is what it was."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    require_role(role)
    require_owner_left(user, role)
    user.is_staff, user.is_superuser = True, role == OWNER
    user.save()
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    act = "edit_staff" if before else "add_staff"
    _note(actor, act, user, now, before=before, after=facts_of(user, role))
    return user


def require_role(role: str) -> None:
    if role not in ROLES:
        raise ValidationError({"role": _("There is no such role.")})


def require_owner_left(user: User, role: str) -> None:
    """Refuse what would leave nobody to undo it."""
    if role == OWNER and user.is_active:
        return
    others = User.objects.filter(Q(groups__name=OWNER) | Q(is_superuser=True), is_active=True, is_staff=True)
    if user.pk and not others.exclude(pk=user.pk).exists():
        raise ValidationError({"role": _("Somebody must stay owner: give that role to another person first.")})


def role_of(user: User) -> str:
    """The role an account has; a superuser's is owner, nothing for staff without any."""
    if user.is_superuser:
        return OWNER
    held = set(user.groups.values_list("name", flat=True))
    return next((role for role in ROLES if role in held), "")


def facts_of(user: User, role: str) -> dict[str, object]:
    """What the audit log says of an account."""
    return {"username": user.get_username(), "email": user.email, "role": role, "is_active": user.is_active}


@transaction.atomic
def invite(*, user: User, actor: audit.Actor, now: datetime | None = None) -> None:
    """Note that somebody got a link to choose a password; the link itself is stored nowhere."""
    actor.require(Ability.OWN)
    _note(actor, "invite_staff", user, now, after={"username": user.get_username()})


@transaction.atomic
def accept_invitation(*, user: User, password: str, now: datetime | None = None) -> None:
    """Set the password that somebody chose with their link; every session of the account ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    actor = audit.Actor(name=user.get_username(), source="invitation", abilities=frozenset(), user=user)
    _note(actor, "accept_invitation", user, now)


def _note(actor: audit.Actor, act: str, user: User, now: datetime | None, **facts: object) -> None:
    at = now or selectors.database_now()
    audit.record(actor=actor, action=act, kind="user", object_id=str(user.pk), at=at, **facts)
