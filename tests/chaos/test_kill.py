"""Kill -9 at the worst moment: the page already shows it, and everyone is told all the same.

Real programs (PostgreSQL or SQLite, Valkey, workers, an SMTP sink, a Twilio stand-in); what
arrived is read from the sinks' journals, outside the system under test.
"""

import json
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.chaos.given import LEASE_SECONDS, SHORT, publish, settle, told
from tests.site import Site

pytestmark = pytest.mark.serial

MAILS, TEXTS = 60, 8
IN_FLIGHT = 1 + 10
"""Invariant I3: at most one SMS and ten mails of a killed sending process may be told twice."""


@pytest.fixture(params=["postgres", "sqlite"])
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
