"""Importing a history: what becomes of it here, and what an import never does."""

from datetime import timedelta

import pytest

from statuspage import audit, events
from statuspage.actions import components as component_actions
from statuspage.models import (
    AuditEntry,
    Component,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceWindow,
    Outage,
    Publication,
)
from tests.histories import PAGE, at, component, documents, everyday, incident, maintenance, pk, said
from tests.statuspage.importing_steps import NOW, moment, outages, stored, take

pytestmark = pytest.mark.django_db


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


def test_an_incident_that_names_no_component_is_nobody_elses():
    Component.objects.create(id=pk("x"), name="X", is_third_party=True, created_at=NOW, updated_at=NOW)
    take(documents(incidents=[incident("a", said("10:00", "investigating"))]))
    assert Incident.objects.get().cause == "own"


def test_a_component_put_under_maintenance_by_hand_is_planned_work():
    take(documents(components=[component("api", status="under_maintenance", updated_at=at("09:00"))]))
    assert Outage.objects.get().cause == "maintenance"


def test_a_source_whose_clock_is_ahead_is_still_the_same_the_second_time():
    down = incident("a", said("10:00", "investigating", api="major_outage"))
    found = documents(components=[component("api", status="major_outage")], incidents=[down])
    take(found, now=moment("09:59"))
    assert take(found, now=moment("09:59")).revision is None
    assert outages() == [("api", "major_outage", "10:00", None)]


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
    upgrade = Maintenance.objects.get()
    assert (upgrade.window_revision, upgrade.scheduled_until) == (2, moment("23:00"))
    take(documents(maintenances=[moved | {"scheduled_for": at("21:00")}]))
    assert Maintenance.objects.get().window_revision == MaintenanceWindow.objects.count() == 3


def test_what_has_left_the_newest_fifty_stays_and_still_counts():
    up = component("api", updated_at=at("12:00"))
    old = incident("old", said("10:00", "investigating", api="major_outage"))
    new = incident("new", said("12:00", "resolved", api="operational"))
    take(documents(components=[component("api", status="major_outage")], incidents=[old]))
    take(documents(components=[up], incidents=[new]))
    assert Incident.objects.count() == 2
    assert outages() == [("api", "major_outage", "10:00", "12:00")]
    assert take(documents(components=[up], incidents=[new])).revision is None


def test_a_component_that_left_the_source_keeps_its_outages_as_they_were():
    down = incident("a", said("10:00", "investigating", web="major_outage"))
    take(documents(components=[component("web", updated_at=at("11:00"))], incidents=[down]))
    summary = take(documents(incidents=[down]))
    assert (summary.revision, summary.unknown_components) == (None, ())
    assert outages() == [("web", "major_outage", "10:00", "11:00")]


def test_a_site_that_has_something_keeps_its_own_page_id():
    component_actions.create_component(name="Ours", actor=audit.SYSTEM)
    own = Publication.objects.get().page_id
    take(everyday())
    assert Publication.objects.get().page_id == own != PAGE
