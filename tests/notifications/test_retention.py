"""Retention: what is over is forgotten, what is needed stays, and the ledger is whole throughout."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import limits, retention, subscriptions, tasks, tokens
from notifications.choices import Choices
from notifications.models import (
    Attempt,
    Delivery,
    LinkToken,
    OutboxEvent,
    Receipt,
    Subscriber,
    Subscription,
    Suppression,
)
from notifications.subscriptions import Reason
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, sweep, told
from tests.statuspage import given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

DAY = timedelta(days=1)


def after(days: float) -> None:
    """The round of retention as it will be so many days from now."""
    assert retention.forget(timezone.now() + days * DAY, 60)


def addresses() -> list[str]:
    return list(Subscription.objects.exclude(address="").order_by("address").values_list("address", flat=True))


def asked(address: str) -> LinkToken:
    """Somebody asks, and does not confirm."""
    from notifications import addresses as spelled

    subscriptions.request_subscription(address=spelled.email(address), choices=Choices(), network="n")
    return LinkToken.objects.latest("created_at")


# --- Addresses ------------------------------------------------------------------------------


def test_whoever_left_is_forgotten_after_90_days_and_the_ledger_still_says_what_they_were_told(relay):
    left, stays = subscribers(email=2)
    left.subscriber.client_reference, left.subscriber.time_zone = "ACME", "Europe/Amsterdam"
    left.subscriber.save()
    told(event())
    send()
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    after(89.9)
    assert addresses() == [left.address, stays.address]
    after(90.1)
    assert addresses() == [stays.address]
    row = Subscription.objects.select_related("subscriber").get(pk=left.pk)
    assert (row.address_key, row.unsubscribe_reason) == (left.address_key, "link")
    assert (row.subscriber.client_reference, row.subscriber.time_zone) == ("ACME", "Etc/UTC")
    assert states(subscription=left) == {"accepted": 1}


def test_choices_go_with_the_address():
    api = given.component(group=given.group())
    (left,) = subscribers(email=1, all_components=False)
    left.components.add(api)
    left.groups.add(api.group)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    after(91)
    assert not left.components.exists() and not left.groups.exists()


def test_whoever_comes_back_before_that_keeps_the_address():
    (left,) = subscribers(email=1)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    asked(left.address)
    subscriptions.confirm(tokens.link_token(LinkToken.objects.get()))
    after(91)
    assert addresses() == [left.address]


def test_an_address_nobody_confirmed_is_kept_for_a_week():
    asked("stranger@example.org")
    after(6.9)
    assert addresses() == ["stranger@example.org"]
    after(7.1)
    assert addresses() == [] and not LinkToken.objects.exists()
    assert states() == {} and OutboxEvent.objects.count() == 1, "that somebody asked is in the ledger"


def test_asking_again_begins_the_week_anew(settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 10
    asked("stranger@example.org")
    Subscription.objects.update(created_at=timezone.now() - 6 * DAY)
    asked("stranger@example.org")
    after(2)
    assert addresses() == ["stranger@example.org"]


def test_a_quarantine_of_90_days_ends_the_subscription_and_itself():
    (gone,) = subscribers(email=1)
    Suppression.objects.create(address_key=gone.address_key, reason="quarantine")
    Suppression.objects.create(address_key="another", reason="stop")
    after(89.9)
    assert addresses() == [gone.address]
    after(90.1)
    row = Subscription.objects.get()
    assert (row.address, row.unsubscribe_reason, row.is_confirmed) == ("", "quarantine", False)
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["stop"], "STOP is lifted by START alone"


def test_where_consent_came_from_is_kept_for_90_days():
    (reader,) = subscribers(email=1, consent_network_key="n" * 64, consent_wording_version="2026-11")
    after(91)
    reader.refresh_from_db()
    assert (reader.consent_network_key, reader.consent_wording_version) == ("", "2026-11")
    assert reader.is_confirmed and reader.address


def test_what_waits_to_be_sent_keeps_its_address():
    left, gone = subscribers(email=2)
    told(event())
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    Suppression.objects.create(address_key=gone.address_key, reason="quarantine")
    after(400)
    assert addresses() == [left.address, gone.address]
    assert states() == {"queued": 2}


def test_the_canary_keeps_its_address(quick):
    quick.CANARY_SECONDS, quick.CANARY_EMAIL = 60, "canary@example.com"
    sweep()
    after(5_000)
    assert addresses() == ["canary@example.com"]


# --- The ledger -------------------------------------------------------------------------------


def test_the_providers_ids_are_forgotten_after_13_months(twilio):
    subscribers(sms=2)
    told(event())
    send("sms")
    first, second = Delivery.objects.order_by("pk")
    for number in range(2):
        Receipt.objects.create(
            delivery=first, provider="twilio", provider_reference=first.provider_reference,
            status="sent", digest=str(number)
        )  # fmt: skip
    Receipt.objects.create(delivery=None, provider="twilio", provider_reference="SMx", status="sent", digest="x")
    sweep()
    after(396.5)
    assert first.provider_reference and Delivery.objects.exclude(provider_reference="").count() == 2
    after(397.5)
    assert not Delivery.objects.exclude(provider_reference="").exists()
    assert not Receipt.objects.filter(provider_reference__startswith="SM").exists()
    assert Receipt.objects.count() == 2, "one that belongs to nothing proves nothing"
    assert OutboxEvent.objects.get(kind="incident_update").references_forgotten_at
    assert states() == {"accepted": 2}


def test_the_ledger_is_kept_for_36_months_and_goes_with_all_that_belongs_to_it(relay):
    left, stays = subscribers(email=2)
    subscriptions.erase(left)
    told(event("old"))
    told(event("old"))
    newer = told(event("newer", expires_at=timezone.now() + 30 * DAY))
    sweep(2)
    assert Attempt.objects.exists() and states().keys() == {"accepted", "superseded"}
    after(1_097.5)
    assert list(OutboxEvent.objects.all()) == [newer]
    assert set(Delivery.objects.values_list("event", flat=True)) == {newer.pk}
    assert set(Attempt.objects.values_list("delivery__event", flat=True)) == {newer.pk}
    after(1_200)
    assert not OutboxEvent.objects.exists() and not Attempt.objects.exists()
    assert list(Subscription.objects.all()) == [stays] and Subscriber.objects.count() == 1
    assert Suppression.objects.get().reason == "erased", "an erasure is remembered"


def test_what_is_not_settled_is_never_touched():
    subscribers(email=1)
    told(event())
    after(5_000)
    assert states() == {"queued": 1} and OutboxEvent.objects.get().references_forgotten_at is None


def test_an_event_that_overtook_one_that_is_not_settled_stays(relay):
    subscribers(email=1)
    first, second = told(event("same")), told(event("same"))
    assert states(event=first) == {"superseded": 1}
    send()
    OutboxEvent.objects.filter(pk=second.pk).update(settled_at=timezone.now())
    after(5_000)
    assert OutboxEvent.objects.count() == 2 and states() == {"superseded": 1}


# --- Little by little ---------------------------------------------------------------------------


def test_a_round_that_is_cut_short_goes_on_with_the_next_sweep(monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 3)
    for reader in subscribers(email=10):
        subscriptions.unsubscribe(reader, reason=Reason.LINK)
    now = timezone.now() + 91 * DAY
    assert not retention.forget(now, 0)
    assert len(addresses()) == 7
    monkeypatch.setattr(retention, "ROUND_SECONDS", 0)
    retention.tend(now)
    assert len(addresses()) == 4
    retention.tend(now)
    assert len(addresses()) == 1, "the turn was given back"
    monkeypatch.setattr(retention, "ROUND_SECONDS", 60)
    retention.tend(now)
    assert addresses() == []


def test_of_many_sweeps_one_an_hour_looks():
    now = timezone.now()
    assert [limits.is_turn("x", timedelta(hours=1), now + timedelta(minutes=each)) for each in (0, 1, 59, 61)] == [
        True,
        False,
        False,
        True,
    ]


def test_the_sweep_forgets():
    (left,) = subscribers(email=1)
    Subscription.objects.update(unsubscribed_at=timezone.now() - 91 * DAY)
    tasks.sweep()
    assert addresses() == []


def test_each_span_is_a_setting(settings):
    settings.RETAIN_ADDRESS_DAYS = 10
    (left,) = subscribers(email=1)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    after(11)
    assert addresses() == []


def test_a_link_in_an_old_mail_still_says_that_the_messages_have_stopped(client):
    (left,) = subscribers(email=1)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    after(91)
    answer = client.get(f"/unsubscribe/{tokens.unsubscribe_token(left)}")
    assert "<bdi>This address</bdi> is not subscribed." in answer.text
