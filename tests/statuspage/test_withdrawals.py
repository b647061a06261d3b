"""What should never have been there is withdrawn: readers, feeds and contracts lose it, and it can come back."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from notifications.models import OutboxEvent
from statuspage import selectors
from statuspage.actions import incidents, maintenance
from statuspage.actions.base import StaleEdit
from statuspage.actions.components import set_component_statuses
from statuspage.actions.withdrawals import bring_back, withdraw
from statuspage.models import AuditEntry, Component, Incident, Maintenance, Outage
from statuspage.publishing import publish

from .given import ALICE, BOB, NOON, component, hours, incident, minutes, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


def status(row: Component) -> str:
    return Component.objects.get(pk=row.pk).status


def counted() -> list[tuple[str, str | None]]:
    """The outages that count: whose status, and of which incident."""
    return list(Outage.objects.current().order_by("pk").values_list("status", "incident"))


def names(folder: Path, path: str) -> str:
    return (folder / "current" / path).read_text()


def test_a_withdrawn_incident_is_nowhere_and_comes_back_whole(publish_root):
    api, web = component("API"), component("Web")
    gone = incident({api: "major_outage", web: "partial_outage"}, name="A false alarm")
    slow = incident({web: "degraded_performance"}, name="Web is slow", now=NOON + minutes(1))
    publish.publish(now=NOON + minutes(2))
    page = publish_root / f"pages/incidents/{gone.pk}.html"
    assert page.is_file()
    assert "A false alarm" in names(publish_root, "history.rss")

    withdraw(entry=gone, actor=ALICE, reason="The probe was broken.", now=NOON + minutes(10))
    publish.publish(now=NOON + minutes(11))
    assert not page.exists()
    for path in ("index.html", "history.rss", f"components/{api.pk}/history.atom", "api/v2/incidents.json"):
        assert "A false alarm" not in names(publish_root, path), path
    assert "A false alarm" not in (publish_root / "pages/history/2026-11.html").read_text()
    assert (status(api), status(web)) == ("operational", "degraded_performance")
    assert json.loads(names(publish_root, "api/v2/status.json"))["status"]["indicator"] == "minor"
    assert counted() == [("degraded_performance", slow.pk)]
    assert not OutboxEvent.objects.filter(subject_id=gone.pk, voided_at=None).exists()
    assert [each.name for each in selectors.open_incidents()] == ["Web is slow"]
    assert AuditEntry.objects.filter(action="withdraw_incident", object_id=gone.pk).count() == 1
    assert Outage.objects.get(is_withdrawn=True, component=api).reason == "The probe was broken."

    assert withdraw(entry=gone, actor=ALICE, now=NOON + minutes(12)).withdrawn_at == NOON + minutes(10)
    with pytest.raises(StaleEdit):
        incidents.publish_update(incident=gone, status="identified", body="More.", actor=ALICE)

    bring_back(entry=gone, actor=ALICE, now=NOON + minutes(20))
    publish.publish(now=NOON + minutes(21))
    assert page.is_file()
    assert "A false alarm" in (publish_root / "pages/history/2026-11.html").read_text()
    assert (status(api), status(web)) == ("major_outage", "partial_outage")
    assert ("major_outage", gone.pk) in counted()
    assert Outage.objects.current().filter(component=api, started_at=NOON, ended_at=NOON + minutes(10)).exists()
    assert bring_back(entry=gone, actor=ALICE).withdrawn_at is None
    assert AuditEntry.objects.filter(action="bring_back_incident").count() == 1


def test_what_staff_had_said_before_the_incident_stays_an_outage():
    api = component()
    set_component_statuses(statuses={api.pk: "major_outage"}, actor=ALICE, now=NOON - hours(1))
    told = incident({api: "major_outage"})
    incidents.publish_update(incident=told, status="resolved", body="Over.", actor=ALICE, now=NOON + minutes(9))
    withdraw(entry=told, actor=ALICE, now=NOON + minutes(30))
    (outage,) = Outage.objects.current()
    assert (outage.incident, outage.started_at, outage.ended_at) == (None, NOON - hours(1), NOON + minutes(9))
    bring_back(entry=told, actor=ALICE, now=NOON + minutes(40))
    assert Outage.objects.current().get().incident == told


def test_a_withdrawn_maintenance_frees_its_components_and_its_reminders_come_again():
    api = component()
    planned = scheduled(api)
    withdraw(entry=planned, actor=ALICE, now=NOON + minutes(5))
    assert not OutboxEvent.objects.filter(voided_at=None).exists()
    assert not Maintenance.objects.exists()
    bring_back(entry=planned, actor=ALICE, now=NOON + minutes(6))
    again = OutboxEvent.objects.filter(voided_at=None).values_list("kind", flat=True)
    assert sorted(again) == ["maintenance_advance", "maintenance_reminder"]

    maintenance.start_maintenance(maintenance=planned, actor=ALICE, now=NOON + hours(1))
    withdraw(entry=planned, actor=ALICE, now=NOON + hours(2))
    assert (status(api), counted()) == ("operational", [])
    bring_back(entry=planned, actor=ALICE, now=NOON + hours(3))
    assert status(api) == "under_maintenance"


def test_who_may_not_publish_may_not_withdraw():
    opened = incident()
    for act in (withdraw, bring_back):
        with pytest.raises(PermissionDenied):
            act(entry=opened, actor=BOB)
    with pytest.raises(StaleEdit):
        withdraw(entry=opened, actor=ALICE, expected_version=99)
    assert Incident.objects.get().withdrawn_at is None
