"""Subscribers, for who may see addresses: found by the exact one, shown with what they were told, and let go."""

import re
from html import unescape

import pytest
from django.utils import timezone

from notifications import addresses, receipts, subscriptions, tokens
from notifications.models import Delivery, LinkToken, OutboxEvent, Subscriber, Subscription, Suppression
from statuspage.models import AuditEntry
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import event, send, states, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick", "publish_root")]

LIST = "/admin/notifications/subscriber/"


@pytest.fixture
def admin(sign_in):
    return sign_in("subscriber admin")


def room(row: Subscription) -> str:
    return f"{LIST}{row.pk}/"


def words(answer) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.text)).split())


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


# --- Finding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["reader-0@example.org", " Reader-0@EXAMPLE.org "])
def test_a_mail_address_is_found_in_any_spelling(admin, typed):
    (reader,) = subscribers(email=1)
    answer = admin.post(LIST, {"address": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, room(reader))
    assert "@" not in answer.headers["Location"], "no address in an address"


@pytest.mark.parametrize("typed", ["+31 6 10000000", "0031610000000", "06 10000000"])
def test_a_number_is_found_in_any_spelling(admin, typed):
    (reader,) = subscribers(sms=1)
    assert admin.post(LIST, {"address": typed}).headers["Location"] == room(reader)


def test_a_number_of_a_country_that_is_texted_no_longer_is_found(admin):
    reader = subscribed(addresses.Address("sms", "+447911123456"))
    assert admin.post(LIST, {"address": "+44 7911 123456"}).headers["Location"] == room(reader)


def test_an_endpoint_is_found_with_each_of_its_owners(admin):
    value = "https://hooks.example.com/a"
    owners = [addresses.email(f"owner-{number}@example.org") for number in range(2)]
    first = subscribed(addresses.Address("webhook", value, owners[0]))
    assert admin.post(LIST, {"address": "https://HOOKS.example.com/a"}).headers["Location"] == room(first)
    second = subscribed(addresses.Address("webhook", value, owners[1]))
    text = admin.post(LIST, {"address": value}).text
    assert room(first) in text and room(second) in text
    assert admin.post(LIST, {"address": "ftp://x"}).status_code == 422


def test_whoever_is_not_there_is_not_found_and_what_stands_against_the_address_is_said(admin):
    Suppression.objects.create(address_key=addresses.email("gone@example.org").key, reason="erased")
    text = words(admin.post(LIST, {"address": "gone@example.org"}))
    assert "Nobody is, or was, subscribed at this address." in text
    assert "Erased on request" in text


def test_what_is_no_address_is_refused_in_words(admin):
    answer = admin.post(LIST, {"address": "x@"})
    assert answer.status_code == 422
    assert "This is not an e-mail address" in answer.text


def test_somebody_erased_is_found_by_the_address_they_had(admin):
    (reader,) = subscribers(email=1)
    subscriptions.erase(reader)
    answer = admin.post(LIST, {"address": reader.address}, follow=True)
    assert "Address removed" in answer.text and "erased" in answer.text


def test_a_list_masks_addresses(admin):
    subscribers(email=2, sms=1)
    text = admin.get(LIST).text
    assert "r…@example.org" in text and "reader-0" not in text
    assert "+31…00" in text


def test_the_contacts_of_one_client(admin):
    first, _second = subscribers(email=2)
    Subscriber.objects.filter(pk=first.subscriber_id).update(client_reference="ACME & Sons")
    text = admin.get(LIST, {"client": "ACME & Sons"}).text
    assert room(first) in text and text.count("r…@example.org") == 1


# --- One subscriber ------------------------------------------------------------------------------------


def test_the_page_says_what_they_were_told(admin, scripted):
    scripted("email")
    (reader,) = subscribers(email=1)
    told(event())
    send()
    text = words(admin.get(room(reader)))
    assert reader.address in text and reader.address_key[:12] in text
    assert "Handed over to the mail relay" in text and "API is down" in text


def test_the_page_says_that_what_was_given_up_here_arrived_all_the_same(admin):
    (reader,) = subscribers(sms=1)
    told(event())
    row = Delivery.objects.get()
    Delivery.objects.update(state="superseded", final_at=timezone.now(), ambiguous=1)
    assert "Overtaken by a newer word: not sent" in words(admin.get(room(reader)))
    receipts.receive(row.pk, receipts.twilio_word({"MessageSid": "SM1", "MessageStatus": "delivered"}))
    text = words(admin.get(room(reader)))
    assert "delivered by an earlier call" in text and "not sent" not in text


def test_unsubscribing_asks_first(admin):
    (reader,) = subscribers(email=1)
    asked = admin.get(f"{room(reader)}unsubscribe/")
    assert "Nothing more is sent" in asked.text
    reader.refresh_from_db()
    assert reader.is_confirmed
    answer = admin.post(f"{room(reader)}unsubscribe/", follow=True)
    reader.refresh_from_db()
    assert (reader.is_confirmed, reader.unsubscribe_reason) == (False, "staff")
    assert "Unsubscribed." in answer.text and acts() == ["unsubscribe_subscriber"]


def test_erasing_leaves_a_pseudonym_in_the_ledger_and_in_the_audit_log(admin, scripted):
    scripted("email")
    (reader,) = subscribers(email=1)
    told(event())
    send()
    admin.post(f"{room(reader)}erase/")
    row = Subscription.objects.get()
    assert (row.address, row.address_key, row.unsubscribe_reason) == ("", reader.address_key, "erased")
    assert states(subscription=reader) == {"accepted": 1}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.after) == (
        "erase_subscriber",
        str(reader.pk),
        {"recipient": reader.address_key[:12]},
    )
    assert Suppression.objects.get().reason == "erased"


