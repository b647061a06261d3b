"""Faults 19, 88 to 90, 92 to 94: readers are answered whatever is dead behind the page, and however many of them come.

The faults' thousands are as many connections as the limit of open files allows. On a machine that is busy with other
tests the short runs have the longer patience; the long ones, `make test-all`, hold the limit itself.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy import commands
from deploy.valkey import free_port
from statuspage.publishing import store
from tests.chaos.staff import Browser
from tests.faults.reading import Crowd, as_many_as, bots, look, readers, sign_ins, slow_readers
from tests.faults.running import NEW, Running, begun

pytestmark = pytest.mark.serial

MINUTE = pytest.param(60.0, 0.2, marks=pytest.mark.long, id="a minute")
FEEDS = ("/history.atom", "/history.rss")


@pytest.fixture(scope="module")
def polled(one_site: Running) -> tuple[str, ...]:
    """What readers ask for when something has happened: documents in memory, and the incident's page from the disk."""
    one_site.heal()
    incident = one_site.publish("Something happened")
    return ("/", "/api/v2/status.json", "/api/v2/summary.json", *FEEDS, f"/incidents/{incident}")


@pytest.fixture
def reading(one_site: Running, polled: tuple[str, ...]) -> Iterator[Running]:
    """The site, with nobody to tell: only readers matter here."""
    with begun(one_site) as site:
        yield site


def root_of(running: Running) -> Path:
    return Path(running.site.environment["PUBLISH_ROOT"])


# --- Everything behind the page is dead ------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "within"), [pytest.param(8.0, 1.0, id="seconds"), MINUTE])
def test_fault_19_with_everything_behind_it_dead_a_thousand_readers_are_answered(reading, polled, seconds, within):
    """PostgreSQL, Valkey, workers and scheduler; after five minutes the page says of which time it is."""
    site = reading.site
    site.kill_workers()
    site.programs["beat-0"].kill()
    site.kill_valkey()
    site.postgres.kill()
    with readers(site.port, as_many_as(1000), paths=polled, spread=2.0) as crowd:
        time.sleep(seconds)
    crowd.assert_content(within)
    assert set(crowd.found["statuses"]) == {"200"}
    grow_old(reading, minutes=5)
    reading.wait(lambda: says_how_old_it_is(reading), 10, "the page says how old it is")
    reading.heal()
    reading.wait(lambda: not says_how_old_it_is(reading), 60, "the page is kept up to date again")


def grow_old(running: Running, minutes: int) -> None:
    """As if the last sign of life was so long ago."""
    then = time.time() - 60 * minutes - 1
    os.utime(root_of(running) / "heartbeat", (then, then))


def says_how_old_it_is(running: Running) -> bool:
    manifest = store.read_manifest(root_of(running))
    shown = running.site.get("/").text
    return f"{manifest.as_of[11:16]} UTC" in shown and "not been refreshed" in shown


# --- Very many, and very slow ----------------------------------------------------------------------------------------


def test_fault_89_ten_thousand_pollers_ask_the_database_nothing(reading, polled):
    reading.still()
    reading.site.postgres.restart("fast")
    before = transactions(reading)
    with readers(reading.site.port, as_many_as(10_000), paths=polled, spread=6.0, pause=(3.0, 6.0)) as crowd:
        time.sleep(10)
    crowd.assert_content(within=5.0)
    assert transactions(reading) == before


def transactions(running: Running) -> tuple[int, int]:
    """Transactions of the site's database so far, and connections to it now; asked from another database."""
    sql = "SELECT xact_commit + xact_rollback, numbackends FROM pg_stat_database WHERE datname = 'site'"
    with psycopg.connect(running.site.postgres.url(), autocommit=True) as connection:
        return connection.execute(sql).fetchone()


@pytest.mark.parametrize(("seconds", "share"), [(8.0, 0.95), pytest.param(45.0, 0.45, marks=pytest.mark.long)])
def test_fault_88_thousands_of_slow_readers_hold_nobody_up(reading, seconds, share):
    """Half of them never finish asking, a byte a second; the other half never read what they asked for.

    After half a minute the server ends what is still being asked, so of the long run's this share is left.
    """
    with slow_readers(reading.site.port, as_many_as(5000)) as slow:
        time.sleep(4)
        with readers(reading.site.port, 50, spread=1.0, pause=(0.2, 0.5)) as crowd:
            time.sleep(seconds)
    assert_stood(slow, share)
    crowd.assert_content(within=0.5)


