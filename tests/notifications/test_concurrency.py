"""Several workers at once, on connections of their own: every delivery once."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections

from notifications import delivery, fanout, tasks
from notifications.delivery import claim, lanes
from notifications.models import Attempt, Delivery, OutboxEvent
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, states, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]

WORKERS = 4


def at_once(*deeds) -> None:
    """Run these together, each in a thread with a database connection of its own."""
    start, errors = threading.Barrier(len(deeds)), []

    def run(deed) -> None:
        try:
            start.wait()
            deed()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_11_workers_that_are_rung_together_share_the_work(scripted):
    provider = scripted("email")
    subscribers(email=120)
    told(event())
    at_once(*[lambda: delivery.work("email", 30)] * WORKERS)
    assert states() == {"accepted": 120}
    assert set(Counter(message.delivery_id for message in provider.sent).values()) == {1}


def test_no_lane_outlives_its_sweep_whatever_happens_in_another(monkeypatch):
    """The next task of this process would talk to the relay in the middle of its conversation."""
    ended = []

    def work(channel, seconds):
        if channel == lanes.providers.channels()[0]:
            raise OSError("the database is away")
        time.sleep(0.2)
        ended.append(channel)

    monkeypatch.setattr(lanes, "has_work", lambda channel: True)
    monkeypatch.setattr(lanes, "work", work)
    with pytest.raises(OSError):
        delivery.work_on_all()
    assert sorted(ended) == ["email", "null"]


def test_no_two_claims_share_a_row():
    subscribers(email=100)
    told(event())
    taken = []
    at_once(*[lambda: taken.extend(claim.take("email", 40, timedelta(minutes=5)))] * WORKERS)
    assert len(taken) == len({each.id for each in taken}) <= 100
    assert states().get("sending", 0) == len(taken)


def test_13_relays_that_run_together_add_everybody_once(monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_PAGE", 10)
    monkeypatch.setattr(fanout, "LARGEST_PAGE", 10)
    subscribers(email=80)
    row = event()
    at_once(*[fanout.relay] * WORKERS)
    fanout.relay()
    row.refresh_from_db()
    assert row.fanned_out_at and Delivery.objects.count() == 80


def test_13_sweeps_that_run_together_do_everything_once(scripted):
    provider = scripted("email")
    subscribers(email=60)
    event("incidentaaa")
    event("incidentaaa")
    at_once(*[tasks.sweep] * WORKERS)
    tasks.sweep()
    assert states() in ({"accepted": 60, "superseded": 60}, {"accepted": 120}) or states()["accepted"] >= 60
    assert set(Counter(message.delivery_id for message in provider.sent).values()) == {1}
    assert not OutboxEvent.objects.filter(fanned_out_at=None).exists()


def test_no_transaction_is_open_while_the_provider_is_called(scripted):
    provider = scripted("email")
    subscribers(email=3)
    told(event())
    open_then = []
    provider.before = lambda message: open_then.append(connection.in_atomic_block)
    delivery.work("email")
    assert open_then == [False] * 3


def test_the_attempt_of_a_text_is_stored_before_its_call(scripted):
    """Seen from another connection: it is committed."""
    provider = scripted("sms")
    subscribers(sms=1)
    told(event())
    seen = []
    provider.before = lambda message: at_once(
        lambda: seen.append(list(Attempt.objects.values_list("outcome", "ended_at")))
    )
    delivery.work("sms")
    assert seen == [[("", None)]]
    assert Attempt.objects.get().outcome == "accepted"
