"""Staff hear of trouble once, by a route that is not in trouble, and hear when it is over."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from notifications import alarms, delivery, tasks
from notifications.management.commands import watch as command
from notifications.models import Alarm, Breaker
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, told
from tests.notifications.pager import Pager
from tests.servers.smtp import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.fixture
def pager(quick):
    """A server at ALARM_URL."""
    with Pager() as running:
        quick.ALARM_URL = running.url
        yield running


def states(pager) -> list[str]:
    return [json.loads(body)["state"] for _headers, body in pager.heard]


def stop_texts() -> None:
    now = timezone.now()
    Breaker.objects.create(scope="sms", reason="account suspended", code="20003", opened_at=now, retry_at=now)


def later(**span: float):
    return timezone.now() + timedelta(**span)


# --- Once, seldom, and over ------------------------------------------------------------------------------


def test_an_alarm_is_raised_once_whoever_watches(pager):
    stop_texts()
    for _ in range(3):
        alarms.watch(timezone.now())
    tasks.sweep()
    assert states(pager) == ["raised"]
    said = json.loads(pager.heard[0][1])
    assert said["alarm"] == "breaker:sms" and "account suspended (20003)" in said["text"]


def test_an_alarm_that_lasts_is_repeated_seldom(pager, quick):
    quick.ALARM_REPEAT_SECONDS = 3600
    stop_texts()
    alarms.watch(timezone.now())
    alarms.watch(later(minutes=59))
    alarms.watch(later(minutes=61))
    alarms.watch(later(minutes=62))
    assert states(pager) == ["raised", "still"]


def test_what_is_over_is_said_to_be_over_once(pager):
    stop_texts()
    alarms.watch(timezone.now())
    Breaker.objects.all().delete()
    alarms.watch(timezone.now())
    assert states(pager) == ["raised"]
    alarms.watch(later(seconds=61))
    alarms.watch(later(seconds=62))
    assert states(pager) == ["raised", "cleared"]
    assert not Alarm.objects.exists()


def test_what_is_back_within_a_minute_was_never_over(pager):
    stop_texts()
    alarms.watch(timezone.now())
    Breaker.objects.all().delete()
    alarms.watch(later(seconds=10))
    stop_texts()
    alarms.watch(later(seconds=30))
    alarms.watch(later(seconds=100))
    assert states(pager) == ["raised"]


def test_two_watchers_at_one_moment_tell_it_once(pager):
    stop_texts()
    alarms.watch(timezone.now())
    alarm = Alarm.objects.get()
    Alarm.objects.update(next_at=alarm.opened_at)
    alarm.refresh_from_db()
    assert [alarms.watch.__globals__["may_tell"](alarm, timezone.now()) for _ in range(2)] == [True, False]


# --- Routes ----------------------------------------------------------------------------------------------


def test_a_route_that_does_not_take_it_is_tried_again(pager):
    pager.status = 500
    stop_texts()
    alarms.watch(timezone.now())
    pager.status = 200
    alarms.watch(later(seconds=30))
    assert states(pager) == []
    alarms.watch(later(seconds=61))
    assert states(pager) == ["raised"]


def test_a_redirect_is_not_followed(pager):
    pager.status = 302
    stop_texts()
    alarms.watch(timezone.now())
    assert Alarm.objects.get().told_at is None


def test_words_alone_for_whoever_wants_them(pager, quick):
    quick.ALARM_FORMAT = "text"
    quick.SITE_NAME = "Zoë"
    stop_texts()
    alarms.watch(timezone.now())
    headers, body = pager.heard[0]
    assert body.startswith("SMS is held back") and headers["Priority"] == "urgent"
    assert headers["Title"].startswith("[Zo?] alarm: SMS is held back")


def test_a_mail_needs_no_ledger(relay, quick):
    quick.ALARM_EMAIL = "staff@example.net"
    stop_texts()
    alarms.watch(timezone.now())
    (mail,) = relay.messages()
    assert mail.recipients == ("staff@example.net",)
    assert mail.subject.strip().startswith("[Example] alarm: SMS is held back")
    assert b"Auto-Submitted: auto-generated\r\n" in mail.raw


def test_a_relay_that_refuses_is_told_by_another(quick, smtp_sink, tmp_path):
    """The relay that subscribers' mail goes to refuses us; the alarm goes by ALARM_EMAIL_URL."""
    other = SmtpSink(tmp_path / "other.jsonl").start()
    try:
        smtp_sink.script(stage="mail", reply="550 5.7.1 we do not like you")
        quick.EMAIL_URL, quick.ALARM_EMAIL_URL, quick.ALARM_EMAIL = smtp_sink.url, other.url, "staff@example.net"
        subscribers(email=1)
        told(event())
        send()
        alarms.watch(timezone.now())
        assert smtp_sink.messages() == []
        assert "E-mail" in other.messages()[0].subject
    finally:
        other.stop()


