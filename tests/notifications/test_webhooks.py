"""Webhooks through the real path: form, mail to the owner, confirmation, fan-out, HTTPS, the ledger, quarantine."""

import json
import logging
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import addresses, fanout, providers, reports, retention, sealing, subscriptions, tokens
from notifications.addresses import InputRefused
from notifications.channels.base import Unavailable
from notifications.choices import Choices
from notifications.delivery import endpoints
from notifications.models import Attempt, Delivery, Endpoint, LinkToken, OutboxEvent, Subscription, Suppression
from notifications.subscriptions import LinkUnusable
from notifications.tokens import KeyLost
from statuspage.actions import incidents
from statuspage.events import IncidentUpdatePublished
from tests.notifications.ledger import make_due, send, states, sweep
from tests.servers.webhook import WebhookSink
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

SAME = {"Sec-Fetch-Site": "same-origin"}
OWNER = "owner@example.org"


@pytest.fixture
def sink(tmp_path):
    server = WebhookSink(tmp_path / "sink").start()
    yield server
    server.stop()


@pytest.fixture
def webhooks(relay, quick, sink, monkeypatch, tmp_path):
    """Webhooks are on; the sink's host is allowed and its authority trusted."""
    quick.WEBHOOKS = True
    quick.WEBHOOK_ALLOWED_HOSTS = [sink.host]
    quick.DELIVERY_WEBHOOK_DEADLINE_SECONDS = 2.0
    quick.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = quick.SUBSCRIBE_PER_ADDRESS_DAY = 1_000
    quick.STATIC_ROOT = tmp_path
    monkeypatch.setenv("SSL_CERT_FILE", str(sink.ca_file))
    return quick


def newest_link() -> str:
    row = LinkToken.objects.latest("created_at")
    return tokens.link_token(row)


def asked(url: str, owner: str = OWNER, **wanted) -> None:
    address = addresses.endpoint(url, addresses.email(owner))
    subscriptions.request_webhook(address, Choices(**wanted), network="n")


def subscribed(url: str, owner: str = OWNER, **wanted) -> tuple[Subscription, str]:
    """A confirmed webhook and its secret."""
    asked(url, owner, **wanted)
    subscription = subscriptions.confirm(newest_link())
    return subscription, subscriptions.secret_to_show(subscription)


def published(status: str = "partial_outage", **facts):
    """An incident, fanned out."""
    incident = given.incident({given.component("API"): status}, now=None, **facts)
    fanout.relay()
    return incident


def update(incident, **facts):
    facts = {"status": "identified", "body": "Found.", "actor": given.ALICE} | facts
    incidents.publish_update(incident=incident, **facts)
    fanout.relay()


def mails(relay) -> list[str]:
    """Subjects to the owner, after the mail lane's turn."""
    fanout.relay()
    send("email")
    return [str(mail.message["Subject"]) for mail in relay.messages()]


def body_of_newest(relay) -> str:
    return relay.messages()[-1].message.get_body(("plain",)).get_content()


def incident_deliveries():
    return Delivery.objects.filter(channel="webhook", event__kind="incident_update")


# --- From the form to the call ------------------------------------------------------------------------


