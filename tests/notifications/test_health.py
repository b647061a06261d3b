"""What is wrong with the telling, in words for staff; and nothing, where nothing is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import health
from notifications.models import Breaker, Delivery, OutboxEvent
from statuspage.models import Publication
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, sweep, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def keys() -> list[str]:
    return [each.key for each in health.troubles(health.facts(timezone.now()))]


def waiting(minutes: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    told(event(at=then, expires_at=timezone.now() + timedelta(hours=1)))


def test_a_site_that_is_well_has_no_trouble(scripted):
    scripted("email")
    subscribers(email=2)
    told(event())
    sweep()
    assert keys() == []


@pytest.mark.parametrize(("minutes", "found"), [(14, []), (16, ["unsent:email"])])
def test_a_message_that_nobody_tried_is_trouble_after_a_while(minutes, found):
    subscribers(email=1)
    waiting(minutes)
    assert keys() == found


def test_a_message_that_was_tried_and_waits_is_none():
    subscribers(email=1)
    waiting(40)
    Delivery.objects.update(priority=5)
    assert keys() == []
    Delivery.objects.update(state="sending", lease_expires_at=timezone.now())
    assert keys() == []


def test_a_late_canary_is_trouble(quick, scripted):
    quick.CANARY_SECONDS = 60.0
    sweep()
    assert keys() == []
    long_ago = timezone.now() - timedelta(minutes=4)
    Delivery.objects.update(accepted_at=long_ago)
    assert keys() == ["canary"]
    Delivery.objects.update(accepted_at=None)
    OutboxEvent.objects.update(published_at=long_ago)
    assert "canary" in keys()


def test_a_publication_that_is_not_fanned_out_is_trouble():
    then = timezone.now() - timedelta(minutes=16)
    event(at=then)
    assert keys() == ["outbox"]


def test_a_provider_that_refuses_is_trouble():
    now = timezone.now()
    Breaker.objects.create(scope="sms", reason="suspended", code="20003", opened_at=now, retry_at=now)
    (trouble,) = health.troubles(health.facts(now))
    assert trouble.key == "breaker:sms"
    assert "SMS" in trouble.words and "suspended (20003)" in trouble.words


def test_dead_letters_are_trouble_unless_the_recipients_are_gone(quick):
    quick.ALARM_DEAD_LETTERS = 2
    subscribers(email=3)
    told(event())
    Delivery.objects.update(state="failed", final_at=timezone.now(), blame="address")
    assert keys() == []
    Delivery.objects.update(blame="message")
    assert keys() == ["dead-letters"]
    quick.ALARM_DEAD_LETTERS = 0
    Delivery.objects.exclude(pk=Delivery.objects.first().pk).delete()
    (trouble,) = health.troubles(health.facts(timezone.now()))
    assert trouble.words == "1 message was given up in the last hour."


def test_a_page_that_is_not_regenerated_is_trouble():
    Publication.objects.current()
    changed = timezone.now() - timedelta(minutes=2)
    Publication.objects.update(revision=3, published_revision=2, changed_at=changed)
    assert keys() == ["page"]


def test_the_same_questions_whatever_the_ledger_holds(django_assert_max_num_queries):
    subscribers(email=5)
    for _ in range(5):
        told(event())
    with django_assert_max_num_queries(20):
        health.facts(timezone.now())


def test_the_consoles_panel_has_ages_in_words(quick):
    quick.CANARY_SECONDS = 60.0
    subscribers(email=1)
    waiting(30)
    panel = health.health()
    assert ("E-mail", "30 min") in panel.unsent and ("SMS", "nothing waits") in panel.unsent
    assert panel.canary == "none yet"
    assert [each.key for each in panel.troubles] == ["unsent:email"]
