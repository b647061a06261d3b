"""Fault 84: who may do what, over every address of the console and every role."""

import pytest
from django.contrib.admin import site as admin_site
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver

from statuspage.models import AuditEntry, Component, Incident, IncidentUpdate, Outage, Publication
from statuspage.roles import ROLES
from tests.statuspage.given import component, incident, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

PUBLISHING = {
    "incident-new": {
        "name": "x",
        "body": "y",
        "status": "investigating",
        "cause": "own",
        "key": "k",
        "step": "publish",
    },
    "incident": {"body": "y", "status": "identified", "key": "k", "step": "publish"},
    "incident-edit": {"name": "x", "impact": "minor", "cause": "own"},
    "update-correct": {"body": "y"},
    "maintenance-new": {
        "name": "x",
        "body": "y",
        "time_zone": "UTC",
        "starts": "2030-01-01T00:00",
        "ends": "2030-01-01T02:00",
        "key": "k",
        "step": "publish",
    },
    "maintenance-step": {"body": "y", "key": "k", "step": "publish"},
    "recall": {},
}
"""A form that would publish, for each of the console's own rooms."""

MAY_PUBLISH = {"publisher", "owner"}
MAY_OWN = {"owner"}


def addresses(patterns, prefix: str = "/") -> list[tuple[str, str]]:
    """Every address below `patterns` with its name."""
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.append((path, str(pattern.name)))
    return found


def console() -> list[tuple[str, str]]:
    own = [each for each in get_resolver().url_patterns if str(each.pattern) == "admin/"]
    return addresses(own)


@pytest.fixture
def things():
    """One of each, for the addresses that name one."""
    opened = incident({component(): "major_outage"})
    return {"incident": opened, "maintenance": scheduled(component("Web"))}


def filled(path: str, things) -> str:
    """An address with its places taken by things that exist."""
    of_window = "maintenance" in path
    pk = things["maintenance" if of_window else "incident"].pk
    known = {"str:pk": pk, "str:update_id": things["incident"].updates.get().pk, "str:step": "say", "int:pk": "1"}
    for place, value in known.items():
        path = path.replace(f"<{place}>", value)
    return path


def test_the_urlconf_is_what_the_matrix_expects():
    names = {name for _, name in console()}
    assert set(PUBLISHING) <= names
    assert admin_site.name == "admin"


@pytest.mark.parametrize("name", PUBLISHING)
@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_fault_84_only_who_may_publish_publishes(sign_in, things, role, name):
    client = sign_in(role)
    (path,) = {filled(path, things) for path, found in console() if found == name}
    before = state()
    answer = client.post(path, PUBLISHING[name])
    if role in MAY_PUBLISH:
        assert answer.status_code == 302, answer.text
    else:
        assert answer.status_code == (302 if role == "nobody" else 403)
        assert state() == before


def state() -> tuple:
    """What a publication would change."""
    revision = Publication.objects.current().revision
    return revision, Incident.objects.count(), IncidentUpdate.objects.count()


@pytest.mark.parametrize("role", ROLES)
def test_everybody_with_a_role_may_look(sign_in, things, role):
    client = sign_in(role)
    for path, name in console():
        if name in {"index", "incident", "maintenance", "statuspage_component_changelist"}:
            assert client.get(filled(path, things)).status_code == 200, path


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("path", ["/admin/auth/user/", "/admin/auth/user/add/", "/admin/statuspage/component/add/"])
def test_only_owners_change_staff_and_components(sign_in, role, path):
    status = sign_in(role).get(path).status_code
    assert status == (200 if role in MAY_OWN else 302 if role == "nobody" else 403)


def test_nobody_who_is_not_signed_in_sees_anything(client, things):
    for path, name in console():
        if name in {"login", "logout", "jsi18n", "None"} or "<" in filled(path, things):
            continue
        answer = client.get(filled(path, things))
        assert answer.status_code in {302, 404}, path
        assert "Requests fail" not in answer.text


def test_no_address_changes_anything_on_a_get(sign_in, things):
    """A scanner that follows every link of an owner's console publishes nothing."""
    client, before = sign_in("owner"), state()
    for path, name in console():
        if "<" not in filled(path, things) and name != "logout":
            client.get(filled(path, things))
    assert state() == before


def test_an_owner_gives_a_role(sign_in):
    client = sign_in("owner")
    words = {"username": "carol", "role": "author", "password1": "a long enough passphrase", "usable_password": "true"}
    answer = client.post("/admin/auth/user/add/", {**words, "password2": words["password1"]})
    assert answer.status_code == 302, answer.text
    carol = User.objects.get(username="carol")
    assert (carol.is_staff, carol.is_superuser) == (True, False)
    assert [group.name for group in carol.groups.all()] == ["author"]


def test_a_component_is_made_and_changed_through_the_actions(sign_in):
    client = sign_in("owner")
    facts = {"name": "API", "description": "", "position": "1", "status": "operational", "showcase": "on"}
    assert client.post("/admin/statuspage/component/add/", facts).status_code == 302
    made = Component.objects.get()
    address = f"/admin/statuspage/component/{made.pk}/change/"
    assert client.post(address, {**facts, "name": "Web API", "status": "major_outage"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.status) == ("Web API", "major_outage")
    assert Outage.objects.get().component == made
    acts = ["set_component_statuses", "edit_component", "create_component"]
    assert list(AuditEntry.objects.values_list("action", flat=True)) == acts


def test_an_outage_is_corrected_as_a_new_version(sign_in):
    incident({component(): "major_outage"})
    outage = Outage.objects.get()
    client = sign_in("publisher")
    address = f"/admin/statuspage/outage/{outage.pk}/change/"
    facts = {
        "started_at_0": "2026-11-02",
        "started_at_1": "11:50:00",
        "ended_at_0": "",
        "ended_at_1": "",
        "cause": "own",
    }
    assert client.post(address, {**facts, "reason": ""}).status_code == 200
    future = client.post(address, {**facts, "reason": "x", "started_at_0": "2036-01-01"})
    assert "An outage cannot start in the future." in future.text
    assert Outage.objects.count() == 1
    assert client.post(address, {**facts, "reason": "The monitor saw it earlier."}).status_code == 302
    assert Outage.objects.filter(is_current=True).get().started_at.minute == 50
    assert Outage.objects.count() == 2
