"""Fault 41, and the rate: as fast as the sender is allowed, by any number of processes, without a 429."""

import threading
import time
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connections
from django.utils import timezone

from notifications import delivery
from notifications.clock import Clock
from notifications.delivery import pace
from notifications.delivery.senders import senders_for
from notifications.models import Attempt, Delivery, Pace
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, make_due, send, states, told
from tests.servers.journal import entries

pytestmark = pytest.mark.django_db


def answers(server) -> list[int]:
    """The status of every answer to a request to send, in order."""
    requests = entries(server.journal_path, "request")
    return [each["status"] for each in requests if each["method"] == "POST" and "status" in each]


def test_fault_41_too_many_requests_slow_everybody_down_and_cost_no_try(twilio, quick):
    quick.SMS_PER_SECOND = 50.0
    twilio.script(answer="error", code=20429, times=3)
    subscribers(sms=12)
    told(event())
    send("sms")
    late = Delivery.objects.filter(last_code="20429").first()
    assert late and (late.state, late.attempts, late.ambiguous) == ("queued", 0, 0)
    assert late.next_attempt_at > timezone.now() + timedelta(seconds=5)
    assert Pace.objects.get().refusals >= 1
    for _ in range(12):
        make_due()
        send("sms")
    assert states() == {"accepted": 12} and len(twilio.messages()) == 12
    assert set(Delivery.objects.values_list("attempts", "ambiguous")) == {(1, 0)}


def test_fault_41_each_429_in_a_row_stops_the_lane_for_longer(twilio, quick):
    """One refusal each time, not one for every text that waits."""
    quick.SMS_PER_SECOND = 1000.0
    twilio.script(answer="error", code=20429, times=3)
    subscribers(sms=30)
    told(event())
    send("sms", 90)
    assert answers(twilio) == [429] * 3 + [201] * 27
    posts = [each["at"] for each in entries(twilio.journal_path, "request") if "status" in each]
    pauses = [later - earlier for earlier, later in pairwise(posts[:4])]
    assert all(pause >= least for pause, least in zip(pauses, (1, 2, 4), strict=True)), pauses
    assert states() == {"queued": 3, "accepted": 27} and Attempt.objects.filter(outcome="unavailable").count() == 3


def test_fault_41_an_allowed_rate_is_used_and_kept(twilio, quick):
    quick.SMS_PER_SECOND = 40.0
    twilio.rate(per_second=40)
    subscribers(sms=40)
    told(event())
    started = time.monotonic()
    while send("sms"):
        pass
    assert time.monotonic() - started > 0.9
    assert answers(twilio).count(429) == 0 and states() == {"accepted": 40}


def test_fault_41_a_text_that_was_taken_ends_the_row_of_refusals(twilio, quick):
    """Each pause is the shortest then: else a limit that is missed by a hair would stop the texts for good."""
    quick.SMS_PER_SECOND = 1000.0
    subscribers(sms=3)
    for _ in range(3):
        twilio.script(answer="error", code=20429, times=1)
        told(event())
        send("sms", 6)
    posts = [each for each in entries(twilio.journal_path, "request") if "status" in each]
    pauses = [later["at"] - earlier["at"] for earlier, later in pairwise(posts) if earlier["status"] == 429]
    assert len(pauses) == 3 and all(1 <= pause < 1.9 for pause in pauses), pauses
    assert Pace.objects.get().refusals == 0


@pytest.mark.django_db(transaction=True)
def test_fault_41_several_at_once_keep_the_rate_together(twilio, quick):
    quick.SMS_PER_SECOND = 40.0
    twilio.rate(per_second=40)
    subscribers(sms=30)
    told(event())
    started = time.monotonic()
    senders_for("sms")  # one connection, which the threads of this one process share
    threads = [threading.Thread(target=work_apart) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started > 0.65
    # A thread that the machine holds up between its clock and its call may be refused, and its text then waits.
    assert answers(twilio).count(429) <= 2 and states()["accepted"] >= 28, (answers(twilio), states())


def work_apart() -> None:
    try:
        delivery.work("sms", 60)
    finally:
        connections.close_all()


def test_a_text_is_recorded_before_the_next_one_is_called(scripted):
    """A killed process leaves one text in doubt (I3), though two share a transaction."""
    seen = []
    provider = scripted("sms")
    provider.before = lambda message: seen.append((states().get("sending", 0), states().get("accepted", 0)))
    subscribers(sms=5)
    told(event())
    send("sms")
    opened = Attempt.objects.filter(outcome="")
    assert [accepted for _, accepted in seen] == [0, 1, 2, 3, 4] and not opened.exists()


def test_fault_51_a_clock_that_was_put_back_stops_no_text(twilio, quick):
    Pace.objects.create(channel="sms", free_at=timezone.now() + timedelta(hours=1))
    subscribers(sms=2)
    told(event())
    send("sms", 5)
    assert states() == {"accepted": 2}


# --- Places --------------------------------------------------------------------------------------------------


def places(per_second: float) -> pace.Places:
    return pace.Places("sms", per_second, Clock())


def soon() -> datetime:
    return timezone.now() + timedelta(seconds=60)


def test_a_place_that_was_not_used_is_there_for_the_next():
    lane = places(1)
    lane.next(soon())
    lane.use(timezone.now(), timezone.now())
    assert lane.next(soon()) == lane.next(soon())


def test_nothing_is_reserved_beyond_the_time_there_is():
    lane, other = places(1), places(1)
    assert lane.next(soon())
    assert other.next(timezone.now() + timedelta(seconds=0.5)) is None
    first = Pace.objects.get().free_at
    assert other.next(timezone.now() + timedelta(seconds=0.5)) is None and Pace.objects.get().free_at == first


def test_a_slow_process_reserves_no_more_than_it_uses(monkeypatch):
    """Else it would keep places from others that it never gets to."""
    lane = places(1000)
    for _ in range(8):
        lane.next(soon())
        now = timezone.now()
        lane.use(now, now)
    assert lane._reserved > 1
    for _ in range(3):
        time.sleep(0.15)
        lane.next(soon())
        lane.use(timezone.now(), timezone.now())
    assert lane._reserved == 1


def test_a_place_that_passed_is_given_up():
    lane = places(10)
    first = lane.next(soon())
    time.sleep(0.15)
    later = lane.next(soon())
    assert later - first > timedelta(seconds=0.09)
