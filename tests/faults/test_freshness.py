"""Fault 91: a publication is on every path when staff have their answer, and soon on every node."""

import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import commands
from deploy.valkey import free_port
from statuspage.publishing import store
from tests.faults.reading import look, readers
from tests.faults.running import NEW, Running
from tests.faults.test_time_and_versions import plan

pytestmark = pytest.mark.serial

PUBLICATIONS = 8
VISIBLE_SECONDS = 2.0
STATUSES = {
    "partial_outage": {"/badge.svg": "Partial outage", "/api/v2/status.json": "Minor Service Outage"},
    "major_outage": {"/badge.svg": "Major outage", "/api/v2/status.json": "Partial System Outage"},
}
"""What the page's status is called where nothing else is said."""

Marks = Mapping[str, str]
"""Path -> words by which it shows a publication."""


def test_fault_91_a_publication_is_on_every_path_when_staff_have_their_answer_and_soon_on_every_node(publishing):
    """Incidents and windows in turn, while readers look at both nodes. The other one follows the database."""
    often = {"pause": (0.2, 0.6), "spread": 0.5}
    with (
        follower(publishing) as node,
        readers(publishing.site.port, 200, **often) as here,
        readers(node, 50, **often) as there,
    ):
        lags = [publish_and_look(publishing, node, number) for number in range(PUBLICATIONS)]
    for crowd in (here, there):
        crowd.assert_content(within=2.0)
    print("seconds until the other node had it", lags)
    assert max(lags) < VISIBLE_SECONDS, lags


@contextmanager
def follower(running: Running) -> Iterator[int]:
    """The port of another web node, with a copy of its own."""
    port, folder = free_port(), str(running.site.folder / "copy")
    running.site.start_program("extra-copy", [sys.executable, "manage.py", "publish", "--follow"], PUBLISH_ROOT=folder)
    running.site.start_program("extra-web", commands.web(port), PUBLISH_ROOT=folder)
    running.wait(lambda: look(port, "/").revision > 0, 60, "the other node has the page")
    yield port
    running.heal()


def publish_and_look(running: Running, node: int, number: int) -> float:
    """Every path of this node has it at once; seconds until every path of the other has."""
    marks = (plan_window if number % 2 else open_incident)(running, f"Look at once {number}")
    answered = time.monotonic()
    with ThreadPoolExecutor(1) as elsewhere:
        shown = elsewhere.submit(seconds_until_shown, running, node, marks, answered)
        assert_shown(running, marks)
    return shown.result()


def assert_shown(running: Running, marks: Marks) -> None:
    """By the words on the paths that have any, and by the revision of all that are kept in memory."""
    port = running.site.port
    assert [path for path, words in marks.items() if words not in look(port, path).text] == []
    manifest = store.read_manifest(Path(running.site.environment["PUBLISH_ROOT"]))
    paths = [path for path in manifest.documents if not path.endswith((".stale", "/404", "/404.json", "/503"))]
    assert len(paths) > 10 and {look(port, path).revision for path in paths} == {manifest.revision}


def seconds_until_shown(running: Running, port: int, marks: Marks, since: float) -> float:
    missing = dict(marks)

    def is_shown() -> bool:
        for path in [path for path, words in missing.items() if words in look(port, path).text]:
            del missing[path]
        return not missing

    running.wait(is_shown, 30, "the other node shows it everywhere")
    return time.monotonic() - since


def open_incident(running: Running, name: str) -> Marks:
    """The component goes from one status to the other, so that what shows nothing else changes as well."""
    said = "Partial outage" in look(running.site.port, "/badge.svg").text
    status = "major_outage" if said else "partial_outage"
    answer = running.browser.post(NEW, running.form(name) | {f"component_{running.component}": status})
    assert answer.status == 302, answer.text
    page = f"/incidents/{answer.headers['location'].split('/')[3]}"
    month = f"/history/{datetime.now(UTC):%Y-%m}"
    json = ("/api/v2/incidents.json", "/api/v2/incidents/unresolved.json", "/api/v2/summary.json")
    paths = (*in_both_languages("/", "/history", month, page), *json, *feeds(running))
    return dict.fromkeys(paths, name) | STATUSES[status]


def plan_window(running: Running, name: str) -> Marks:
    page = f"/incidents/{plan(running, name, starts_in=timedelta(days=3), lasts=timedelta(hours=1))}"
    json = ("scheduled-maintenances.json", "scheduled-maintenances/upcoming.json", "summary.json")
    calendars = ("/maintenance.ics", f"/components/{running.component}/maintenance.ics")
    paths = (*in_both_languages("/", page), *(f"/api/v2/{each}" for each in json), *feeds(running), *calendars)
    return dict.fromkeys(paths, name)


def in_both_languages(*paths: str) -> list[str]:
    return [*paths, *(f"/ar{path}".rstrip("/") for path in paths)]


def feeds(running: Running) -> list[str]:
    """Of everything, and of the component."""
    return [f"{of}/history.{kind}" for of in ("", f"/components/{running.component}") for kind in ("atom", "rss")]
