"""Dead letters: listed with their reasons, tried again by one, some or all, never for whom it is of no use."""

import re
from html import unescape

import pytest
from django.utils import timezone
from django.utils.functional import Promise

from notifications import labels, subscriptions
from notifications.channels import mail_codes, twilio_codes
from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Scope
from notifications.console import people
from notifications.models import Breaker, Delivery, OutboxEvent, Subscriber, Suppression
from notifications.subscriptions import Reason
from statuspage.models import AuditEntry
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, make_due, send, states, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick", "publish_root")]

LIST = "/admin/notifications/delivery/"
FULL = Refused("full", code="552 5.2.2", blame=Blame.SOFT)


def words(answer) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.text)).split())


def room(row: OutboxEvent) -> str:
    return f"{LIST}event/{row.pk}/"


def refused(scripted, count: int = 3, answer: object = FULL, **facts) -> tuple[OutboxEvent, list]:
    """An event that reached nobody, and its readers."""
    provider = scripted("email", answer)
    readers = subscribers(email=count)
    row = told(event(**facts))
    send()
    provider.answers = [Accepted("taken")]
    return row, readers


def test_dead_letters_are_listed_by_event_with_their_number(scripted, publisher):
    row, _readers = refused(scripted)
    answer = publisher.get(LIST)
    assert "API is down" in answer.text and "3 people" in words(answer)
    assert room(row) in answer.text


def test_the_reasons_are_said_in_words_and_by_code(scripted, publisher):
    row, readers = refused(scripted)
    said = words(publisher.get(room(row)))
    assert "3 e-mail · 552 5.2.2 The recipient could not be reached at the time, or the mailbox was full." in said
    assert readers[0].address_key[:12] in said
    assert "@example.org" not in said


def test_what_was_never_answered_says_that_it_may_have_arrived(scripted, publisher):
    row, _readers = refused(scripted, answer=Ambiguous("silence"))
    make_due()
    scripted("email", Ambiguous("silence"))
    send()
    assert states() == {"unknown": 3}
    assert "The provider never answered: the message may have arrived" in words(publisher.get(room(row)))


def test_the_confirmation_names_the_number_of_people_and_sends_nothing(scripted, publisher):
    row, _readers = refused(scripted)
    answer = publisher.post(f"{room(row)}again/", {"all": "yes"})
    assert "This will try 3 people again." in answer.text
    assert states() == {"failed": 3}


def test_all_are_tried_again_and_the_act_is_in_the_audit_log(scripted, publisher):
    row, readers = refused(scripted)
    answer = publisher.post(f"{room(row)}again/", {"all": "yes", "step": "again"}, follow=True)
    assert "3 people are told again." in answer.text
    send()
    assert states() == {"accepted": 3}
    entry = AuditEntry.objects.get(action="try_again")
    assert (entry.actor_name, entry.object_id, entry.after["people"]) == ("publisher", row.update_id, 3)
    assert readers[0].address not in str(entry.after)


def test_one_or_the_ticked_ones_are_tried_again(scripted, publisher):
    row, _readers = refused(scripted)
    first, second, third = Delivery.objects.order_by("pk")
    answer = publisher.post(f"{room(row)}again/", {"one": str(first.pk), "id": [str(second.pk)]})
    assert "This will try 1 person again." in answer.text
    publisher.post(f"{room(row)}again/", {"id": [str(first.pk), str(second.pk)], "step": "again"})
    assert sorted(Delivery.objects.filter(state="queued").values_list("pk", flat=True)) == [first.pk, second.pk]
    assert states(pk=third.pk) == {"failed": 1}


def test_pressing_twice_tries_once(scripted, publisher):
    row, _readers = refused(scripted)
    for _ in range(2):
        answer = publisher.post(f"{room(row)}again/", {"all": "yes", "step": "again"}, follow=True)
    assert "Nothing was left to try again." in answer.text
    assert AuditEntry.objects.filter(action="try_again").count() == 1


def test_whoever_left_or_is_in_quarantine_is_left_out_and_counted(scripted, publisher):
    row, (left, stopped, stays) = refused(scripted)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    Suppression.objects.create(address_key=stopped.address_key, reason="quarantine")
    answer = publisher.post(f"{room(row)}again/", {"all": "yes"})
    assert "This will try 1 person again." in answer.text and "2 others are left out" in answer.text
    publisher.post(f"{room(row)}again/", {"all": "yes", "step": "again"})
    assert states(subscription=stays) == {"queued": 1} and states(state="failed") == {"failed": 2}


