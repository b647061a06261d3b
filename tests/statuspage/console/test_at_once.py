"""Staff press at the same instant: two on one incident, and one of them fifty times (faults 56 and 57)."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connections
from django.test import Client

from notifications import delivery, fanout
from notifications.models import Delivery, OutboxEvent
from statuspage.models import AuditEntry, Incident, IncidentUpdate
from tests.notifications.conftest import quick, relay
from tests.notifications.given import subscribers
from tests.statuspage.given import component, incident

__all__ = ["quick", "relay"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

NEW = "/admin/incident/new/"


def at_once(*deeds) -> list:
    """What each gives, all begun together, each on a database connection of its own."""
    barrier = threading.Barrier(len(deeds))

    def run(deed):
        try:
            barrier.wait(60)
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def hidden(text: str, name: str) -> str:
    """A hidden field's value, as a browser would send it back."""
    (field,) = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', text)
    return unescape(field)


def posted(client: Client, address: str, body: str, text: str):
    fields = {name: hidden(text, name) for name in ("key", "version", "was_open")}
    return client.post(address, {**fields, "status": "identified", "body": body, "step": "publish"})


def test_fault_56_of_two_who_publish_at_once_the_second_sees_the_firsts_words_and_loses_nothing(sign_in):
    opened = incident({component(): "major_outage"})
    address = f"/admin/incident/{opened.pk}/"
    people = [(sign_in("publisher"), "Words of the publisher."), (sign_in("owner"), "Words of the owner.")]
    forms = [client.get(address).text for client, _body in people]
    answers = at_once(
        *[
            lambda client=client, body=body, text=text: posted(client, address, body, text)
            for (client, body), text in zip(people, forms, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    said = answers[late].text.split('role="alert"')[1].split("</section>")[0]
    assert people[1 - late][1] in said, "what the other one published"
    assert people[late][1] in answers[late].text, "what was typed"
    assert opened.updates.count() == 2
    again = posted(*people[late][:1], address, people[late][1], answers[late].text)
    assert again.status_code == 302
    bodies = set(opened.updates.values_list("body", flat=True))
    assert bodies == {"Requests fail.", *(body for _client, body in people)}


def test_fault_57_fifty_posts_at_once_are_one_update_and_one_fan_out(sign_in, relay):
    readers = subscribers(email=3)
    publisher = sign_in("publisher")
    form = {
        "name": "Requests fail",
        "body": "One in ten.",
        "status": "investigating",
        "cause": "own",
        "notify": "on",
        "key": hidden(publisher.get(NEW).text, "key"),
        "step": "publish",
    }

    def press():
        client = Client()
        client.cookies = publisher.cookies
        return client.post(NEW, form)

    answers = at_once(*[press] * 50)
    # 503: the database kept somebody waiting for too long, which is said; another press is as good as this one.
    assert {answer.status_code for answer in answers} <= {302, 503}
    assert press().status_code == 302
    opened = Incident.objects.get()
    places = {answer.headers["Location"] for answer in answers if answer.status_code == 302}
    assert places <= {f"/admin/incident/{opened.pk}/"}
    assert IncidentUpdate.objects.count() == OutboxEvent.objects.count() == 1
    assert AuditEntry.objects.filter(action="open_incident").count() == 1
    OutboxEvent.objects.update(due_at=opened.created_at)
    at_once(*[fanout.relay] * 4)
    fanout.relay()
    assert Delivery.objects.count() == 3
    delivery.work("email", 30)
    assert sorted(mail.recipients[0] for mail in relay.messages()) == [reader.address for reader in readers]
