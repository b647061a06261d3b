"""Who asks: a key, its scopes, and how much of its rate is left.

    @router.get("/pages/{page_id}/incidents", auth=needs(Scope.READ), response=answers(list[Incident]))

`request.key` is the key's row and `request.actor` the actor for the actions, of source "api".
"""

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase

from statuspage import audit, selectors
from statuspage.actions import api_keys
from statuspage.models import ApiKey, Scope
from statuspage.roles import Ability

from .answers import Refused

__all__ = ["Key", "Scope", "enter", "needs", "require"]

SCHEMES = ("oauth ", "bearer ")

WRITING = frozenset({Ability.VIEW, Ability.DRAFT, Ability.PUBLISH})
ABILITIES: dict[str, frozenset[Ability]] = {
    Scope.READ: frozenset({Ability.VIEW}),
    Scope.INCIDENTS: WRITING,
    Scope.COMPONENTS: WRITING | {Ability.OWN},
    Scope.SUBSCRIBERS: frozenset({Ability.VIEW, Ability.SUBSCRIBERS}),
    Scope.ALERTS: WRITING,
    Scope.OWNER: frozenset(Ability),
}
"""What the actions let a key do. Which action it may ask for at all is each operation's scope."""


class Key(AuthBase):
    """A key with one scope, as an operation asks for it and as the OpenAPI document says it."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Authorization"
    openapi_description = "`OAuth KEY`, `Bearer KEY` or the key alone; or `?api_key=KEY`. Owners make keys."

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        return require(request, self.scope)


def needs(scope: Scope) -> Key:
    """For `auth=` of an operation: the scope that a key must have."""
    return Key(scope)


def enter(request: Any, allowance: str = "spent_until", *, too_often: int = 429) -> None:
    """Find out who asks and count the request; 401 without a key that is good, `too_often` where it asks so."""
    now = selectors.database_now()
    digest = api_keys.digest(presented(request))
    key = ApiKey.objects.filter(digest=digest).first()
    if key is None or key.is_over(now):
        raise Refused(401, "No valid API key was given.", headers={"WWW-Authenticate": 'OAuth realm="v1"'})
    if wait := api_keys.take(key, rate=settings.API_RATE, now=now, field=allowance):
        raise Refused(too_often, "Too many requests of this key.", headers={"Retry-After": str(math.ceil(wait))})
    request.key = key
    request.actor = actor_of(key)


def require(request: Any, scope: Scope) -> ApiKey:
    """The key of this request; 403 where it has not that scope."""
    key: ApiKey = request.key
    if not key.allows(scope):
        raise Refused(403, f"This takes a key of the scope {scope.value!r}.")
    return key


def presented(request: HttpRequest) -> str:
    """The key as it came: after OAuth or Bearer, alone, or in the query; "" where none came."""
    header = request.headers.get("Authorization", "").strip()
    for scheme in SCHEMES:
        if header.lower().startswith(scheme):
            return header[len(scheme) :].strip()
    return header or request.GET.get("api_key", "").strip()


def actor_of(key: ApiKey) -> audit.Actor:
    """Who acts, for the actions and the audit log."""
    abilities = frozenset().union(*(ABILITIES.get(scope, frozenset()) for scope in key.scopes))
    return audit.Actor(name=f"API key {key.name}", source="api", abilities=abilities)
