"""A real page's history, where STATUSPAGE_HISTORY names its folder, told again through the Manage API step by step.

After each step the page says what Statuspage's rule makes of the words so far, reckoned here once more.
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.site import Site

FOLDER = os.environ.get("STATUSPAGE_HISTORY", "")
SLICE = "2022-03"
"""A month of many overlapping incidents, and of maintenance: `make test` tells this one alone."""

SITE = {"API_RATE": "10000", "LANGUAGES": "en"}

pytestmark = [pytest.mark.serial, pytest.mark.skipif(not FOLDER, reason="STATUSPAGE_HISTORY names no folder")]

Json = dict[str, Any]


def test_a_months_replay_shows_the_status_of_each_step(site):
    steps = [each for each in history() if each.subject["created_at"].startswith(SLICE)]
    assert len(steps) > 60
    assert replayed(site, steps) == []


@pytest.mark.long
def test_the_whole_replay_shows_the_status_of_each_step(site):
    assert replayed(site, history()) == []


# --- The history ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One update of an incident or a maintenance; `is_first`: it is what opens it."""

    subject: Json
    update: Json
    is_first: bool

    @property
    def said(self) -> dict[str, str]:
        """Component -> its new status."""
        return {each["code"]: each["new_status"] for each in self.update["affected_components"] or ()}


def history() -> list[Step]:
    """All that was said, in the order of its times."""
    subjects = [*read("incidents.json")["incidents"], *read("scheduled-maintenances.json")["scheduled_maintenances"]]
    steps = [step for each in subjects for step in steps_of(each)]
    return sorted(steps, key=lambda step: (step.update["display_at"], step.update["created_at"]))


def read(name: str) -> Json:
    found: Json = json.loads((Path(FOLDER) / name).read_bytes())
    return found


def steps_of(subject: Json) -> Iterator[Step]:
    ordered = sorted(subject["incident_updates"], key=lambda each: (each["display_at"], each["created_at"]))
    for place, update in enumerate(ordered):
        yield Step(subject, update, is_first=place == 0)


# --- The rule ------------------------------------------------------------------------------------------------------

BY_WORST = (
    ("major_outage", "major", "Partial System Outage"),
    ("partial_outage", "minor", "Minor Service Outage"),
    ("degraded_performance", "minor", "Partially Degraded Service"),
    ("under_maintenance", "maintenance", "Service Under Maintenance"),
    ("operational", "none", "All Systems Operational"),
)


def page_status(statuses: list[str]) -> Json:
    """The worst component decides; open incidents do not."""
    if set(statuses) == {"major_outage"}:
        return {"indicator": "critical", "description": "Major System Outage"}
    status, indicator, description = next(each for each in BY_WORST if each[0] in statuses)
    return {"indicator": indicator, "description": description}


# --- The replay ----------------------------------------------------------------------------------------------------


def replayed(site: Site, steps: list[Step]) -> list[str]:
    """Where the page said something else than the rule; each step is asked of the page when it is answered."""
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=60)) as connection:
        program = Program(connection, site.manage("create_api_key", f"replay {len(steps)}").stdout.strip())
        return told(program, steps)


def told(program: "Program", steps: list[Step]) -> list[str]:
    ours = {each["id"]: program.component(each) for each in read("components.json")["components"]}
    statuses, opened, wrong = dict.fromkeys(ours, "operational"), {}, []
    for step in steps:
        key = step.subject["id"]
        opened[key] = program.tell(step, ours, opened.get(key))
        statuses |= step.said
        said, wanted = program.get("/api/v2/status.json")["status"], page_status(list(statuses.values()))
        if said != wanted:
            wrong.append(f"{step.update['display_at']} {step.update['status']}: {said} instead of {wanted}")
    assert program.get(f"{program.root}/incidents/unresolved") == []
    for theirs, pk in ours.items():
        assert program.get(f"{program.root}/components/{pk}")["status"] == statuses[theirs]
        program.ask("DELETE", f"{program.root}/components/{pk}", 204)
    return wrong


class Program:
    """Tells the page over one connection, as automation does."""

    def __init__(self, connection: HTTPConnection, key: str) -> None:
        self.connection = connection
        self.headers = {"Authorization": f"OAuth {key}", "Content-Type": "application/json"}
        self.root = "/v1/pages/" + self.get("/v1/pages")[0]["id"]

    def ask(self, method: str, path: str, wanted: int, body: Json | None = None) -> Any:
        self.connection.request(method, path, json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status == wanted, f"{method} {path}: {answer.status} {said.decode()} for {body}"
        return json.loads(said) if said else None

    def get(self, path: str) -> Any:
        return self.ask("GET", path, 200)

    def component(self, theirs: Json) -> str:
        """A component of that name; its id here."""
        facts = {name: theirs[name] for name in ("name", "description", "showcase", "only_show_if_degraded")}
        pk: str = self.ask("POST", f"{self.root}/components", 201, {"component": facts})["id"]
        return pk

    def tell(self, step: Step, ours: dict[str, str], known: str | None) -> str:
        """Open an incident or say more of it; its id here."""
        facts = {name: step.update[name] for name in ("status", "body", "deliver_notifications")}
        if step.said:
            facts["components"] = {ours[each]: status for each, status in step.said.items()}
        if known:
            return self.ask("PATCH", f"{self.root}/incidents/{known}", 200, {"incident": facts})["id"]
        facts |= {"name": step.subject["name"], "component_ids": [ours[each] for each in step.said]}
        if "scheduled_for" in step.subject:
            facts |= {name: step.subject[name] for name in ("scheduled_for", "scheduled_until")}
            facts |= dict.fromkeys(BY_ITSELF, False)
        return self.ask("POST", f"{self.root}/incidents", 201, {"incident": facts})["id"]


BY_ITSELF = (
    "scheduled_auto_in_progress",
    "scheduled_auto_completed",
    "auto_transition_to_maintenance_state",
    "auto_transition_to_operational_state",
)
"""What a maintenance would do without being told: here every step is told."""
