"""What is posted, field for field, against tests/data/webhooks/."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import dialect, outbox
from notifications.messages.webhook import Template
from notifications.models import OutboxEvent
from statuspage import selectors
from statuspage.actions import due, incidents, maintenance
from statuspage.actions.due import DELAY_GRACE
from statuspage.events import AffectedComponent, IncidentUpdatePublished
from tests.statuspage import given
from tests.statuspage.given import ALICE, NOON, minutes

pytestmark = pytest.mark.django_db

EXPECTED = Path(__file__).parent.parent / "data" / "webhooks"
LINK = "https://status.example.com/unsubscribe/TOKEN"


@pytest.fixture(autouse=True)
def webhooks(settings):
    settings.WEBHOOKS = True
    settings.SITE_URL = "https://status.example.com"


@pytest.fixture
def api():
    """Two components: one in a group, another that is well."""
    given.component("Site")
    return given.component("API", group=given.group(), position=2, description="What programs talk to")


def built(event: OutboxEvent, **names: str) -> dict[str, Any]:
    """The body, its random ids replaced by names."""
    text = Template(event).fill(LINK).decode("ascii")
    for name, id in {**names, "PAGE": selectors.page_id()}.items():
        text = text.replace(id, name)
    return json.loads(text)


def expected(name: str) -> dict[str, Any]:
    return json.loads((EXPECTED / f"{name}.json").read_text())


def test_an_incident_with_all_its_updates(api):
    incident = given.incident({api: "partial_outage"})
    first = incident.updates.get()
    second = incidents.publish_update(
        incident=incident, status="identified", body="A bad deploy, “schlecht”.", actor=ALICE, now=NOON + minutes(10)
    )
    event = OutboxEvent.objects.get(update_id=second.pk)
    names = {"INCIDENT": incident.pk, "FIRST": first.pk, "SECOND": second.pk}
    assert built(event, **names, COMPONENT=api.pk, GROUP=api.group_id) == expected("incident")


def test_a_components_change_is_told_by_itself_too(api):
    incident = given.incident({api: "partial_outage"})
    event = OutboxEvent.objects.get(kind="component_update")
    update = incident.updates.get()
    assert built(event, FIRST=update.pk, COMPONENT=api.pk, GROUP=api.group_id) == expected("component")


def test_a_maintenances_reminder():
    api = given.component("API")
    window = given.scheduled(api)
    event = OutboxEvent.objects.get(kind="maintenance_reminder")
    update = window.updates.get()
    assert built(event, INCIDENT=window.pk, FIRST=update.pk, COMPONENT=api.pk) == expected("maintenance")


def test_a_window_that_staff_begin_and_end_by_hand_says_so_and_what_is_late_comes_with_its_words():
    window = given.scheduled(given.component("API"), auto_start=False, auto_complete=False)
    due.run_due(window.scheduled_for + DELAY_GRACE)
    body = json.loads(Template(OutboxEvent.objects.get(kind="maintenance_delayed")).fill(LINK))["incident"]
    assert (body["status"], body["scheduled_auto_in_progress"], body["scheduled_auto_completed"]) == (
        "scheduled",
        False,
        False,
    )
    assert body["incident_updates"][0]["body"] == "The planned work has not begun yet."


def test_a_cancelled_maintenance_is_completed_in_the_dialect():
    window = given.scheduled(given.component("API"))
    maintenance.cancel_maintenance(maintenance=window, body="Not needed.", actor=ALICE, now=NOON + minutes(5))
    body = json.loads(Template(OutboxEvent.objects.get(kind="maintenance_cancelled")).fill(LINK))
    assert body["incident"]["status"] == body["incident"]["incident_updates"][0]["status"] == "completed"


def test_a_postmortem_is_where_receivers_look_for_it(api):
    incident = given.incident({api: "partial_outage"})
    for status, body in (("resolved", "Fixed."), ("postmortem", "What we learned.")):
        incidents.publish_update(incident=incident, status=status, body=body, actor=ALICE, now=NOON + minutes(20))
        incident.refresh_from_db()
    posted = json.loads(Template(OutboxEvent.objects.filter(kind="incident_update").latest("pk")).fill(LINK))
    assert posted["incident"]["postmortem_body"] == "What we learned."
    assert posted["incident"]["postmortem_published_at"] == "2026-11-02T12:20:00.000Z"
    assert posted["incident"]["postmortem_notified_subscribers"] is True


def test_what_was_published_is_posted_whatever_is_edited_later(api):
    incident = given.incident({api: "partial_outage"})
    event = OutboxEvent.objects.get(kind="incident_update")
    before = Template(event).fill(LINK)
    incidents.publish_update(incident=incident, status="resolved", body="Fixed.", actor=ALICE, now=NOON + minutes(9))
    type(api).objects.update(name="Renamed")
    event.refresh_from_db()
    assert Template(event).fill(LINK) == before


def test_the_queries_do_not_grow_with_the_components(api):
    def asked_for(incident):
        event = IncidentUpdatePublished(
            subject_id=incident.pk, update_id="y", name="n", status="identified", body="b", published_at=NOON
        )
        with CaptureQueriesContext(connection) as queries:
            assert dialect.frozen(event)
        return len(queries)

    one = given.incident({api: "partial_outage"})
    many = given.incident({given.component(f"Part {number}"): "partial_outage" for number in range(12)})
    assert asked_for(one) == asked_for(many)


def test_nothing_is_frozen_while_webhooks_are_off(settings, api):
    settings.WEBHOOKS = False
    given.incident({api: "partial_outage"})
    (event,) = OutboxEvent.objects.all()
    assert dialect.VIEW not in event.payload


def test_a_component_that_stays_as_it_was_is_no_change(api):
    given.incident({api: "operational"})
    assert not OutboxEvent.objects.filter(kind="component_update").exists()


def test_a_recall_takes_the_components_calls_back_too(api):
    incident = given.incident({api: "partial_outage"})
    assert outbox.recall(incident.updates.get().pk)
    assert set(OutboxEvent.objects.values_list("void_reason", flat=True)) == {"recalled"}


def test_where_nobody_is_told_no_component_is_either(api):
    given.incident({api: "partial_outage"}, notify=False)
    assert [each.void_reason for each in OutboxEvent.objects.all()] == ["not asked for"]


def test_an_id_that_is_no_components_is_left_out(api):
    """A component that was deleted between the update and its event."""
    gone = AffectedComponent(
        code=UUID(int=1).hex[:12], name="Gone", old_status="operational", new_status="major_outage"
    )
    event = IncidentUpdatePublished(
        subject_id="x", update_id="y", name="n", status="identified", body="b", published_at=NOON
    )
    assert dialect.frozen_component(gone, event) == {} and dialect.frozen(event) == {}