@pytest.mark.parametrize("url", ["http://me:secret@127.0.0.1/site", "{}/a secret", "{}/secret-\u2013"])
def test_an_address_that_cannot_be_used_keeps_no_mail_back_and_gets_into_no_log(relay, pager, quick, caplog, url):
    quick.ALARM_URL, quick.ALARM_EMAIL = url.format(pager.url), "staff@example.net"
    stop_texts()
    alarms.watch(timezone.now())
    assert len(relay.messages()) == 1
    assert "alarm: " in caplog.text and "secret" not in caplog.text


def test_without_a_route_the_log_has_it_once(caplog):
    stop_texts()
    alarms.watch(timezone.now())
    alarms.watch(timezone.now())
    assert caplog.text.count("alarm (raised): SMS is held back") == 1


# --- Who watches -----------------------------------------------------------------------------------------


def test_with_every_worker_dead_the_watch_tells_of_the_silence(pager, quick):
    """No sweep runs: the canary that was sung last gets old."""
    quick.CANARY_SECONDS = 60.0
    tasks.sweep()
    assert states(pager) == []
    alarms.watch(later(minutes=4))
    assert [json.loads(body)["alarm"] for _headers, body in pager.heard] == ["canary"]


def test_a_held_site_is_an_alarm_and_its_silence_is_none(pager, quick):
    quick.CANARY_SECONDS = 60.0
    tasks.sweep()
    delivery.hold.ask_for_hold(timezone.now())
    alarms.watch(later(minutes=4))
    assert [json.loads(body)["alarm"] for _headers, body in pager.heard] == ["held"]


def test_a_watch_that_fails_stops_no_message(scripted, monkeypatch, caplog):
    scripted("email")
    monkeypatch.setattr("notifications.health.facts", lambda now: 1 / 0)
    subscribers(email=1)
    told(event())
    tasks.sweep()
    assert "the watch failed" in caplog.text


@pytest.fixture
def looks(monkeypatch):
    """What each look of `manage.py watch` does; the last one for ever."""
    deeds = []
    monkeypatch.setattr(command, "look_once", lambda: (deeds.pop(0) if len(deeds) > 1 else deeds[0])())
    return deeds


def fail() -> None:
    raise DatabaseError


def test_a_database_that_stays_silent_is_told_once_and_over(pager, looks):
    looks += [fail, fail, lambda: None]
    database, rounds = command.Database(patience_seconds=0), command.Rounds()
    for _ in range(4):
        command.look(database, rounds)
    assert states(pager) == ["raised", "cleared"]


def test_a_database_that_hangs_holds_no_alarm_up(pager, looks, monkeypatch):
    released = threading.Event()
    looks += [released.wait, lambda: None]
    monkeypatch.setattr(command, "LOOK_SECONDS", 0.05)
    database, rounds = command.Database(patience_seconds=0), command.Rounds()
    command.look(database, rounds)
    command.look(database, rounds)
    assert states(pager) == ["raised"]
    released.set()
    monkeypatch.setattr(command, "LOOK_SECONDS", 10)
    command.look(database, rounds)
    assert states(pager) == ["raised", "cleared"]


def test_a_watch_with_a_defect_goes_on(looks, caplog):
    looks += [lambda: 1 / 0]
    assert command.Rounds().next_ended(10)
    assert "the watch failed" in caplog.text


def test_a_database_that_restarts_is_no_alarm(pager, monkeypatch):
    database = command.Database(patience_seconds=60)
    database.did_not_answer()
    database.answered()
    assert states(pager) == []
