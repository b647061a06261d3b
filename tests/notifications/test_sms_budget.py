"""SMS_DAILY_LIMIT over all texts, and countries that are texted no more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import addresses, limits, reports
from notifications.delivery import budget, premise
from notifications.models import Breaker, Delivery, RateCounter, Subscription
from notifications.states import Priority
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import event, send, states, told

pytestmark = pytest.mark.django_db


def test_beyond_the_days_texts_they_wait_and_staff_are_told(twilio, quick, caplog):
    quick.SMS_DAILY_LIMIT = 5
    subscribers(sms=8, email=1)
    told(event())
    send("sms", 30)
    assert states(channel="sms") == {"accepted": 5, "queued": 3} and len(twilio.messages()) == 5
    breaker = Breaker.objects.get()
    assert (breaker.scope, breaker.code) == ("sms", budget.CODE) and "5 texts" in breaker.reason
    assert timedelta(hours=23) < breaker.retry_at - timezone.now() <= timedelta(hours=24)
    assert "SMS_DAILY_LIMIT" in caplog.text
    (held,) = reports.delivery_report()["held_back"]
    assert (held["scope"], held["reason"]) == ("sms", breaker.reason)
    assert set(Delivery.objects.filter(state="queued", channel="sms").values_list("attempts", flat=True)) == {0}
    send("sms", 30)
    assert len(twilio.messages()) == 5


def test_a_limit_that_is_raised_lets_them_go(twilio, quick):
    quick.SMS_DAILY_LIMIT = 5
    subscribers(sms=8)
    told(event())
    send("sms", 30)
    quick.SMS_DAILY_LIMIT = 10
    send("sms", 30)
    assert states() == {"accepted": 8} and not Breaker.objects.exists()


def test_the_next_day_they_go(twilio, quick):
    quick.SMS_DAILY_LIMIT = 5
    subscribers(sms=8)
    told(event())
    send("sms", 30)
    RateCounter.objects.update(window_started_at=timezone.now() - timedelta(hours=25))
    Breaker.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    send("sms", 30)
    assert states() == {"accepted": 8} and not Breaker.objects.exists()


def test_the_limit_binds_severity_i_too_but_it_goes_first(twilio, quick):
    quick.SMS_DAILY_LIMIT = 3
    subscribers(sms=2)
    ordinary, urgent = told(event()), told(event(priority=Priority.URGENT))
    send("sms", 30)
    assert states(event=urgent) == {"accepted": 2} and states(event=ordinary) == {"accepted": 1, "queued": 1}


def test_only_what_was_sent_counts(twilio, quick):
    quick.SMS_DAILY_LIMIT = 100
    readers = subscribers(sms=6)
    Subscription.objects.filter(pk__in=[each.pk for each in readers[:2]]).update(unsubscribed_at=timezone.now())
    Delivery.objects.filter(subscription__in=readers[:2]).delete()
    told(event())
    send("sms", 30)
    assert RateCounter.objects.get(key=budget.SENT).count == len(twilio.messages()) == 4


def test_what_was_sent_counts_though_the_lane_ends_in_an_error(twilio, quick, monkeypatch):
    quick.SMS_DAILY_LIMIT = 100
    subscribers(sms=6)
    told(event())
    opened = []

    def open_twice(*arguments):
        if len(opened) == 2:
            raise OSError("deadlock detected")
        opened.append(arguments)
        return premise.open_group(*arguments)

    monkeypatch.setattr("notifications.delivery.courier.open_group", open_twice)
    with pytest.raises(OSError):
        send("sms", 30)
    assert len(twilio.messages()) == 2 and states() == {"accepted": 2, "queued": 4}
    assert RateCounter.objects.get(key=budget.SENT).count == 2


def test_while_another_lane_may_give_some_back_nobody_is_alarmed(twilio, quick):
    quick.SMS_DAILY_LIMIT = 2
    subscribers(sms=3)
    told(event())
    now = timezone.now()
    assert limits.allot(limits.Limit(budget.SENT, 2, limits.DAY), 2, now) == 2
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(
        state="sending", lease_expires_at=now + timedelta(minutes=1)
    )
    send("sms", 30)
    assert not Breaker.objects.exists() and twilio.messages() == []


def test_files_cost_nothing(quick):
    quick.SMS_DAILY_LIMIT = 1
    subscribers(sms=3)
    told(event())
    send("sms", 30)
    assert states() == {"accepted": 3}


@pytest.mark.parametrize(
    ("wanted", "most", "taken"), [([3, 3, 3], 10, [3, 3, 3]), ([3, 3, 3], 7, [3, 3, 1]), ([5], 0, [0])]
)
def test_no_more_is_allotted_than_there_is(wanted, most, taken):
    limit = limits.Limit("x", most, limits.DAY)
    now = timezone.now()
    assert [limits.allot(limit, count, now) for count in wanted] == taken
    assert limits.left(limit, now) == most - sum(taken)


def test_what_is_given_back_can_be_taken_again():
    limit, now = limits.Limit("x", 5, limits.DAY), timezone.now()
    limits.allot(limit, 5, now)
    limits.give_back("x", 2)
    limits.give_back("x", 99)
    assert limits.allot(limit, 5, now) == 2


# --- Countries -------------------------------------------------------------------------------------------------


def test_a_country_that_was_taken_off_the_list_is_texted_no_more(twilio, quick):
    quick.SMS_COUNTRIES = ["NL", "GB"]
    subscribers(sms=1)
    british = subscribed(addresses.Address("sms", "+447400123456"))
    told(event())
    quick.SMS_COUNTRIES = ["NL"]
    send("sms", 30)
    assert states() == {"accepted": 1, "suppressed": 1}
    row = Delivery.objects.get(subscription=british)
    assert (row.state, row.last_code, row.attempts) == ("suppressed", "country", 0)
    british.refresh_from_db()
    assert british.is_confirmed


@pytest.mark.parametrize(
    ("number", "countries", "is_offered"),
    [
        ("+31612345678", ["NL"], True),
        ("+31612345678", ["DE"], False),
        ("+447400123456", ["GB"], True),
        ("+447781123456", ["GB"], True),  # Guernsey
        ("+12125550123", ["US"], True),
        ("+14165550123", ["US"], False),  # Canada
        ("+14165550123", ["US", "CA"], True),
        ("+999123", ["NL"], False),
        ("", ["NL"], False),
    ],
)
def test_a_numbers_country(settings, number, countries, is_offered):
    settings.SMS_COUNTRIES = countries
    assert addresses.is_number_offered(number) is is_offered
