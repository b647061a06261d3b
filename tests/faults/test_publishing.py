"""Faults 18, 26 and 29: the database breaks while staff publish, the web process dies before it rendered, a page of
the database is torn. A word is stored and shown as a whole or not at all, and once.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.faults.reading import readers
from tests.faults.running import NEW, Running

pytestmark = pytest.mark.serial

BAD_MOMENTS_SECONDS = (0.2, 1.5)
"""Between two restarts: some publications fit between, some do not."""


def front(running: Running) -> str:
    return (Path(running.site.environment["PUBLISH_ROOT"]) / "current" / "index.html").read_text()


# --- The database restarts -------------------------------------------------------------------------------------------

WHOLE = """
    SELECT incident.name, count(*),
           count(word.id) = count(*) AND count(claim.id) = count(*)
       AND count(entry.id) = count(*) AND count(event.id) = count(*)
      FROM statuspage_incident AS incident
      LEFT JOIN statuspage_incidentupdate AS word ON word.incident_id = incident.id
      LEFT JOIN statuspage_incidentcomponent AS claim ON claim.incident_id = incident.id
      LEFT JOIN statuspage_auditentry AS entry ON entry.object_id = incident.id
      LEFT JOIN notifications_outboxevent AS event ON event.subject_id = incident.id
     WHERE incident.name LIKE 'Restarted %%' GROUP BY incident.name
"""
"""Incidents with all that belongs to one: an update, a component's status, a row of the audit log, an event."""


@pytest.mark.parametrize("publications", [30, pytest.param(200, marks=pytest.mark.long)])
def test_fault_18_a_database_that_restarts_again_and_again_stores_each_word_whole_and_once(publishing, publications):
    names = [f"Restarted {number:03}" for number in range(publications)]
    with restarting(publishing) as restarts, readers(publishing.site.port, 100) as crowd:
        presses = [press_until_answered(publishing, name) for name in names]
    crowd.assert_content(within=2.0)
    print(f"{restarts[0]} restarts, {sum(presses)} presses for {publications} publications")
    assert restarts[0] >= 3 and sum(presses) > publications, "no press met a restart"
    assert sorted(publishing.ask(WHOLE)) == [(name, 1, True) for name in names]
    publishing.wait(lambda: all(name in front(publishing) for name in names), 30, "the page has all of them")
    publishing.wait_for_rest(updates=publications)


@contextmanager
def restarting(running: Running) -> Iterator[list[int]]:
    """PostgreSQL goes down without ceremony and comes back, again and again; how often, in the end."""
    over, count = threading.Event(), [0]

    def restart() -> None:
        moments = iter(BAD_MOMENTS_SECONDS * 1000)
        while not over.wait(next(moments)):
            running.site.postgres.restart("immediate")
            count[0] += 1

    hand = threading.Thread(target=restart)
    hand.start()
    try:
        yield count
    finally:
        over.set()
        hand.join()


def press_until_answered(running: Running, name: str) -> int:
    """As staff would, with the same form; how often they had to. What failed is not on the page unless it is stored."""
    for press in range(1, 100):
        with suppress(OSError, HTTPException):
            answer = running.browser.post(NEW, running.form(name))
            if answer.status == 302 and "/login/" not in answer.headers["location"]:
                return press
            assert answer.status in {500, 503}, answer.text
        time.sleep(0.2)
    raise AssertionError(f"nobody let staff publish {name}")


# --- The web process dies --------------------------------------------------------------------------------------------


def test_fault_26_killed_between_the_commit_and_the_pages_they_follow_within_ten_seconds(publishing):
    """It waits for the folder's lock, which another has, and is killed there: the word is stored, and not shown."""
    site = publishing.site
    with (Path(site.environment["PUBLISH_ROOT"]) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        hand = threading.Thread(target=press_in_vain, args=(publishing, "Killed amid"))
        hand.start()
        publishing.wait(lambda: publishing.is_stored("Killed amid"), 30, "the word is stored")
        site.kill_web()
        hand.join()
        assert "Killed amid" not in front(publishing)
    released = time.monotonic()
    publishing.wait(lambda: "Killed amid" in front(publishing), 30, "the sweep renders it")
    assert time.monotonic() - released < 10
    publishing.heal()
    assert "Killed amid" in site.get("/").text
    assert publishing.press("Killed amid")[0].status == 302, "the same form finds its word there"
    publishing.assert_told_once()


def press_in_vain(running: Running, name: str) -> None:
    with suppress(OSError, HTTPException):
        running.browser.post(NEW, running.form(name))


# --- A torn page -----------------------------------------------------------------------------------------------------


def test_fault_29_a_torn_page_of_the_database_is_said_to_staff_and_readers_are_served(publishing):
    """A block of the incidents' table is noise; the drill of docs/operations.md ends with the block of the backup."""
    site = publishing.site
    publishing.publish("Before the tear")
    site.kill_workers()
    site.programs["beat-0"].kill()
    with torn(publishing, "statuspage_incident"):
        room = publishing.browser.get("/admin/incident/")
        assert room.status == 503 and "The database does not answer" in room.text
        refused = publishing.browser.post(NEW, publishing.form("After the tear"))
        assert refused.status == 503 and "send the same form again" in refused.text
        assert "Before the tear" in site.get("/").text
        assert all(site.get(path).status == 200 for path in ("/", "/history", "/history.atom", "/api/v2/summary.json"))
    assert not publishing.is_stored("After the tear")
    assert publishing.press("After the tear")[0].status == 302
    assert "After the tear" in site.get("/").text


BLOCK = 8192


@contextmanager
def torn(running: Running, table: str) -> Iterator[None]:
    """The first block of this table is overwritten while the server is down; later it is put back."""
    postgres = running.site.postgres
    ((path,),) = running.ask("SELECT pg_relation_filepath(%s)", table)
    file = postgres.folder / "data" / path
    running.change("CHECKPOINT")
    postgres.stop("fast")
    whole = file.read_bytes()
    with file.open("r+b") as data:
        data.write(bytes(range(1, 256)) * (BLOCK // 255))
    postgres.start()
    try:
        yield
    finally:
        postgres.stop("immediate")
        file.write_bytes(whole)
        postgres.start()
