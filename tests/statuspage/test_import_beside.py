"""Importing beside what staff do on this site: their word stays."""

import pytest

from statuspage import audit
from statuspage.actions import components as component_actions
from statuspage.actions import incidents as incident_actions
from statuspage.actions import outages as outage_actions
from statuspage.models import (
    Component,
    Incident,
    Outage,
)
from tests.histories import at, component, documents, incident, pk, said
from tests.statuspage.importing_steps import moment, outages, stored, take

pytestmark = pytest.mark.django_db


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


def test_an_incident_that_staff_ended_here_is_told_once_though_the_source_has_forgotten_it():
    down = incident("a", said("10:00", "investigating", api="major_outage"))
    take(documents(components=[component("api", status="major_outage", updated_at=at("10:00"))], incidents=[down]))
    incident_actions.publish_update(
        incident=Incident.objects.get(), status="resolved", body="Over.", components={pk("api"): "operational"},
        actor=audit.SYSTEM, now=moment("13:00"),
    )  # fmt: skip
    assert take(documents(components=[component("api", updated_at=at("10:00"))])).revision is None
    assert outages() == [("api", "major_outage", "10:00", "13:00")]


def test_a_status_that_staff_set_here_by_hand_stays_until_the_source_says_more():
    found = documents(components=[component("api")])
    take(found)
    for status, time in (("partial_outage", "10:00"), ("operational", "11:00")):
        component_actions.set_component_statuses(statuses={pk("api"): status}, actor=audit.SYSTEM, now=moment(time))
    assert take(found).revision is None
    assert outages() == [("api", "partial_outage", "10:00", "11:00")]
    found["components.json"]["components"][0] |= {
        "name": "Renamed",
        "status": "major_outage",
        "updated_at": at("12:00"),
    }
    take(found)
    assert (Component.objects.get().name, Component.objects.get().status) == ("Renamed", "major_outage")
    assert outages() == [("api", "partial_outage", "10:00", "11:00"), ("api", "major_outage", "12:00", None)]


def test_a_component_that_staff_removed_here_stays_away():
    found = documents(components=[component("api")])
    take(found)
    component_actions.edit_component(component=Component.objects.get(), actor=audit.SYSTEM, name="Renamed")
    Component.objects.all().delete()
    assert take(found).revision is None
    assert not Component.objects.exists()


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


def test_what_was_withdrawn_stays_so_and_what_was_recorded_afterwards_stays():
    told = incident(
        "a", said("10:00", "investigating", api="major_outage"), said("11:00", "resolved", api="operational")
    )
    source = documents(components=[component("api", updated_at=at("11:00"))], incidents=[told])
    take(source)
    imported = Outage.objects.get()
    gone = outage_actions.withdraw_outage(outage=imported, reason="It was a drill.", actor=audit.SYSTEM)
    late = outage_actions.record_outage(
        component=imported.component, status="major_outage", started_at=moment("10:30"), ended_at=moment("12:00"),
        reason="A client saw it.", actor=audit.SYSTEM,
    )  # fmt: skip
    take(source)
    assert outages() == [("api", "major_outage", "10:30", "12:00")]
    outage_actions.correct_outage(outage=gone, cause="client", reason="It was none.", actor=audit.SYSTEM)
    take(source)
    assert set(Outage.objects.current().values_list("cause", "reason")) == {
        ("client", "It was none."), ("own", "A client saw it."),
    }  # fmt: skip
    assert Outage.objects.filter(pk=late.pk, is_current=True).exists()
