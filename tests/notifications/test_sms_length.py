"""Fault 50 on its whole way: whatever staff type, Twilio is asked for two segments at the most, with the whole link."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.models import Delivery, OutboxEvent
from statuspage.text import clean_line
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, told
from tests.servers.twilio_messages import segments

pytestmark = pytest.mark.django_db

TITLES = {
    "short": "API is down",
    "longer than a text": "Requests fail for some of our clients in several regions " * 8,
    "an emoji": "🔥 API is down",
    "an emoji, and longer than a text": "🔥 Requests fail " * 30,
    "beyond GSM-7": "Сбой при обработке платежей " * 10,
    "two places each": "€[]{}^~|\\" * 40,
    "one long word": "x" * 255,
    "Chinese": "系统故障" * 60,
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_fault_50_two_segments_at_most_and_the_link_whole(twilio, title):
    subscribers(sms=1)
    row = told(event(payload={"name": title}))
    send("sms", 30)
    (message,) = twilio.messages()
    assert segments(message["body"]) <= 2
    assert message["body"].endswith(f"https://status.example.com/incidents/{row.subject_id}")
    assert "Investigating" in message["body"] and states() == {"accepted": 1}


@given(title=st.text(max_size=255).map(clean_line), site=st.text(max_size=60).map(clean_line))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_fault_50_whatever_the_title_and_the_site_are_called(twilio, quick, title, site):
    quick.SITE_NAME = site
    Delivery.objects.all().delete()
    OutboxEvent.objects.all().delete()
    before = len(twilio.messages())
    if before == 0:
        subscribers(sms=1)
    row = told(event(payload={"name": title}))
    send("sms", 30)
    newest = twilio.messages()[0]
    assert len(twilio.messages()) == before + 1
    assert segments(newest["body"]) <= 2 and newest["body"].endswith(row.subject_id)
