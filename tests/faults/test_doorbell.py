"""Faults 6 to 12: the doorbell is dead, deaf, full, forgetful or stutters; everyone is told once all the same."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import redis

from deploy import commands
from tests.chaos.faults import forget, pool_of
from tests.faults.running import CANARY_SECONDS, Running

pytestmark = pytest.mark.serial

RECEIVED = re.compile(r"Task notifications\.tasks\.\w+\[([\w-]+)\] received")
"""What a worker says of each task that it is handed."""

AS_OF_EARLIER = """
    UPDATE statuspage_incidentupdate SET created_at = now() - interval '2 minutes', updated_at = now()
     WHERE incident_id = %s
"""

SOON_SECONDS = 60
"""A few rounds of the drain loop, on a machine that is busy with other tests."""


def test_fault_06_a_broker_that_was_killed_and_lost_its_data_delays_and_loses_nothing(running):
    incident = running.publish("Broker erased")
    running.site.kill_valkey()
    for file in running.site.valkey.folder.glob("*"):
        forget(file)
    assert "Broker erased" in running.site.get("/").text
    assert "Broker erased" in running.site.get(f"/incidents/{incident}").text
    running.site.valkey.start()
    running.assert_told_once()


def test_fault_06_a_worker_that_has_tasks_in_hand_when_the_broker_dies_lives_on(running):
    """Kombu wants to give back to the broker what nobody has begun; that must not end a worker that listens on."""
    running.site.kill_workers()
    running.site.programs["beat-0"].signal_group(signal.SIGSTOP)  # a worker whose hands are full takes nothing more
    forget_leftovers(running)
    eight = running.site.start_program("extra-eight", commands.worker("eight", concurrency=8))
    running.wait(lambda: len(pool_of(eight)) == 8, 90, "the worker has its pool")
    for _ in range(3):
        running.wait(lambda: is_idle(running), 120, "the worker hears the bell, and has nothing to do")
        lose_the_broker(running, pool_of(eight))
        running.site.valkey.start()
        forget_leftovers(running)
    running.publish("Tasks in hand")
    running.assert_told_once()
    assert eight.is_alive


def lose_the_broker(running: Running, pool: list[int]) -> None:
    """While the worker holds tasks that nobody in its pool begins."""
    known = losses(running)
    with held(pool):
        running.send_task("notifications.tasks.relay_outbox", times=3)
        running.wait(lambda: tasks_in_hand(running), 30, "tasks are taken, and not begun")
        running.site.kill_valkey()
        running.wait(lambda: losses(running) > known, 60, "the worker noticed")


def forget_leftovers(running: Running) -> None:
    """The broker knows of no task any more that a worker took and never finished."""
    with redis.Redis.from_url(running.site.valkey.url) as client:
        client.delete("unacked", "unacked_index")


def is_idle(running: Running) -> bool:
    """A worker whose pool stands still while it connects, or works, would wait for that pool."""
    return listens(running) and waiting_rings(running) == 0 and tasks_in_hand(running) == 0


@contextmanager
def held(processes: list[int]) -> Iterator[None]:
    """They stand still."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def listens(running: Running) -> bool:
    """Whether a worker hears what is said to all workers: with that it is ready."""
    with redis.Redis.from_url(running.site.valkey.url) as client:
        return int(client.pubsub_numpat()) > 0


def losses(running: Running) -> int:
    """How often the worker said that its broker is gone."""
    return running.site.logs("extra-eight").count("Connection to broker lost")


def tasks_in_hand(running: Running) -> int:
    with redis.Redis.from_url(running.site.valkey.url) as client:
        return int(client.hlen("unacked"))


def test_fault_07_with_the_broker_down_publishing_waits_a_second_at_most_and_the_drain_loop_tells_everyone(running):
    _, usual = running.press("Broker up")
    running.wait_for_rest()
    running.site.kill_valkey()
    answer, seconds = running.press("Broker down")
    assert seconds < usual + 1
    assert "Broker down" in running.site.get("/").text
    rows = running.wait_for_rest(SOON_SECONDS, updates=2)
    assert len(rows) == 2 * len(running.crowd) == running.told().total()
    assert set(running.told().values()) == {2}
    assert running.browser.get(answer.headers["location"]).status == 200


