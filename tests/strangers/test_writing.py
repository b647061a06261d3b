"""Unmodified clients of Statuspage's Manage API against a running server: every call they have that is served."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site
from tests.strangers import packages
from tests.strangers.calls import Client

pytestmark = pytest.mark.serial

SITE = {"API_RATE": "1000"}


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.manage("create_api_key", "strangers").stdout.strip()


@pytest.fixture
def client(request: pytest.FixtureRequest, site: Site, key: str, python_clients: Path) -> Iterator[Client]:
    """The client that the test is named for."""
    name = request.node.originalname.removeprefix("test_").partition("__")[0]
    page = site.get("/v1/pages", Authorization=f"OAuth {key}").json()[0]["id"]
    script = str(packages.HERE / "python_client.py")
    started = Client([str(python_clients), script, name, site.url, key, page], page)
    try:
        yield started
    finally:
        started.end()


def test_atlassian_python_api__things(client):
    page = client.page
    (known,) = client("page_list_pages")
    assert client("get_page", page)["id"] == known["id"] == page
    assert client("page_update", page, {"name": known["name"]})["name"] == known["name"]
    made = client("page_create_component", page, {"name": "API", "status": "operational"})
    changed = client("page_update_component", page, made["id"], {"status": "degraded_performance", "description": "x"})
    assert (changed["status"], changed["description"]) == ("degraded_performance", "x")
    assert client("page_get_component", page, made["id"]) == changed
    assert changed in client("page_get_components", page)
    uptime = client("page_get_uptime_component", page, made["id"], start="2026-01", end="2026-12")
    assert (uptime["id"], uptime["uptime_percentage"]) == (made["id"], 100.0)
    core = client("page_create_component_group", page, "All", {"name": "Core", "components": [made["id"]]})
    named = {"name": "Heart", "components": [made["id"]]}
    assert client("page_update_component_group", page, core["id"], "Some", named)["name"] == "Heart"
    held = client("page_get_component_group", page, core["id"])
    assert (held["description"], held["components"]) == ("Some", [made["id"]])
    assert held in client("page_get_list_of_component_groups", page)
    assert client("page_get_uptime_for_component_group", page, core["id"])["name"] == "Heart"
    client("page_delete_component_group", page, core["id"])
    client("page_delete_component", page, made["id"])
    assert client.refused("page_get_component", page, made["id"]) == 404
    looks = client("page_update_embed_config_settings", page, {"position": "top-left"})
    assert client("page_get_embed_config_settings", page) == looks
    assert client.refused("page_get_list_of_metrics", page) == 404
    assert client.refused("page_create_component", page, {"name": ""}) == 422


def test_atlassian_python_api__incidents(client):
    page = client.page
    made = client("page_create_component", page, {"name": "API"})
    incident = {
        "name": "Slow",
        "status": "investigating",
        "body": "We look.",
        "components": {made["id"]: "major_outage"},
    }
    opened = client("page_create_incident", page, incident)
    assert (opened["status"], opened["impact"], opened["components"][0]["status"]) == (
        "investigating",
        "critical",
        "major_outage",
    )
    assert client("page_get_incident", page, opened["id"]) == opened
    for call, *facts in (("page_list_incidents", "Slow"), ("page_list_unresolved_incidents",)):
        assert opened["id"] in {each["id"] for each in client(call, page, *facts)}
    client("page_update_incident", page, opened["id"], {"status": "identified", "body": "A cable."})
    done = client("page_update_incident", page, opened["id"], {"status": "resolved", "body": "Mended."})
    assert (done["status"], done["components"][0]["status"]) == ("resolved", "operational")
    said = [each["body"] for each in done["incident_updates"]]
    assert said == ["Mended.", "A cable.", "We look."]
    update = done["incident_updates"][1]["id"]
    corrected = client("page_update_incident_updates", page, done["id"], update, {"body": "Two cables."})
    assert corrected["body"] == "Two cables."
    assert client("page_create_postmortem", page, done["id"], "It was the cat.")["body_draft"] == "It was the cat."
    published = client("page_publish_postmortem", page, done["id"], {"notify_subscribers": False})
    assert published["body"] == "It was the cat."
    assert client("page_get_postmortem", page, done["id"]) == published
    assert client("page_revert_postmortem", page, done["id"])["body"] is None
    client("page_delete_postmortem", page, done["id"])
    window = {"name": "Upgrade", "status": "scheduled", "body": "Disks.", "component_ids": [made["id"]]}
    window |= {"scheduled_for": "2030-01-01T10:00:00Z", "scheduled_until": "2030-01-01T12:00:00Z"}
    planned = client("page_create_incident", page, window)
    for call in ("page_list_upcoming_incidents", "page_list_scheduled_incidents"):
        assert planned["id"] in {each["id"] for each in client(call, page)}
    client("page_update_incident", page, planned["id"], {"status": "in_progress"})
    assert [each["id"] for each in client("page_list_active_maintenances", page)] == [planned["id"]]
    client("page_delete_incident", page, planned["id"])
    assert client.refused("page_get_incident", page, planned["id"]) == 404
    template = {"name": "Slow", "title": "Slow again", "body": "It is slow.", "component_ids": [made["id"]]}
    kept = client("page_create_template", page, template)
    assert kept in client("page_get_templates", page)
    assert client.refused("page_create_incident", page, {"name": "x", "status": "down"}) == 422


def test_atlassian_python_api__subscribers(client):
    page = client.page
    asked = client("page_create_subscriber", page, {"email": "asked@example.org"})
    told = client("page_create_subscriber", page, {"email": "told@example.org", "skip_confirmation_notification": True})
    assert (asked["mode"], asked["email"], told["components"]) == ("email", "asked@example.org", None)
    assert client("page_get_subscriber", page, told["id"]) == told
    assert client("page_get_subscribers", page, {"q": "told@"}, page=0) == [told]
    assert asked in client("page_get_subscribers", page, {"subscriber_state": "unconfirmed"}, page=0)
    made = client("page_create_component", page, {"name": "API"})
    changed = client("page_update_subscriber", page, told["id"], [made["id"]])
    assert changed["components"] == [made["id"]]
    counted = client("page_count_subscribers_by_type", page, "email", "active")["email"]
    by_state = client("page_get_histogram_of_subscribers_with_state", page)["email"]
    assert by_state["active"] == counted and by_state["unconfirmed"] >= 1
    assert client.refused("page_resend_confirmation_subscribers", page, told["id"]) == 409
    client("page_resend_confirmations_to_subscribers", page, [asked["id"]])
    client("page_reactivate_subscribers", page, [told["id"]], "email")
    client("page_unsubscribe_subscriber", page, asked["id"])
    client("page_unsubscribe_subscribers", page, [told["id"]], "email", True)
    assert client.refused("page_get_subscriber", page, told["id"]) == 404
    assert told["id"] in {each["id"] for each in client("page_get_list_unsubscribed", page)}
    opened = client("page_create_incident", page, {"name": "Followed"})
    of = (page, opened["id"])
    asked = client("page_create_incident_subscriber", *of, {"email": "one@example.org"})
    vouched = {"email": "two@example.org", "skip_confirmation_notification": True}
    follows = client("page_create_incident_subscriber", *of, vouched)
    assert client("page_list_incident_subscribers", *of) == [asked, follows]
    assert client("page_get_incident_subscriber", *of, follows["id"]) == follows
    assert client.refused("page_resend_confirmation_incident_subscriber", *of, follows["id"]) == 409
    client("page_unsubscribe_incident_subscriber", *of, follows["id"])
    assert client("page_list_incident_subscribers", *of) == [asked]


def test_atlassian_statuspage__things(client):
    page = client.page
    (known,) = client("PagesApi.get_pages")
    assert client("PagesApi.get_pages_page_id", page)["id"] == known["id"] == page
    for method in ("patch", "put"):
        said = client(f"PagesApi.{method}_pages_page_id", {"page": {"name": known["name"]}}, page)
        assert said["name"] == known["name"]
    made = client("ComponentsApi.post_pages_page_id_components", {"component": {"name": "Web"}}, page)
    place = "pages_page_id_components_component_id"
    for method, status in (("patch", "partial_outage"), ("put", "operational")):
        body = {"component": {"status": status}}
        assert client(f"ComponentsApi.{method}_{place}", body, page, made["id"])["status"] == status
    held = client(f"ComponentsApi.get_{place}", page, made["id"])
    assert held in client("ComponentsApi.get_pages_page_id_components", page, page=1, per_page=100)
    uptime = client(f"ComponentsApi.get_{place}_uptime", page, made["id"])
    assert (uptime["id"], uptime["major_outage"]) == (made["id"], 0)
    groups, place = "ComponentGroupsApi", "pages_page_id_component_groups"
    body = {"description": "All", "component_group": {"name": "Front", "components": [made["id"]]}}
    front = client(f"{groups}.post_{place}", body, page)
    for method in ("patch", "put"):
        assert client(f"{groups}.{method}_{place}_id", body, page, front["id"])["name"] == "Front"
    held = client(f"{groups}.get_{place}_id", page, front["id"])
    assert (held["id"], held["description"]) == (front["id"], "All")
    assert front["id"] in {each["id"] for each in client(f"{groups}.get_{place}", page)}
    assert client(f"{groups}.get_{place}_id_uptime", page, front["id"])["id"] == front["id"]
    assert client(f"{groups}.delete_{place}_id", page, front["id"])["id"] == front["id"]
    client("ComponentsApi.delete_pages_page_id_components_component_id", page, made["id"])
    assert client.refused("ComponentsApi.get_pages_page_id_components_component_id", page, made["id"]) == 404
    embed = "StatusEmbedConfigApi.{}_pages_page_id_status_embed_config"
    for method in ("patch", "put"):
        body = {"status_embed_config": {"position": "bottom-right"}}
        assert client(embed.format(method), body, page)["position"] == "bottom-right"
    assert client(embed.format("get"), page)["page_id"] == page


def test_atlassian_statuspage__incidents(client):
    page, incidents = client.page, "IncidentsApi.{}_pages_page_id_incidents{}"
    made = client("ComponentsApi.post_pages_page_id_components", {"component": {"name": "Web"}}, page)
    body = {
        "incident": {"name": "Errors", "body": "We look.", "component_ids": [made["id"]], "metadata": {"a": {"b": "c"}}}
    }
    opened = client(incidents.format("post", ""), body, page)
    assert (opened["status"], opened["impact"]) == ("investigating", "none")
    for method, change in (
        ("patch", {"impact_override": "minor"}),
        ("put", {"status": "monitoring", "body": "Better."}),
    ):
        call = incidents.format(method, "_incident_id")
        changed = client(call, {"incident": change}, page, opened["id"])
    assert (changed["status"], changed["impact_override"]) == ("monitoring", "minor")
    assert client(incidents.format("get", "_incident_id"), page, opened["id"])["name"] == "Errors"
    assert opened["id"] in {each["id"] for each in client(incidents.format("get", ""), page, q="Errors", limit=5)}
    assert opened["id"] in {each["id"] for each in client(incidents.format("get", "_unresolved"), page, per_page=5)}
    for which in ("scheduled", "upcoming", "active_maintenance"):
        assert opened["id"] not in {each["id"] for each in client(incidents.format("get", f"_{which}"), page)}
    update = changed["incident_updates"][0]["id"]
    place = "pages_page_id_incidents_incident_id_incident_updates_incident_update_id"
    for method in ("patch", "put"):
        said = {"incident_update": {"body": f"Better by {method}."}}
        corrected = client(f"IncidentUpdatesApi.{method}_{place}", said, page, opened["id"], update)
        assert corrected["body"] == f"Better by {method}."
    client(incidents.format("patch", "_incident_id"), {"incident": {"status": "resolved"}}, page, opened["id"])
    postmortem = "IncidentPostmortemApi.{}_pages_page_id_incidents_incident_id_postmortem{}"
    draft = {"postmortem": {"body_draft": "A cat."}}
    assert client(postmortem.format("put", ""), draft, page, opened["id"])["body_draft"] == "A cat."
    telling = {"postmortem": {"notify_subscribers": False, "notify_twitter": False, "custom_tweet": ""}}
    assert client(postmortem.format("put", "_publish"), telling, page, opened["id"])["body"] == "A cat."
    assert client(postmortem.format("get", ""), page, opened["id"])["body"] == "A cat."
    assert client(postmortem.format("put", "_revert"), page, opened["id"])["body"] is None
    client(postmortem.format("delete", ""), page, opened["id"])
    template = {"template": {"name": "Errors", "title": "Errors", "body": "There are.", "update_status": "identified"}}
    kept = client("TemplatesApi.post_pages_page_id_incident_templates", template, page)
    assert kept["id"] in {each["id"] for each in client("TemplatesApi.get_pages_page_id_incident_templates", page)}
    assert client(incidents.format("delete", "_incident_id"), page, opened["id"])["id"] == opened["id"]
    assert client.refused(incidents.format("get", "_incident_id"), page, opened["id"]) == 404


def test_atlassian_statuspage__subscribers(client):
    page, call = client.page, "SubscribersApi.{}_pages_page_id_subscribers{}"
    body = {"subscriber": {"phone_number": "612345678", "phone_country": "nl", "skip_confirmation_notification": True}}
    told = client(call.format("post", ""), body, page)
    assert (told["mode"], told["phone_number"], told["phone_country"]) == ("sms", "612345678", "NL")
    listed = client(call.format("get", ""), page, type="sms", state="active", limit=5, page=0)
    assert [each["id"] for each in listed] == [told["id"]]
    assert client(call.format("get", "_subscriber_id"), page, told["id"])["id"] == told["id"]
    made = client("ComponentsApi.post_pages_page_id_components", {"component": {"name": "Web"}}, page)
    changes = {"component_ids": [made["id"]]}
    asked = client(call.format("post", ""), {"subscriber": {"email": "asked@example.net", **changes}}, page)
    assert made["id"] in asked["components"]
    assert made["id"] in client(call.format("patch", "_subscriber_id"), changes, page, told["id"])["components"]
    assert client(call.format("get", "_count"), page, type="sms", state="active")["sms"] == 1
    assert client(call.format("get", "_histogram_by_state"), page)["sms"]["active"] == 1
    client(call.format("post", "_resend_confirmation"), {"subscribers": "all"}, page)
    client(call.format("post", "_reactivate"), {"subscribers": "all", "type": "sms"}, page)
    client(call.format("post", "_unsubscribe"), {"subscribers": "all", "type": "sms", "state": "active"}, page)
    assert told["id"] in {each["id"] for each in client(call.format("get", "_unsubscribed"), page)}
    client(call.format("delete", "_subscriber_id"), page, asked["id"], skip_unsubscription_notification=True)
    assert client.refused(call.format("get", "_subscriber_id"), page, asked["id"]) == 404
    opened = client("IncidentsApi.post_pages_page_id_incidents", {"incident": {"name": "Followed"}}, page)
    of, call = (page, opened["id"]), "IncidentSubscribersApi.{}_pages_page_id_incidents_incident_id_subscribers{}"
    body = {"subscriber": {"email": "follows@example.net", "skip_confirmation_notification": True}}
    follows = client(call.format("post", ""), body, *of)
    assert [each["id"] for each in client(call.format("get", ""), *of)] == [follows["id"]]
    assert client(call.format("get", "_subscriber_id"), *of, follows["id"])["email"] == "follows@example.net"
    again = call.format("post", "_subscriber_id_resend_confirmation")
    assert client.refused(again, *of, follows["id"]) == 409
    client(call.format("delete", "_subscriber_id"), *of, follows["id"])
    assert client(call.format("get", ""), *of) == []


def test_crunch_statuspageio__things(client):
    known = client("pages.get")
    assert known["id"] == client.page
    client("pages.update", name=known["name"])
    made = client("components.create", name="Mail", description="Sends", status="operational")
    assert client("components.update", made["id"], status="major_outage")["status"] == "major_outage"
    held = client("components.get", made["id"])
    assert (held["name"], held["status"]) == ("Mail", "major_outage")
    assert held in client("components.list")
    group = client("component_groups.create", "Letters", [made["id"]])
    assert group in client("component_groups.list")
    assert client("component_groups.delete", group["id"]) == 200
    assert client("components.delete", made["id"]) == 204
    assert client.refused("components.get", made["id"]) == 404
    assert client.refused("components.create", status="operational") == 422


def test_crunch_statuspageio__incidents(client):
    made = client("components.create", name="Mail")
    said = {"name": "Letters wait", "status": "investigating", "body": "We look.", "component_ids": [made["id"]]}
    opened = client("incidents.create", **said, wants_twitter_update=False, impact_override="major")
    assert (opened["impact"], opened["components"][0]["id"]) == ("major", made["id"])
    for call in ("incidents.list", "incidents.list_unresolved"):
        assert opened["id"] in {each["id"] for each in client(call)}
    changed = client("incidents.update", opened["id"], status="monitoring", body="Letters go.")
    assert (changed["status"], changed["incident_updates"][0]["body"]) == ("monitoring", "Letters go.")
    update = changed["incident_updates"][0]["id"]
    corrected = client("incidents.update_previous", opened["id"], update, body="Most letters go.")
    assert corrected["body"] == "Most letters go."
    window = {"scheduled_for": "2030-02-01T10:00:00Z", "scheduled_until": "2030-02-01T12:00:00Z"}
    planned = client(
        "incidents.create_scheduled", name="Disks", body="New ones.", scheduled_remind_prior=True, **window
    )
    assert planned["status"] == "scheduled"
    for call in ("incidents.list_scheduled", "incidents.list_upcoming"):
        assert planned["id"] in {each["id"] for each in client(call)}
    assert client("incidents.list_active_maintenance") == []
    for each in (planned, opened):
        assert client("incidents.delete", each["id"]) == 200
    assert opened["id"] not in {each["id"] for each in client("incidents.list_unresolved")}


def test_crunch_statuspageio__subscribers(client):
    made = client("subscribers.create", email="letters@example.com", skip_confirmation_notification=True)
    assert made in client("subscribers.list")
    assert client("subscribers.delete", made["id"]) == 200
    assert made not in client("subscribers.list")
    assert client.refused("subscribers.create", email="nobody") == 422
