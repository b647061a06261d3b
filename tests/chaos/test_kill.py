"""Kill -9 at the worst moment: the page already shows it, and everyone is told all the same.

Real programs (PostgreSQL or SQLite, Valkey, workers, an SMTP sink, a Twilio stand-in); what
arrived is read from the sinks' journals, outside the system under test.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos import database
from tests.chaos.faults import Faults, Tally
from tests.chaos.given import LEASE_SECONDS, SHORT, publish, settle, told
from tests.chaos.journals import Tail, mails
from tests.chaos.plan import Fault
from tests.site import Site

pytestmark = pytest.mark.serial

MAILS, TEXTS = 60, 8
IN_FLIGHT = 1 + 10
"""Invariant I3: at most one SMS and ten mails of a killed sending process may be told twice."""


@pytest.fixture(params=["postgres", pytest.param("sqlite", marks=pytest.mark.long)])
def site(request, make_site: Callable[..., Site]) -> Site:
    running = make_site(request.param, **SHORT)
    settle(running, email=MAILS, sms=TEXTS)
    return running


def everyone_was_told(site: Site) -> bool:
    return len(told(site)) == MAILS + TEXTS


def report(site: Site) -> dict:
    return json.loads(site.manage("delivery_report", "--format", "json").stdout)


def page_shows_it(site: Site, incident: str) -> bool:
    return all("Cables were cut" in site.get(path).text for path in ("/", f"/incidents/{incident}"))


def test_workers_and_doorbell_killed_right_after_a_publication(site):
    incident = publish(site)
    site.kill_workers()
    site.kill_valkey()
    assert page_shows_it(site, incident)
    site.valkey.start()
    site.start_workers()
    site.wait_for(lambda: everyone_was_told(site), LEASE_SECONDS + 60, "everyone was told")
    duplicates = told(site).total() - (MAILS + TEXTS)
    assert duplicates <= IN_FLIGHT * 3, told(site).most_common(3)


def test_killed_with_nothing_leased_everyone_is_told_once(site):
    site.kill_workers()
    site.kill_valkey()
    incident = publish(site)
    assert page_shows_it(site, incident)
    assert told(site) == Counter()
    site.valkey.start()
    site.start_workers()
    site.wait_for(lambda: everyone_was_told(site), 60, "everyone was told")
    assert_nobody_is_told_again(site)


def test_with_the_doorbell_dead_and_workers_alive_everyone_is_told_once(site):
    site.kill_valkey()
    incident = publish(site)
    assert page_shows_it(site, incident)
    site.wait_for(lambda: everyone_was_told(site), 60, "everyone was told")
    assert_nobody_is_told_again(site)


def assert_nobody_is_told_again(site: Site) -> None:
    """Wait out a lease: a row that is still in doubt would be sent again by then."""
    time.sleep(LEASE_SECONDS + 2)
    assert set(told(site).values()) == {1}, told(site).most_common(3)
    assert report(site)["oldest_unsent_seconds"] in (None, 0)


# --- Again and again ---------------------------------------------------------------------------------------------

CROWD, KILLS, SEED = 10_000, 20, 3
EVERYBODY = f"""
from tests.chaos import people
people.store_staff_and_components()
crowd = people.Crowd(mails={CROWD}, texts=0, unconfirmed=0, quarantined=0, leavers=0, mortals=0)
people.store_people(people.people({SEED}, crowd))
"""
ROWS = "SELECT id, state, ambiguous FROM notifications_delivery WHERE channel = 'email'"


@pytest.mark.minute
def test_fault_03_pools_are_killed_twenty_times_while_ten_thousand_are_told(make_site):
    """Every fourth time the main process and the drain loop die with their pool."""
    site = make_site("postgres", concurrency=4, **SHORT)
    site.manage("shell", "-c", EVERYBODY)
    publish(site)
    faults, chance = Faults(site, []), random.Random(SEED)
    for number in range(KILLS):
        wait_for_mail(site)
        time.sleep(chance.uniform(0.2, 3))
        kind = "kill the group" if number % 4 == 3 else "kill the pool"
        for _, start_again in faults.do(Fault(0, kind, 0, 0)):
            start_again()
    site.wait_for(lambda: database.unfinished(site.environment["DATABASE_URL"]) == 0, 180, "every row rests")
    judge(site, faults.tally)


def wait_for_mail(site: Site) -> None:
    """Until somebody is told again; where nobody is left, there is another word."""
    if database.unfinished(site.environment["DATABASE_URL"]) == 0:
        publish(site)
    relay = Tail(Path(site.smtp.journal_path), from_now=True)
    site.wait_for(lambda: any(relay.entries('"kind": "message"')), 60, "a mail")


def judge(site: Site, tally: Tally) -> None:
    """0 lost; per row and in all no more copies than I3 allows."""
    copies = Counter(copy.delivery for copy in mails(Path(site.smtp.journal_path)))
    rows = {str(pk): (state, count) for pk, state, count in database.ask(site.environment["DATABASE_URL"], ROWS) or []}
    assert len(rows) >= CROWD
    assert {state for state, _ in rows.values()} <= {"accepted", "unknown"}
    assert all(1 <= copies[pk] <= 1 + count for pk, (_, count) in rows.items())
    duplicates = copies.total() - len(rows)
    print(f"fault 3: seed {SEED}, {tally.processes} processes killed, {duplicates} duplicates")
    assert duplicates <= 10 * tally.processes
