"""Alarms of clocks: at the second of each limit, once each, whoever sweeps, and true after hours of silence."""

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection

from statuspage import audit, events, running_clocks
from statuspage.actions import client_reports, clock_alarms, incidents, report_steps, report_triage
from statuspage.actions.report_details import Said
from statuspage.models import ClientReport, ClockAlarm
from statuspage.roles import ROLES
from statuspage.sla.clocks import Standing, Step

from .contracting import agreed, contract, redundant
from .given import ALICE, NOON, component, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

SECOND = minutes(1 / 60)
LIMITS = {1: (30, 240, 60), 2: (60, 480, 240), 3: (240, 1440, None)}
"""Minutes, as the contract's table has them: response, fix, progress."""


@pytest.fixture
def heard() -> Iterator[list[events.StaffAlarm]]:
    """Every alarm to staff that was raised."""
    found: list[events.StaffAlarm] = []

    def hear(sender: object, alarm: events.StaffAlarm, **kwargs: object) -> None:
        found.append(alarm)

    events.alarmed.connect(hear)
    yield found
    events.alarmed.disconnect(hear)


@pytest.fixture
def acme():
    gateways = component("Gateway A"), component("Gateway B")
    return contract(*gateways, agreed=redundant(*gateways, report_channels=["phone"]))


def taken(of, severity: int | None = 1, at: datetime = NOON, **facts) -> ClientReport:
    """A complete report by phone at `at`, judged at once."""
    said = Said(channel="phone", service="Gateway A", what="Nothing is sent.", since=at - minutes(10))
    report = client_reports.take_report(contract=of, said=said, actor=ALICE, reported_at=at, now=at)
    if severity:
        report_triage.triage(
            report=report, severity=severity, actor=ALICE, reason="As the client says.", now=at, **facts
        )
    report.refresh_from_db()
    return report


def words(heard: list[events.StaffAlarm]) -> list[str]:
    return [each.words for each in heard]


@pytest.mark.parametrize("severity", LIMITS)
def test_staff_are_told_at_the_second_at_which_80_percent_are_used_and_after_the_last_one_in_time(
    acme, heard, severity
):
    report = taken(acme, severity)
    response, _fix, _progress = LIMITS[severity]
    warn, due = NOON + minutes(response) * 4 / 5, NOON + minutes(response)
    assert [clock_alarms.alarm_due(at) for at in (warn - SECOND, warn, warn + SECOND)] == [0, 1, 0]
    assert f"a response is due by {due:%Y-%m-%d %H:%M} UTC, and 80 percent" in heard[0].words
    assert f"Acme, report {report.number}, Severity {'I' * severity}" in heard[0].words
    assert [clock_alarms.alarm_due(at) for at in (due - SECOND, due, due + SECOND, due + 2 * SECOND)] == [0, 0, 1, 0]
    assert f"no response yet, and it was due by {due:%Y-%m-%d %H:%M} UTC" in heard[1].words


@pytest.mark.parametrize(
    ("severity", "kind", "limit"),
    [
        (each, kind, limit)
        for each, row in LIMITS.items()
        for kind, limit in zip(("fix", "progress"), row[1:], strict=True)
        if limit
    ],
)
def test_fix_and_progress_reports_have_their_own_seconds(acme, heard, severity, kind, limit):
    report = taken(acme, severity)
    report_steps.record_step(report=report, step=Step.RESPONSE, actor=ALICE, at=NOON, now=NOON)
    warn, due = NOON + minutes(limit) * 4 / 5, NOON + minutes(limit)
    noted, rows = [], ClockAlarm.objects.filter(kind=kind, at__lte=due)
    for at in (warn - SECOND, warn, due, due + SECOND):
        clock_alarms.alarm_due(at)
        noted.append(list(rows.values_list("stage", flat=True)))
    assert noted == [[], ["warning"], ["warning"], ["warning", "breach"]]
    what = {"fix": "not fixed yet, and it", "progress": "no progress report yet, and one"}[kind]
    assert f"{what} was due by {due:%Y-%m-%d %H:%M} UTC" in "".join(words(heard))


def test_a_beat_that_stood_still_for_hours_raises_one_true_alarm(acme, heard):
    report = taken(acme)
    report_steps.record_step(
        report=report, step=Step.RESPONSE, actor=ALICE, at=NOON + minutes(45), now=NOON + minutes(45)
    )
    assert clock_alarms.alarm_due(NOON + hours(5)) == 1
    assert heard[0].words.splitlines() == [
        f"Acme, report {report.number}, Severity I: the response was due by 2026-11-02 12:30 UTC "
        "and came at 2026-11-02 12:45 UTC.",
        f"Acme, report {report.number}, Severity I: no progress report yet, and one was due by 2026-11-02 13:45 UTC.",
        f"Acme, report {report.number}, Severity I: not fixed yet, and it was due by 2026-11-02 16:00 UTC.",
    ]
    assert clock_alarms.alarm_due(NOON + hours(5) + SECOND) == 0
    assert ClockAlarm.objects.filter(was_told=False, stage="warning").count() == 3, "what was missed does not run out"


def test_what_was_answered_in_time_while_nobody_looked_is_no_news(acme, heard):
    report = taken(acme)
    for step, at in ((Step.RESPONSE, 29), (Step.RESOLVED, 70)):
        report_steps.record_step(report=report, step=step, actor=ALICE, at=NOON + minutes(at), now=NOON + minutes(at))
    assert (clock_alarms.alarm_due(NOON + hours(9)), heard) == (0, [])


