"""/hooks/generic/<id>: payloads of any shape by way of a mapping, from the room where it is written to the incident."""

import json

import pytest

from statuspage import audit
from statuspage.actions import hooks
from statuspage.models import Component, Draft, HookCall, Incident, IncomingHook
from tests.statuspage.console.conftest import sign_in
from tests.statuspage.given import component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

__all__ = ["sign_in"]

MAPPING = {
    "alert": "check.id",
    "state": {"path": "state", "values": {"alerting": "firing", "ok": "resolved"}},
    "component_status": {"path": "severity", "values": {"high": "major_outage"}, "default": "partial_outage"},
    "summary": "text",
}


def payload(state: str = "alerting", **facts) -> dict:
    return {"check": {"id": 7}, "state": state, "text": "Payments fail.", **facts}


def test_a_webhook_opens_raises_and_resolves_one_incident(api):
    checkout = component("Checkout")
    hook = hooks.save_hook(name="Checks", mapping=MAPPING, components=[checkout.pk], actor=audit.SYSTEM)
    program, address = api("alerts"), f"/hooks/generic/{hook.pk}"
    did = [program.post(address, each).json()["did"] for each in (
        payload(), payload(), payload(severity="HIGH"), payload("ok"), payload("ok"))]  # fmt: skip
    assert did == ["opened", "nothing", "updated", "resolved", "nothing"]
    opened = Incident.objects.get()
    assert (opened.status, opened.impact, Component.objects.get().status) == ("resolved", "critical", "operational")
    assert "Payments fail." in opened.updates.last().body
    refused = program.post(address, payload("perhaps"))
    assert (refused.status_code, refused.json()["errors"].keys()) == (422, {"state"})
    hooks.save_hook(hook=hook, name="Checks", mapping=MAPPING, is_active=False, actor=audit.SYSTEM)
    assert program.post(address, payload()).status_code == 404
    assert api("incidents").post(address, payload()).status_code == 403
    assert list(HookCall.objects.filter(hook=hook).values_list("did", flat=True))[0] == ""


def test_a_webhook_may_write_drafts(api):
    hook = hooks.save_hook(name="Checks", mapping=MAPPING, is_draft_first=True, actor=audit.SYSTEM)
    program, address = api("alerts"), f"/hooks/generic/{hook.pk}"
    assert program.post(address, payload()).json() == {
        "did": "drafted", "incident": None, "groups": [{"did": "drafted", "incident": None}],
    }  # fmt: skip
    assert program.post(address, payload("ok")).json()["did"] == "withdrawn"
    assert not Draft.objects.exists() and not Incident.objects.exists()


def test_an_owner_tries_a_mapping_before_anything_calls(sign_in, api):
    owner, checkout = sign_in("owner"), component("Checkout")
    form = {"name": "Checks", "mapping": json.dumps(MAPPING), "components": [checkout.pk], "is_active": "on"}
    assert "None yet." in owner.get("/admin/hooks/").text and "No machine called" in owner.get("/admin/hooks/").text
    tried = owner.post("/admin/hooks/new/", form | {"step": "try", "payload": json.dumps(payload())})
    assert tried.status_code == 200
    for words in ("opened an incident", "<bdi>Checkout</bdi> · partial_outage", "Payments fail.", "Nothing was kept"):
        assert words in tried.text
    assert not IncomingHook.objects.exists() and not Incident.objects.exists()
    for wrong, words in [
        ({"payload": "{"}, "This is no JSON"),
        ({"payload": "[]", "step": "try"}, "state"),
        ({"payload": json.dumps(payload("off")), "step": "try"}, "neither firing nor resolved"),
        ({"mapping": '{"state": "x", "colour": "y"}'}, "colour"),
        ({"mapping": '{"state": {"path": "x", "values": {"a": "on"}}}', "step": "try", "payload": "{}"}, "none of"),
    ]:
        answer = owner.post("/admin/hooks/new/", {"step": "save", **form, **wrong})
        assert (answer.status_code, words in answer.text) == (422, True), wrong
    assert owner.post("/admin/hooks/new/", {**form, "step": "save"}).status_code == 302
    hook = IncomingHook.objects.get()
    api("alerts").post(f"/hooks/generic/{hook.pk}", payload())
    text = owner.get("/admin/hooks/").text
    assert f"/hooks/generic/{hook.pk}" in text and "opened an incident" in text and Incident.objects.get().pk in text
    again = owner.post("/admin/hooks/new/", {**form, "step": "save"})
    assert "There is one of that name already." in again.text
    changed = owner.post(f"/admin/hooks/{hook.pk}/", {**form, "is_draft_first": "on", "step": "save"})
    assert (changed.status_code, IncomingHook.objects.get().is_draft_first) == (302, True)