def test_a_reader_subscribes_an_endpoint_confirms_by_mail_and_is_posted_to(webhooks, sink, relay):
    browser = Client(enforce_csrf_checks=True)
    form = {"endpoint": f" {sink.url}?api_key=k3y ", "endpoint_email": OWNER}
    assert browser.post("/subscribe", form, headers=SAME).headers["Location"] == "/subscribe/sent"
    assert mails(relay) == ["Confirm a webhook for updates from Example"]
    (link,) = set(re.findall(r"https://status.example.com(/subscriptions/\w+)", body_of_newest(relay)))
    page = browser.get(link).content.decode()
    assert f"https://{sink.host}/…" in page and "k3y" not in page

    said = browser.post(link, {"action": "confirm"})
    (secret,) = re.findall(r"whsec_[\w+/=]+", said.content.decode())
    assert said.headers["Cache-Control"] == "no-store"
    assert browser.post(link, {"action": "confirm"}).status_code == 410, "and never again"

    published()
    assert send("webhook") == 2
    kinds = {("incident" if "incident" in call.json else "component"): call for call in sink.calls()}
    assert set(kinds) == {"incident", "component"}
    call = kinds["incident"]
    assert call.path == "/hooks/status?api_key=k3y"
    assert call.json["incident"]["incident_updates"][0]["body"] == "Requests fail."
    assert documented()["is_ours"](secret, call.headers, call.body)
    delivery = incident_deliveries().get()
    assert (delivery.state, delivery.provider, call.headers["X-Delivery-ID"]) == (
        "accepted",
        "webhook",
        str(delivery.pk),
    )
    assert mails(relay) == ["Confirm a webhook for updates from Example"], "the owner asked for no mails"

    leave = call.json["meta"]["unsubscribe"].removeprefix("https://status.example.com")
    assert browser.post(leave, {"List-Unsubscribe": "One-Click"}).status_code == 200
    published()
    assert send("webhook") == 0


def documented() -> dict:
    """The example of docs/webhooks.md, as receivers copy it."""
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found: dict = {}
    exec(code, found)
    return found


def test_the_documented_check_refuses_what_is_not_ours_or_old(webhooks, sink):
    _, secret = subscribed(sink.url)
    published()
    send("webhook")
    call, is_ours = sink.calls()[0], documented()["is_ours"]
    assert is_ours(secret, call.headers, call.body)
    assert not is_ours(secret, call.headers, call.body + b" ")
    assert not is_ours("whsec_" + "A" * 44, call.headers, call.body)
    assert not is_ours(secret, call.headers | {"Webhook-Id": "another"}, call.body)
    old = call.headers | {"Webhook-Timestamp": str(int(time.time()) - 3600)}
    assert not is_ours(secret, old, call.body)


def test_only_what_was_chosen_is_posted(webhooks, sink):
    api, site = given.component("API"), given.component("Site")
    subscribed(sink.url, all_components=False, component_ids=(api.pk,), wants_maintenances=False)
    given.incident({site: "major_outage"}, now=None)
    fanout.relay()
    assert send("webhook") == 0
    given.incident({api: "major_outage"}, now=None)
    fanout.relay()
    assert send("webhook") == 2


def test_the_console_and_the_report_name_the_channel(webhooks, sink):
    subscribed(sink.url)
    incident = published()
    send("webhook")
    report = reports.delivery_report(incident.pk)
    assert report["events"][0]["channels"] == {"webhook": {"accepted": 1}}
    assert reports.progress(incident.updates.get().pk) == {"webhook": {"accepted": 1}}
    preview = IncidentUpdatePublished(
        subject_id="x", update_id="y", name="n", status="investigating", body="b", published_at=timezone.now()
    )
    assert reports.audience(preview) == {"webhook": 1}


# --- Retries ----------------------------------------------------------------------------------------


def test_a_failed_call_is_made_again_under_the_same_id_with_the_same_body(webhooks, sink):
    _, secret = subscribed(sink.url)
    sink.script(status=503, times=1)
    published("operational")
    send("webhook")
    assert states(channel="webhook") == {"queued": 1}
    make_due()
    send("webhook")
    first, second = sink.calls()
    assert first.headers["Webhook-Id"] == second.headers["Webhook-Id"]
    assert first.body == second.body
    assert all(documented()["is_ours"](secret, call.headers, call.body) for call in (first, second))
    row = Delivery.objects.get(channel="webhook")
    assert (row.state, row.attempts, row.ambiguous) == ("accepted", 2, 0)
    assert list(Attempt.objects.filter(delivery=row).order_by("number").values_list("code", flat=True)) == ["503", ""]


