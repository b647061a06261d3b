"""Keys and types of the v1 specification's answers, recorded in v1_objects.json, beside what this API answers.

The record has facts of Statuspage's public specification: of every address that is served here the status and the
object of its answer, of every object its keys with their types; any value may be null. What we say beyond is our own.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from statuspage.api import reference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

RECORD = json.loads(Path(__file__).with_name("v1_objects.json").read_text())
OBJECTS, OPERATIONS = RECORD["objects"], RECORD["operations"]
PAGE = "/pages/{page_id}"


def test_every_recorded_address_is_in_our_document_with_its_status():
    ours = {
        f"{method.upper()} {plain(path)}": {int(status) for status in said["responses"]}
        for path, methods in reference.described()["paths"].items()
        for method, said in methods.items()
    }
    wanted = {plain(operation): status for operation, (status, _kind) in OPERATIONS.items()}
    assert {name: status for name, status in wanted.items() if status not in ours.get(name, ())} == {}


def plain(address: str) -> str:
    """Without the prefix, and without the names of what is filled in."""
    return "/".join("{}" if part.startswith("{") else part for part in address.removeprefix("/v1").split("/"))


def test_every_recorded_address_answers_with_the_recorded_keys_and_types(api, settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 10
    settings.API_RATE = 0  # no limit
    tour = Tour(api())
    tour.of_components()
    tour.of_incidents()
    tour.of_maintenance()
    tour.of_subscribers()
    tour.of_the_rest()
    assert tour.misfits == []
    assert set(OPERATIONS) - tour.asked == set()


class Tour:
    """Asks every address once, of things that it makes; `misfits` are where an answer is not as recorded."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.ids = {"page_id": program.page_id}
        self.asked: set[str] = set()
        self.misfits: list[str] = []

    def ask(self, operation: str, body: Any = None, query: str = "", keep: str = "") -> Any:
        """The answer; its id is kept under that name for the addresses that follow."""
        method, _space, path = operation.partition(" ")
        path = PAGE + path if not path.startswith("/pages") else path
        status, kind = OPERATIONS[f"{method} {path}"]
        answer = self.program.ask(method.lower(), f"/v1{path.format(**self.ids)}{query}", body)
        assert answer.status_code == status, f"{operation}: {answer.status_code} {answer.content.decode()}"
        self.asked.add(f"{method} {path}")
        said = json.loads(answer.content) if answer.content else None
        if kind is not None:
            self.misfits += misfits(said, kind, operation)
            assert said != [], f"{operation}: an empty list proves nothing"
        if keep:
            self.ids[keep] = said["id"]
        return said

    def of_components(self) -> None:
        component = {"name": "API", "description": "It answers.", "status": "operational", "start_date": "2026-01-01"}
        self.ask("POST /components", {"component": component}, keep="component_id")
        group = {"component_group": {"name": "Core", "components": [self.ids["component_id"]]}}
        self.ask("POST /component-groups", group, keep="id")
        for method in ("PATCH", "PUT"):
            self.ask(f"{method} /components/{{component_id}}", {"component": {"description": method}})
            self.ask(f"{method} /component-groups/{{id}}", group)
        for path in ("/components", "/components/{component_id}", "/component-groups", "/component-groups/{id}"):
            self.ask(f"GET {path}")

    def of_incidents(self) -> None:
        said = {"name": "Slow", "status": "investigating", "body": "We look.", "metadata": {"jira": {"issue": "A-1"}}}
        touched = {"components": {self.ids["component_id"]: "major_outage"}, "impact_override": "critical"}
        opened = self.ask("POST /incidents", {"incident": {**said, **touched}}, keep="incident_id")
        self.ids["incident_update_id"] = opened["incident_updates"][0]["id"]
        for path in ("/incidents", "/incidents/unresolved", "/incidents/{incident_id}"):
            self.ask(f"GET {path}")
        self.ask("GET /components/{component_id}/uptime")
        self.ask("GET /component-groups/{id}/uptime")
        for method in ("PATCH", "PUT"):
            update = {"incident_update": {"body": f"We look: {method}."}}
            self.ask(f"{method} /incidents/{{incident_id}}/incident_updates/{{incident_update_id}}", update)
        self.ask("PATCH /incidents/{incident_id}", {"incident": {"status": "monitoring", "body": "Better."}})
        self.of_incident_subscribers()
        over = {"status": "resolved", "body": "Over.", "components": {self.ids["component_id"]: "operational"}}
        self.ask("PUT /incidents/{incident_id}", {"incident": over})
        postmortem = "/incidents/{incident_id}/postmortem"
        self.ask(f"PUT {postmortem}", {"postmortem": {"body_draft": "A cable."}})
        self.ask(f"GET {postmortem}")
        self.ask(f"PUT {postmortem}/publish", {"postmortem": {"notify_subscribers": False}})
        self.ask("GET /incidents/{incident_id}")
        self.ask(f"PUT {postmortem}/revert")
        self.ask(f"DELETE {postmortem}")
        self.ask("DELETE /incidents/{incident_id}")

    def of_maintenance(self) -> None:
        window = {"scheduled_for": "2050-01-01T10:00:00Z", "scheduled_until": "2050-01-01T12:00:00Z"}
        said = {"name": "Upgrade", "status": "scheduled", "body": "We upgrade.", **window}
        touched = {"component_ids": [self.ids["component_id"]]}
        self.ask("POST /incidents", {"incident": {**said, **touched}}, keep="incident_id")
        self.ask("GET /incidents/scheduled")
        self.ask("GET /incidents/upcoming")
        self.ask("PATCH /incidents/{incident_id}", {"incident": {"status": "in_progress", "body": "We begin."}})
        self.ask("GET /incidents/active_maintenance")

    def of_incident_subscribers(self) -> None:
        room = "/incidents/{incident_id}/subscribers"
        somebody = {"subscriber": {"email": "anna@example.com"}}
        self.ask(f"POST {room}", somebody, keep="subscriber_id")
        self.ask(f"GET {room}")
        self.ask(f"GET {room}/{{subscriber_id}}")
        self.ask(f"POST {room}/{{subscriber_id}}/resend_confirmation")
        self.ask(f"DELETE {room}/{{subscriber_id}}")

    def of_subscribers(self) -> None:
        waiting = {"email": "cleo@example.com"}
        self.ask("POST /subscribers", {"subscriber": waiting}, keep="subscriber_id")
        self.ask("POST /subscribers/{subscriber_id}/resend_confirmation")
        self.ask("POST /subscribers/resend_confirmation", {"subscribers": [self.ids["subscriber_id"]]})
        somebody = {"email": "ben@example.com", "component_ids": [self.ids["component_id"]]}
        confirmed = {"subscriber": {**somebody, "skip_confirmation_notification": True}}
        self.ask("POST /subscribers", confirmed, keep="subscriber_id")
        self.ask("PATCH /subscribers/{subscriber_id}", {"component_ids": [self.ids["component_id"]]})
        for path in ("", "/count", "/histogram_by_state", "/{subscriber_id}"):
            self.ask(f"GET /subscribers{path}")
        self.ask("POST /subscribers/reactivate", {"subscribers": [self.ids["subscriber_id"]]})
        self.ask("POST /subscribers/unsubscribe", {"subscribers": [self.ids["subscriber_id"]]})
        self.ask("GET /subscribers/unsubscribed")
        self.ask("POST /subscribers", {"subscriber": {"email": "dora@example.com"}}, keep="subscriber_id")
        self.ask("DELETE /subscribers/{subscriber_id}")

    def of_the_rest(self) -> None:
        self.ask("GET /pages")
        for method in ("GET", "PATCH", "PUT"):
            self.ask(f"{method} {PAGE}", None if method == "GET" else {"page": {}})
            body = {"status_embed_config": {"position": "bottom-left"}}
            self.ask(f"{method} /status_embed_config", None if method == "GET" else body)
        template = {"name": "Slow", "title": "Slow", "body": "We look.", "update_status": "investigating"}
        self.ask("POST /incident_templates", {"template": template})
        self.ask("GET /incident_templates")
        self.ask("DELETE /component-groups/{id}")
        self.ask("DELETE /components/{component_id}")