def test_fault_07_where_nobody_sends_the_console_says_that_telling_is_delayed(running):
    running.site.kill_workers()
    running.site.kill_valkey()
    incident = running.publish("Nobody sends")
    running.change(AS_OF_EARLIER, incident)
    assert "Delayed: nobody has been told yet" in running.browser.get(f"/admin/incident/{incident}/").text
    running.heal()
    running.assert_told_once()


def test_fault_08_a_broker_that_flaps_leaves_workers_that_send_and_a_canary_that_sings(running):
    for _ in range(5):
        running.site.kill_valkey()
        time.sleep(0.3)
        running.site.valkey.start()
        time.sleep(0.3)
    healed_at = time.time()
    running.publish("Broker flapped")
    running.assert_told_once()
    assert_the_canary_sings_after(running, healed_at)
    running.wait(lambda: waiting_rings(running) == 0, 120, "the workers hear the bell again")


def test_fault_08_a_worker_that_lives_and_is_deaf_sends_all_the_same(running):
    """celery#8030: connected again, and consuming nothing. Its drain loop does not ask the broker."""
    with running.broker() as app:
        deafen = partial(app.control.cancel_consumer, "celery", reply=True, timeout=2, limit=1)
        running.wait(deafen, 120, "the worker obeys")
    deaf_at = time.time()
    running.publish("Deaf")
    running.assert_told_once()
    assert_the_canary_sings_after(running, deaf_at)
    assert waiting_rings(running) > 0, "it never heard of it"
    with running.broker() as app:
        app.control.add_consumer("celery")


def assert_the_canary_sings_after(running: Running, moment: float) -> None:
    running.wait(lambda: running.sung_at() > moment, SOON_SECONDS, "the canary sings")
    assert time.time() - running.sung_at() < SOON_SECONDS + 2 * CANARY_SECONDS


def waiting_rings(running: Running) -> int:
    with redis.Redis.from_url(running.site.valkey.url) as client:
        return int(client.llen("celery"))


def test_fault_09_a_broker_that_never_answers_holds_nobody_up(running):
    _, usual = running.press("Broker answers")
    running.wait_for_rest()
    running.site.valkey.pause()
    _, seconds = running.press("Broker hangs")
    assert seconds < usual + 1
    running.wait_for_rest(SOON_SECONDS, updates=2)
    assert set(running.told().values()) == {2}


def test_fault_10_a_broker_that_is_full_loses_rings_and_no_message(running):
    with redis.Redis.from_url(running.site.valkey.url) as client:
        client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                client.set("anything", "x")
            _, seconds = running.press("Broker full")
            time.sleep(2)
            running.assert_told_once()
            assert running.site.programs["worker-0"].is_alive, "though it could not note what it took"
        finally:
            client.config_set("maxmemory", "0")
    assert seconds < 5


def test_fault_11_one_task_that_arrives_fifty_times_at_eight_workers_sends_once(running):
    running.begin(mails=60, texts=8)
    eight = running.site.start_program("extra-workers", commands.worker("eight", concurrency=8))
    running.wait(lambda: len(pool_of(eight)) == 8, 90, "eight more workers run")
    running.publish("Fifty times")
    running.send_task("notifications.tasks.relay_outbox", times=50)
    running.send_task("notifications.tasks.deliver", "email", times=50)
    running.send_task("notifications.tasks.deliver", "sms", times=50)
    running.assert_told_once()


def test_fault_12_a_task_that_outlasts_the_brokers_patience_is_run_again_and_sends_once(running):
    """Twilio takes five seconds, and after one the task is handed to the next who asks."""
    running.site.kill_workers()
    argv = [*commands.worker("impatient"), "--loglevel", "info"]
    running.site.start_program("extra-impatient", argv, DJANGO_SETTINGS_MODULE="tests.faults.impatient_broker")
    running.wait(lambda: " ready." in running.site.logs("extra-impatient"), 90, "the worker listens")
    running.site.twilio.script(answer="slow", seconds=5, times=1)
    running.publish("Impatient broker")
    running.assert_told_once()
    log = running.site.logs("extra-impatient")
    assert max(Counter(RECEIVED.findall(log)).values()) > 1, "one task was handed out twice"
