"""The console's room for keys of programs: made once, shown once, ended."""

import re

import pytest
from django.test import Client

from statuspage import selectors
from statuspage.models import ApiKey, AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def test_a_key_is_made_shown_once_used_and_ended(sign_in):
    owner, program = sign_in("owner"), Client()
    assert "There is no key" in owner.get("/admin/keys/").text
    assert owner.post("/admin/keys/new/", {"name": "", "expires_at": "2020-01-01T00:00"}).status_code == 422
    form = {"name": "Monitor", "scopes": ["incidents", "read"], "expires_at": "2100-01-01T00:00"}
    (secret,) = re.findall(r">([0-9A-Za-z]{48})<", owner.post("/admin/keys/new/", form).text)
    assert "There is a key of this name" in owner.post("/admin/keys/new/", form).text

    listed = owner.get("/admin/keys/").text
    assert secret not in listed and secret[:8] in listed and "never used" in listed
    call = {"path": f"/v1/pages/{selectors.page_id()}", "headers": {"Authorization": f"OAuth {secret}"}}
    assert program.get(**call).status_code == 200
    assert "last used" in owner.get("/admin/keys/").text

    ended = f"/admin/keys/{ApiKey.objects.get().pk}/revoke/"
    assert "End the key" in owner.get(ended).text
    assert owner.post(ended).status_code == 302
    assert program.get(**call).status_code == 401
    assert owner.post(ended).status_code == 302  # a second press changes nothing
    acts = AuditEntry.objects.filter(object_kind="api_key").values_list("action", "actor_name")
    assert sorted(acts) == [("create_api_key", "owner"), ("revoke_api_key", "owner")]
