"""Components, groups, uptime and the widget's looks, as a program writes and reads them."""

from datetime import timedelta

import pytest

from statuspage import selectors
from statuspage.models import AuditEntry, Component, Incident, Outage
from tests.statuspage.given import component, group, hours, incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

COMPONENT = {
    "id", "page_id", "group_id", "created_at", "updated_at", "group", "name", "description", "position", "status",
    "showcase", "only_show_if_degraded", "automation_email", "start_date",
}  # fmt: skip
GROUP = {"id", "page_id", "name", "description", "components", "position", "created_at", "updated_at"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def program(api):
    return api("components")


def test_a_component_from_first_to_last(program):
    core = group("Core")
    made = program.post("components", {"component": {"name": "API", "status": "", "showcase": False, "tweets": 1}})
    api = made.json()
    assert (made.status_code, api.keys(), api["status"]) == (201, COMPONENT, "operational")
    assert (api["description"], api["group_id"], api["group"], api["page_id"]) == (None, None, False, program.page_id)
    changes = {"description": "For programs", "group_id": core.pk, "status": "partial_outage"}
    changes |= {"start_date": "2026-01-02"}
    changed = program.patch(f"components/{api['id']}", {"component": changes})
    assert changed.status_code == 200
    assert changes.items() <= changed.json().items()
    assert Outage.objects.get().status == "partial_outage"
    assert not Incident.objects.exists()
    assert AuditEntry.objects.latest("pk").actor_name.startswith("API key")
    form = "component[group_id]=&component[status]=operational&component[showcase]=true"
    again = program.put(f"components/{api['id']}.json", form, content_type=FORM)
    assert (again.json()["group_id"], again.json()["status"], again.json()["showcase"]) == (None, "operational", True)
    assert again.json()["description"] == "For programs", "what is not sent stays"
    assert Outage.objects.filter(ended_at=None).count() == 0
    assert program.get(f"components/{api['id']}").json() == again.json()
    gone = program.delete(f"components/{api['id']}")
    assert (gone.status_code, gone.content, "Content-Type" in gone.headers) == (204, b"", False)
    assert program.get(f"components/{api['id']}").status_code == 404
    assert program.delete(f"components/{api['id']}").status_code == 404
    assert Component.objects.get(pk=api["id"]).archived_at


def test_a_list_has_groups_and_members_in_the_pages_order_by_pages(program):
    core = group("Core", position=2)
    first, api, web = component("Mail"), component("API", group=core), component("Web", group=core, position=2)
    component("Gone", group=core, archived_at=first.created_at)
    Component.objects.filter(pk=web.pk).update(status="major_outage")
    listed = program.get("components").json()
    assert [each["name"] for each in listed] == ["Mail", "Core", "API", "Web"]
    heading = listed[1]
    assert (heading.keys(), heading["group"], heading["status"]) == (COMPONENT, True, "major_outage")
    assert program.get(f"components/{core.pk}").json() == heading
    assert [each["id"] for each in program.get("components?page=2&per_page=2").json()] == [api.pk, web.pk]
    assert program.get("component-groups").json()[0]["components"] == [api.pk, web.pk]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"component": {}}, "component.name"),
        ({"component": {"name": None}}, "component.name"),
        ({"component": {"name": "  "}}, "component.name"),
        ({"component": {"name": "x" * 256}}, "component.name"),
        ({"component": {"name": "x", "status": "down"}}, "component.status"),
        ({"component": {"name": "x", "start_date": "2026-02-30"}}, "component.start_date"),
        ({"component": {"name": 5}}, "component.name"),
        ({}, "component"),
    ],
)
def test_what_is_wrong_with_a_component_is_named_and_nothing_is_made(program, body, field):
    refused = program.post("components", body)
    assert refused.status_code == 422
    assert any(name.startswith(field) for name in refused.json()["errors"]), refused.json()
    assert not Component.objects.exists()


def test_a_group_from_first_to_last(program):
    api, web, mail = component("API"), component("Web"), component("Mail")
    body = {"description": "Runs all", "component_group": {"name": "Core", "components": [web.pk, api.pk]}}
    made = program.post("component-groups", body)
    core = made.json()
    assert (made.status_code, core.keys(), core["name"], core["description"]) == (201, GROUP, "Core", "Runs all")
    assert set(core["components"]) == {api.pk, web.pk}
    place = f"component-groups/{core['id']}"
    bare = program.patch(place, {"name": "Heart", "components": [mail.pk, api.pk]}).json()
    assert (bare["name"], bare["description"], set(bare["components"])) == ("Heart", "Runs all", {api.pk, mail.pk})
    form = program.put(place, f"component_group[components][]={web.pk}", content_type=FORM).json()
    assert (form["name"], form["components"]) == ("Heart", [web.pk])
    assert program.get(place).json() == form
    gone = program.delete(place)
    assert (gone.status_code, gone.json()["components"]) == (200, [web.pk])
    assert program.get(place).status_code == 404
    assert [each["group_id"] for each in program.get("components").json()] == [None] * 3


