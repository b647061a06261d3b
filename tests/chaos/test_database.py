"""The database goes, hangs, is full, or is half migrated: nothing is lost, readers notice nothing, staff are told."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from deploy.processes import ROOT, Program, poll_until
from tests.chaos import database
from tests.chaos.given import SHORT, publish, settle, told
from tests.chaos.journals import Tail
from tests.chaos.staff import Browser
from tests.site import Site

pytestmark = pytest.mark.serial

CLIENTS = 40
LONGER = {"DELIVERY_MAIL_DEADLINE_SECONDS": "6", "DELIVERY_SMS_DEADLINE_SECONDS": "6"}
"""Both calls must still be held when the database goes, however busy the machine is."""


def rests(site: Site) -> bool:
    return database.unfinished(site.environment["DATABASE_URL"]) == 0


def ambiguous(site: Site) -> dict[str, int]:
    """Channel -> calls without an answer."""
    sql = "SELECT channel, sum(ambiguous) FROM notifications_delivery WHERE channel <> 'null' GROUP BY channel"
    rows = database.ask(site.environment["DATABASE_URL"], sql)
    return {channel: int(count) for channel, count in rows or []}


# --- Gone ------------------------------------------------------------------------------------------------------------


def test_fault_20_the_database_stops_during_calls(make_site: Callable[..., Site]):
    """The rows stay `sending`, then count as calls without an answer; a text is asked for, a mail sent once more."""
    site = make_site("postgres", **SHORT | LONGER)
    settle(site, email=1, sms=1)
    site.smtp.script(stage="data", reply="stall", times=1)
    site.twilio.script(answer="stall", accepts=True, times=1)
    site.twilio.callbacks(mode="none")  # one that comes before the database goes would settle the text
    mails, texts = Tail(Path(site.smtp.journal_path)), Tail(Path(site.twilio.journal_path))
    publish(site)
    site.wait_for(lambda: any(mails.entries('"reply": "stall"')), 30, "the relay holds the mail")
    site.wait_for(lambda: any(texts.entries('"stall"')), 30, "Twilio holds the text")
    assert site.postgres
    site.postgres.stop("immediate")
    site.smtp.clear()
    site.twilio.heal_answers()
    assert site.get("/").status == 200
    time.sleep(1)
    site.postgres.start()
    site.wait_for(lambda: rests(site), 60, "every row rests")
    assert ambiguous(site) == {"email": 1, "sms": 1}
    assert told(site) == {"reader-0@example.org": 2, "+31610000000": 1}
    copies = [mail.message["Message-ID"] for mail in site.smtp.messages()]
    assert len(set(copies)) == 1


# --- Slow ------------------------------------------------------------------------------------------------------------


@contextmanager
def locked(site: Site, table: str) -> Iterator[None]:
    """Somebody holds a table, as a migration by hand would."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.fixture
def staffed(make_site: Callable[..., Site]) -> Site:
    """A site with people who may publish."""
    site = make_site("postgres", **SHORT)
    site.manage("shell", "-c", "from tests.chaos import people; people.store_staff_and_components()")
    return site


@pytest.fixture
def browser(staffed: Site) -> Browser:
    """Staff, signed in."""
    found = Browser(staffed)
    found.sign_in()
    return found


PRESS = {
    "name": "Cables were cut",
    "body": "Requests fail.",
    "status": "investigating",
    "cause": "own",
    "notify": "on",
    "key": "one-form",
    "step": "publish",
}


def test_fault_21_a_slow_database_keeps_staff_for_seconds_and_readers_not_at_all(staffed, browser):
    publish_while_a_lock_is_held(staffed, browser)
    look_while_a_statement_sleeps(staffed, browser)


def publish_while_a_lock_is_held(site: Site, browser: Browser) -> None:
    """Refused after two seconds, in words; the same form publishes once as soon as it can."""
    with locked(site, "statuspage_incident"):
        began = time.monotonic()
        answer = browser.post("/admin/incident/new/", PRESS)
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        assert "send the same form again" in answer.text
        assert 1.5 < time.monotonic() - began < 5, "lock_timeout, and not the reader's patience"
        assert all(site.get("/").status == 200 for _ in range(50))
    for _ in range(2):
        assert browser.post("/admin/incident/new/", PRESS).status == 302
    assert database.ask(site.environment["DATABASE_URL"], "SELECT count(*) FROM statuspage_incident") == [(1,)]


def look_while_a_statement_sleeps(site: Site, browser: Browser) -> None:
    """Not locked, only slow: the list of incidents sleeps for half a minute, and is ended after five seconds."""
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("ALTER TABLE statuspage_incident RENAME TO fast_incident")
        sleeping = "SELECT fast_incident.* FROM fast_incident, pg_sleep(30)"
        connection.execute(f"CREATE VIEW statuspage_incident AS {sleeping}")
    began = time.monotonic()
    assert browser.get("/admin/incident/").status == 503
    assert 4 < time.monotonic() - began < 15
    assert all(site.get("/").status == 200 for _ in range(50))


# --- Full ------------------------------------------------------------------------------------------------------------


def knock(site: Site) -> int:
    """One client at a page that asks the database."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        connection.request("GET", "/subscriptions/nosuchlink")
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_fault_22_no_connection_is_left(make_site: Callable[..., Site]):
    """More processes than connections, and somebody who takes the rest: all wait, none dies, everybody is told."""
    site = make_site("postgres", workers=2, concurrency=2, postgres={"max_connections": "10"}, **SHORT)
    settle(site, email=40, sms=4)
    publish(site)
    held = list(taken(site))
    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = set(clients.map(lambda number: knock(site), range(CLIENTS)))
    assert statuses <= {410, 503}, statuses
    assert all(site.get("/").status == 200 for _ in range(50))
    for connection in held:
        connection.close()
    site.wait_for(lambda: rests(site) and len(told(site)) == 44, 90, "everybody was told")
    assert all(site.programs[name].is_alive for name in ("web", "worker-0", "worker-1"))


def taken(site: Site) -> Iterator[psycopg.Connection]:
    """Every connection that an ordinary program could still get."""
    for _ in range(10):
        try:
            yield psycopg.connect(site.environment["DATABASE_URL"], connect_timeout=5)
        except psycopg.OperationalError:
            return


# --- Half migrated ---------------------------------------------------------------------------------------------------

APPLIED = "SELECT count(*) FROM django_migrations"


def applied(site: Site) -> int:
    rows = None
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('django_migrations')").fetchone() != (None,):
            rows = connection.execute(APPLIED).fetchone()
    return int(rows[0]) if rows else 0


def test_fault_28_a_migration_is_killed_and_goes_on_and_workers_wait_for_it(tmp_path):
    site = Site(tmp_path / "site", "postgres", **SHORT)
    try:
        site.start_servers()
        interrupt_migration(site, 12)
        site.start_workers()
        site.wait_for(lambda: "migrations are to be applied first" in site.logs("worker-0"), 60, "the worker waits")
        assert site.programs["worker-0"].is_alive
        site.manage("migrate", "--verbosity", "0")
        settle(site, email=2)
        publish(site)
        site.wait_for(lambda: len(told(site)) == 2, 60, "the worker works")
    finally:
        site.stop()


def interrupt_migration(site: Site, count: int) -> None:
    """Kill it once so many steps are done: whatever step was under way is undone."""
    program = Program("migrate", [sys.executable, "manage.py", "migrate"], env=site.environment, cwd=ROOT)
    program.start()
    poll_until(lambda: applied(site) >= count or not program.is_alive, 60, f"{count} migrations are applied")
    program.kill()
    assert program.status == -9, "it was killed, it did not end"
