"""Subscribing: nothing begins, changes or ends without the link that was sent to the address."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import addresses, choices, subscriptions, tokens
from notifications.addresses import InputRefused
from notifications.choices import Choices
from notifications.models import LinkToken, OutboxEvent, Subscriber, Subscription, Suppression
from notifications.subscriptions import LinkUnusable, Reason
from tests.statuspage import given

from .snapshots import NOON

pytestmark = pytest.mark.django_db

READER, NUMBER = "Reader@example.com", "+31612345678"
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_hurry(settings):
    """These tests ask more often than one address may."""
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = settings.SUBSCRIBE_PER_ADDRESS_DAY = 1_000


def ask(value=READER, now=NOON, **wanted):
    """Ask to subscribe; the token of the link that is sent."""
    address = addresses.email(value) if "@" in value else addresses.phone(value)
    subscriptions.request_subscription(address=address, choices=Choices(**wanted), network="network", now=now)
    return newest_token()


def newest_token():
    return tokens.link_token(newest_link())


def newest_link():
    return LinkToken.objects.get(pk=OutboxEvent.objects.latest("pk").payload["link_token_id"])


def subscribed(value=READER, **wanted):
    """A confirmed subscription."""
    return subscriptions.confirm(ask(value, **wanted), now=NOON)


def manage_token(subscription, now=NOON):
    subscriptions.ask_manage_link(subscription, network="network", now=now)
    return newest_token()


def sent():
    """The kinds of all that was put into the outbox, oldest first."""
    return list(OutboxEvent.objects.order_by("pk").values_list("kind", flat=True))


# --- Asking --------------------------------------------------------------------------------------


def test_asking_subscribes_nobody():
    ask()
    subscription = Subscription.objects.get()
    assert not subscription.is_confirmed
    assert subscription.address == "Reader@example.com"
    assert sent() == ["confirmation"]


def test_the_outbox_row_is_for_that_subscription_and_holds_ids_only():
    token = ask()
    event, link = OutboxEvent.objects.get(), LinkToken.objects.get()
    assert event.single_subscription == Subscription.objects.get()
    assert event.payload == {"link_token_id": str(link.pk)}
    everything = f"{vars(event)} {vars(link)}"
    assert token not in everything
    assert "example.com" not in everything


def test_fault_63_another_spelling_is_the_same_subscription():
    ask("READER@example.com")
    ask("Reader@EXAMPLE.com")
    assert Subscription.objects.get().address == "Reader@example.com", "nobody confirmed the first one"
    assert Subscriber.objects.count() == 1


def test_fault_63_the_spelling_that_was_confirmed_stays():
    subscribed("Reader@example.com")
    ask("READER@example.com")
    assert Subscription.objects.get().address == "Reader@example.com"


def test_the_first_message_is_in_the_language_that_was_asked_for(settings):
    settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
    ask(language="nl", time_zone="Europe/Amsterdam")
    ask(language="en", time_zone="Asia/Tokyo")
    person = Subscriber.objects.get()
    assert (person.language, person.time_zone) == ("nl", "Europe/Amsterdam"), "whoever asks again changes nothing"


def test_a_confirmed_subscription_stays_as_it_is_until_the_link_is_used():
    before = subscribed(wants_maintenances=False)
    token = ask(wants_incidents=False)
    subscription = Subscription.objects.get()
    assert (subscription.wants_incidents, subscription.wants_maintenances) == (True, False)
    assert subscription.confirmed_at == before.confirmed_at
    assert sent() == ["confirmation", "already_subscribed"]
    subscriptions.confirm(token, now=NOON)
    subscription.refresh_from_db()
    assert (subscription.wants_incidents, subscription.wants_maintenances) == (False, True)
    assert subscription.confirmed_at == before.confirmed_at


def test_fault_73_the_same_statements_run_for_every_address():
    subscribed("known@example.com")
    left = subscribed("left@example.com")
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    ask("unconfirmed@example.com")
    subscriptions.erase(subscribed("erased@example.com"))
    shapes = {who: statements(f"{who}@example.com") for who in ("unknown", "known", "left", "unconfirmed", "erased")}
    assert len(set(map(tuple, shapes.values()))) == 1, shapes


def statements(address):
    """The first words of every statement that a request for `address` runs."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        ask_quietly(address)
    return [" ".join(query["sql"].split()[:3]) for query in captured if "SAVEPOINT" not in query["sql"]]


def ask_quietly(address):
    subscriptions.request_subscription(address=addresses.email(address), choices=Choices(), network="n", now=LATER)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"wants_incidents": False, "wants_maintenances": False}, "about"),
        ({"all_components": False}, "component_ids"),
        ({"all_components": False, "component_ids": ("nosuchthing1",)}, "component_ids"),
        ({"all_components": False, "group_ids": ("nosuchthing1",)}, "component_ids"),
        ({"all_components": False, "component_ids": ("\x00",)}, "component_ids"),
    ],
)
def test_impossible_choices_are_refused_and_nothing_is_written(wanted, field):
    with pytest.raises(InputRefused) as refused:
        ask(**wanted)
    assert refused.value.field == field
    assert not Subscription.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("zone", ["../../etc/passwd", "x" * 10_000, "Nowhere/Never", "", "\x00"])
