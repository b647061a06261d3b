"""The evidence in the console: found by client, looked at, taken along; never an address."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Subscriber
from tests.notifications.given import subscribers
from tests.notifications.ledger import send, sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick", "publish_root")]

ROOM = "/admin/notifications/delivery/evidence/"


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


@pytest.fixture
def window(relay):
    """Announced to three of a client's contacts, one of them out of reach."""
    readers = subscribers(email=3)
    Subscriber.objects.update(client_reference="=ACME")
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=readers[0].address)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + timedelta(hours=30))
    sweep()
    send()
    return row


def taken(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def test_nothing_is_shown_before_it_is_asked_for(officer):
    answer = officer.get(ROOM)
    assert answer.status_code == 200 and "messages</h2>" not in answer.text


def test_the_clients_messages_are_shown_with_how_long_before(officer, window):
    text = officer.get(ROOM, {"client": "=ACME"}).text
    assert "3 messages" in text
    assert text.count("24 hours before or earlier") == 2 and text.count("no notice") == 1
    assert "handed over to the mail relay" in text and "@example.org" not in text


def test_it_is_taken_along_as_a_table_and_as_json(officer, window):
    table = officer.get(ROOM, {"client": "=ACME", "format": "csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in table.headers["Content-Disposition"] and "no-store" in table.headers["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(taken(table))))
    assert len(rows) == 3 and rows[0]["client"] == "'=ACME"
    array = json.loads(taken(officer.get(ROOM, {"client": "=ACME", "format": "json"})))
    assert sorted(each["told_24_hours_before"] for each in array) == [False, True, True]


def test_both_days_are_whole_days(officer, window):
    today = timezone.now().date()
    query = {"client": "=ACME", "since": str(today), "until": str(today)}
    assert "3 messages" in officer.get(ROOM, query).text
    before = str(today - timedelta(days=1))
    assert "0 messages" in officer.get(ROOM, {**query, "since": before, "until": before}).text


@pytest.mark.parametrize(
    "query", [{"client": "A", "since": "x"}, {"client": "A", "since": "2026-02-02", "until": "2026-02-01"}]
)
def test_days_that_are_none_are_refused_in_words(officer, query):
    answer = officer.get(ROOM, query)
    assert answer.status_code == 422 and 'role="alert"' in answer.text


def test_one_subscription_is_asked_for_from_its_page(officer, window):
    text = officer.get(ROOM, {"subscription": str(subscribers_ids()[0])}).text
    assert "1 message" in text


def subscribers_ids():
    from notifications.models import Subscription

    return list(Subscription.objects.values_list("pk", flat=True))


def test_the_window_shows_its_notice(sign_in, window):
    text = sign_in("viewer").get(f"/admin/maintenance/{window.pk}/").text
    assert "The notice of this window" in text
    assert "29 hours" in text and "before the start." in text
    assert "1 recipient could not be reached" in text and "refused, or tried in vain" in text
    assert "@example.org" not in text
