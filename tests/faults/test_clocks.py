"""Fault 51: clocks that are wrong, or jump. What is due, and whose a delivery is, the database's clock says alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from deploy import commands
from tests.faults.running import LEASE_SECONDS, Running
from tests.faults.test_time_and_versions import plan, sent
from tests.faults.test_workers import assert_bounded, begin_calls

pytestmark = pytest.mark.serial

HOUR = timedelta(hours=1)
UNDER_WAY = 2
"""Mails that are being handed over at any moment: one a connection."""

JUMPY = """
    CREATE SCHEMA IF NOT EXISTS jumpy;
    CREATE TABLE jumpy.clock (wrong interval);
    INSERT INTO jumpy.clock VALUES ('0');
    CREATE FUNCTION jumpy.statement_timestamp() RETURNS timestamptz
        LANGUAGE sql STABLE AS 'SELECT pg_catalog.statement_timestamp() + wrong FROM jumpy.clock';
    ALTER DATABASE site SET search_path TO jumpy, public, pg_catalog;
"""
NOTHING_PLANNED = (
    "UPDATE statuspage_maintenance SET status = 'completed', resolved_at = now() WHERE resolved_at IS NULL"
)
"""A window of an earlier test would begin or end by such a clock, and be told of."""
SOBER = "ALTER DATABASE site RESET search_path; DROP SCHEMA jumpy CASCADE"


def test_fault_51_machines_an_hour_ahead_and_behind_steal_nothing_and_send_nothing_early(running):
    """One worker lives an hour in the future, one in the past; a call that hangs is taken over when its lease ends."""
    site = running.site
    window = plan(running, "Not yet", starts_in=timedelta(minutes=40), lasts=HOUR)
    running.wait_for_rest()
    site.kill_workers()
    site.programs["beat-0"].kill()
    for name, wrong in (("ahead", HOUR), ("behind", -HOUR)):
        clock = {"DJANGO_SETTINGS_MODULE": "tests.faults.wrong_clock"}
        clock["CLOCK_IS_WRONG_BY"] = str(int(wrong.total_seconds()))
        site.start_program(f"extra-{name}", commands.worker(name, concurrency=1), **clock)
    site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, "Two clocks", mails=1, texts=0)
    site.smtp.clear()
    rows = running.wait_for_rest(updates=2)
    assert {row[1] for row in rows} <= {"accepted", "delivered"}, rows
    assert set(running.told()) == set(running.crowd)
    assert running.told().total() <= 2 * len(running.crowd) + 1
    assert running.ask("SELECT status FROM statuspage_maintenance WHERE id = %s", window) == [("scheduled",)]
    assert sent(running, window) == {"maintenance_scheduled"}
    assert "Not yet" not in site.get("/api/v2/scheduled-maintenances/active.json").text


def test_fault_51_the_databases_own_clock_jumps_an_hour_and_back_amid_calls(running):
    """Ahead: leases end early, once, and only mails under way are repeated. Back: what is not due yet waits."""
    with jumpy(running):
        begin_a_call_that_hangs(running, "Clock jumps")
        running.change("UPDATE jumpy.clock SET wrong = %s", HOUR)
        running.site.smtp.clear()
        assert_bounded(running, doubled=UNDER_WAY)
        running.begin(mails=5, texts=2)
        begin_a_call_that_hangs(running, "Clock jumps back")
        running.change("UPDATE jumpy.clock SET wrong = '0'")
        running.site.smtp.clear()
        time.sleep(2 * LEASE_SECONDS)
        assert max(running.told().values(), default=1) == 1
        running.change("UPDATE jumpy.clock SET wrong = %s", HOUR)
        assert_bounded(running, doubled=UNDER_WAY)


def begin_a_call_that_hangs(running: Running, name: str) -> None:
    running.site.smtp.script(stage="data", reply="stall", times=1)
    begin_calls(running, name, mails=1, texts=0)


@contextmanager
def jumpy(running: Running) -> Iterator[None]:
    """The site's database tells the time by a clock that can be set."""
    with running.connect() as connection:
        connection.execute(JUMPY)
        connection.execute(NOTHING_PLANNED)
    try:
        running.site.postgres.restart("fast")
        yield
    finally:
        with running.connect() as connection:
            connection.execute(SOBER)
        running.site.postgres.restart("fast")
