"""Who may have an endpoint called, what they learn of its secret, and how they are forgotten."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import addresses, retention, sealing, subscriptions, tokens
from notifications.addresses import InputRefused
from notifications.channels.base import Unavailable
from notifications.choices import Choices
from notifications.delivery import endpoints
from notifications.models import Endpoint, LinkToken, OutboxEvent, Subscription
from notifications.tokens import KeyLost
from tests.notifications.endpoints import (
    OWNER,
    SAME,
    asked,
    body_of_newest,
    fail,
    mails,
    newest_link,
    published,
    subscribed,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- Secrets ------------------------------------------------------------------------------------------


def test_the_secret_is_stored_sealed_and_shows_in_no_log(webhooks, sink, caplog):
    caplog.set_level(logging.DEBUG)
    subscription, secret = subscribed(f"{sink.url}?api_key=k3y")
    sink.script(status=500)
    published()
    fail(11)
    stored = bytes(Endpoint.objects.get().secret)
    assert secret.encode() not in stored and secret.removeprefix("whsec_").encode() not in stored
    assert secret not in caplog.text and "k3y" not in caplog.text and OWNER not in caplog.text
    rows = [
        *OutboxEvent.objects.values_list("payload", flat=True),
        *LinkToken.objects.values_list("payload", flat=True),
    ]
    assert secret not in json.dumps(rows) and "k3y" not in json.dumps(rows)
    assert subscriptions.secret_of(subscription.pk) == secret


def test_a_rotated_key_still_opens_it_and_a_lost_one_does_not(webhooks, sink):
    subscription, secret = subscribed(sink.url)
    old, webhooks.SECRET_KEY = webhooks.SECRET_KEY, "another-key-" * 6
    webhooks.SECRET_KEY_FALLBACKS = [old]
    assert subscriptions.secret_of(subscription.pk) == secret
    webhooks.SECRET_KEY_FALLBACKS = []
    with pytest.raises(KeyLost):
        subscriptions.secret_of(subscription.pk)


def test_a_secret_moved_to_another_row_does_not_open(webhooks, sink):
    one, _ = subscribed(sink.url)
    with pytest.raises(KeyLost):
        sealing.unseal(Endpoint.objects.get(pk=one.pk).secret, "another")


def test_its_owner_makes_another_secret_by_a_manage_link(webhooks, sink, relay):
    subscription, secret = subscribed(sink.url)
    browser = Client()
    leaving = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    browser.post(leaving, {"action": "manage"})
    assert mails(relay)[-1] == "Change your webhook for updates from Example"
    page = f"/subscriptions/{newest_link()}"
    assert (
        "Make another secret" in browser.get(page).content.decode() and secret not in browser.get(page).content.decode()
    )
    said = browser.post(page, {"action": "secret"}).content.decode()
    (other,) = re.findall(r"whsec_[\w+/=]+", said)
    assert other != secret and subscriptions.secret_of(subscription.pk) == other


def test_a_mail_about_a_webhook_ends_the_webhook_by_its_one_click_and_nothing_else(webhooks, sink, relay):
    subscription, _ = subscribed(sink.url)
    subscriptions.request_subscription(address=addresses.email(OWNER), choices=Choices(), network="n")
    reader = subscriptions.confirm(newest_link())
    subscriptions.ask_manage_link(subscription, network="n")
    mails(relay)
    (mail,) = [each.message for each in relay.messages() if "Change your webhook" in str(each.message["Subject"])]
    header = str(mail["List-Unsubscribe"])
    (link,) = re.findall(r"https://status.example.com(/unsubscribe/\w+)", header)
    assert Client().post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    subscription.refresh_from_db()
    reader.refresh_from_db()
    assert not subscription.is_confirmed and reader.is_confirmed


# --- Who may subscribe what -----------------------------------------------------------------------------


REFUSED = {
    "a stranger's port": "https://localhost:1/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "mapped": "https://[::ffff:10.0.0.1]/",
    "hex": "https://0x7f000001/",
    "decimal": "https://2130706433/",
    "unique local": "https://[fd00::1]/",
    "userinfo": "https://user:password@hooks.example.com/",
    "another port": "https://hooks.example.com:8443/",
    "plain": "http://hooks.example.com/",
    "a name of this machine": "https://localhost./",
    "nobody's name": "https://hooks.nowhere.invalid/",
    "too long": f"https://hooks.example.com/{'x' * 1000}",
    "header": "https://hooks.example.com/\r\nX: y",
    "nothing": "",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_fault_77_the_form_refuses_what_is_not_public_in_one_and_the_same_words(webhooks, url):
    said = Client().post("/subscribe", {"endpoint": url, "endpoint_email": OWNER}, headers=SAME)
    assert said.status_code == 422
    assert "This is not a public https address." in said.content.decode()
    assert not Subscription.objects.exists() and not OutboxEvent.objects.exists()


def test_one_spelling_one_endpoint_but_paths_are_their_services_own(webhooks, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    owner = addresses.email(OWNER)
    spellings = [
        "https://Hooks.Example.COM/Path",
        "https://hooks.example.com:443/Path#top",
        " https://hooks.example.com/Path",
        "https://hooks.example.com./Path",
        "https://hooks.example.com.:443/%50ath",
    ]
    assert len({addresses.endpoint(each, owner).key for each in spellings}) == 1
    assert addresses.endpoint("https://bücher.example/ü?q=ü", owner).value == (
        "https://xn--bcher-kva.example/%C3%BC?q=%C3%BC"
    )
    escapes = ["https://hooks.example.com/a%2fb%7ec?d=%c3%bc", "https://hooks.example.com/a%2Fb~c?d=%C3%BC"]
    assert len({addresses.endpoint(each, owner).value for each in escapes}) == 1
    assert addresses.endpoint("https://hooks.example.com/a/b", owner).key != addresses.endpoint(escapes[0], owner).key
    different = ["https://hooks.example.com/path", "https://hooks.example.com/Path?x"]
    assert len({addresses.endpoint(each, owner).key for each in [spellings[0], *different]}) == 3


def test_an_endpoint_without_an_owner_is_refused(webhooks, sink):
    said = Client().post("/subscribe", {"endpoint": sink.url}, headers=SAME)
    assert said.status_code == 422 and "This is not an e-mail address" in said.content.decode()


def test_a_stranger_who_names_the_same_endpoint_can_neither_change_nor_end_it(webhooks, sink):
    mine, secret = subscribed(sink.url)
    theirs, other = subscribed(sink.url, "stranger@example.org", wants_incidents=False)
    subscriptions.unsubscribe(theirs, reason=subscriptions.Reason.LINK)
    mine.refresh_from_db()
    assert mine.is_confirmed and mine.wants_incidents and mine != theirs and secret != other


def test_no_more_than_three_owners_have_one_endpoint_called(webhooks, sink):
    for number in range(3):
        subscribed(sink.url, f"owner-{number}@example.org")
    before = LinkToken.objects.count()
    asked(sink.url, "fourth@example.org")
    assert LinkToken.objects.count() == before
    asked(sink.url, "owner-0@example.org")
    assert LinkToken.objects.count() == before + 1


def test_nor_by_another_spelling_of_it(webhooks, sink):
    for number in range(3):
        subscribed(f"{sink.url}/a%2fb", f"owner-{number}@example.org")
    before = LinkToken.objects.count()
    for url in (f"{sink.url}/a%2Fb", f"{sink.url}/%61%2fb", f"{sink.url}/a%2fb#again"):
        asked(url, "fourth@example.org")
    assert LinkToken.objects.count() == before


def test_confirmations_are_limited_by_owner_and_by_endpoint(webhooks, sink):
    webhooks.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR, webhooks.SUBSCRIBE_PER_ADDRESS_DAY = 1, 3
    asked(sink.url)
    asked(f"{sink.url}/other")
    assert LinkToken.objects.count() == 1
    for number in range(5):
        asked(sink.url, f"owner-{number}@example.org")
    assert LinkToken.objects.count() == 3


def test_no_network_has_us_look_up_names_all_day(webhooks, sink):
    webhooks.SUBSCRIBE_PER_NETWORK_HOUR = 2
    for _ in range(2):
        with pytest.raises(InputRefused, match="not a public https address"):
            asked("https://nowhere.invalid/")
    with pytest.raises(InputRefused, match="cannot be looked up just now"):
        asked(sink.url)
    assert not Subscription.objects.exists()


def test_one_form_may_ask_for_mails_and_for_a_webhook(webhooks, sink, relay):
    webhooks.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 1
    Client().post("/subscribe", {"email": OWNER, "endpoint": sink.url, "endpoint_email": OWNER}, headers=SAME)
    assert sorted(mails(relay)) == [
        "Confirm a webhook for updates from Example",
        "Confirm your subscription to Example",
    ]


def test_fault_72_the_mail_carries_nothing_that_was_typed(webhooks, sink, relay):
    asked(f"{sink.url}/buy-this-now")
    mails(relay)
    assert "buy-this-now" not in relay.messages()[-1].raw.decode() and "localhost" not in body_of_newest(relay)


def test_fault_73_the_answer_is_the_same_whether_or_not_it_is_known(webhooks, sink):
    subscribed(sink.url)
    known = addresses.endpoint(sink.url, addresses.email(OWNER))
    unknown = addresses.endpoint(f"{sink.url}/other", addresses.email("other@example.org"))
    counts = []
    for address in (known, unknown):
        with CaptureQueriesContext(connection) as queries:
            subscriptions.request_webhook(address, Choices(), network="n")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_choices_that_are_impossible_are_refused(webhooks, sink):
    with pytest.raises(InputRefused):
        asked(sink.url, wants_incidents=False, wants_maintenances=False)


# --- Forgetting ---------------------------------------------------------------------------------------


def test_erasing_a_webhook_forgets_its_owner_too(webhooks, sink):
    subscription, _ = subscribed(sink.url)
    subscriptions.ask_manage_link(subscription, network="n")
    subscriptions.erase_by_link(newest_link())
    assert set(Subscription.objects.values_list("address", flat=True)) == {""}
    assert bytes(Endpoint.objects.get().secret) == b""


def test_erasing_a_person_ends_and_forgets_their_webhooks(webhooks, sink):
    subscription, _ = subscribed(sink.url)
    subscriptions.erase(Subscription.objects.get(channel="email"))
    subscription.refresh_from_db()
    assert not subscription.is_confirmed and subscription.address == ""


def test_an_owner_is_remembered_for_as_long_as_their_webhook(webhooks, sink, relay):
    subscription, _ = subscribed(sink.url)
    mails(relay)
    later = timezone.now() + timedelta(days=30)
    retention.forget(later, 60)
    assert Subscription.objects.get(channel="email").address == OWNER
    subscriptions.unsubscribe(subscription, reason=subscriptions.Reason.LINK, now=later)
    retention.forget(later + timedelta(days=91), 60)
    retention.forget(later + timedelta(days=92), 60)
    assert set(Subscription.objects.values_list("address", flat=True)) == {""}
    assert bytes(Endpoint.objects.get().secret) == b""


def test_an_owner_who_is_unreachable_is_not_written_to(webhooks, sink):
    subscription, _ = subscribed(sink.url)
    Subscription.objects.filter(channel="email").update(address="")
    before = OutboxEvent.objects.count()
    assert subscriptions.warn_owner("webhook_ended", subscription.pk, "410", timezone.now()) is None
    assert OutboxEvent.objects.count() == before


def test_what_an_answer_says_is_noted_for_its_endpoint(webhooks, sink):
    subscription, _ = subscribed(sink.url)
    now = timezone.now()
    endpoints.note(subscription.pk, Unavailable("nowhere", code="unreached"), "unreached", now)
    assert Endpoint.objects.get().answered_at is None
    endpoints.note(subscription.pk, Unavailable("not taken", code="500"), "500", now)
    assert Endpoint.objects.get().answered_at == now and Endpoint.objects.get().succeeded_at is None
