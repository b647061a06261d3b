"""The ledger's rooms in a real browser: what axe, a screen of 360 px and a keyboard make of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Breaker, Delivery, OutboxEvent, Subscriber, Suppression
from tests.notifications.given import subscribers
from tests.notifications.ledger import told
from tests.statuspage.console.test_in_browser import faults, page, signed_in
from tests.statuspage.given import component, incident, scheduled

__all__ = ["page", "signed_in"]

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERIES, SUBSCRIBERS = "/admin/notifications/delivery/", "/admin/notifications/subscriber/"
CLIENTS = ["ACME", "", "Widgets & Sons Manufacturing International", "ACME"]
FAILED = [("soft", "552 5.2.2"), ("address", "550 5.1.1"), ("sender", "550 5.7.26")]


@pytest.fixture
def troubles(settings):
    """Readers of whom some were told and most were not, a window, a breaker, a quarantine."""
    settings.UNDO_SECONDS = 0
    now = timezone.now()
    readers = subscribers(email=3, sms=1)
    for reader, client in zip(readers, CLIENTS, strict=True):
        Subscriber.objects.filter(pk=reader.subscriber_id).update(client_reference=client)
    incident({component(): "major_outage"}, now=now)
    window = scheduled(component("Web"), now=now, start=now + timedelta(hours=30))
    for row in OutboxEvent.objects.exclude(kind__in=["maintenance_advance", "maintenance_reminder"]):
        told(row)
        for delivery, (blame, code) in zip(row.deliveries.filter(channel="email"), FAILED, strict=True):
            Delivery.objects.filter(pk=delivery.pk).update(state="failed", blame=blame, last_code=code, final_at=now)
        row.deliveries.filter(channel="sms").update(state="accepted", accepted_at=now, final_at=now)
    Suppression.objects.create(address_key=readers[0].address_key, reason="quarantine", code="550 5.1.1")
    Breaker.objects.create(scope="email", reason="not let in", code="535", opened_at=now, retry_at=now)
    return {"reader": readers[0], "window": window, "event": OutboxEvent.objects.get(kind="incident_update")}


def rooms(troubles) -> list[str]:
    person = f"{SUBSCRIBERS}{troubles['reader'].pk}/"
    return [
        DELIVERIES,
        f"{DELIVERIES}event/{troubles['event'].pk}/",
        f"{DELIVERIES}evidence/",
        f"{DELIVERIES}evidence/?client=ACME",
        f"{DELIVERIES}evidence/?client=ACME&since=2026-02-02&until=2026-02-01",
        SUBSCRIBERS,
        person,
        f"{person}erase/",
        f"{person}client/",
        f"/admin/maintenance/{troubles['window'].pk}/",
    ]


def test_axe_finds_nothing_and_nothing_is_too_wide(signed_in, axe, troubles):
    found = {}
    for room in rooms(troubles):
        signed_in.goto(room)
        found[room] = faults(signed_in, axe)
    assert {room: each for room, each in found.items() if each} == {}


def test_a_dead_letter_is_tried_again_with_the_keyboard(signed_in, axe, troubles):
    signed_in.goto(f"{DELIVERIES}event/{troubles['event'].pk}/")
    signed_in.get_by_role("button", name="Try all 2 again").focus()
    signed_in.keyboard.press("Enter")
    signed_in.get_by_text("This will try 2 people again.").wait_for()
    assert "1 other is left out" in signed_in.inner_text("main")
    assert faults(signed_in, axe) == []
    signed_in.get_by_role("button", name="Try 2 people again").press("Enter")
    signed_in.get_by_text("2 people are told again.").wait_for()
    assert faults(signed_in, axe) == []


def test_one_row_has_a_button_of_its_own(signed_in, troubles):
    signed_in.goto(f"{DELIVERIES}event/{troubles['event'].pk}/")
    letters = signed_in.locator(".letters > li").filter(has_text="552 5.2.2")
    letters.get_by_role("button", name="Try again").click()
    signed_in.get_by_text("This will try").wait_for()


def test_a_subscriber_is_found_and_erased(signed_in, axe, troubles):
    signed_in.goto("/admin/")
    signed_in.get_by_role("link", name="Notifications").click()
    signed_in.get_by_role("link", name="Subscribers").click()
    signed_in.get_by_label("Address").fill(troubles["reader"].address)
    signed_in.keyboard.press("Enter")
    signed_in.get_by_role("heading", name=troubles["reader"].address).wait_for()
    assert "@" not in signed_in.url
    signed_in.get_by_role("link", name="Erase").click()
    signed_in.get_by_role("button", name="Erase").click()
    signed_in.get_by_text("Erased. What remains is a pseudonym.").wait_for()
    assert troubles["reader"].address not in signed_in.content()
    assert faults(signed_in, axe) == []
