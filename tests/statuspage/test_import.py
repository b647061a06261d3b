"""Importing a history: what becomes of it here, and what an import never does."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from statuspage import audit, events
from statuspage.actions import components as component_actions
from statuspage.actions import incidents as incident_actions
from statuspage.actions import outages as outage_actions
from statuspage.actions.importing import import_history
from statuspage.importing import parse
from statuspage.models import (
    AuditEntry,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceUpdate,
    MaintenanceWindow,
    Outage,
    Publication,
)
from tests.histories import PAGE, at, component, documents, everyday, incident, maintenance, pk, said, written

pytestmark = pytest.mark.django_db

TABLES = (AuditEntry, Component, ComponentGroup, Incident, IncidentUpdate, Maintenance, MaintenanceUpdate, Outage)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def take(found, now=NOW):
    """Import documents."""
    return import_history(history=parse.history(found), actor=audit.SYSTEM, now=now)


def moment(time: str) -> datetime:
    return datetime.fromisoformat(at(time))


def outages(**only):
    """Component, status, start and end of each current outage, oldest first."""
    rows = Outage.objects.filter(is_current=True, **only).order_by("started_at", "component_id")
    return [
        (row.component_id.rstrip("0"), row.status, f"{row.started_at:%H:%M}", row.ended_at and f"{row.ended_at:%H:%M}")
        for row in rows
    ]


def stored():
    """Every row of every table that an import writes, as values."""
    return {table.__name__: sorted(table.objects.values_list(), key=str) for table in (*TABLES, Publication)}


# --- Into an empty site ------------------------------------------------------------------------


def test_an_empty_site_takes_over_the_pages_id_with_every_id_and_time():
    summary = take(everyday())
    assert Publication.objects.get().page_id == PAGE
    slow = Incident.objects.get()
    assert (slow.pk, slow.status, slow.impact) == (pk("slow"), "resolved", "critical")
    assert (slow.created_at, slow.monitoring_at, slow.resolved_at) == (
        moment("10:00"),
        moment("11:30"),
        moment("12:00"),
    )
    assert slow.shortlink == "https://stspg.io/slow00000000"
    assert [update.pk for update in slow.updates.all()] == [pk(f"slowu{number}") for number in (3, 2, 1, 0)]
    assert slow.revision == summary.revision == 1
    assert dict(slow.claims.values_list("component_id", "status")) == {
        pk("api"): "operational",
        pk("web"): "operational",
    }


def test_components_keep_their_groups_places_and_descriptions():
    take(everyday())
    api, web = Component.objects.order_by("pk")
    assert (api.group_id, api.position, api.start_date.isoformat()) == (pk("core"), 1, "2025-02-01")
    assert (web.group_id, web.position, web.description) == (None, 2, "The site")
    assert api.updated_at == moment("12:00")


def test_a_maintenance_keeps_its_window_and_when_its_work_began():
    take(everyday())
    upgrade = Maintenance.objects.get()
    window = MaintenanceWindow.objects.get()
    assert (upgrade.announced_at, upgrade.started_at, upgrade.resolved_at) == (
        moment("09:00"), moment("20:01"), moment("22:05"),
    )  # fmt: skip
    assert (window.number, window.scheduled_for, window.scheduled_until) == (1, moment("20:00"), moment("22:00"))
    assert window.published_at == moment("09:00")
    assert [claim.component_id for claim in upgrade.claims.all()] == [pk("web")]


def test_the_words_of_updates_become_outages():
    take(everyday())
    assert outages() == [
        ("api", "degraded_performance", "10:00", "11:00"),
        ("api", "major_outage", "11:00", "12:00"),
        ("web", "partial_outage", "11:00", "11:30"),
        ("web", "under_maintenance", "20:01", "22:05"),
    ]
    assert set(Outage.objects.values_list("incident", "maintenance", "cause")) == {
        (pk("slow"), None, "own"),
        (None, pk("upgrade"), "maintenance"),
    }


def test_an_outage_begins_when_its_update_was_written_not_when_it_is_shown():
    down = said("10:00", "investigating", api="major_outage") | {"display_at": at("09:00")}
    take(documents(components=[component("api", status="major_outage")], incidents=[incident("a", down)]))
    assert outages() == [("api", "major_outage", "10:00", None)]


def test_what_an_update_said_is_kept_as_it_was_said():
    quiet = said("10:00", "investigating", api="major_outage") | {"deliver_notifications": False}
    quiet["affected_components"][0]["name"] = "Its old name"
    silent = said("10:05", "identified")
    take(documents(components=[component("api")], incidents=[incident("a", quiet, silent)]))
    later, first = IncidentUpdate.objects.all()
    assert first.affected_components == [
        {"code": pk("api"), "name": "Its old name", "old_status": "operational", "new_status": "major_outage"}
    ]
    assert (first.deliver_notifications, later.deliver_notifications) == (False, True)
    assert later.affected_components is None


def test_nobody_is_told_of_anything_imported():
    told = []
    events.published.connect(told.append, weak=False, dispatch_uid="test")
    try:
        take(everyday())
    finally:
        events.published.disconnect(dispatch_uid="test")
    assert told == []


def test_a_component_that_the_source_no_longer_lists_stays_a_name_in_the_updates():
    found = everyday()
    del found["components.json"]["components"][2]
    summary = take(found)
    assert summary.unknown_components == (pk("web"),)
    assert [claim.component_id for claim in Incident.objects.get().claims.all()] == [pk("api")]
    said_of_web = IncidentUpdate.objects.get(pk=pk("slowu2")).affected_components
    assert said_of_web[0]["name"] == "Web"


def test_the_page_shows_a_component_as_the_source_does_though_no_update_told_it():
    found = documents(
        components=[
            component("api", status="partial_outage", updated_at=at("15:00")),
            component("web", updated_at=at("11:00")),
        ],
        incidents=[incident("a", said("10:00", "investigating", web="major_outage"))],
    )
    take(found)
    assert dict(Component.objects.values_list("pk", "status")) == {
        pk("api"): "partial_outage",
        pk("web"): "operational",
    }
    assert outages() == [("web", "major_outage", "10:00", "11:00"), ("api", "partial_outage", "15:00", None)]


def test_the_outage_of_a_third_party_is_not_our_own():
    take(documents(components=[component("carrier")]))
    Component.objects.update(is_third_party=True)
    down = incident("a", said("10:00", "investigating", carrier="major_outage"))
    take(documents(components=[component("carrier", status="major_outage")], incidents=[down]))
    assert Outage.objects.get().cause == Incident.objects.get().cause == "third_party"


def test_an_import_has_one_entry_in_the_audit_log():
    take(everyday())
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.actor_name) == ("import_history", PAGE, "system")
    assert entry.after["written"]["incidents"] == {"new": 1}
    assert list(audit.broken_entries()) == []


# --- Again, and later -----------------------------------------------------------------------------


def test_the_same_history_again_changes_nothing():
    take(everyday())
    before = stored()
    summary = take(everyday(), now=NOW + timedelta(days=1))
    assert summary.revision is None
    assert stored() == before


def test_a_history_that_has_grown_changes_what_has_grown():
    calm = incident("calm", said("01:00", "investigating"), said("02:00", "resolved"))
    opened = [said("10:00", "investigating", api="major_outage")]
    take(documents(components=[component("api", status="major_outage")], incidents=[incident("a", *opened), calm]))
    assert outages() == [("api", "major_outage", "10:00", None)]
    closed = [*opened, said("12:00", "resolved", api="operational")]
    later = documents(components=[component("api", updated_at=at("12:00"))], incidents=[incident("a", *closed), calm])
    summary = take(later)
    assert outages() == [("api", "major_outage", "10:00", "12:00")]
    grown = Incident.objects.get(pk=pk("a"))
    assert (grown.status, grown.revision, grown.version) == ("resolved", summary.revision, 2)
    assert Incident.objects.get(pk=pk("calm")).revision == 1
    assert Component.objects.get().status == "operational"
    assert summary.counts["updates of incidents"] == {"new": 1}


def test_an_update_that_was_corrected_or_withdrawn_at_the_source_is_so_here():
    take(everyday())
    later = everyday()
    updates = later["incidents.json"]["incidents"][0]["incident_updates"]
    updates[1]["body"] = "Corrected."
    del updates[2]
    summary = take(later)
    assert list(IncidentUpdate.objects.values_list("body", flat=True)) == ["A sentence.", "Corrected.", "A sentence."]
    assert Incident.objects.get().revision == summary.revision == 2


def test_a_window_that_moved_at_the_source_is_a_new_revision_of_it():
    take(documents(maintenances=[maintenance("m", said("09:00", "scheduled"))]))
    moved = maintenance("m", said("09:00", "scheduled"), scheduled_until=at("23:00"), updated_at=at("12:00"))
    take(documents(maintenances=[moved]))
    assert list(MaintenanceWindow.objects.values_list("number", "scheduled_until", "published_at")) == [
        (1, moment("22:00"), moment("09:00")),
        (2, moment("23:00"), moment("12:00")),
    ]
    assert Maintenance.objects.get().window_revision == 2
    assert Maintenance.objects.get().scheduled_until == moment("23:00")


def test_what_has_left_the_newest_fifty_stays_and_still_counts():
    up = component("api", updated_at=at("12:00"))
    old = incident("old", said("10:00", "investigating", api="major_outage"))
    new = incident("new", said("12:00", "resolved", api="operational"))
    take(documents(components=[component("api", status="major_outage")], incidents=[old]))
    take(documents(components=[up], incidents=[new]))
    assert Incident.objects.count() == 2
    assert outages() == [("api", "major_outage", "10:00", "12:00")]
    assert take(documents(components=[up], incidents=[new])).revision is None


def test_a_site_that_has_something_keeps_its_own_page_id():
    component_actions.create_component(name="Ours", actor=audit.SYSTEM)
    own = Publication.objects.get().page_id
    take(everyday())
    assert Publication.objects.get().page_id == own != PAGE


# --- Beside what staff do here ------------------------------------------------------------------------


def test_an_incident_that_staff_continued_here_is_theirs():
    found = documents(
        components=[component("api", status="major_outage", updated_at=at("10:00"))],
        incidents=[incident("a", said("10:00", "investigating", api="major_outage"))],
    )
    take(found)
    incident_actions.publish_update(
        incident=Incident.objects.get(), status="resolved", body="Over.", components={pk("api"): "operational"},
        actor=audit.SYSTEM, now=moment("13:00"),
    )  # fmt: skip
    before = stored()
    summary = take(found)
    assert (summary.left_alone, summary.revision) == (1, None)
    assert stored() == before


def test_an_outage_that_this_site_recorded_is_not_covered_by_an_imported_one():
    found = documents(
        components=[component("api", status="partial_outage", updated_at=at("10:00"))],
        incidents=[incident("a", said("10:00", "investigating", api="partial_outage"))],
    )
    take(found)
    incident_actions.open_incident(
        name="Worse",
        body="Much worse.",
        components={pk("api"): "major_outage"},
        actor=audit.SYSTEM,
        now=moment("13:00"),
    )
    before = stored()
    assert take(found).revision is None
    assert stored() == before
    assert outages() == [("api", "partial_outage", "10:00", "13:00"), ("api", "major_outage", "13:00", None)]


def test_a_component_that_staff_renamed_keeps_its_name_and_follows_the_sources_status():
    found = documents(components=[component("api")])
    take(found)
    component_actions.edit_component(component=Component.objects.get(), actor=audit.SYSTEM, name="Renamed")
    found["components.json"]["components"][0] |= {"status": "major_outage", "updated_at": at("12:00")}
    take(found)
    api = Component.objects.get()
    assert (api.name, api.status) == ("Renamed", "major_outage")
    assert outages() == [("api", "major_outage", "12:00", None)]


def test_an_outage_that_staff_corrected_stays_corrected_and_ends_with_the_sources_word():
    opened = [said("10:00", "investigating", api="major_outage")]
    take(documents(components=[component("api", status="major_outage")], incidents=[incident("a", *opened)]))
    outage_actions.correct_outage(
        outage=Outage.objects.get(), started_at=moment("09:30"), ended_at=None, cause="beyond_control",
        reason="The cable was cut at half past nine.", actor=audit.SYSTEM,
    )  # fmt: skip
    closed = incident("a", *opened, said("12:00", "resolved", api="operational"))
    take(documents(components=[component("api", updated_at=at("12:00"))], incidents=[closed]))
    assert outages() == [("api", "major_outage", "09:30", "12:00")]
    assert Outage.objects.get(is_current=True).cause == "beyond_control"
    assert Outage.objects.count() == 2


# --- The command ---------------------------------------------------------------------------------------


def run(source, **options) -> None:
    call_command("import_statuspage", str(source), **options)


@pytest.mark.parametrize("below", [".", "api/v2"])
def test_a_folder_may_be_laid_out_flat_or_as_the_address_is(tmp_path, capsys, below):
    written(tmp_path / below, everyday())
    run(tmp_path)
    out = capsys.readouterr().out
    assert "read: 2 components in 1 groups, 1 incidents, 1 maintenances, 7 updates" in out
    assert "incidents: 1 new" in out
    assert Incident.objects.count() == 1


def test_what_is_imported_is_published(tmp_path, capsys, publish_root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run(written(tmp_path / "source", everyday()))
    data = json.loads((publish_root / "current" / "api/v2/incidents.json").read_bytes())
    assert [each["id"] for each in data["incidents"]] == [pk("slow")]
    assert data["page"]["id"] == PAGE


@pytest.mark.parametrize("options", [{"quiet": True}, {"verbosity": 0}])
def test_a_quiet_import_prints_nothing(tmp_path, capsys, options):
    run(written(tmp_path, everyday()), **options)
    assert capsys.readouterr() == ("", "")


def test_a_bad_source_is_one_line_with_status_2_and_nothing_is_written(tmp_path):
    found = everyday()
    found["scheduled-maintenances.json"]["scheduled_maintenances"][0]["scheduled_until"] = at("19:00")
    with pytest.raises(CommandError, match="scheduled_until: .* is not after scheduled_for") as refused:
        run(written(tmp_path, found))
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert not any(table.objects.exists() for table in TABLES)


def test_an_id_that_is_taken_by_something_else_is_refused_whole(tmp_path):
    take(documents(incidents=[incident("a", said("10:00", "investigating"))]))
    other = incident("b", said("10:00", "investigating"))
    other["incident_updates"][0]["id"] = pk("au0")
    with pytest.raises(CommandError, match="names something else") as refused:
        run(written(tmp_path, documents(incidents=[other])))
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/nowhere", "SOURCE: '/nowhere' is neither a folder nor an http"),
        ("status.example.com", "is neither a folder nor an http"),
        ("file:///etc", "is neither a folder nor an http"),
        ("http://", "is not a page's address"),
        ("http://[", "is not a page's address"),
        ("http://example.com:99999", "is not a page's address"),
        ("http://exam ple.com", "URL can't contain control characters"),
        ("https://" + "a" * 70 + ".example", "label"),
        ("https://user:secret@status.example.com", "is not a page's address"),
    ],
)
def test_a_source_that_is_neither_folder_nor_address_is_refused(source, message):
    with pytest.raises(CommandError, match=message):
        run(source)


def test_a_folder_without_a_document_is_refused(tmp_path):
    written(tmp_path, everyday())
    (tmp_path / "incidents.json").unlink()
    with pytest.raises(CommandError, match=r"there is no incidents\.json"):
        run(tmp_path)


def test_a_document_that_cannot_be_read_is_refused(tmp_path):
    written(tmp_path, everyday())
    (tmp_path / "incidents.json").unlink()
    (tmp_path / "incidents.json").mkdir()
    with pytest.raises(CommandError, match=r"incidents\.json: Is a directory"):
        run(tmp_path)


def test_a_published_folder_that_takes_no_files_refuses_the_import(tmp_path, settings):
    (tmp_path / "file").write_text("")
    settings.PUBLISH_ROOT = tmp_path / "file"
    with pytest.raises(CommandError, match="The published folder cannot be written") as refused:
        run(written(tmp_path / "source", everyday()))
    assert refused.value.returncode == 2
    assert not Incident.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_history(django_assert_max_num_queries):
    many = [incident(f"i{number:03}", said("10:00", "investigating", api="major_outage")) for number in range(200)]
    many[-1:] = [incident("last", said("11:00", "resolved", api="operational"))]
    found = documents(components=[component("api", updated_at=at("11:00"))], incidents=many)
    with django_assert_max_num_queries(45):
        take(found)
    with django_assert_max_num_queries(25):
        take(copy.deepcopy(found))


def test_the_source_is_not_changed(tmp_path: Path):
    source = written(tmp_path / "source", everyday())
    before = {file: file.read_bytes() for file in source.iterdir()}
    run(source)
    assert {file: file.read_bytes() for file in source.iterdir()} == before
