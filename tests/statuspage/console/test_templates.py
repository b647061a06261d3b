"""Templates: words written ahead, and a form that is filled from one without losing what was typed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from statuspage.actions import templates as actions
from statuspage.models import AuditEntry, Template
from tests.statuspage.given import ALICE, BOB, component, incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

INCIDENT, MAINTENANCE = "/admin/incident/new/", "/admin/maintenance/new/"


def template(**facts) -> Template:
    words = {"kind": "incident", "name": "Slow", "title": "Requests are slow", "body": "We look into it."}
    return actions.save_template(actor=ALICE, **{**words, **facts})


def upgrade(**facts) -> Template:
    return template(kind="maintenance", name="Upgrade", title="Database upgrade", body="Read-only.", **facts)


def held(answer, name):
    return answer.context["form"][name].value()


# --- The room ------------------------------------------------------------------------------------


def test_a_template_is_written_changed_and_removed_and_the_log_says_so(publisher):
    api = component("API")
    words = {"kind": "incident", "name": "Slow", "title": "Requests are slow", "body": "Wait.", "components": [api.pk]}
    assert publisher.post("/admin/templates/new/", words).status_code == 302
    made = Template.objects.get()
    assert "Slow" in publisher.get("/admin/templates/").text
    changed = {**words, "name": "Slower", "version": made.version}
    assert publisher.post(f"/admin/templates/{made.pk}/", changed).status_code == 302
    assert publisher.post(f"/admin/templates/{made.pk}/remove/").status_code == 302
    acts = AuditEntry.objects.filter(object_kind="template").order_by("pk")
    assert [each.action for each in acts] == ["add_template", "edit_template", "remove_template"]
    assert acts[1].before["name"] == "Slow" and acts[1].after["name"] == "Slower"
    assert acts[2].before["components"] == [api.pk]
    assert not Template.objects.exists()


def test_two_who_change_one_template_do_not_overwrite_each_other(publisher):
    made = template()
    words = {"kind": "incident", "name": "Mine", "title": "x", "body": "y", "version": made.version}
    assert publisher.post(f"/admin/templates/{made.pk}/", words).status_code == 302
    refused = publisher.post(f"/admin/templates/{made.pk}/", {**words, "name": "Theirs"})
    assert refused.status_code == 409
    assert "Theirs" in refused.text
    assert Template.objects.get().name == "Mine"


def test_a_name_stands_once_for_each_kind(publisher):
    template()
    words = {"kind": "incident", "name": "Slow", "title": "x", "body": "y"}
    answer = publisher.post("/admin/templates/new/", words)
    assert answer.status_code == 422
    assert "one of that name already" in answer.text
    assert publisher.post("/admin/templates/new/", {**words, "kind": "maintenance"}).status_code == 302


def test_what_the_other_kind_has_is_left_out():
    assert upgrade(minutes=90, update_status="monitoring").update_status == ""
    assert template(minutes=90).minutes is None


def test_who_only_looks_writes_no_template():
    with pytest.raises(PermissionDenied, match="right to publish"):
        actions.save_template(kind="incident", name="x", title="x", body="y", actor=BOB)
    assert not Template.objects.exists()


def test_without_templates_the_rooms_say_so(publisher):
    assert "None yet." in publisher.get("/admin/templates/").text
    assert "There are no templates for this yet." in publisher.get(INCIDENT).text


# --- Filling a form ------------------------------------------------------------------------------


def test_choosing_one_fills_what_is_empty_and_keeps_what_was_typed(publisher):
    made = template(update_status="identified", components=[component("API").pk])
    data = {"key": "k", "step": "template", "template": made.pk, "name": "All is slow", "body": "", "severity": "1"}
    answer = publisher.post(INCIDENT, {**data, "notify": "on", "status": "investigating", "cause": "own"})
    assert answer.status_code == 200
    assert [held(answer, name) for name in ("name", "body", "status")] == [
        "All is slow", "We look into it.", "identified"
    ]  # fmt: skip
    assert held(answer, "severity") == "1" and held(answer, "key") == "k"
    assert "Kept as you typed it: Title." in answer.text
    assert "It is about API: say how they are." in answer.text
    assert "must be put right" not in answer.text


def test_choosing_another_replaces_the_words_of_the_first_alone(publisher):
    first, second = template(), template(name="Down", title="Nothing works", body="We are on it.")
    data = {"key": "k", "step": "template", "template": second.pk, "filled_from": first.pk}
    data |= {"name": "Requests are slow", "body": "We look into it. It is the cable.", "notify": "on"}
    answer = publisher.post(INCIDENT, data)
    assert held(answer, "name") == "Nothing works"
    assert held(answer, "body") == "We look into it. It is the cable."
    assert held(answer, "filled_from") == second.pk


def test_a_windows_end_follows_from_its_start(publisher):
    api = component("API")
    made = upgrade(minutes=90, components=[api.pk], notify=False)
    data = {"key": "k", "step": "template", "template": made.pk, "name": "", "body": "", "time_zone": "Asia/Tokyo"}
    answer = publisher.post(MAINTENANCE, {**data, "starts": "2027-03-01T23:00", "ends": "", "notify": "on"})
    assert held(answer, "ends") == "2027-03-02T00:30"
    assert held(answer, "components") == [api.pk]
    assert (held(answer, "notify"), held(answer, "time_zone")) == (False, "Asia/Tokyo")
    assert held(publisher.post(MAINTENANCE, {**data, "starts": "soon"}), "starts") == "soon"


def test_an_address_opens_the_form_filled(publisher):
    made = upgrade()
    assert held(publisher.get(f"{MAINTENANCE}?template={made.pk}"), "body") == "Read-only."
    assert publisher.get(f"{INCIDENT}?template={made.pk}").status_code == 200
    assert held(publisher.get(f"{INCIDENT}?template=nowhere"), "body") is None


def test_a_form_filled_from_a_template_is_published_as_any(publisher):
    made = template()
    data = {"key": "k", "template": made.pk, "filled_from": made.pk, "name": made.title, "body": made.body}
    data |= {"status": "investigating", "cause": "own", "step": "publish"}
    assert publisher.post(INCIDENT, data).status_code == 302


# --- The next word on an incident ------------------------------------------------------------------


def test_an_update_takes_the_words_of_a_template_and_keeps_its_own_status_and_what_was_typed(publisher):
    found = incident({component("API"): "major_outage"}, now=timezone.now())
    room = f"/admin/incident/{found.pk}/"
    assert "Fill the form with it" not in publisher.get(room).text
    made = template(body="The fix is rolled out.", update_status="investigating", notify=False)
    typed = {"key": "k", "version": found.version, "was_open": "yes", "status": "identified", "notify": "on"}
    filled = publisher.post(room, {**typed, "body": "", "step": "template", "template": made.pk})
    assert (held(filled, "body"), held(filled, "status")) == ("The fix is rolled out.", "identified")
    assert "Filled from the template" in filled.text
    kept = publisher.post(room, {**typed, "body": "My own words.", "step": "template", "template": made.pk})
    assert held(kept, "body") == "My own words." and "Kept as you typed it" in kept.text
    sent = publisher.post(room, {**typed, "body": held(filled, "body"), "step": "publish", "template": made.pk})
    assert sent.status_code == 302
    assert found.updates.latest("created_at").body == "The fix is rolled out."
