"""`/api/v2/*.json`: what clients of Statuspage's public API read, key by key."""

import json
import os
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from statuspage.publishing import api_v2, documents
from statuspage.status import page_status
from statuspage.vocabulary import ComponentStatus

from .factories import (
    a_component,
    a_group,
    a_maintenance,
    a_page,
    a_snapshot,
    affected,
    ago,
    ahead,
    an_incident,
    an_update,
    id_of,
)


def words(text):
    return text.split()


PAGE_KEYS = ["id", "name", "url", "time_zone", "updated_at"]
COMPONENT_KEYS = words(
    "id name status created_at updated_at position description showcase start_date group_id page_id group "
    "only_show_if_degraded"
)
INCIDENT_KEYS = words(
    "id name status created_at updated_at monitoring_at resolved_at impact shortlink started_at page_id "
    "incident_updates components"
)
UPDATE_KEYS = words(
    "id status body incident_id created_at updated_at display_at affected_components deliver_notifications "
    "custom_tweet tweet_id"
)
PATHS = {
    "/api/v2/summary.json": ["page", "components", "incidents", "scheduled_maintenances", "status"],
    "/api/v2/status.json": ["page", "status"],
    "/api/v2/components.json": ["page", "components"],
    "/api/v2/incidents.json": ["page", "incidents"],
    "/api/v2/incidents/unresolved.json": ["page", "incidents"],
    "/api/v2/scheduled-maintenances.json": ["page", "scheduled_maintenances"],
    "/api/v2/scheduled-maintenances/upcoming.json": ["page", "scheduled_maintenances"],
    "/api/v2/scheduled-maintenances/active.json": ["page", "scheduled_maintenances"],
}


def published(snapshot):
    """Every document of the dialect, parsed, by path."""
    return {each.path: json.loads(each.render()) for each in api_v2.documents(snapshot)}


def test_every_path_has_its_keys_in_order_even_on_an_empty_page():
    answers = published(a_snapshot(components=()))
    assert {path: list(answer) for path, answer in answers.items()} == PATHS
    assert answers["/api/v2/summary.json"]["incidents"] == []
    assert list(answers["/api/v2/status.json"]["page"]) == PAGE_KEYS


def test_the_documents_are_registered_and_carried_over_within_a_revision():
    registered = {each.path: each for each in documents.hot_documents(a_snapshot())}
    assert set(PATHS) <= set(registered)
    for path in PATHS:
        assert registered[path].key == "7"
        assert registered[path].content_type == "application/json; charset=utf-8"


def test_the_same_facts_give_the_same_bytes_whenever():
    snapshot = a_snapshot(incidents=(an_incident(),))
    later = replace(snapshot, as_of=ahead(hours=1))
    first, second = ([each.render() for each in api_v2.documents(of)] for of in (snapshot, later))
    assert first == second


def test_times_are_utc_with_milliseconds():
    offset = timezone(timedelta(hours=-8))
    page = a_page(updated_at=datetime(2022, 2, 15, 13, 37, 37, 407_999, tzinfo=offset))
    answer = published(a_snapshot(page=page))["/api/v2/status.json"]
    assert answer["page"]["updated_at"] == "2022-02-15T21:37:37.407Z"


def test_status_is_indicator_and_description():
    snapshot = a_snapshot(components=(a_component(status="major_outage"), a_component("Web")))
    assert published(snapshot)["/api/v2/status.json"]["status"] == {
        "indicator": "major",
        "description": "Partial System Outage",
    }


def test_a_component_has_all_its_keys():
    facts = a_component("API", description="", start_date=date(2026, 1, 2), showcase=False)
    data = published(a_snapshot(components=(facts,)))["/api/v2/components.json"]["components"][0]
    assert list(data) == COMPONENT_KEYS
    assert data["description"] is None
    assert data["start_date"] == "2026-01-02"
    assert (data["showcase"], data["group"], data["group_id"]) == (False, False, None)


def test_a_group_is_an_entry_with_its_members_after_it():
    inside = [a_component(name, group_id=id_of("Core"), position=n) for n, name in enumerate("AB", 1)]
    core = a_group("Core", inside, position=2)
    last = a_component("Last", position=3)
    snapshot = a_snapshot(components=(*inside, last, a_component("First")), groups=(core,))
    data = published(snapshot)["/api/v2/components.json"]["components"]
    assert [each["name"] for each in data] == ["First", "Core", "A", "B", "Last"]
    assert list(data[1]) == [*COMPONENT_KEYS, "components"]
    assert (data[1]["group"], data[1]["components"]) == (True, [each.id for each in inside])
    assert data[2]["group_id"] == core.id


def test_an_incident_has_all_its_keys():
    api = a_component(status="partial_outage")
    update = an_update("identified", "Text", affected_components=(affected(api, "operational", "partial_outage"),))
    incident = an_incident(components=(api,), updates=(update, an_update()), severity=1)
    snapshot = a_snapshot(components=(api,), incidents=(incident,))
    data = published(snapshot)["/api/v2/incidents.json"]["incidents"][0]
    assert list(data) == [*INCIDENT_KEYS, "reminder_intervals"]
    assert data["reminder_intervals"] is None
    assert data["shortlink"] == f"https://status.example.com/incidents/{incident.id}"
    assert [list(each) for each in data["incident_updates"]] == [UPDATE_KEYS, UPDATE_KEYS]
    assert data["incident_updates"][0]["affected_components"] == [
        {"code": api.id, "name": "API", "old_status": "operational", "new_status": "partial_outage"}
    ]
    assert data["incident_updates"][1]["affected_components"] is None
    assert list(data["components"][0]) == COMPONENT_KEYS
    assert data["components"][0]["status"] == "partial_outage"