def test_a_group_has_a_name_and_components_that_there_are(program):
    api = component()
    errors = program.post("component-groups", {"component_group": {}}).json()["errors"]
    assert errors.keys() == {"component_group.name", "component_group.components"}
    unheard_of = {"component": {"name": "x", "group_id": "nosuchgroup1"}}
    assert list(program.post("components", unheard_of).json()["errors"]) == ["component.group_id"]
    for unknown in ("nosuchthing1", "\x00", ""):
        body = {"component_group": {"name": "Core", "components": [api.pk, unknown]}}
        refused = program.post("component-groups", body)
        assert (refused.status_code, list(refused.json()["errors"])) == (404, ["components"])
    made = program.post("component-groups", {"components_group": {"name": "Core", "components": [api.pk]}}).json()
    emptied = program.patch(f"component-groups/{made['id']}", {"component_group": {"components": []}})
    assert emptied.status_code == 422


def test_uptime_is_what_the_page_shows_and_names_the_incidents(program, settings):
    settings.PAGE_TIME_ZONE = "UTC"
    core = group("Core")
    now = selectors.database_now().replace(microsecond=0)
    day = (now - timedelta(days=2)).replace(hour=0, minute=0, second=0)
    api, web = component("API", group=core), component("Web", group=core)
    first = incident({api: "major_outage"}, now=day + hours(1))
    Outage.objects.filter(incident=first).update(ended_at=day + hours(2))
    second = incident({api: "partial_outage"}, now=day + hours(4))
    Outage.objects.filter(incident=second).update(ended_at=day + hours(6))
    asked = f"start={day.date()}&end={day.date()}"
    found = program.get(f"components/{api.pk}/uptime?{asked}").json()
    assert (found["major_outage"], found["partial_outage"], found["warnings"]) == (3600, 7200, None)
    assert found["uptime_percentage"] == pytest.approx(100 * (1 - (3600 + 0.3 * 7200) / 86400), abs=1e-6)
    assert (found["id"], found["name"]) == (api.pk, "API")
    assert found["range_start"] == f"{day.date()}T00:00:00.000Z"
    related = {"id": second.pk, "incidents": [{"id": second.pk}, {"id": first.pk}]}
    assert found["related_events"] == related
    whole = program.get(f"component-groups/{core.pk}/uptime?{asked}").json()
    assert (whole["major_outage"], whole["partial_outage"]) == (3600, 7200)
    assert whole["uptime_percentage"] == pytest.approx((found["uptime_percentage"] + 100) / 2, abs=2e-6)
    entry = {"component_id": api.pk, "incidents": related}
    assert whole["related_events"] == {**entry, "components": [entry]}
    calm = program.get(f"components/{web.pk}/uptime").json()
    assert (calm["uptime_percentage"], calm["related_events"]) == (100.0, {"id": None, "incidents": []})
    refused = program.get(f"components/{web.pk}/uptime?start=2026-99")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["start"])


def test_the_widget_looks_as_it_was_told(program, api):
    asked = "status_embed_config"
    before = program.get(asked).json()
    assert (before["page_id"], before["position"]) == (program.page_id, "bottom-left")
    changed = program.patch(asked, {asked: {"position": "top-right", "incident_text_color": "fff"}})
    assert changed.json() == before | {"position": "top-right", "incident_text_color": "#FFFFFF"}
    assert program.put(asked, {"maintenance_text_color": "#123abc"}).json()["maintenance_text_color"] == "#123ABC"
    for wrong in ({"position": "middle"}, {"incident_text_color": "red"}, {"incident_text_color": "#12345\n"}):
        refused = program.patch(asked, {asked: wrong})
        (field,) = (f"{asked}.{each}" for each in wrong)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert api("incidents").patch(asked, {asked: {}}).status_code == 403
    assert program.get(asked).json()["position"] == "top-right"


def test_metrics_are_not_served(program):
    for path in ("metrics", "metrics_providers", "metrics/abc/data"):
        assert program.get(path).status_code == 404
