"""Keys of programs: make one, revoke one, count what it asks."""

import hashlib
import secrets
import string
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import ApiKey, Publication, Scope
from statuspage.roles import Ability
from statuspage.text import clean_line

from .base import moment, one_of, require_length, title

CHARACTERS = string.ascii_letters + string.digits
KEY_LENGTH = 48
"""Of 62 characters each: 285 bits, so that its SHA-256 needs neither salt nor slowness."""
PREFIX_LENGTH = 8
NAME_MAX = 100

WINDOW_SECONDS = 60
"""What a key did not use of its rate, it may use later, but no more than this many seconds of it at once."""


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Iterable[str],
    actor: audit.Actor,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The row of a new key, and the key: this is the only time that anybody sees it."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    now = now or selectors.database_now()
    secret = "".join(secrets.choice(CHARACTERS) for _each in range(KEY_LENGTH))
    key = ApiKey(
        name=_free_name(name),
        prefix=secret[:PREFIX_LENGTH],
        digest=digest(secret),
        scopes=_known_scopes(scopes),
        created_at=now,
        created_by=actor.user,
        expires_at=_ahead(expires_at, now),
    )
    key.save(force_insert=True)
    _note("create_api_key", key, actor, now, after=facts_of(key))
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: audit.Actor, now: datetime | None = None) -> ApiKey:
    """From now on the key opens nothing; its name stays in the audit log and cannot be given again."""
    actor.require(Ability.OWN)
    Publication.objects.lock()
    key.refresh_from_db()
    if key.revoked_at is None:
        key.revoked_at = now or selectors.database_now()
        key.save(update_fields=["revoked_at"])
        _note("revoke_api_key", key, actor, key.revoked_at, before=facts_of(key))
    return key


def digest(secret: str) -> str:
    """What of a key is stored: SHA-256 as 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def take(key: ApiKey, *, rate: float, now: datetime, field: str = "spent_until") -> float:
    """Count one request of `key` at `rate` a second; 0.0, or after how many seconds there is room for it.

    One conditional UPDATE, so that it holds for any number of processes. The field says until when what
    was asked so far would fill the rate; a request is refused where that is over a minute away.
    """
    at = now.timestamp()
    cost = 1 / rate if rate else 0.0
    spent = Greatest(F(field), Value(at))
    rows = ApiKey.objects.filter(pk=key.pk, **{f"{field}__lte": at + WINDOW_SECONDS - cost})
    if rows.update(**{field: spent + cost}, last_used_at=now):
        return 0.0
    held = ApiKey.objects.values_list(field, flat=True).get(pk=key.pk)
    return max(held + cost - WINDOW_SECONDS - at, 0.001)


def facts_of(key: ApiKey) -> dict[str, object]:
    """What the audit log says of a key."""
    expires = key.expires_at.isoformat() if key.expires_at else None
    return {"name": key.name, "prefix": key.prefix, "scopes": key.scopes, "expires_at": expires}


def _free_name(name: str) -> str:
    cleaned = title(name)
    require_length(cleaned, NAME_MAX, "name")
    if ApiKey.objects.filter(name=cleaned).exists():
        raise ValidationError({"name": _("There is a key of this name already: %(name)s.") % {"name": cleaned}})
    return cleaned


def _known_scopes(scopes: Iterable[str]) -> list[str]:
    """The scopes in their order, each once."""
    wanted = {one_of(Scope, clean_line(str(each)), "scopes") for each in scopes}
    if not wanted:
        raise ValidationError({"scopes": _("Choose at least one.")})
    return [scope.value for scope in Scope if scope in wanted]


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    if at is None:
        return None
    if moment(at, "expires_at") <= now:
        raise ValidationError({"expires_at": _("This time is over.")})
    return moment(at, "expires_at")


def _note(act: str, key: ApiKey, actor: audit.Actor, at: datetime, **facts: object) -> None:
    audit.record(actor=actor, action=act, kind="api_key", object_id=str(key.pk), at=at, **facts)