def assert_stood(slow: Crowd, share: float) -> None:
    """The slow ones were there, nobody was refused, and so many still were at the end."""
    assert slow.found["refused"] == 0, slow.found
    assert slow.found["connections"] >= 0.95 * slow.count, slow.found
    assert slow.found["standing"] >= share * slow.count, slow.found


# --- At the moment of a publication, and on the hour -----------------------------------------------------------------


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.long)])
def test_fault_90_a_publication_every_second_is_rendered_once_each_for_thousands_who_poll(reading, polled, seconds):
    """A revision that two processes rendered would have two folders, and readers would find two faces of it."""
    folder = root_of(reading) / "hot"
    seen = {each.name for each in folder.iterdir()}
    before = len(seen)
    with readers(reading.site.port, as_many_as(2000), paths=polled, spread=2.0) as crowd:
        for number in range(seconds):
            began = time.monotonic()
            reading.publish(f"Every second {number}")
            seen |= {each.name for each in folder.iterdir()}
            time.sleep(max(0.0, began + 1 - time.monotonic()))
    crowd.assert_content(within=2.0)
    revisions = [name.partition("-")[0] for name in seen]
    assert len(set(revisions)) == len(revisions) == before + seconds


REFRESH = "from statuspage.publishing import publish; print(publish.publish(refresh=True))"


def test_fault_92_thousands_of_feed_readers_on_the_hour_are_told_that_nothing_is_new(reading):
    """All at one moment; and the page, which was rendered again meanwhile, changes no feed."""
    site = reading.site
    before = {path: site.get(path, Accept_Encoding="gzip") for path in FEEDS}
    assert site.manage("shell", "-c", REFRESH).stdout.split()[-1] == "True"
    tags = {path: answer.headers["etag"] for path, answer in before.items()}
    count = as_many_as(5000)
    with readers(site.port, count, paths=FEEDS, tags=tags, spread=0.0, pause=(60.0, 60.0)) as crowd:
        time.sleep(8)
    crowd.assert_content(within=8.0)
    assert crowd.found["statuses"] == {"304": count}
    assert {path: site.get(path, Accept_Encoding="gzip").body for path in FEEDS} == {
        path: answer.body for path, answer in before.items()
    }


def test_fault_93_robots_who_ask_for_what_nobody_published_get_stored_answers(reading):
    """A query changes nothing, what does not exist is one stored page, and no database is asked."""
    reading.still()
    reading.site.postgres.restart("fast")
    before = transactions(reading)
    with bots(reading.site.port, 100) as flood, readers(reading.site.port, 50, pause=(0.2, 0.5), spread=0.5) as crowd:
        time.sleep(5)
    crowd.assert_content(within=1.0)
    assert flood.found["looks"] > 1000 and not flood.found["errors"], flood.found["errors"][:5]
    assert not flood.found["torn"]
    assert transactions(reading) == before


# --- Staff beside all that -------------------------------------------------------------------------------------------

PATIENCE_SECONDS = 20.0
"""Whoever publishes in the flood waits no longer: it takes 3 to 5 on two cores, which check passwords all the time,
and other tests may have three times as much of them (10 were seen)."""


def test_fault_94_neither_a_flood_of_sign_ins_nor_one_of_readers_keeps_staff_from_publishing(reading):
    """As in deploy/: readers have a web process of their own, and so have staff, whose door is flooded as well."""
    door = free_port()
    reading.site.start_program("extra-console", commands.web(door))
    reading.wait(lambda: look(door, "/").revision > 0, 60, "the console's own process answers")
    staff = reading.browser.at(door)
    port = reading.site.port
    with readers(port, as_many_as(1000), spread=2.0) as crowd, sign_ins(door, 30) as flood:
        time.sleep(4)
        seconds = [publish_at(reading, staff, f"In a flood {number}") for number in range(3)]
    crowd.assert_content(within=2.0)
    print("seconds to publish in the flood", seconds)
    assert max(seconds) < PATIENCE_SECONDS
    assert set(flood.found) <= {"POST 200", "POST 503", "hung up"} and flood.found["POST 503"] > 20, flood.found
    assert all(f"In a flood {number}" in reading.site.get("/").text for number in range(3))


def publish_at(running: Running, staff: Browser, name: str) -> float:
    """Open an incident through this door; how long it took."""
    began = time.monotonic()
    answer = staff.post(NEW, running.form(name))
    assert answer.status == 302, answer.text
    return time.monotonic() - began
