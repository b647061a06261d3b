"""Outages take the cause of their incident, at its opening and when it is corrected."""

import pytest

from statuspage.actions import components, incidents
from statuspage.actions.outages import correct_outage
from statuspage.models import AuditEntry, Outage

from .given import ALICE, NOON, component, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def caused(incident, cause: str, **facts) -> None:
    facts = {"name": incident.name, "impact": None, "severity": None, "actor": ALICE, "now": NOON + hours(2)} | facts
    incidents.edit_incident(incident=incident, cause=cause, **facts)


def causes() -> dict[str, str]:
    return dict(Outage.objects.current().values_list("component__name", "cause"))


def test_a_corrected_cause_corrects_the_outages_but_those_that_were_judged_by_hand():
    api, web, carrier = component("API"), component("Web"), component("Carrier", is_third_party=True)
    opened = incident(dict.fromkeys((api, web, carrier), "major_outage"), cause="beyond_control")
    assert set(causes().values()) == {"beyond_control"}
    correct_outage(outage=web.outages.get(), cause="client", reason="Their own firewall.", actor=ALICE)
    caused(opened, "own", reason="It was our own change.")
    assert causes() == {"API": "own", "Web": "client", "Carrier": "third_party"}
    newest = api.outages.get(is_current=True)
    assert (newest.replaces.cause, newest.reason, newest.ended_at) == ("beyond_control", "It was our own change.", None)
    entry = AuditEntry.objects.get(action="correct_outage", object_id=str(newest.pk))
    assert (entry.before["cause"], entry.after["cause"], entry.actor_name) == ("beyond_control", "own", "alice")
    count = Outage.objects.count()
    caused(opened, "own", name="Another title")
    assert Outage.objects.count() == count, "the same cause corrects nothing"
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=NOON + hours(3))
    assert not Outage.objects.current().filter(ended_at=None).exists()


def test_an_incident_takes_up_what_was_open_before_it():
    api, web = component("API"), component("Web")
    said = {api.pk: "major_outage", web.pk: "partial_outage"}
    components.set_component_statuses(statuses=said, actor=ALICE, now=NOON)
    opened = incident({api: "major_outage"}, cause="beyond_control", now=NOON + minutes(5))
    taken = api.outages.get(is_current=True)
    assert (taken.incident, taken.cause, taken.started_at) == (opened, "beyond_control", NOON)
    other = incident({api: "major_outage"}, name="Another", now=NOON + minutes(6))
    assert not other.outages.exists(), "it is the first one's"
    assert web.outages.get().incident is None


def test_an_outage_begins_when_its_incident_did_but_not_before_the_last_one_ended():
    api, web = component("API"), component("Web")
    components.set_component_statuses(statuses={web.pk: "partial_outage"}, actor=ALICE, now=NOON - minutes(40))
    components.set_component_statuses(statuses={web.pk: "operational"}, actor=ALICE, now=NOON - minutes(20))
    began = NOON - minutes(30)
    opened = incident({api: "major_outage", web: "major_outage"}, started_at=began)
    assert [each.outages.get(ended_at=None).started_at for each in (api, web)] == [began, NOON - minutes(20)]
    said = {api.pk: "partial_outage"}
    incidents.publish_update(
        incident=opened, status="identified", body="Found.", components=said, actor=ALICE, now=NOON + minutes(9)
    )
    assert api.outages.get(ended_at=None).started_at == NOON + minutes(9)
