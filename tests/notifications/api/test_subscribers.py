"""`/v1/pages/<id>/subscribers`: what a program with a key sees and does, and what it cannot."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications import addresses, subscriptions, tokens
from notifications.models import LinkToken, OutboxEvent, Subscription, Suppression
from statuspage.models import AuditEntry
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import sweep
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = "subscribers"


def suppress(row: Subscription, reason: str) -> None:
    Suppression.objects.create(address_key=row.address_key, reason=reason)


def asked(program, **fields):
    return program.post(ROOM, {"subscriber": fields})


def modes(answer) -> list[str]:
    return [each["mode"] for each in answer.json()]


def audited() -> list[str]:
    return list(AuditEntry.objects.filter(source="api").order_by("id").values_list("action", flat=True))


def test_subscribers_are_listed_counted_and_shown_by_state(api):
    program, core = api("subscribers"), given.group()
    part = given.component(group=core)
    mail, other, gone = subscribers(email=3)
    (text,) = subscribers(sms=1, all_components=False)
    text.components.add(part)
    text.groups.add(core)
    suppress(other, "quarantine")
    subscriptions.unsubscribe(gone, reason=subscriptions.Reason.LINK)
    asked(program, email="new@example.com", component_ids=[part.pk])
    assert modes(program.get(ROOM)) == ["sms", "email"], "by address, those who are told"
    shown = program.get(ROOM, data={"type": "sms"}).json()[0]
    assert shown == {
        "id": str(text.pk),
        "skip_confirmation_notification": False,
        "mode": "sms",
        "email": None,
        "endpoint": None,
        "phone_number": "610000000",
        "phone_country": "NL",
        "display_phone_number": "+31 6 10000000",
        "obfuscated_channel_name": None,
        "workspace_name": None,
        "quarantined_at": None,
        "purge_at": None,
        "components": sorted([part.pk, core.pk]),
        "page_access_user_id": None,
        "created_at": shown["created_at"],
    }
    (stopped,) = program.get(ROOM, data={"state": "quarantined"}).json()
    assert stopped["email"] == other.address and stopped["purge_at"] > stopped["quarantined_at"]
    (waits,) = program.get(ROOM, data={"state": "unconfirmed"}).json()
    assert waits["email"] == "new@example.com" and waits["components"] == [part.pk]
    assert [each["email"] for each in program.get(f"{ROOM}/unsubscribed").json()] == [gone.address]
    assert program.get(f"{ROOM}/count").json() == {
        "email": 1, "sms": 1, "webhook": 0, "slack": 0, "integration_partner": 0,
    }  # fmt: skip
    assert program.get(f"{ROOM}/count", data={"type": "email", "state": "all"}).json()["email"] == 3
    assert program.get(f"{ROOM}/histogram_by_state").json()["email"] == {
        "active": 1, "unconfirmed": 1, "quarantined": 1, "total": 3,
    }  # fmt: skip
    assert [program.get(f"{ROOM}/{each.pk}").status_code for each in (mail, gone)] == [200, 404]
    assert program.get(f"{ROOM}/nobody").status_code == 404


def test_lists_are_searched_sorted_and_cut_from_page_zero(api):
    program = api("subscribers")
    subscribers(email=3)
    subscribed(addresses.email("me-reader-1@example.org"))

    def names(**query):
        return [each["email"].partition("@")[0] for each in program.get(ROOM, data=query).json()]

    assert names(q="READER-1") == ["me-reader-1", "reader-1"]
    assert names(q="reader-1", sort_field="relevance") == ["reader-1", "me-reader-1"]
    assert names(limit=2) == ["me-reader-1", "reader-0"] and names(limit=2, page=1) == ["reader-1", "reader-2"]
    assert names(sort_field="created_at", sort_direction="desc", limit=1) == ["me-reader-1"]
    assert names(q="\0nothing") == []
    assert program.get(ROOM, data={"sort_field": "relevance"}).status_code == 409
    assert program.get(ROOM, data={"state": "gone"}).status_code == 422


def test_an_address_is_told_nothing_before_its_owner_confirms_what_was_asked(api, relay):
    program, part = api("subscribers"), given.component()
    answer = asked(program, email="Reader@Example.com", component_ids=[part.pk])
    assert answer.status_code == 201 and answer.json()["email"] == "Reader@example.com"
    subscriber = f"{ROOM}/{answer.json()['id']}"
    sweep()
    assert [each.subject for each in relay.messages()] == ["Confirm your subscription to Example"]
    other = given.component("Website")
    assert program.patch(subscriber, {"component_ids": [other.pk]}).json()["components"] == [other.pk]
    assert program.post(f"{subscriber}/resend_confirmation").headers["Retry-After"] == "900"
    subscriptions.confirm(tokens.link_token(LinkToken.objects.get()))
    row = Subscription.objects.get()
    assert row.is_confirmed and [*row.components.all()] == [other]
    assert program.post(f"{subscriber}/resend_confirmation").status_code == 409
    assert "already" in asked(program, email="reader@example.com").json()["errors"]["email"][0]
    assert program.patch(subscriber, {}).json()["components"] is None
    wrapped = {"subscriber": {"component_ids": [other.pk]}}
    assert program.patch(subscriber, wrapped).json()["components"] == [other.pk], "never more than was asked for"
    assert program.patch(subscriber, {"component_ids": []}).status_code == 422
    assert program.patch(subscriber, {"component_ids": ["nothing"]}).status_code == 409
    assert audited() == ["add_subscriber", *["choose_components"] * 3]
    assert "xample" not in str(list(AuditEntry.objects.values("after"))), "no address in the log"


def test_only_an_owners_key_subscribes_without_asking_and_that_is_told_to_nobody(api):
    refused = asked(api("subscribers"), email="reader@example.com", skip_confirmation_notification=True)
    assert refused.status_code == 403 and not Subscription.objects.exists()
    owner, fields = api(), "subscriber[phone_number]=06 12345678&subscriber[phone_country]=NL"
    answer = owner.post(
        ROOM, f"{fields}&subscriber[skip_confirmation_notification]=true",
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code == 201 and answer.json()["skip_confirmation_notification"]
    row = Subscription.objects.get()
    assert row.address == "+31612345678" and row.is_confirmed and row.consent_wording_version == "operator"
    assert not OutboxEvent.objects.exists() and audited() == ["add_subscriber"]
    assert AuditEntry.objects.get(source="api").after["vouched_for"] is True


@pytest.mark.parametrize("reason", ["stop", "quarantine", "erased"])
def test_a_suppressed_address_stays_suppressed_for_every_key(api, reason):
    owner = api()
    address = addresses.email("reader@example.com")
    Suppression.objects.create(address_key=address.key, reason=reason)
    for skip in (True, False):
        answer = asked(owner, email="READER@example.com", skip_confirmation_notification=skip)
        assert answer.status_code == 422 and answer.json()["errors"].keys() == {"email"}
    assert not Subscription.objects.exists() and Suppression.objects.count() == 1


def test_nobody_without_the_scope_learns_whether_an_address_is_known(api):
    (row,) = subscribers(email=1)
    for program in (api("read"), api("incidents", "components", "alerts")):
        for path in ("", "/count", "/unsubscribed", f"/{row.pk}", "?q=reader-0@example.org"):
            assert program.get(ROOM + path).status_code == 403
        for email in (row.address, "nobody@example.org"):
            assert asked(program, email=email).json() == asked(program, email="x").json()
        assert program.delete(f"{ROOM}/{row.pk}").status_code == 403
    assert Client().get(f"/v1/pages/{program.page_id}/{ROOM}").status_code == 401


def test_whoever_is_ended_hears_of_it_unless_that_is_skipped_and_may_come_back(api, relay):
    program, (one, two, three) = api("subscribers"), subscribers(email=3)
    assert program.delete(f"{ROOM}/{one.pk}").json()["email"] == one.address
    assert program.delete(f"{ROOM}/{two.pk}?skip_unsubscription_notification=true").status_code == 200
    assert program.delete(f"{ROOM}/{one.pk}").status_code == 404
    sweep()
    (farewell,) = relay.messages()
    assert farewell.recipients == (one.address,) and "has ended" in farewell.subject
    assert program.get(f"{ROOM}/count", data={"state": "unconfirmed"}).json()["email"] == 0
    subscriptions.confirm(tokens.link_token(LinkToken.objects.get()))
    assert [each["email"] for each in program.get(ROOM).json()] == [one.address, three.address]
    assert audited() == ["unsubscribe_subscriber"] * 2


def test_many_are_ended_reactivated_and_asked_again_at_once(api, quick):
    program, rows = api("subscribers"), subscribers(email=4, sms=1)
    suppress(rows[0], "quarantine")
    suppress(rows[1], "stop")
    assert program.post(f"{ROOM}/reactivate", {"subscribers": "all", "type": "email"}).json() == {"count": 1}
    assert program.get(f"{ROOM}/count", data={"state": "quarantined"}).json()["email"] == 1
    named = [str(each.pk) for each in rows[2:]] + ["nobody"]
    sent = {"subscribers": named, "type": "email", "skip_unsubscription_notification": True}
    assert program.post(f"{ROOM}/unsubscribe", sent).json() == {"count": 2}
    ended = program.post(f"{ROOM}/unsubscribe", {"subscribers": "all", "state": "all"})
    assert (ended.status_code, ended.json()) == (201, {"count": 3})
    assert program.post(f"{ROOM}/unsubscribe", {"subscribers": ["x"] * 101}).status_code == 422
    asked(program, email="new@example.com")
    again = {"subscribers": "all"}
    assert program.post(f"{ROOM}/resend_confirmation", again).json() == {"count": 0}, "the limits of the form hold"
    LinkToken.objects.update(created_at=timezone.now() - timedelta(hours=1))
    quick.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR = 2
    assert program.post(f"{ROOM}/resend_confirmation", again).json() == {"count": 1}
    assert LinkToken.objects.filter(subscription__address="new@example.com").count() == 2


def test_who_was_imported_unconfirmed_is_asked_when_a_program_says_so(api):
    program, part = api("subscribers"), given.component()
    (row,) = subscribers(email=1)
    Subscription.objects.update(confirmed_at=None, consent_wording_version="imported")
    assert program.get(f"{ROOM}/count", data={"state": "unconfirmed"}).json()["email"] == 1
    assert program.patch(f"{ROOM}/{row.pk}", {"component_ids": [part.pk]}).json()["components"] == [part.pk]
    assert program.post(f"{ROOM}/{row.pk}/resend_confirmation").json()["components"] == [part.pk]
    subscriptions.confirm(tokens.link_token(LinkToken.objects.get()))
    assert program.get(f"{ROOM}/{row.pk}").json()["components"] == [part.pk]
    assert program.get(f"{ROOM}/count").json()["email"] == 1


def test_a_webhook_has_an_owner_who_confirms_it(api, settings):
    program, owner = api("subscribers"), api()
    fields = {"endpoint": "https://hooks.example.com/status", "email": "owner@example.com"}
    settings.WEBHOOKS = False
    assert asked(program, **fields).status_code == 409
    settings.WEBHOOKS = True
    assert asked(program, endpoint=fields["endpoint"]).json()["errors"].keys() == {"email"}
    assert asked(program, **fields | {"endpoint": "http://127.0.0.1/"}).status_code == 409
    shown = asked(program, **fields).json()
    assert (shown["mode"], shown["email"], shown["endpoint"]) == ("webhook", "owner@example.com", fields["endpoint"])
    assert program.get(f"{ROOM}/count", data={"state": "unconfirmed"}).json() == {
        "email": 0, "sms": 0, "webhook": 1, "slack": 0, "integration_partner": 0,
    }  # fmt: skip
    assert OutboxEvent.objects.get().kind == "webhook_confirmation"
    assert asked(owner, **fields, skip_confirmation_notification=True).status_code == 201
    assert program.get(f"{ROOM}/count").json()["webhook"] == 1
    assert program.delete(f"{ROOM}/{shown['id']}").status_code == 200
    assert OutboxEvent.objects.latest("pk").kind == "webhook_farewell"