def test_while_the_client_is_waited_for_the_fix_stands_still_and_its_alarm_comes_later(acme, heard):
    report = taken(acme, 2)
    for step, at in ((Step.RESPONSE, 1), (Step.WAITING_FOR_CLIENT, 10), (Step.CLIENT_ANSWERED, 110)):
        report_steps.record_step(report=report, step=step, actor=ALICE, at=NOON + minutes(at), now=NOON + minutes(at))
    [seen] = running_clocks.running(NOON + minutes(120))
    assert seen.deadlines.fix.due_at == NOON + minutes(580)
    warn = NOON + minutes(384 + 100)
    clock_alarms.alarm_due(warn - SECOND)
    assert clock_alarms.alarm_due(warn) == 1 and "the fix is due by 2026-11-02 21:40 UTC" in heard[-1].words


def test_a_higher_severity_has_deadlines_and_alarms_of_its_own(acme, heard):
    report = taken(acme, 3)
    report_triage.triage(report=report, severity=1, actor=ALICE, reason="Worse.", now=NOON + minutes(100))
    assert clock_alarms.alarm_due(NOON + minutes(130)) == 1 and "due by 2026-11-02 14:10 UTC" in heard[0].words
    [seen] = running_clocks.running(NOON + minutes(101))
    assert seen.deadlines.response.started_at == NOON + minutes(100)
    assert [each.run.severity for each in seen.earlier] == [3]
    report.refresh_from_db()
    report_triage.triage(report=report, severity=2, actor=ALICE, reason="Less.", now=NOON + minutes(131))
    report_triage.triage(
        report=report, severity=1, actor=ALICE, reason="It was so.", was_wrongly_low=True, now=NOON + minutes(132)
    )
    [seen] = running_clocks.running(NOON + minutes(133))
    assert (seen.run.started_at, seen.deadlines.response.standing) == (NOON, Standing.MISSED)


def test_before_triage_the_strictest_limits_are_shown_and_severity_three_takes_an_agreed_interval(acme, heard):
    taken(acme, None)
    assert clock_alarms.alarm_due(NOON + minutes(24)) == 1
    assert "not judged yet, so as Severity I: a response is due by" in heard[0].words
    shorter = taken(acme, 3, at=NOON + hours(1), agreed_interval=1800)
    found = {each.report.pk: each for each in running_clocks.running(NOON + hours(1)) if each.report}
    assert found[shorter.pk].deadlines.progress.due_at == NOON + minutes(90)


def test_however_many_failures_are_open_a_look_asks_as_few_questions(acme, heard, django_assert_max_num_queries):
    for number in range(6):
        taken(acme, at=NOON + minutes(number))
    with django_assert_max_num_queries(7):
        assert len(running_clocks.running(NOON + minutes(10))) == 6


def test_an_incident_that_nobody_reported_has_our_own_clock_from_when_it_began(acme, heard):
    person = User.objects.create_user("ann", is_staff=True)
    ann = audit.Actor(name="ann", source="console", abilities=ROLES["publisher"], user=person)
    machine = audit.Actor(name="probe", source="api", abilities=ROLES["publisher"])
    opened = incident({}, severity=1, started_at=NOON - minutes(20), actor=machine)
    assert clock_alarms.alarm_due(NOON + minutes(4)) == 1
    assert f"{opened.name}, Severity I, not reported by any client: a response is due by" in heard[0].words
    incidents.publish_update(incident=opened, status="identified", body="Found.", actor=ann, now=NOON + minutes(9))
    [seen] = running_clocks.running(NOON + minutes(10))
    assert (seen.report, seen.deadlines.response.standing, seen.client) == (None, Standing.MET, "")
    assert seen.deadlines.progress.due_at == NOON + minutes(69)
    web = component("Web")
    enterprise = contract(web, name="Bravo", agreed=agreed(web, report_channels=["page"]))
    said = Said(channel="page", service="Platform", what="Down.", since=NOON)
    other = client_reports.take_report(contract=enterprise, said=said, actor=ALICE, reported_at=NOON, now=NOON)
    assert other.completed_at
    report_triage.link_incident(report=other, incident=opened, actor=ALICE, now=NOON + minutes(10))
    assert [each.report for each in running_clocks.running(NOON + minutes(10))] == [None], "its contract has no clocks"
    report = taken(acme, 1, at=NOON + minutes(10))
    report_triage.link_incident(report=report, incident=opened, actor=ALICE, now=NOON + minutes(11))
    [seen] = running_clocks.of_incident(opened, NOON + minutes(12))
    assert (seen.report, seen.client) == (report, "Acme"), "a client's own clock takes its place"
    assert [each.report for each in running_clocks.running(NOON + minutes(12))] == [report]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_raise_one(acme, heard):
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time there: nothing happens at once")
    taken(acme)
    begin, counts = threading.Barrier(2), []

    def sweep() -> None:
        begin.wait()
        counts.append(clock_alarms.alarm_due(NOON + hours(2)))
        connection.close()

    sweeps = [threading.Thread(target=sweep) for _ in range(2)]
    for each in sweeps:
        each.start()
    for each in sweeps:
        each.join()
    assert (sorted(counts), len(heard)) == ([0, 1], 1)


def test_a_rolled_back_alarm_is_raised_by_the_next_sweep(acme, heard):
    """The row and the alarm are one transaction: what staff were not told is not noted."""

    def refuse(sender: object, alarm: events.StaffAlarm, **kwargs: object) -> None:
        raise OSError

    taken(acme)
    events.alarmed.connect(refuse)
    clock_alarms.look(NOON + minutes(24))
    events.alarmed.disconnect(refuse)
    assert not ClockAlarm.objects.exists()
    assert clock_alarms.alarm_due(NOON + minutes(25)) == 1