def test_what_is_too_late_or_overtaken_is_not_offered(scripted, publisher):
    row, _readers = refused(scripted, subject="same")
    told(event("same"))
    assert "Try all" not in publisher.get(room(row)).text
    assert "This will try 0 people again." in publisher.post(f"{room(row)}again/", {"all": "yes"}).text
    Delivery.objects.exclude(event=row).delete()
    assert "Try all 3 again" in publisher.get(room(row)).text
    OutboxEvent.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    Delivery.objects.update(not_after=timezone.now())
    assert "too late to be tried again" in publisher.get(room(row)).text
    publisher.post(f"{room(row)}again/", {"all": "yes", "step": "again"})
    assert states() == {"failed": 3}


def test_deliveries_of_another_event_are_not_reached_through_this_one(scripted, publisher):
    row, _readers = refused(scripted, count=1)
    other = told(event("other"))
    Delivery.objects.filter(event=other).update(state="failed", final_at=timezone.now())
    theirs = Delivery.objects.get(event=other)
    publisher.post(f"{room(row)}again/", {"id": [str(theirs.pk), "nonsense"], "step": "again"})
    assert states() == {"failed": 2}


def test_the_canary_and_the_links_that_were_asked_for_are_no_events_of_theirs(scripted, publisher):
    (reader,) = subscribers(email=1)
    scripted("email", FULL)
    subscriptions.ask_manage_link(reader, network="n")
    told(OutboxEvent.objects.get())
    send()
    answer = publisher.get(LIST)
    assert "link to manage" not in answer.text
    assert "1 link that somebody asked for could not be sent" in words(answer)


def test_a_client_is_named_where_there_is_one(scripted, sign_in):
    row, (reader,) = refused(scripted, count=1)
    Subscriber.objects.update(client_reference="ACME <b>")
    assert "ACME &lt;b&gt;" in sign_in("viewer").get(room(row)).text


def test_only_who_may_see_addresses_gets_the_way_to_one(scripted, sign_in):
    row, (reader,) = refused(scripted, count=1)
    way = f"/admin/notifications/subscriber/{reader.pk}/"
    assert way not in sign_in("publisher").get(room(row)).text
    assert way in sign_in("subscriber admin").get(room(row)).text


def test_a_viewer_is_offered_nothing(scripted, sign_in):
    row, _readers = refused(scripted)
    text = sign_in("viewer").get(room(row)).text
    assert "Try again" not in text and 'type="checkbox"' not in text


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("email", "all e-mail"),
        ("email:example.org", "e-mail to example.org"),
        ("sms:NL", "SMS to Netherlands (NL)"),
        ("sms:??", "SMS to ?? (??)"),
    ],
)
def test_what_is_held_back_is_listed_in_words(publisher, scope, said):
    now = timezone.now()
    Breaker.objects.create(scope=scope, reason="not let in", code="535", opened_at=now, retry_at=now)
    text = words(publisher.get(LIST))
    assert f"{said} Not let in (535)" in text


def test_an_applications_own_list_leads_to_the_first_page(publisher):
    assert publisher.get("/admin/notifications/").headers["Location"] == "/admin/"


def test_many_letters_come_in_pages(scripted, publisher):
    row, _readers = refused(scripted, count=60)
    answer = publisher.get(room(row))
    assert answer.text.count('type="checkbox"') == 50
    assert publisher.get(f"{room(row)}?page=2").text.count('type="checkbox"') == 10


def test_why_a_place_is_held_back_is_said_in_words_that_can_be_translated():
    known = [each for each in twilio_codes.OUTCOMES.values() if each.scope != Scope.MESSAGE]
    known += [mail_codes.OURS, mail_codes.PERHAPS_OURS]
    assert {each.reason for each in known} == labels.TROUBLE.keys()
    assert all(str(words) == reason and isinstance(words, Promise) for reason, words in labels.TROUBLE.items())


def test_why_a_subscription_ended_too():
    assert people.ENDED_BY.keys() == set(subscriptions.Reason)
    assert all(isinstance(words, Promise) for words in people.ENDED_BY.values())
