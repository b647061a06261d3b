"""Webhooks through the real path: form, mail to the owner, confirmation, fan-out, HTTPS, the ledger, quarantine."""

import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications import fanout, providers, reports, subscriptions, tasks, tokens
from notifications.delivery import lanes
from notifications.models import Attempt, Delivery, LinkToken, Subscription, Suppression
from notifications.subscriptions import LinkUnusable
from statuspage.events import IncidentUpdatePublished
from tests.notifications.endpoints import (
    OWNER,
    SAME,
    asked,
    body_of_newest,
    documented,
    fail,
    incident_deliveries,
    mails,
    newest_link,
    published,
    subscribed,
    update,
)
from tests.notifications.ledger import make_due, send, states, sweep
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)


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
    webhooks.DELIVERY_WEBHOOK_DEADLINE_SECONDS = 6.0
    subscribed(sink.url)
    subscribed(f"{sink.url}/fast", "other@example.org")
    sink.script(answer="stall", path="/hooks/status")
    published("operational")
    began = time.monotonic()
    sweep()
    assert time.monotonic() - began < webhooks.DELIVERY_WEBHOOK_DEADLINE_SECONDS
    wait_for(lambda: states(channel="webhook").get("accepted") == 1)
    wait_for(lambda: Attempt.objects.filter(outcome="ambiguous").exists())


def test_endpoints_are_called_side_by_side(webhooks, sink):
    """From the first group on: one after the other, each slow one would cost the others its 30 seconds."""
    for number in range(3):
        subscribed(f"{sink.url}/{number}", f"owner-{number}@example.org")
    sink.script(answer="stall", times=2)
    published("operational")
    send("webhook")
    started = [each.started_at for each in Attempt.objects.all()]
    assert len(started) == 3
    assert max(started) - min(started) < timedelta(seconds=webhooks.DELIVERY_WEBHOOK_DEADLINE_SECONDS)


def test_a_ring_for_webhooks_gives_its_worker_back_at_once(webhooks, sink):
    webhooks.DELIVERY_WEBHOOK_DEADLINE_SECONDS = 6.0
    subscribed(sink.url)
    sink.script(answer="stall", times=1)
    published("operational")
    began = time.monotonic()
    tasks.deliver("webhook")
    assert time.monotonic() - began < webhooks.DELIVERY_WEBHOOK_DEADLINE_SECONDS
    wait_for(lambda: Attempt.objects.filter(outcome="ambiguous").exists())
    lanes._aside["webhook"].join()
    make_due()
    tasks.deliver("webhook")
    wait_for(lambda: states(channel="webhook") == {"accepted": 1})


def wait_for(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)


# --- Quarantine -------------------------------------------------------------------------------------


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
    again, other = subscriptions.confirm_and_show(newest_link())
    assert again == subscription and not Suppression.objects.exists()
    assert other is None, "the secret stays as it was"
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


def test_so_does_the_page_behind_a_manage_link(webhooks, sink):
    subscription, _ = subscribed(sink.url)
    sink.script(status=500, times=10)
    published("operational")
    fail(10)
    subscriptions.ask_manage_link(subscription, network="n")
    page = f"/subscriptions/{newest_link()}"
    assert "Post there again" in Client().get(page).content.decode()
    assert Client().post(page, {"action": "resume"}).headers["Location"] == "/subscribe/changed"
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
    published("operational")
    settings.WEBHOOKS = False
    sweep()
    tasks.deliver("webhook")
    assert states(channel="webhook") == {"queued": 1}, "what waits is not sent, not even by an old ring"
    leaving = f"/unsubscribe/{tokens.unsubscribe_token(subscription)}"
    settings.WEBHOOKS = False
    assert browser.post(leaving, {"action": "unsubscribe"}).status_code == 303, "leaving always works"