def test_a_lost_answer_may_be_a_copy_and_the_ledger_says_so(webhooks, sink):
    """Receivers know copies by their id, so it is tried on where a mail would rest as unknown."""
    subscribed(sink.url)
    sink.script(answer="drop", times=3)
    published("operational")
    for _ in range(4):
        send("webhook")
        make_due()
    assert len({call.headers["Webhook-Id"] for call in sink.calls()}) == 1 and len(sink.calls()) == 4
    row = Delivery.objects.get(channel="webhook")
    assert (row.state, row.ambiguous) == ("accepted", 3)


def test_the_first_wait_is_seconds_and_the_longest_ten_minutes(webhooks):
    policy = providers.policy("webhook")
    assert policy.first_wait == timedelta(seconds=10) and policy.longest_wait == timedelta(minutes=10)


def test_410_ends_the_subscription_and_its_owner_hears_of_it(webhooks, sink, relay):
    subscription, _ = subscribed(sink.url)
    sink.script(status=410, times=1)
    published("operational")
    send("webhook")
    subscription.refresh_from_db()
    assert subscription.unsubscribe_reason == "gone" and states(channel="webhook") == {"failed": 1}
    assert mails(relay)[-1] == "Your webhook for updates from Example has ended"
    published("operational")
    assert send("webhook") == 0
    assert subscriptions.confirm(newest_link()).is_confirmed, "by the link in that mail it begins again"


def test_a_slow_endpoint_keeps_nobody_waiting(webhooks, sink, relay):
    """Neither the sweep nor another endpoint."""
    subscribed(sink.url)
    subscribed(f"{sink.url}/fast", "other@example.org")
    sink.script(answer="stall", path="/hooks/status")
    published("operational")
    began = time.monotonic()
    sweep()
    assert time.monotonic() - began < 1.5
    wait_for(lambda: states(channel="webhook").get("accepted") == 1)
    wait_for(lambda: Attempt.objects.filter(outcome="ambiguous").exists())


def wait_for(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)


# --- Quarantine -------------------------------------------------------------------------------------


def fail(times: int) -> None:
    for _ in range(times):
        send("webhook")
        make_due()


def test_ten_failures_within_an_hour_stop_the_calls_and_a_mail_tells_the_owner(webhooks, sink, relay):
    subscription, _ = subscribed(f"{sink.url}?api_key=k3y")
    sink.script(status=500)
    incident = published("operational")
    fail(9)
    assert not Suppression.objects.exists() and len(sink.calls()) == 9
    fail(3)
    assert len(sink.calls()) == 10
    assert Suppression.objects.get().reason == "quarantine"
    assert mails(relay) == ["Your webhook gets no more updates from Example"]
    words = " ".join(body_of_newest(relay).split())
    assert f"Ten calls to https://{sink.host}/… failed within an hour, the last with: 500." in words
    assert "k3y" not in words and relay.messages()[-1].recipients == (OWNER,)
    assert states(channel="webhook") == {"suppressed": 1}

    update(incident)
    assert send("webhook") == 0
    assert len(mails(relay)) == 1, "one mail is enough"


def test_the_owners_link_lifts_the_quarantine_and_failures_count_anew(webhooks, sink, relay):
    subscription, secret = subscribed(sink.url)
    sink.script(status=500, times=10)
    incident = published("operational")
    fail(10)
    mails(relay)
    again = subscriptions.confirm(newest_link())
    assert again == subscription and not Suppression.objects.exists()
    assert subscriptions.secret_to_show(again) is None, "the secret stays as it was"
    sink.script(status=500, times=1)
    update(incident)
    fail(2)
    assert not Suppression.objects.exists()
    assert documented()["is_ours"](secret, sink.calls()[-1].headers, sink.calls()[-1].body)


def test_a_link_that_is_over_sends_another(webhooks, sink, relay):
    subscription, _ = subscribed(sink.url)
    sink.script(status=500, times=10)
    published("operational")
    fail(10)
    token = newest_link()
    LinkToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().post(f"/subscriptions/{token}", {"action": "renew"}).status_code == 303
    subscriptions.confirm(newest_link())
    assert not Suppression.objects.exists()


