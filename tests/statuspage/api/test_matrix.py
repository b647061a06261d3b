"""Fault 84: who may ask for what, over every address of the API, every method, every scope and every role of staff."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver, get_resolver

from statuspage.api.reference import described
from statuspage.models import ApiKey, AuditEntry, Publication, Scope
from statuspage.roles import ROLES
from tests.statuspage.console.conftest import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root"), pytest.mark.alike]

RULES = [
    ("get .*subscribers", Scope.SUBSCRIBERS),
    (".* .*subscribers", Scope.SUBSCRIBERS),
    ("get ", Scope.READ),
    (".* /v1/pages/{page_id}/(incidents|incident_templates)", Scope.INCIDENTS),
    (".* /v1/pages/{page_id}/(components|component-groups|status_embed_config)", Scope.COMPONENTS),
    ("(put|patch) /v1/pages/{page_id}$", Scope.COMPONENTS),
]
"""The first that fits says what an operation takes."""

OWN_SECRET = {"hooks/mail"}
"""Handed on by a mail server, for the address that only a component has."""

WITHOUT_KEY = {
    "admin/",
    "healthz",
    "readyz",
    "metrics",
    "report",
    "statements/<str:token>",
    "api",
    "api/openapi.json",
    "",
}
"""Staff, operators and readers: not the API. "" are the addresses of `notifications`, for readers and providers."""

INCLUDES = {
    Scope.READ: {Scope.READ},
    Scope.INCIDENTS: {Scope.READ, Scope.INCIDENTS},
    Scope.COMPONENTS: {Scope.READ, Scope.COMPONENTS},
    Scope.SUBSCRIBERS: {Scope.READ, Scope.SUBSCRIBERS},
    Scope.ALERTS: {Scope.READ, Scope.ALERTS},
    Scope.OWNER: set(Scope),
}


def operations() -> list[tuple[str, str]]:
    """Method and address of every operation, as documented."""
    paths = described()["paths"].items()
    return [(method, path) for path, methods in paths for method in methods if path.startswith("/v1/")]


def needed(method: str, path: str) -> Scope:
    return next(scope for rule, scope in RULES if re.match(rule, f"{method} {path}"))


def filled(path: str, page_id: str) -> str:
    """Of this page, and of things that do not exist: whoever may ask is told so."""
    return re.sub("{[a-z_]+}", "aaaaaaaaaaaa", path.replace("{page_id}", page_id))


def of_the_urlconf() -> set[str]:
    """The API's addresses as Django has them."""
    (own,) = [each for each in get_resolver().url_patterns if isinstance(each, URLResolver) and each.namespace == "v1"]
    return {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/v1/{each.pattern}") for each in own.url_patterns} - {"/v1/"}


def state() -> tuple:
    """What a refused request could have changed."""
    return Publication.objects.current().revision, AuditEntry.objects.count()


def test_every_address_is_in_the_document_and_in_the_matrix():
    documented = {path for path in described()["paths"] if path.startswith("/v1/")}
    assert documented == of_the_urlconf()
    assert all(needed(*each) for each in operations())
    ids = [each["operationId"] for methods in described()["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids)) and described().clashes == set()
    others = {str(each.pattern) for each in get_resolver().url_patterns} - {"v1/", "^v1/"}
    assert {each for each in others if not each.startswith("hooks/")} <= WITHOUT_KEY


def test_fault_84_each_scope_opens_its_operations_and_no_other(api, settings):
    settings.API_RATE = 0
    programs, wrong = {scope: api(scope) for scope in Scope}, []
    for method, path in operations():
        for scope, program in programs.items():
            before = state()
            answer = program.ask(method, filled(path, program.page_id), {})
            is_open = needed(method, path) in INCLUDES[scope]
            if (
                (answer.status_code != 403) != is_open
                or answer.status_code in {401, 405, 429}
                or answer.status_code >= 500
            ):
                wrong.append((method, path, scope.value, answer.status_code))
            if answer.status_code >= 400 and state() != before:
                wrong.append((method, path, scope.value, "changed something"))
    assert wrong == []


def test_fault_84_no_role_and_no_bad_key_opens_anything(api):
    ended = api("owner")
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    clients = {"stranger": Client()} | {role: Client() for role in ROLES}
    for role in ROLES:
        clients[role].force_login(person(role))
    before, wrong = state(), []
    for method, path in operations():
        for who, client in clients.items():
            headers = {"Authorization": f"OAuth {ended.secret}"} if who == "stranger" else {}
            answer = getattr(client, method)(filled(path, ended.page_id), headers=headers)
            if answer.status_code != 401:
                wrong.append((method, path, who, answer.status_code))
    assert wrong == [] and state() == before and User.objects.count() == len(ROLES)


def hooks() -> list[str]:
    """What machines call with a key, by the URLconf; the hooks of `notifications` have proofs of their own."""
    found = [str(each.pattern) for each in get_resolver().url_patterns]
    return [each for each in found if each.startswith("hooks/") and each not in OWN_SECRET]


def test_fault_84_hooks_are_for_keys_of_alerts(api, settings):
    settings.API_RATE = 0
    programs, wrong = {scope: api(scope) for scope in Scope}, []
    assert hooks()
    for hook in hooks():
        path = "/" + re.sub("<[a-z_:]+>", "aaaaaaaaaaaa", hook)
        if Client().post(path, {}, content_type="application/json").status_code != 401:
            wrong.append((hook, "stranger"))
        for scope, program in programs.items():
            before, status = state(), program.post(path, {}).status_code
            if (status != 403) != (Scope.ALERTS in INCLUDES[scope]) or status >= 500 or state() != before:
                wrong.append((hook, scope.value, status))
    assert wrong == []