def test_fault_55_an_unknown_zone_is_utc(zone):
    subscribed(time_zone=zone, language="xx")
    assert Subscriber.objects.get().time_zone == "Etc/UTC"
    assert Subscriber.objects.get().language == "en"


# --- Confirming -----------------------------------------------------------------------------------


def test_confirming_puts_the_choices_into_force():
    api, core = given.component("API"), given.group("Core")
    subscription = subscribed(
        all_components=False, component_ids=(api.pk,), group_ids=(core.pk,), wants_maintenances=False,
        time_zone="Europe/Amsterdam",
    )  # fmt: skip
    subscription.refresh_from_db()
    assert choices.of(subscription) == Choices(
        all_components=False, component_ids=(api.pk,), group_ids=(core.pk,), wants_maintenances=False,
        language="en", time_zone="Europe/Amsterdam",
    )  # fmt: skip
    assert subscription.confirmed_at == NOON
    assert (subscription.consent_wording_version, subscription.consent_network_key) == (
        subscriptions.CONSENT_WORDING, "network",
    )  # fmt: skip


def test_a_component_that_went_away_meanwhile_is_left_out():
    api, web = given.component("API"), given.component("Web")
    token = ask(all_components=False, component_ids=(api.pk, web.pk))
    web.delete()
    assert list(subscriptions.confirm(token, now=NOON).components.all()) == [api]


def test_fault_75_a_confirm_link_works_once():
    token = ask()
    subscriptions.confirm(token, now=NOON)
    with pytest.raises(LinkUnusable):
        subscriptions.confirm(token, now=NOON)


def test_fault_75_a_confirm_link_lasts_48_hours():
    token = ask()
    with pytest.raises(LinkUnusable) as over:
        subscriptions.confirm(token, now=NOON + timedelta(hours=48))
    assert over.value.link == LinkToken.objects.get()
    assert subscriptions.confirm(token, now=NOON + timedelta(hours=47, minutes=59)).is_confirmed


def test_fault_75_a_manage_link_lasts_15_minutes_and_works_once():
    token = manage_token(subscribed())
    with pytest.raises(LinkUnusable):
        subscriptions.change(token, Choices(), now=NOON + timedelta(minutes=15))
    subscriptions.change(token, Choices(), now=NOON + timedelta(minutes=14))
    with pytest.raises(LinkUnusable):
        subscriptions.change(token, Choices(), now=NOON + timedelta(minutes=14))


def test_fault_75_a_token_serves_no_other_purpose():
    subscription = subscribed()
    manage, again = manage_token(subscription), ask(now=LATER)
    unsubscribe = tokens.unsubscribe_token(subscription)
    for token in (manage, unsubscribe):
        with pytest.raises(LinkUnusable):
            subscriptions.confirm(token, now=NOON)
    for token in (again, unsubscribe):
        with pytest.raises(LinkUnusable):
            subscriptions.change(token, Choices(), now=NOON)
        with pytest.raises(LinkUnusable):
            subscriptions.unsubscribe_by_link(token, now=NOON)
        with pytest.raises(LinkUnusable):
            subscriptions.erase_by_link(token, now=NOON)
    assert subscriptions.subscription_of(manage) is None
    assert subscriptions.subscription_of(again) is None
    assert subscriptions.subscription_of(unsubscribe) == subscription


def test_looking_at_a_link_does_not_use_it():
    token = ask()
    for _ in range(3):
        assert subscriptions.usable_link(token, NOON).used_at is None
    assert subscriptions.confirm(token, now=NOON).is_confirmed


def test_links_outlive_a_rotation_of_the_key(settings):
    token = ask()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert newest_token() == token
    assert subscriptions.confirm(token, now=NOON).is_confirmed
    assert ask().isalnum()
    assert Subscription.objects.count() == 1


def test_whoever_left_may_come_back():
    subscription = subscribed()
    subscriptions.unsubscribe(subscription, reason=Reason.LINK, now=NOON)
    assert subscriptions.confirm(ask(now=LATER), now=LATER).is_confirmed
    assert sent() == ["confirmation", "confirmation"]
    assert Subscription.objects.get().confirmed_at == LATER, "nothing published meanwhile is told"


# --- A new link -------------------------------------------------------------------------------------


def test_a_link_that_is_over_gives_a_new_one_with_the_same_choices():
    ask(wants_incidents=False)
    subscriptions.renew(LinkToken.objects.get(), network="n", now=NOON + timedelta(days=3))
    subscription = subscriptions.confirm(newest_token(), now=NOON + timedelta(days=3))
    assert not subscription.wants_incidents
    assert sent() == ["confirmation", "confirmation"]


