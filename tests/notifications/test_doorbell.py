"""The doorbell may be dead or deaf: publishing waits for neither (faults 7 and 9)."""

import io
import socket
import threading
import time
from contextlib import closing

import pytest
from celery import Celery
from django.core.management import call_command
from django.utils import timezone

from deploy.processes import poll_until
from notifications import delivery, doorbell
from notifications.delivery import hold
from notifications.models import Delivery, OutboxEvent
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, sweep, told
from tests.statuspage import given as facts

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def broker(monkeypatch):
    """Points the bell at another broker, with every other setting as in production."""
    monkeypatch.setattr(doorbell, "_ringing", threading.Semaphore(2))

    def use(url: str) -> Celery:
        app = Celery(set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.conf.broker_url = url
        monkeypatch.setattr(doorbell, "current_app", app)
        return app

    return use


@pytest.fixture
def rung(broker):
    """What stands in a broker of this process: (task, its arguments), each told once."""
    app = broker("memory://")

    def take() -> list[tuple[str, list]]:
        found = []
        with app.connection_for_read() as connection, closing(connection.SimpleQueue("celery")) as waiting:
            while waiting.qsize():
                message = waiting.get_nowait()
                message.ack()
                found.append((message.headers["task"], message.payload[0]))
        return found

    take()
    return take


@pytest.fixture
def deaf():
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def waited(monkeypatch):
    """How long publications waited for the bell, in seconds: the rest of their time is not the bell's."""
    spent: list[float] = []
    ring = doorbell.ring

    def timed(*arguments, **options):
        started = time.monotonic()
        ring(*arguments, **options)
        spent.append(time.monotonic() - started)

    monkeypatch.setattr(doorbell, "ring", timed)
    return spent


def publish() -> None:
    facts.incident({facts.component(): "major_outage"}, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_7_with_the_broker_down_publishing_does_not_wait_and_everybody_is_told(broker, relay, waited, caplog):
    broker("redis://127.0.0.1:9/0")
    subscribers(email=3)
    publish()
    assert len(waited) == 1 and waited[0] < 1
    sweep()
    assert states() == {"accepted": 3}
    poll_until(lambda: "not rung" in caplog.text, 10, "the loss is logged")


@pytest.mark.django_db(transaction=True)
def test_9_with_the_broker_deaf_publishing_does_not_wait_for_it(broker, deaf, relay, waited):
    broker(deaf)
    subscribers(email=3)
    for _ in range(4):
        publish()
    assert OutboxEvent.objects.count() == len(waited) == 4 and max(waited) < 1
    sweep()
    assert states() == {"accepted": 12}


@pytest.mark.django_db(transaction=True)
def test_nobody_rings_for_what_was_rolled_back(monkeypatch):
    rung = []
    monkeypatch.setattr(doorbell, "ring", lambda *arguments, **options: rung.append(arguments))
    monkeypatch.setattr("statuspage.audit.record", lambda **facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        facts.incident(now=timezone.now())
    assert rung == []


def test_9_while_one_ring_hangs_others_are_let_be(broker, deaf, caplog):
    broker(deaf)
    started = time.monotonic()
    for _ in range(50):
        doorbell.ring(doorbell.RELAY)
    assert time.monotonic() - started < 5, "each in turn would take fifteen seconds"
    assert "another ring hangs" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_staff_try_again_is_rung_for_and_waits_for_no_sweep(rung, relay):
    subscribers(email=2)
    told(event())
    relay.script(stage="rcpt", reply="554 5.6.0 no", times=2)
    send()
    assert states() == {"failed": 2}
    rung()
    assert delivery.try_again(list(Delivery.objects.values_list("pk", flat=True))) == 2
    assert rung() == [(doorbell.DELIVER, ["email"])]


@pytest.mark.django_db(transaction=True)
def test_a_release_rings_for_what_was_fanned_out_before_it(rung, relay):
    hold.ask_for_hold(timezone.now())
    subscribers(email=1)
    told(event())
    rung()
    call_command("release", "--confirm", stdout=io.StringIO())
    assert set(map(str, rung())) >= {str((doorbell.RELAY, [])), str((doorbell.DELIVER, ["email"]))}
