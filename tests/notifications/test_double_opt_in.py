"""From the form to the last message: the whole way of one reader, with a real mail server."""

import re

import pytest
from django.test import Client

from notifications import subscriptions, tasks
from notifications.models import Subscription
from statuspage.actions import incidents
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def inbox(relay, settings, tmp_path):
    """What the reader got so far, once the workers have had their turn."""
    settings.STATIC_ROOT = tmp_path

    def looked_into():
        tasks.sweep()
        return relay.messages()

    return looked_into


def link_in(message):
    (link,) = set(re.findall(r"https://status.example.com(/subscriptions/\w+)", message.raw.decode()))
    return link


def the_reader():
    return Subscription.objects.get(address="reader@example.com")


def test_a_reader_subscribes_is_told_and_leaves_by_one_click(inbox):
    browser = Client(enforce_csrf_checks=True)
    browser.post("/subscribe", {"email": "reader@example.com"}, headers=SAME)
    (confirmation,) = inbox()
    browser.get(link_in(confirmation))
    assert not the_reader().is_confirmed, "a scanner looked at the link"
    browser.post(link_in(confirmation), {"action": "confirm"})

    incident = given.incident({given.component("API"): "major_outage"}, now=None)
    told = inbox()[-1]
    assert len(inbox()) == 2
    (url,) = re.findall(
        r"List-Unsubscribe: <https://status.example.com([^>]+)>", re.sub(r"\r\n\s+", " ", told.raw.decode())
    )
    assert browser.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200

    incidents.publish_update(incident=incident, status="resolved", body="Fixed.", actor=given.ALICE)
    assert len(inbox()) == 2, "nothing after the unsubscribe"


def test_i5_what_was_queued_before_somebody_left_is_not_sent(inbox):
    browser = Client()
    browser.post("/subscribe", {"email": "reader@example.com"}, headers=SAME)
    browser.post(link_in(inbox()[0]), {"action": "confirm"})
    given.incident({given.component("API"): "major_outage"}, now=None)
    subscriptions.unsubscribe(the_reader(), reason=subscriptions.Reason.LINK)
    assert len(inbox()) == 1