# --- Types ---------------------------------------------------------------------------------------------------------

PLAIN = {"string": str, "boolean": bool, "number": (int, float), "object": dict, "any": object}


def misfits(value: Any, kind: Any, place: str) -> list[str]:
    """Where a value is not of its kind: a list of one kind, an object of the record, or something plain."""
    if value is None:
        return []
    if isinstance(kind, list):
        if not isinstance(value, list):
            return [f"{place}: {value!r} is no list"]
        return [each for part in value for each in misfits(part, kind[0], place)]
    if kind not in OBJECTS:
        return [] if fits(value, kind) else [f"{place}: {value!r} is no {kind}"]
    missing = [f"{place}.{key} is missing" for key in OBJECTS[kind] if key not in value]
    held = [(key, of_key) for key, of_key in OBJECTS[kind].items() if key in value]
    return missing + [each for key, of_key in held for each in misfits(value[key], of_key, f"{place}.{key}")]


def fits(value: Any, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("time", "date"):
        return isinstance(value, str) and is_moment(value, kind)
    return isinstance(value, PLAIN[kind]) if kind in PLAIN else value in kind.split("|")


def is_moment(value: str, kind: str) -> bool:
    try:
        found = datetime.fromisoformat(value) if kind == "time" else date.fromisoformat(value)
    except ValueError:
        return False
    return kind == "date" or found.utcoffset() is not None  # type: ignore[union-attr]
