"""The import of a real page's history, where STATUSPAGE_HISTORY names its folder. Nothing of it is kept here."""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from statuspage.models import (
    AuditEntry,
    Component,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceUpdate,
    Outage,
    Publication,
)

FOLDER = os.environ.get("STATUSPAGE_HISTORY", "")
SECONDS = 60
"""What the whole history may take, its publication included."""

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FOLDER, reason="STATUSPAGE_HISTORY names no folder")]


def source(name: str) -> dict:
    return json.loads((Path(FOLDER) / name).read_bytes())


@pytest.fixture
def imported() -> None:
    """The history, imported and not yet published."""
    call_command("import_statuspage", FOLDER)


@pytest.fixture
def pages(publish_root: Path, django_capture_on_commit_callbacks) -> Path:
    """The history, imported and published in the time that it may take."""
    begun = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_statuspage", FOLDER)
    assert time.monotonic() - begun < SECONDS
    return publish_root


def published(root: Path, name: str) -> dict:
    return json.loads((root / "current" / "api" / "v2" / name).read_bytes())


def test_all_of_it_is_here(imported: None) -> None:
    incidents = source("incidents.json")["incidents"]
    updates = sum(len(each["incident_updates"]) for each in incidents)
    assert Component.objects.count() == len(source("components.json")["components"]) == 11
    assert Incident.objects.count() == len(incidents) == 450
    assert Maintenance.objects.count() == len(source("scheduled-maintenances.json")["scheduled_maintenances"]) == 21
    assert IncidentUpdate.objects.count() == updates == 2_104
    assert Publication.objects.get().page_id == source("components.json")["page"]["id"]


def test_again_changes_nothing(imported: None, capsys) -> None:
    before = Publication.objects.get().revision, AuditEntry.objects.count(), list(Outage.objects.values_list())
    call_command("import_statuspage", FOLDER)
    assert "nothing changed" in capsys.readouterr().out
    assert before == (
        Publication.objects.get().revision,
        AuditEntry.objects.count(),
        list(Outage.objects.values_list()),
    )


def test_whether_people_were_told_is_kept_and_nobody_is_told_now(imported: None) -> None:
    told = Counter(
        u["deliver_notifications"] for each in source("incidents.json")["incidents"] for u in each["incident_updates"]
    )
    assert Counter(IncidentUpdate.objects.values_list("deliver_notifications", flat=True)) == told
    if apps.is_installed("notifications"):
        assert not apps.get_model("notifications", "OutboxEvent").objects.exists()


def test_every_second_out_of_operation_is_in_one_outage(imported: None) -> None:
    """Against the simplest walk over all changes of a component."""
    documents = source("incidents.json")["incidents"] + source("scheduled-maintenances.json")["scheduled_maintenances"]
    said = sorted(
        (update["created_at"], each["code"], each["new_status"])
        for entry in documents
        for update in entry["incident_updates"]
        for each in update["affected_components"] or ()
    )
    for component in Component.objects.all():
        changes, status = [], "operational"
        for at, code, new in said:
            if code == component.pk and new != status:
                changes.append((at, status := new))
        expected = [
            (start, end, word)
            for (start, word), (end, _) in zip(changes, changes[1:], strict=False)
            if word != "operational"
        ]
        found = [
            (stamp(row.started_at), stamp(row.ended_at), row.status) for row in component.outages.order_by("started_at")
        ]
        assert found == expected
        assert component.status == status == "operational"


def stamp(at) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_components_the_newest_50_incidents_and_maintenances_are_published_field_for_field(pages: Path) -> None:
    assert published(pages, "components.json")["components"] == source("components.json")["components"]
    assert_incidents(pages)
    assert_maintenances(pages)


def assert_incidents(pages: Path) -> None:
    ours = published(pages, "incidents.json")["incidents"]
    theirs = source("incidents.json")["incidents"][:50]
    assert [plain(each) for each in ours] == [plain(each) for each in theirs]


def assert_maintenances(pages: Path) -> None:
    ours = published(pages, "scheduled-maintenances.json")["scheduled_maintenances"]
    theirs = source("scheduled-maintenances.json")["scheduled_maintenances"]
    assert by_id(ours) == by_id(theirs)
    assert MaintenanceUpdate.objects.count() == sum(len(each["incident_updates"]) for each in theirs)


def by_id(entries: list[dict]) -> dict[str, dict]:
    """Maintenances but for two things: old names of components, and when work began, which the source does not tell."""
    found = {each["id"]: {**plain(each), "started_at": None} for each in entries}
    return {pk: {**each, "components": [pk for pk, _ in each["components"]]} for pk, each in found.items()}


def plain(entry: dict) -> dict:
    """An entry with its components by id and name, without what only some captures have.

    A tweet's number is not kept: it is always null, as the dialect has it.
    """
    return {
        **{key: value for key, value in entry.items() if key != "reminder_intervals"},
        "incident_updates": [{**update, "tweet_id": None} for update in entry["incident_updates"]],
        "components": sorted((each["id"], each["name"]) for each in entry["components"]),
    }