def test_a_component_that_is_gone_is_left_out_of_old_incidents():
    incident = an_incident(components=(a_component("Gone"),))
    data = published(a_snapshot(incidents=(incident,)))["/api/v2/incidents.json"]["incidents"][0]
    assert data["components"] == []


def test_unresolved_leaves_out_resolved_and_postmortem():
    incidents = tuple(
        an_incident(name, status=name)
        for name in ("investigating", "identified", "monitoring", "resolved", "postmortem")
    )
    answers = published(a_snapshot(incidents=incidents))
    names = [each["name"] for each in answers["/api/v2/incidents/unresolved.json"]["incidents"]]
    assert names == ["investigating", "identified", "monitoring"]
    assert len(answers["/api/v2/incidents.json"]["incidents"]) == 5
    assert len(answers["/api/v2/summary.json"]["incidents"]) == 3


def test_incidents_are_the_newest_fifty_and_unresolved_all():
    incidents = tuple(an_incident(f"{number}") for number in range(60))
    answers = published(a_snapshot(incidents=incidents))
    assert len(answers["/api/v2/incidents.json"]["incidents"]) == 50
    assert len(answers["/api/v2/incidents/unresolved.json"]["incidents"]) == 60


def test_a_maintenance_is_an_incident_with_a_window():
    data = published(a_snapshot(maintenances=(a_maintenance(),)))["/api/v2/scheduled-maintenances.json"]
    maintenance = data["scheduled_maintenances"][0]
    assert list(maintenance) == [*INCIDENT_KEYS, "scheduled_for", "scheduled_until"]
    assert maintenance["scheduled_for"] == "2026-11-12T15:00:00.000Z"
    assert maintenance["impact"] == "maintenance"
    assert maintenance["started_at"] == maintenance["created_at"]


def test_maintenances_are_upcoming_or_active_or_over():
    late = a_maintenance("late", scheduled_for=ahead(days=9))
    soon = a_maintenance("soon", scheduled_for=ahead(days=1))
    now = a_maintenance("now", status="in_progress", scheduled_for=ago(hours=1), started_at=ago(hours=1))
    checking = a_maintenance("checking", status="verifying", scheduled_for=ago(hours=2))
    over = a_maintenance("over", status="completed", scheduled_for=ago(days=9))
    answers = published(a_snapshot(maintenances=(late, soon, now, checking, over)))

    def names(path):
        return [each["name"] for each in answers[f"/api/v2/{path}.json"]["scheduled_maintenances"]]

    assert names("scheduled-maintenances/upcoming") == ["soon", "late"]
    assert names("scheduled-maintenances/active") == ["now", "checking"]
    assert names("summary") == ["now", "checking", "soon", "late"]
    assert names("scheduled-maintenances") == ["late", "soon", "now", "checking", "over"]


def test_a_cancelled_maintenance_is_completed_and_not_upcoming():
    cancelled = a_maintenance(
        status="cancelled",
        updated_at=ago(hours=1),
        updates=(an_update("cancelled", "This maintenance will not take place."), an_update("scheduled")),
    )
    answers = published(a_snapshot(maintenances=(cancelled,)))
    assert answers["/api/v2/scheduled-maintenances/upcoming.json"]["scheduled_maintenances"] == []
    data = answers["/api/v2/scheduled-maintenances.json"]["scheduled_maintenances"][0]
    assert data["status"] == data["incident_updates"][0]["status"] == "completed"
    assert data["resolved_at"] == "2026-11-10T13:32:00.000Z"


def test_text_is_compact_utf_8():
    snapshot = a_snapshot(page=a_page(name="Köln 🚀"))
    body = next(each for each in api_v2.documents(snapshot) if each.path.endswith("status.json")).render()
    assert '"name":"Köln 🚀"'.encode() in body
    assert b'": ' not in body and b', "' not in body


def test_fault_70_a_lone_surrogate_does_not_stop_the_publication():
    snapshot = a_snapshot(incidents=(an_incident("x\ud800y"),))
    assert published(snapshot)["/api/v2/incidents.json"]["incidents"][0]["name"] == "x?y"


# --- The real page's history, where it is at hand -----------------------------------------------

HISTORY = Path(os.environ.get("STATUSPAGE_HISTORY") or "nowhere")
has_history = pytest.mark.skipif(not HISTORY.is_dir(), reason="STATUSPAGE_HISTORY names no folder")


@has_history
def test_the_keys_are_those_of_a_real_page():
    api = a_component(status="major_outage")
    update = an_update(affected_components=(affected(api, "operational", "major_outage"),))
    incident = an_incident(components=(api,), updates=(update,))
    maintenance = a_maintenance(components=(api,), updates=(update,))
    answers = published(a_snapshot(components=(api,), incidents=(incident,), maintenances=(maintenance,)))
    for name in ("components", "incidents", "scheduled-maintenances"):
        real = json.loads((HISTORY / f"{name}.json").read_text())
        assert shape(answers[f"/api/v2/{name}.json"]) == shape(real)


def shape(value):
    """Keys all the way down, the richest entry standing for a list."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items() if key != "reminder_intervals"}
    if isinstance(value, list):
        return max((shape(each) for each in value), key=lambda each: len(str(each)), default=None)
    return None


@has_history
def test_every_distinct_page_status_of_a_real_page_is_reproduced():
    cases = json.loads((HISTORY / "page-status.json").read_text())
    assert len(cases) == 54
    for case in cases:
        statuses = [ComponentStatus(name) for name, count in case["components"].items() for _ in range(count)]
        status = page_status(statuses)
        assert (status.indicator, status.description) == (case["indicator"], case["description"])
