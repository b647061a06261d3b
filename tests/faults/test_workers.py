"""Faults 1, 2, 4, 5 and 15: workers that are killed, stopped, orphaned or starved; each at the moment of a call."""

import contextlib
import os
import resource
import signal
import time
from collections import defaultdict
from pathlib import Path

import pytest

from deploy import commands
from tests.chaos.faults import children_of, pool_of
from tests.faults.running import LEASE_SECONDS, Running

pytestmark = pytest.mark.serial


def begin_calls(running: Running, name: str, mails: int, texts: int) -> None:
    """Publish, and come back while so many calls are under way."""
    known = running.calls()
    running.publish(name)
    running.wait(lambda: running.calls() >= known + mails + texts, 90, "calls are under way")


def contents(running: Running) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for copy in running.copies():
        found[copy.delivery].add((copy.message_id, copy.content))
    return found


def assert_bounded(running: Running, doubled: int) -> None:
    """ALO(1): everyone is told; at most so many twice, under the same name, and the ledger knows of each."""
    rows = running.wait_for_rest()
    told = running.told()
    assert set(told) == set(running.crowd)
    ambiguous = {row[0]: row[3] for row in rows}
    assert all(copies <= 1 + ambiguous[address] for address, copies in told.items()), (told, ambiguous)
    assert told.total() - len(told) <= doubled, told.most_common(3)
    assert all(len(each) == 1 for each in contents(running).values()), "I4: copies are the same"


def test_fault_01_killed_before_the_provider_took_anything_everyone_is_told_once(running):
    running.site.smtp.script(stage="rcpt", reply="stall", times=1)
    running.site.twilio.script(answer="stall", accepts=False, times=1)
    begin_calls(running, "Killed before", mails=1, texts=1)
    running.site.kill_workers()
    assert not running.told()
    running.heal()
    running.assert_told_once()


def test_fault_02_killed_before_the_answer_was_recorded_texts_are_found_and_mails_repeated_under_the_same_name(running):
    running.site.smtp.script(stage="data", reply="stall", times=1)
    running.site.twilio.script(answer="stall", accepts=True, times=1)
    begin_calls(running, "Killed after", mails=1, texts=1)
    running.site.kill_workers()
    assert running.told().total() == 2
    running.heal()
    assert_bounded(running, doubled=1)
    texts = {address: copies for address, copies in running.told().items() if "@" not in address}
    assert set(texts.values()) == {1}, "a text that Twilio has is not sent again"


def test_fault_04_orphans_of_a_killed_main_process_send_nothing_twice(running):
    running.site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, "Orphans", mails=1, texts=0)
    main = running.site.programs["worker-0"]
    main.signal(signal.SIGKILL)
    main.process.wait()
    running.site.smtp.clear()
    running.site.start_workers()
    assert_bounded(running, doubled=1)
    main.kill()


def test_fault_04_a_killed_child_is_replaced_and_its_rows_are_sent(running):
    running.site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, "Children", mails=1, texts=0)
    main = running.site.programs["worker-0"]
    before = children_of(main)
    for child in before:
        os.kill(child, signal.SIGKILL)
    running.site.smtp.clear()
    assert_bounded(running, doubled=1)
    running.wait(lambda: len(pool_of(main)) == 2 and not set(children_of(main)) & set(before), 30, "others took over")


def test_fault_05_a_worker_that_slept_past_its_lease_repeats_nothing_and_overwrites_nothing(running):
    running.site.twilio.callbacks(mode="none")  # so that nothing but the sleeper could change a row that rests
    running.site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, "Asleep", mails=1, texts=0)
    sleeper = running.site.programs["worker-0"]
    sleeper.signal_group(signal.SIGSTOP)
    running.site.start_program("extra-worker", commands.worker("extra"))
    rows = running.wait_for_rest()
    assert running.is_everyone_told()
    running.site.smtp.clear()
    sleeper.signal_group(signal.SIGCONT)
    time.sleep(LEASE_SECONDS / 2)
    assert running.wait_for_rest() == rows, "the fence refuses what it has to say"
    assert_bounded(running, doubled=1)


def test_fault_15_a_worker_without_memory_meets_an_answer_without_end(running):
    """It reads no more of an answer than a message can have, so 32 MB are enough for 50; Twilio's list has the rest."""
    for process in children_of(running.site.programs["worker-0"]):
        starve(process, spare=32_000_000)
    running.site.twilio.script(answer="huge", accepts=True, times=1)
    running.publish("Without memory")
    running.assert_told_once()


def test_fault_15_a_worker_that_dies_for_want_of_memory_is_replaced(running):
    running.site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, "No memory", mails=1, texts=0)
    for process in children_of(running.site.programs["worker-0"]):
        starve(process, spare=0)
    running.site.smtp.clear()
    time.sleep(1)
    running.site.kill_workers()
    running.heal()
    assert_bounded(running, doubled=1)


def starve(process: int, spare: int) -> None:
    """Let it have so many bytes more, and no others."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        status = Path(f"/proc/{process}/status").read_text()
        used = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmSize"))
        resource.prlimit(process, resource.RLIMIT_AS, (used + spare, used + spare))
