"""Alarms to each of staff by the way they chose, over a real relay, Twilio's API and HTTPS; else by the site's."""

import json
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from notifications import delivery, tasks
from notifications.alarms import staff
from notifications.models import StaffAlarm, StaffRoute
from statuspage import audit, events
from statuspage import tasks as statuspage_tasks
from statuspage.actions import client_reports
from statuspage.actions.report_details import Said
from statuspage.models import AuditEntry
from tests.notifications.pager import Pager
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import ALICE, component

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]
WORDS = "Response to Acme (R-7, Severity I) is due by 10:30 UTC: 80 % of the time are used."


@pytest.fixture
def pager(quick):
    with Pager() as running:
        quick.ALARM_URL = running.url
        yield running


def person(name: str, way: str = "", typed: str = "", role: str = "publisher") -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    staff.choose(user=user, way=way, typed=typed, actor=audit.staff(user))
    return user


def raised(key: str = "r7:response:warning") -> None:
    events.alarm_staff(
        events.StaffAlarm(key=key, words=WORDS, advice="Answer the client.", path="/admin/x/", since=timezone.now())
    )


def keys(pager: Pager) -> list[str]:
    return [json.loads(body)["alarm"] for _headers, body in pager.heard]


def test_each_of_staff_hears_it_once_by_the_way_they_chose(pager, relay, twilio, webhooks, sink):
    person("ann", "email", "ann@example.net")
    person("bob", "sms", "06 12345678")
    person("cid", "webhook", f"{sink.url}?key=1")
    person("dee")
    for _ in range(2):
        raised()
        tasks.sweep()
    (mail,) = relay.messages()
    assert (mail.recipients, mail.message["To"]) == (("ann@example.net",), "ann@example.net")
    assert "https://status.example.com/admin/x/" in mail.message.get_content() and WORDS in mail.message.get_content()
    (text,) = twilio.messages()
    assert text["to"] == "+31612345678"
    assert text["body"] == f"Example: {WORDS} https://status.example.com/admin/x/"
    (posted,) = sink.calls()
    assert json.loads(posted.body)["alarm"] == "r7:response:warning" and "Webhook-Signature" not in posted.headers
    assert keys(pager) == [], "the site's routes are for where nobody chose"
    assert StaffAlarm.objects.filter(told_at=None).count() == 0


def test_where_nobody_chose_the_sites_routes_are_told_once_whoever_sweeps(pager):
    person("dee")
    gone = person("gone", "email", "gone@example.net")
    gone.groups.clear()
    raised()
    raised()
    row = StaffAlarm.objects.get()
    assert [staff.may_tell(row, timezone.now()) for _ in range(2)] == [True, False]
    row.refresh_from_db()
    assert staff.tell_due(timezone.now()) == 0, "a sweep that died while telling has a minute"
    assert staff.tell_due(timezone.now() + timedelta(seconds=61)) == 1
    assert keys(pager) == ["r7:response:warning"]


def test_a_way_that_takes_nothing_is_left_for_the_sites_routes(pager, relay):
    person("ann", "email", "ann@example.net")
    relay.script(stage="rcpt", reply="550 5.1.1 no such user", times=100)
    raised()
    now = timezone.now()
    for minute in range(staff.MOST_TRIES + 1):
        staff.tell_due(now + timedelta(seconds=61 * minute))
    assert (keys(pager), relay.messages()) == (["r7:response:warning"], [])


def test_a_held_site_tells_nobody_and_what_is_old_by_then_alarms_nobody(pager):
    raised()
    delivery.hold.ask_for_hold(timezone.now())
    tasks.sweep()
    assert "r7:response:warning" not in keys(pager)
    assert staff.tell_due(timezone.now() + timedelta(hours=25)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_one(pager):
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time there: nothing happens at once")
    for number in range(5):
        raised(f"k{number}")
    now, begin = timezone.now(), threading.Barrier(2)

    def sweep() -> None:
        begin.wait()
        staff.tell_due(now)
        connection.close()

    sweeps = [threading.Thread(target=sweep) for _ in range(2)]
    for each in sweeps:
        each.start()
    for each in sweeps:
        each.join()
    assert sorted(keys(pager)) == [f"k{number}" for number in range(5)]


def test_a_clients_limit_reaches_staff_through_the_sweeps_once(pager, publish_root):
    gateways = component("A"), component("B")
    acme = contract(*gateways, agreed=redundant(*gateways, report_channels=["phone"]))
    at = timezone.now() - timedelta(minutes=25)
    said = Said(channel="phone", service="Gateway A", what="Nothing is sent.", since=at)
    report = client_reports.take_report(contract=acme, said=said, actor=ALICE, reported_at=at, now=at)
    for _ in range(2):
        statuspage_tasks.tend()
        tasks.sweep()
    (words,) = [json.loads(body) for _headers, body in pager.heard if json.loads(body)["alarm"].startswith("clock:")]
    assert f"Acme, report {report.number}, not judged yet, so as Severity I: a response is due by" in words["text"]
    assert words["link"] == f"https://status.example.com/admin/client-reports/{report.pk}/"


# --- The choice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "typed", "said"),
    [
        ("email", "ann", "This is not an e-mail address"),
        ("sms", "12", "This is not a phone number"),
        ("webhook", "http://10.0.0.1/", "This is not a public https address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_kept_in_the_form(way, typed, said):
    user = person("ann", role="viewer")
    browser = Client()
    browser.force_login(user)
    answer = browser.post("/admin/notifications/staffroute/", {"way": way, "address": typed})
    assert answer.status_code == 422 and said in answer.text and f'value="{typed}"' in answer.text
    assert not StaffRoute.objects.exists()


def test_everybody_chooses_for_themselves_and_takes_it_back():
    user = person("ann", role="viewer")
    browser = Client()
    browser.force_login(user)
    browser.post("/admin/notifications/staffroute/", {"way": "email", "address": "Ann@Example.NET"})
    assert list(StaffRoute.objects.values_list("user__username", "address")) == [("ann", "Ann@example.net")]
    assert 'value="Ann@example.net"' in browser.get("/admin/notifications/staffroute/").text
    browser.post("/admin/notifications/staffroute/", {"way": "", "address": ""})
    assert not StaffRoute.objects.exists()
    assert AuditEntry.objects.filter(action="choose_alarms").count() == 3
