"""Fault 49: after a year of silence a number may be somebody else's. It is asked once, and told nothing until then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import retention, subscriptions, tokens
from notifications.models import Delivery, LinkToken, OutboxEvent, Subscription, Suppression
from notifications.states import Priority
from notifications.subscriptions import Reason, silence
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, states, sweep, told
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def confirmed(days: float) -> None:
    """Everybody confirmed so many days ago."""
    Subscription.objects.update(confirmed_at=timezone.now() - days * DAY)


def look() -> int:
    """A round of retention; how many were asked by now."""
    assert retention.forget(timezone.now(), 60)
    return OutboxEvent.objects.filter(kind="still_yours").count()


def ended() -> dict[str, str]:
    return dict(Subscription.objects.exclude(unsubscribed_at=None).values_list("address", "unsubscribe_reason"))


def test_fault_49_a_number_that_heard_nothing_for_a_year_is_asked_once_and_told_nothing_more(twilio):
    (number,) = subscribers(sms=1)
    confirmed(364.9)
    assert look() == 0 and not ended()
    confirmed(365.1)
    assert look() == look() == 1 and ended() == {number.address: "silence"}
    told(event())
    sweep()
    (text,) = twilio.messages()
    assert text["to"] == number.address and "ended after a long silence" in text["body"]
    assert states() == {"accepted": 1}, "the question alone"


def test_fault_49_the_link_puts_into_force_again_what_was_chosen(twilio):
    api = given.component(group=given.group())
    (number,) = subscribers(sms=1, all_components=False, wants_maintenances=False)
    number.components.add(api)
    number.groups.add(api.group)
    confirmed(366)
    look()
    subscriptions.confirm(tokens.link_token(LinkToken.objects.get()))
    number.refresh_from_db()
    assert number.is_confirmed and not number.wants_maintenances and not number.all_components
    assert [*number.components.all()] == [api] and [*number.groups.all()] == [api.group]
    assert look() == 1, "it is not asked again"


def test_fault_49_start_is_an_answer_too():
    (number,) = subscribers(sms=1)
    confirmed(366)
    look()
    assert subscriptions.start_by_sms(number.address)
    number.refresh_from_db()
    assert number.is_confirmed and look() == 1


def test_fault_49_whoever_was_texted_within_the_year_could_have_said_stop():
    (number,) = subscribers(sms=1)
    told(event())
    confirmed(800)
    assert look() == 0, "a text is under way"
    for days, asked in ((364, 0), (366, 1)):
        at = timezone.now() - days * DAY
        Delivery.objects.update(state="accepted", accepted_at=at, final_at=at)
        assert look() == asked


def test_fault_49_mail_addresses_and_those_who_left_or_are_out_of_reach_are_not_asked():
    _, left, silent = subscribers(email=1, sms=2)
    confirmed(366)
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    since = timezone.now()
    Suppression.objects.create(address_key=silent.address_key, reason=Suppression.Reason.QUARANTINE, since=since)
    assert look() == 0 and ended() == {left.address: "link"}


def test_fault_49_a_crowd_is_asked_a_part_at_a_time_behind_those_who_wait_for_a_link(monkeypatch):
    monkeypatch.setattr(silence, "A_ROUND", 2)
    subscribers(sms=3)
    confirmed(366)
    assert look() == 2 and len(ended()) == 2
    assert set(OutboxEvent.objects.values_list("priority", flat=True)) == {Priority.ORDINARY}
    assert look() == 3


def test_fault_49_with_no_days_nobody_is_asked(settings):
    settings.SMS_SILENCE_DAYS = 0
    subscribers(sms=1)
    confirmed(3_660)
    assert look() == 0 and not ended()