def test_erasing_twice_erases_once(admin):
    (reader,) = subscribers(email=1)
    answers = [admin.post(f"{room(reader)}erase/", follow=True) for _ in range(2)]
    assert "Nothing was left to do." in answers[1].text and acts() == ["erase_subscriber"]


def test_a_quarantine_is_lifted_and_a_stop_is_not(admin):
    (reader,) = subscribers(sms=1)
    Suppression.objects.create(address_key=reader.address_key, reason="quarantine", code="30005")
    Suppression.objects.create(address_key=reader.address_key, reason="stop")
    text = words(admin.get(room(reader)))
    assert "Cannot be reached since" in text and "30005" in text
    assert "Only they can lift that, with START." in text
    admin.post(f"{room(reader)}lift/")
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["stop"]
    assert acts() == ["lift_quarantine"]
    assert "Lift the quarantine" not in admin.get(room(reader)).text


def test_a_link_is_sent_whatever_the_public_form_has_used_up(admin, scripted, settings):
    settings.SUBSCRIBE_PER_ADDRESS_DAY = 0
    provider = scripted("email")
    (reader,) = subscribers(email=1)
    admin.post(f"{room(reader)}link/")
    told(OutboxEvent.objects.get())
    send()
    (link,) = LinkToken.objects.all()
    assert tokens.link_token(link).encode() in provider.sent[0].content.replace(b"=\r\n", b"")
    assert acts() == ["send_manage_link"]


def test_nobody_who_left_or_never_confirmed_gets_a_link(admin):
    left, never = subscribers(email=2)
    Subscription.objects.filter(pk=left.pk).update(unsubscribed_at=timezone.now())
    Subscription.objects.filter(pk=never.pk).update(confirmed_at=None)
    for each in (left, never):
        assert "Send a link" not in admin.get(room(each)).text
        admin.post(f"{room(each)}link/")
    assert not OutboxEvent.objects.exists() and acts() == []


def test_the_client_is_named_in_one_clean_line(admin):
    (reader,) = subscribers(email=1)
    admin.post(f"{room(reader)}client/", {"client": " ACME\u202e \r\nLtd "})
    reader.subscriber.refresh_from_db()
    assert reader.subscriber.client_reference == "ACME Ltd"
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after["client"]) == ({"client": ""}, "ACME Ltd")


@pytest.mark.parametrize("path", ["00000000-0000-0000-0000-000000000000/", "x/"])
def test_nobody_is_not_found(admin, path):
    assert admin.get(f"{LIST}{path}").status_code == 404


def test_an_unknown_step_is_not_found(admin):
    (reader,) = subscribers(email=1)
    assert admin.get(f"{room(reader)}promote/").status_code == 404


def test_no_answer_with_an_address_is_kept(admin):
    (reader,) = subscribers(email=1)
    for path in (LIST, room(reader)):
        assert "no-store" in admin.get(path).headers["Cache-Control"]
