"""The door of the API: who may enter, in which forms a key and an address come, what errors say."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from statuspage import audit, selectors
from statuspage.actions.api_keys import create_api_key, revoke_api_key
from statuspage.api.bodies import nested
from statuspage.models import ApiKey, AuditEntry

pytestmark = pytest.mark.django_db


def test_a_key_is_printed_once_and_alone_and_only_its_hash_is_kept(capsys):
    call_command("create_api_key", "prometheus", "--scope", "incidents")
    secret = capsys.readouterr().out.rstrip("\n")
    row = ApiKey.objects.get()
    assert len(secret) >= 40 and secret.isalnum()
    assert (row.prefix, row.scopes) == (secret[:8], ["incidents"])
    assert secret not in str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    with pytest.raises(CommandError, match="^name: ") as refused:
        call_command("create_api_key", "prometheus")
    assert refused.value.returncode == 2


def test_a_key_is_taken_in_every_form_that_clients_send(api):
    secret, client = api("read").secret, Client()
    for header in (f"OAuth {secret}", f"Bearer {secret}", f"oauth  {secret}", secret):
        assert client.get("/v1/pages", headers={"Authorization": header}).status_code == 200
    for address in ("/v1/pages", "/v1/pages.json", "/v1/pages/"):
        assert client.get(address, {"api_key": secret}).status_code == 200


def test_without_a_good_key_nothing_is_said(api):
    client, secret = Client(), api("read").secret
    call = {"path": f"/v1/pages/{selectors.page_id()}", "headers": {"Authorization": f"OAuth {secret}"}}
    assert client.get(**call).json()["name"] == "Example"
    revoke_api_key(key=ApiKey.objects.get(), actor=audit.SYSTEM)
    create_api_key(
        name="old",
        scopes=["owner"],
        actor=audit.SYSTEM,
        now=selectors.database_now() - timedelta(days=2),
        expires_at=selectors.database_now() - timedelta(days=1),
    )
    for headers in (call["headers"], {}, {"Authorization": "OAuth "}, {"Authorization": "x" * 48}):
        refused = client.patch(call["path"], b"{", content_type="application/json", headers=headers)
        assert refused.status_code == 401
        assert refused.json() == {"message": "No valid API key was given.", "errors": {}}
        assert refused.headers["WWW-Authenticate"].startswith("OAuth ")


def test_errors_name_what_they_are_about(api):
    reader, writer = api("read"), api("components")
    page = f"/v1/pages/{writer.page_id}"
    assert reader.patch(page, {"page": {}}).json()["message"] == "This takes a key of the scope 'components'."
    assert writer.patch(page, "{", content_type="application/json").status_code == 400
    assert writer.patch(page, {"page": 5}).json()["errors"].keys() == {"page"}
    assert writer.patch(page, {"page": {"name": "Other", "tweets": 1}}).status_code == 409
    assert writer.patch(page, "page[name]=Example", content_type="application/x-www-form-urlencoded").status_code == 200
    assert writer.get("/v1/pages/aaaaaaaaaaaa").status_code == 404
    assert writer.get("/v1/nothing/such").json()["message"] == "There is no such address in this API."
    refused = writer.delete(page)
    assert (refused.status_code, refused.json()["errors"]) == (405, {})
    assert "GET" in refused.headers["Allow"]


def test_a_key_is_refused_where_it_asks_too_often_and_told_for_how_long(api, settings):
    settings.API_RATE = 0.05
    program = api("read")
    said = [program.get("/v1/pages") for _each in range(4)]
    assert [each.status_code for each in said] == [200, 200, 200, 429]
    assert 0 < int(said[-1].headers["Retry-After"]) <= 20
    assert api("read").get("/v1/pages").status_code == 200


def test_a_storm_of_calls_is_asked_to_come_again(api, settings):
    settings.API_RATE = 0.05
    program = api("alerts")
    said = [program.post("/hooks/alertmanager", {}) for _each in range(4)]
    assert [each.status_code for each in said] == [422, 422, 422, 503], "Alertmanager gives up what has a 4xx"
    assert int(said[-1].headers["Retry-After"]) > 0


def test_forms_draw_the_same_dictionary_as_json():
    fields = [
        ("incident[name]", ["Down"]),
        ("incident[components][abc]", ["major_outage"]),
        ("incident[component_ids][]", ["abc", "def"]),
        ("page", ["1", "2"]),
    ]
    assert nested(fields) == {
        "incident": {"name": "Down", "components": {"abc": "major_outage"}, "component_ids": ["abc", "def"]},
        "page": "2",
    }
    for hostile in ([("a", ["1"]), ("a[b]", ["2"])], [("a" + "[b]" * 9, ["1"])]):
        with pytest.raises(ValueError):
            nested(hostile)


def test_the_document_names_every_address_and_status(client):
    document = client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    read = document["paths"]["/v1/pages/{page_id}"]["get"]
    assert {"200", "401", "403", "404", "422", "429"} <= read["responses"].keys()
    assert read["security"]


def test_the_page_of_the_document_shows_every_operation_and_asks_nobody_else(client):
    answer = client.get("/api")
    assert "GET</b> /v1/pages/{page_id}" in answer.text and 'href="#object-Page"' in answer.text
    assert "scope <code>components</code>" in answer.text
    assert "http" not in answer.text.replace("http://127.0.0.1:8000/v1/pages", "")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<script" not in answer.text and "style=" not in answer.text


@pytest.mark.usefixtures("publish_root")
def test_a_write_does_all_that_it_asks_for_or_nothing(api):
    program = api("incidents")
    made = program.post("incidents", {"incident": {"name": "Payments are slow", "body": "We look into it."}}).json()
    revision = selectors.publication().revision
    asked = {
        "name": "Payments stand still",
        "status": "identified",
        "body": "The database.",
        "components": {"x": "operational"},
    }
    assert program.patch(f"incidents/{made['id']}", {"incident": asked}).status_code == 404
    assert program.get(f"incidents/{made['id']}").json() == made
    assert selectors.publication().revision == revision
    assert AuditEntry.objects.get(action="open_incident").actor_name == "API key program 0"
