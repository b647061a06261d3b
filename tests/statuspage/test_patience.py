"""What waits for the database, and how long: requests, the drain loop, a worker that starts (faults 21, 22, 28)."""

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import RequestFactory

from statuspage import schema
from statuspage.management.commands import drain
from statuspage.patience import NotNow, limit


def test_only_a_database_that_does_not_answer_is_answered_for():
    middleware, request = NotNow(lambda request: None), RequestFactory().get("/admin/")
    said = middleware.process_exception(request, OperationalError("canceling statement due to lock timeout"))
    assert (said.status_code, said.headers["Retry-After"]) == (503, "10")
    assert "lock timeout" not in said.text
    assert middleware.process_exception(request, IntegrityError()) is None


@pytest.mark.django_db
def test_a_request_has_limits_where_the_database_knows_any():
    limit(connection)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            assert cursor.fetchone() == ("5s", "2s")
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")


@pytest.mark.parametrize(("failures", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 30), (99, 30)])
def test_the_drain_loop_comes_back_less_often_while_it_fails(failures, seconds):
    assert drain.pause(5.0, failures) == seconds


def test_a_schedule_longer_than_any_pause_is_kept():
    assert drain.pause(60.0, 3) == 60.0


def test_a_worker_waits_longer_each_time_until_the_schema_is_there(monkeypatch):
    reasons, waits = ["not yet"] * 6 + [""], []
    monkeypatch.setattr(schema, "reason_to_wait", lambda: reasons.pop(0))
    schema.wait_until_current(waits.append)
    assert waits == [1, 2, 4, 8, 15, 15]


@pytest.mark.django_db(transaction=True)
def test_a_current_schema_is_no_reason_to_wait():
    assert schema.reason_to_wait() == ""


@pytest.mark.django_db
def test_fault_05_whoever_stops_inside_a_transaction_holds_its_locks_for_a_minute_at_the_most():
    """A stopped process says nothing, so only the server can take its locks away."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == ("1min",)