def test_a_confirmed_subscribers_old_link_gives_a_manage_link():
    subscribed()
    subscriptions.renew(LinkToken.objects.get(), network="n", now=LATER)
    assert sent() == ["confirmation", "manage_link"]


def test_nobody_who_left_is_sent_a_manage_link():
    subscription = subscribed()
    token = manage_token(subscription)
    subscriptions.unsubscribe(subscription, reason=Reason.LINK)
    subscription.refresh_from_db()
    subscriptions.ask_manage_link(subscription, network="n", now=NOON)
    subscriptions.renew(newest_link(), network="n", now=NOON)
    assert sent() == ["confirmation", "manage_link"]
    with pytest.raises(LinkUnusable):
        subscriptions.usable_link(token, NOON)


def test_fault_72_asking_for_manage_links_is_limited_too(settings):
    settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 1
    subscription = subscribed()
    for _ in range(5):
        subscriptions.ask_manage_link(subscription, network="n", now=NOON + timedelta(minutes=14))
    assert sent() == ["confirmation"]


# --- Ending ------------------------------------------------------------------------------------------


def test_unsubscribing_is_idempotent_and_the_link_goes_on_working():
    subscription = subscribed()
    token = tokens.unsubscribe_token(subscription)
    assert subscriptions.unsubscribe(subscription, reason=Reason.LINK, now=NOON)
    assert not subscriptions.unsubscribe(subscription, reason=Reason.ONE_CLICK, now=LATER)
    subscription.refresh_from_db()
    assert (subscription.unsubscribed_at, subscription.unsubscribe_reason) == (NOON, "link")
    assert subscriptions.subscription_of(token) == subscription


def test_a_manage_link_unsubscribes():
    subscription = subscribed()
    subscriptions.unsubscribe_by_link(manage_token(subscription), now=NOON)
    subscription.refresh_from_db()
    assert (subscription.is_confirmed, subscription.unsubscribe_reason) == (False, "managed")


def test_fault_48_stop_ends_and_suppresses_and_start_undoes_it():
    subscription = subscribed(NUMBER)
    assert subscriptions.stop_by_sms(NUMBER, now=NOON)
    assert not subscriptions.stop_by_sms(NUMBER, now=LATER)
    subscription.refresh_from_db()
    assert (subscription.is_confirmed, subscription.unsubscribe_reason) == (False, "stop")
    assert Suppression.objects.get().reason == "stop"
    assert subscriptions.start_by_sms(NUMBER, now=LATER)
    subscription.refresh_from_db()
    assert subscription.is_confirmed
    assert subscription.confirmed_at == LATER
    assert not Suppression.objects.exists()


def test_fault_48_stop_counts_for_a_number_nobody_knows():
    assert not subscriptions.stop_by_sms(NUMBER)
    assert Suppression.objects.get().address_key == addresses.phone(NUMBER).key
    assert not subscriptions.start_by_sms(NUMBER)
    assert not Suppression.objects.exists()
    assert not Subscription.objects.exists()


def test_fault_48_start_begins_nothing_that_was_not_ended_by_stop():
    ask(NUMBER)
    assert not subscriptions.start_by_sms(NUMBER), "it was never confirmed"
    subscription = subscriptions.confirm(newest_token(), now=NOON)
    subscriptions.unsubscribe(subscription, reason=Reason.LINK)
    assert not subscriptions.start_by_sms(NUMBER), "they left by the link"
    subscriptions.erase(subscription)
    subscriptions.stop_by_sms(NUMBER)
    assert not subscriptions.start_by_sms(NUMBER), "they were erased"


def test_erasing_leaves_a_pseudonym_and_nothing_personal():
    subscription = subscribed(READER, time_zone="Europe/Amsterdam")
    manage_token(subscription)
    key, token = subscription.address_key, tokens.unsubscribe_token(subscription)
    subscriptions.erase(subscription, now=NOON)
    row = Subscription.objects.values().get()
    assert "eader" not in str(row)
    assert (row["address"], row["address_key"], row["consent_network_key"]) == ("", key, "")
    assert Subscriber.objects.get().time_zone == "Etc/UTC"
    assert Suppression.objects.get().reason == "erased"
    assert not LinkToken.objects.exists()
    assert subscriptions.subscription_of(token) is None


def test_whoever_was_erased_may_subscribe_again_themselves():
    subscriptions.erase(subscribed())
    token = ask()
    assert Suppression.objects.exists(), "until they confirm"
    subscription = subscriptions.confirm(token, now=LATER)
    subscription.refresh_from_db()
    assert subscription.is_confirmed
    assert subscription.address == READER
    assert not Suppression.objects.exists()


def test_a_subscriber_with_another_address_keeps_their_language():
    mail, text = subscribed(READER, time_zone="Europe/Amsterdam"), subscribed(NUMBER)
    Subscription.objects.filter(pk=text.pk).update(subscriber=mail.subscriber)
    subscriptions.erase(mail)
    mail.subscriber.refresh_from_db()
    assert mail.subscriber.time_zone == "Europe/Amsterdam"