def test_a_success_between_failures_starts_the_count_again(webhooks, sink):
    subscribed(sink.url)
    sink.script(status=500, times=9)
    incident = published("operational")
    fail(10)
    assert states(channel="webhook") == {"accepted": 1}
    sink.script(status=500, times=9)
    update(incident)
    fail(9)
    assert not Suppression.objects.exists()


def test_failures_of_yesterday_do_not_count(webhooks, sink):
    subscribed(sink.url)
    sink.script(status=500)
    published("operational")
    fail(9)
    Attempt.objects.update(ended_at=timezone.now() - timedelta(minutes=61))
    fail(9)
    assert not Suppression.objects.exists()
    fail(1)
    assert Suppression.objects.exists()


def test_our_own_outage_is_nobodys_fault(webhooks, sink):
    """No name can be found: as long as nobody's endpoint answers, that may be our network."""
    subscription, _ = subscribed(sink.url)
    Subscription.objects.filter(pk=subscription.pk).update(address="https://nowhere.invalid/")
    published("operational")
    fail(11)
    assert set(Attempt.objects.values_list("code", flat=True)) == {"not found"}
    assert not Suppression.objects.exists()
    subscribed(f"{sink.url}/other", "other@example.org")
    published("operational")
    fail(2)
    assert Suppression.objects.exists()


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
    ]
    assert len({addresses.endpoint(each, owner).key for each in spellings}) == 1
    assert addresses.endpoint("https://bücher.example/ü?q=ü", owner).value == (
        "https://xn--bcher-kva.example/%C3%BC?q=%C3%BC"
    )
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


def test_confirmations_are_limited_by_owner_and_by_endpoint(webhooks, sink):
    webhooks.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR, webhooks.SUBSCRIBE_PER_ADDRESS_DAY = 1, 3
    asked(sink.url)
    asked(f"{sink.url}/other")
    assert LinkToken.objects.count() == 1
    for number in range(5):
        asked(sink.url, f"owner-{number}@example.org")
    assert LinkToken.objects.count() == 3


def test_one_form_may_ask_for_mails_and_for_a_webhook(webhooks, sink, relay):
    webhooks.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 1
    Client().post("/subscribe", {"email": OWNER, "endpoint": sink.url, "endpoint_email": OWNER}, headers=SAME)
    assert sorted(mails(relay)) == [
        "Confirm a webhook for updates from Example",
        "Confirm your subscription to Example",
    ]


def test_72_the_mail_carries_nothing_that_was_typed(webhooks, sink, relay):
    asked(f"{sink.url}/buy-this-now")
    mails(relay)
    assert "buy-this-now" not in relay.messages()[-1].raw.decode() and "localhost" not in body_of_newest(relay)


def test_73_the_answer_is_the_same_whether_or_not_it_is_known(webhooks, sink):
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


# --- Off ----------------------------------------------------------------------------------------------


def test_while_off_nothing_is_offered_taken_or_sent(webhooks, sink, settings):
    subscription, _ = subscribed(sink.url)
    asked(f"{sink.url}/other")
    open_link = newest_link()
    settings.WEBHOOKS = False
    browser = Client()
    assert "webhook" not in browser.get("/subscribe").content.decode().lower()
    said = browser.post("/subscribe", {"endpoint": sink.url, "endpoint_email": OWNER}, headers=SAME)
    assert said.status_code == 422
    with pytest.raises(LinkUnusable):
        subscriptions.confirm(open_link)
    published()
    sweep()
    assert not Delivery.objects.filter(channel="webhook").exists() and sink.calls() == []
    settings.WEBHOOKS = True
    sweep()
    assert send("webhook") == 0, "nor is it posted later"
    leaving = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    settings.WEBHOOKS = False
    assert browser.post(leaving, {"action": "unsubscribe"}).status_code == 303, "leaving always works"


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
