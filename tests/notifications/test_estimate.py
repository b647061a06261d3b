"""How long a fan-out will take: the arithmetic, the rates it goes by, and the port that the console asks."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notifications import estimate, throughput
from notifications.estimate import FAN_OUT_PER_SECOND, FIRST_STEP, Rate, fan_out, lasts
from notifications.models import Delivery, Suppression
from statuspage import ports
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, told
from tests.statuspage import given as facts

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

PEOPLE = st.dictionaries(st.sampled_from(["email", "sms", "webhook"]), st.integers(0, 10**6))
RATES = st.fixed_dictionaries(
    {
        channel: st.builds(Rate, st.floats(0.1, 5000), st.none() | st.integers(1, 10**6))
        for channel in ("email", "sms", "webhook")
    }
)


def test_nobody_to_tell_takes_no_time():
    assert fan_out({}, {}) == fan_out({"email": 0}, {"email": Rate(10)}) == timedelta()


def test_the_slowest_channel_decides():
    took = fan_out({"email": 1000, "sms": 600}, {"email": Rate(100), "sms": Rate(10)})
    assert took == FIRST_STEP + 60 * SECOND + timedelta(seconds=1600 / FAN_OUT_PER_SECOND)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(10, 10 * SECOND), (11, DAY + SECOND), (20, DAY + 10 * SECOND), (21, 2 * DAY + SECOND)],
)
def test_beyond_the_days_limit_it_waits_for_the_next_day(count, expected):
    assert lasts(count, Rate(1, per_day=10)) == expected


@given(PEOPLE, RATES, st.sampled_from(["email", "sms", "webhook"]), st.integers(0, 1000))
def test_more_people_never_take_less_time(people, rates, channel, more):
    larger = people | {channel: people.get(channel, 0) + more}
    assert fan_out(larger, rates) >= fan_out(people, rates)


@given(PEOPLE, RATES, st.floats(1, 10))
def test_a_faster_channel_never_takes_longer(people, rates, factor):
    faster = {channel: Rate(each.per_second * factor, each.per_day) for channel, each in rates.items()}
    assert fan_out(people, faster) <= fan_out(people, rates)


@given(PEOPLE, RATES)
def test_each_channel_fits_into_the_whole(people, rates):
    whole = fan_out(people, rates)
    assert all(lasts(count, rates[channel]) <= whole for channel, count in people.items())


@given(st.integers(1, 5000), st.integers(1, 50), st.integers(1, 500))
def test_an_estimate_agrees_with_counting_message_by_message(count, per_second, per_day):
    """So many a day, evenly spaced: the last one's moment, found by going through them all."""
    spent = 0
    day = 0
    for _each in range(count):
        if spent == per_day:
            day, spent = day + 1, 0
        spent += 1
    assert lasts(count, Rate(per_second, per_day)) == DAY * day + timedelta(seconds=spent / per_second)


@pytest.mark.django_db
class TestThroughput:
    pytestmark = pytest.mark.usefixtures("quick")

    def test_texts_go_as_fast_as_the_sender_may(self, twilio, settings):
        settings.SMS_PER_SECOND, settings.SMS_DAILY_LIMIT = 10.0, 500
        assert throughput.rate("sms") == Rate(pytest.approx(9.85), 500)

    def test_without_a_large_fan_out_mail_goes_by_what_a_relay_is_thought_to_do(self, relay, settings):
        settings.DELIVERY_CONNECTIONS = 4
        assert throughput.rate("email") == Rate(200.0)

    def test_a_large_fan_out_says_how_fast_the_relay_is(self, monkeypatch):
        monkeypatch.setattr(throughput, "ENOUGH", 20)
        accept(subscribers(email=21), every=SECOND / 4)
        assert throughput.rate("email") == Rate(pytest.approx(21 / 5, rel=0.01))

    def test_a_mail_that_was_put_off_does_not_count(self, monkeypatch):
        monkeypatch.setattr(throughput, "ENOUGH", 20)
        accept(subscribers(email=22), every=SECOND / 4)
        late = Delivery.objects.order_by("accepted_at").last()
        Delivery.objects.filter(pk=late.pk).update(attempts=2, accepted_at=late.accepted_at + 1800 * SECOND)
        assert throughput.rate("email") == Rate(pytest.approx(21 / 5, rel=0.01))

    def test_the_console_asks_for_those_it_would_tell(self, published, twilio, settings):
        settings.SMS_PER_SECOND = 1.0
        facts.incident({facts.component(): "major_outage"}, now=timezone.now())
        stopped, *_others = subscribers(sms=4)
        assert ports.fan_out_estimate(published[0]) == expected(4)
        Suppression.objects.create(address_key=stopped.address_key, reason="stop")
        assert ports.fan_out_estimate(published[0]) == expected(3)


def accept(people, *, every):
    """A publication whose mails went out evenly."""
    row = told(event())
    begun = timezone.now() - timedelta(minutes=10)
    for number, delivery in enumerate(Delivery.objects.filter(event=row)):
        facts = {"state": "accepted", "attempts": 1, "accepted_at": begun + every * number, "final_at": begun}
        Delivery.objects.filter(pk=delivery.pk).update(**facts)
    type(row).objects.filter(pk=row.pk).update(settled_at=timezone.now())


def expected(texts):
    return estimate.fan_out({"sms": texts}, {"sms": Rate(throughput.SHARE, 10_000)})
