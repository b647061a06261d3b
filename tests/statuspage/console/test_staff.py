"""Staff: one role each, a link that works once, and always somebody who owns."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from statuspage.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

PASSWORD = "correct horse battery staple"


@pytest.fixture
def owner(sign_in) -> Client:
    return sign_in("owner")


def add(owner: Client, role: str = "publisher") -> str:
    """Add Carol; the path of her link."""
    answer = owner.post("/admin/staff/new/", {"username": "carol", "email": "carol@example.org", "role": role})
    assert answer.status_code == 200
    return link_in(answer.text)


def link_in(text: str) -> str:
    (link,) = re.findall(r"http://127\.0\.0\.1:8000(/admin/invitation/[^<\s]+)", text)
    return link


def choose(path: str, password: str = PASSWORD) -> int:
    return Client().post(path, {"new_password1": password, "new_password2": password}).status_code


def test_somebody_new_chooses_a_password_with_a_link_and_signs_in(owner):
    link = add(owner)
    assert 'value="carol"' in Client().get(link).text
    assert choose(link) == 302
    carol = Client()
    carol.post("/admin/login/", {"username": "carol", "password": PASSWORD, "next": "/admin/"})
    assert "Open an incident" in carol.get("/admin/").text
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "accept_invitation",
        "invite_staff",
        "add_staff",
    ]


def test_a_link_works_once(owner):
    link = add(owner)
    choose(link)
    assert Client().get(link).status_code == 404
    assert choose(link, "another long enough one") == 404
    assert User.objects.get(username="carol").check_password(PASSWORD)


def test_a_link_ends_after_a_day(owner):
    link = add(owner)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=5)):
        assert Client().get(link).status_code == 404


def test_a_link_of_somebody_disabled_is_void(owner):
    link = add(owner)
    User.objects.filter(username="carol").update(is_active=False)
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "x:y:z", "WzEsIngiXQ:1u0000:forged"])
def test_a_forged_link_is_void(token):
    assert Client().get(f"/admin/invitation/{token}/").status_code == 404


def test_a_short_password_is_refused_by_name(owner):
    link = add(owner)
    answer = Client().post(link, {"new_password1": "short", "new_password2": "short"})
    assert answer.status_code == 422
    assert "at least 15 characters" in answer.text


def test_a_link_is_not_logged_anywhere(owner):
    link = add(owner)
    assert not any(link.split("/")[-2] in str(entry.after) for entry in AuditEntry.objects.all())


def test_a_new_link_ends_every_session_when_it_is_used(owner, sign_in):
    publisher = sign_in("publisher")
    person = User.objects.get(username="publisher")
    choose(link_in(owner.post(f"/admin/staff/{person.pk}/invite/").text))
    assert publisher.get("/admin/").status_code == 302


def test_a_role_works_from_the_next_request_on(owner, sign_in):
    publisher = sign_in("publisher")
    person = User.objects.get(username="publisher")
    facts = {"username": "publisher", "email": "", "role": "viewer", "is_active": "on"}
    assert owner.post(f"/admin/staff/{person.pk}/", facts).status_code == 302
    assert publisher.post("/admin/incident/new/", {"step": "publish"}).status_code == 403
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.before["role"], entry.after["role"]) == ("edit_staff", "publisher", "viewer")


def test_somebody_disabled_is_out_with_the_next_request(owner, sign_in):
    publisher = sign_in("publisher")
    person = User.objects.get(username="publisher")
    owner.post(f"/admin/staff/{person.pk}/", {"username": "publisher", "role": "publisher"})
    assert publisher.get("/admin/").status_code == 302


@pytest.mark.parametrize("facts", [{"role": "viewer", "is_active": "on"}, {"role": "owner"}])
def test_the_last_owner_stays_one(owner, facts):
    person = User.objects.get(username="owner")
    answer = owner.post(f"/admin/staff/{person.pk}/", {"username": "owner", **facts})
    assert answer.status_code == 422
    assert "Somebody must stay owner" in answer.text
    assert owner.get("/admin/staff/").status_code == 200


def test_a_name_that_is_taken_is_refused_and_the_rest_kept(owner):
    add(owner)
    answer = owner.post("/admin/staff/new/", {"username": "carol", "email": "other@example.org", "role": "viewer"})
    assert answer.status_code == 422
    assert "other@example.org" in answer.text


def test_an_account_without_a_role_is_told_so(sign_in):
    answer = sign_in("nobody").get("/admin/", follow=True)
    assert "has no role here" in answer.text
