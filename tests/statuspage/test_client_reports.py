"""What clients report: properly or not yet, judged, linked, of one failure, and what follows from updates."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage import reported
from statuspage.actions import client_reports, incidents, report_retention, report_steps, report_triage
from statuspage.actions.base import FormUsed, StaleEdit
from statuspage.actions.report_details import Said, said_of
from statuspage.models import AuditEntry, ClientReport, Component
from statuspage.sla.clocks import Standing, Step, clocks
from statuspage.vocabulary import Severity

from .contracting import contract, redundant
from .given import ALICE, BOB, NOON, component, hours, incident, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

WORDS = {"channel": "phone", "service": "Gateway A", "what": "Nothing is sent.", "since": NOON - minutes(10)}


@pytest.fixture
def gateways() -> tuple[Component, Component]:
    return component("Gateway A"), component("Gateway B")


@pytest.fixture
def acme(gateways):
    return contract(*gateways, agreed=redundant(*gateways, report_channels=["phone", "page"]))


def taken(of, at=NOON, **said) -> ClientReport:
    """A complete report by phone, taken down when it came, unless the test says otherwise."""
    facts = {name: said.pop(name) for name in ("key", "now", "actor") if name in said}
    words = Said(**{**WORDS, "since": at - minutes(10), **said})
    return client_reports.take_report(
        **{"contract": of, "said": words, "actor": ALICE, "reported_at": at, "now": at} | facts
    )


def said(report: ClientReport, **changes) -> Said:
    return Said(**{**vars(said_of(report)), **changes})


def standing(report: ClientReport, now) -> tuple:
    """Its three clocks."""
    report.refresh_from_db()
    targets = reported.targets_of(report, reported.version_of(report))
    found = clocks(targets, report.completed_at, reported.events_of([report])[report.pk], now)
    return found.response, found.fix, found.progress_missed


# --- Taken ------------------------------------------------------------------------------------


def test_a_complete_report_by_a_channel_of_the_contract_is_properly_reported_from_when_it_came(acme):
    report = taken(acme, now=NOON + hours(2))
    assert (report.completed_at, report.reported_at, report.created_at) == (NOON, NOON, NOON + hours(2))
    assert len(report.number) == 9 and report.number != taken(acme).number
    assert AuditEntry.objects.filter(action="take_client_report", object_id=report.pk).count() == 1
    assert "Nothing is sent." not in str(AuditEntry.objects.latest("id").after)


@pytest.mark.parametrize("change", [{"service": ""}, {"what": ""}, {"since": None}, {"channel": "chat"}])
def test_what_lacks_something_or_came_by_another_channel_is_not_yet(acme, change):
    report = taken(acme, **change)
    assert report.completed_at is None
    assert list(reported.failures()) == []
    full = Said(**WORDS)
    done = client_reports.complete_report(
        report=report, said=full, contract=acme, actor=ALICE, at=NOON + minutes(7), now=NOON + minutes(9)
    )
    assert done.completed_at == NOON + minutes(7)
    counted = client_reports.complete_report(
        report=done, said=said(done, affected_messages=25, total_messages=100), contract=acme, actor=ALICE
    )
    assert counted.completed_at == NOON + minutes(7), "counts that come later change nothing"
    with pytest.raises(StaleEdit):
        client_reports.complete_report(report=done, said=full, contract=acme, actor=ALICE, expected_version=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": "Cloud"}, "service"),
        ({"since": NOON + minutes(1)}, "since"),
        ({"affected_messages": 2, "total_messages": 1}, "affected_messages"),
        ({"total_messages": -1}, "total_messages"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"channel": "pigeon"}, "channel"),
        ({"what": "x" * 2_001}, "what"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(acme, change, field):
    with pytest.raises(ValidationError) as refused:
        taken(acme, **change)
    assert list(refused.value.message_dict) == [field]


def test_nobody_reports_before_the_contract_nor_in_the_future_nor_twice_by_one_press(acme):
    with pytest.raises(ValidationError, match="was not in force"):
        taken(acme, at=NOON - timedelta(days=400), now=NOON)
    with pytest.raises(ValidationError, match="future"):
        taken(acme, at=NOON + minutes(1), now=NOON)
    with pytest.raises(PermissionDenied):
        taken(acme, actor=BOB)
    first = taken(acme, key="one")
    assert taken(acme, key="one") == first
    with pytest.raises(FormUsed):
        taken(acme, key="one", what="Something else.")
    assert ClientReport.objects.count() == 1


# --- Judged -----------------------------------------------------------------------------------


def test_every_severity_is_kept_and_the_newest_holds(acme):
    report = taken(acme)
    report_triage.triage(report=report, severity=3, agreed_interval=7200, actor=ALICE, now=NOON + minutes(1))
    targets = reported.targets_of(report, reported.version_of(report))
    assert (targets.response, targets.progress) == (hours(4), hours(2))
    with pytest.raises(ValidationError, match="Say why"):
        report_triage.triage(report=report, severity=1, actor=ALICE)
    for _press in range(2):
        report_triage.triage(
            report=report, severity=1, reason="All is down.", was_wrongly_low=True, actor=ALICE, now=NOON + minutes(9)
        )
    assert reported.severities_of([report])[report.pk] == [
        reported.Given(NOON + minutes(1), Severity.III, False),
        reported.Given(NOON + minutes(9), Severity.I, True),
    ]
    assert (report.severity, report.agreed_interval) == (1, None)
    assert reported.targets_of(report, reported.version_of(report)).fix == hours(4)
    with pytest.raises(ValidationError, match="Only for Severity III"):
        report_triage.triage(report=report, severity=2, reason="x", agreed_interval=60, actor=ALICE)


def test_refunds_are_asked_of_judged_failures_alone(acme):
    report, repeated = taken(acme), taken(acme, at=NOON + minutes(5), affected_messages=1, total_messages=4)
    report_triage.name_failure(report=repeated, same_as=report, actor=ALICE)
    assert (reported.refund_reports(acme), list(reported.undecided(acme))) == ([], [report])
    report_triage.triage(report=report, severity=2, actor=ALICE)
    (asked,) = reported.refund_reports(acme)
    assert (asked.provider_caused, asked.share) == (False, Fraction(1, 4)), "the counts that a repeat brought"
    report_triage.judge_cause(report=report, provider_caused=True, reason="Our cable.", actor=ALICE)
    (asked,) = reported.refund_reports(acme)
    assert (asked.provider_caused, asked.reported_at, asked.failure) == (True, NOON, report.pk)
    assert not reported.undecided(acme).exists()
    client_reports.decline_report(report=report, reason="Their own cable.", actor=ALICE)
    (asked,) = [each.pk for each in reported.failures()]
    assert asked == repeated.pk, "what was declined stands for nobody else"
    with pytest.raises(ValidationError, match="declined"):
        report_steps.record_step(report=report, step="response", actor=ALICE)
    client_reports.accept_report(report=report, actor=ALICE)
    assert report.declined_at is None


# --- One failure ------------------------------------------------------------------------------


def test_two_reports_of_one_client_on_one_incident_are_one_failure_and_another_clients_is_its_own(acme, gateways):
    other = contract(*gateways, name="Beta", agreed=redundant(*gateways, report_channels=["phone"]))
    opened = incident({gateways[0]: "major_outage"})
    later, theirs = taken(acme, at=NOON + minutes(5)), taken(other, at=NOON + minutes(6))
    report_triage.link_incident(report=later, incident=opened, actor=ALICE)
    earlier = taken(acme, at=NOON + minutes(2), now=NOON + minutes(20))
    for each in (earlier, theirs):
        report_triage.link_incident(report=each, incident=opened, actor=ALICE)
    later.refresh_from_db()
    assert (earlier.failure, later.failure, theirs.failure) == (None, earlier, None), "the first complete one stands"
    incidents.publish_update(incident=opened, status="identified", body="A cable.", actor=ALICE, now=NOON + minutes(30))
    events = reported.events_of([earlier, theirs])
    assert {pk: [each.step for each in log] for pk, log in events.items()} == {
        earlier.pk: [Step.RESPONSE],
        theirs.pk: [Step.RESPONSE],
    }
    with pytest.raises(ValidationError, match="another client"):
        report_triage.name_failure(report=theirs, same_as=earlier, actor=ALICE)
    report_triage.link_incident(report=later, incident=None, actor=ALICE)
    assert (later.failure, later.incident) == (None, None)


@pytest.mark.parametrize(("after", "is_same"), [(hours(24), True), (hours(24) + timedelta(microseconds=1), False)])
def test_back_within_a_day_it_had_not_been_resolved(acme, after, is_same):
    first = taken(acme)
    report_steps.record_step(report=first, step="resolved", actor=ALICE, at=NOON + hours(1), now=NOON + hours(1))
    again = taken(acme, at=NOON + hours(1) + after)
    if not is_same:
        with pytest.raises(ValidationError, match="another failure"):
            report_triage.name_failure(report=again, same_as=first, actor=ALICE)
        return
    report_triage.name_failure(report=again, same_as=first, actor=ALICE)
    first.refresh_from_db()
    assert (again.failure, first.resolved_at) == (first, None)
    assert reported.events_of([first])[first.pk] == []
    assert first.steps.get().taken_back_reason == "Reported again within 24 hours."


def test_a_report_that_came_before_inherits_what_was_judged_of_the_later_one(acme, gateways):
    opened, later = incident({gateways[0]: "major_outage"}), taken(acme, at=NOON + minutes(5))
    report_triage.judge_report(
        report=later, severity=2, provider_caused=True, incident=opened, failure=None, reason="Ours.", actor=ALICE
    )
    earlier = taken(acme, at=NOON + minutes(2))
    report_triage.name_failure(report=earlier, same_as=later, actor=ALICE)
    earlier.refresh_from_db()
    later.refresh_from_db()
    assert (later.failure, earlier.incident) == (earlier, opened), "one failure is one incident"
    assert (earlier.severity, earlier.provider_caused) == (2, True)
    assert len(reported.severities_of([earlier])[earlier.pk]) == 1
    (asked,) = reported.refund_reports(acme)
    assert (asked.id, asked.reported_at, asked.provider_caused) == (earlier.pk, NOON + minutes(2), True)


# --- Steps ------------------------------------------------------------------------------------


def test_updates_of_the_incident_are_the_steps_of_its_reports(acme, gateways):
    opened, report = incident({gateways[0]: "major_outage"}), taken(acme)
    report_triage.triage(report=report, severity=1, actor=ALICE, now=NOON)
    report_triage.link_incident(report=report, incident=opened, actor=ALICE, now=NOON)

    def say(status: str, after: float, **facts) -> None:
        facts = {"body": f"After {after}.", "actor": ALICE, "now": NOON + minutes(after)} | facts
        incidents.publish_update(incident=opened, status=status, **facts)

    machine = type(ALICE)(name="key", source="api", abilities=ALICE.abilities)
    say("identified", 10, actor=machine)
    assert not report.steps.exists(), "a program's word is no response"
    say("identified", 30)
    say("monitoring", 80)
    say("resolved", 100)
    say("postmortem", 110)
    assert [each.step for each in report.steps.all()] == ["response", "progress_report", "resolved"]
    assert standing(report, NOON + hours(9)) == (Standing.MET, Standing.MET, 0)
    say("investigating", 200, reopen=True)
    assert standing(report, NOON + hours(9)) == (Standing.MET, Standing.MISSED, 2), "it had not been resolved"
    say("resolved", 230)
    say("investigating", 230 + 24 * 60 + 1, reopen=True)
    assert standing(report, NOON + hours(90)) == (Standing.MET, Standing.MET, 1), "another failure: it takes a report"


def test_what_is_resolved_already_when_it_is_linked_was_resolved_then(acme, gateways):
    opened, report = incident({gateways[0]: "major_outage"}), taken(acme)
    incidents.publish_update(incident=opened, status="resolved", body="Done.", actor=ALICE, now=NOON + hours(1))
    report_triage.link_incident(report=report, incident=opened, actor=ALICE, now=NOON + hours(2))
    assert report.resolved_at == NOON + hours(1)
    late = taken(acme, at=NOON + hours(3))
    report_triage.link_incident(report=late, incident=opened, actor=ALICE, now=NOON + hours(3))
    report.refresh_from_db()
    assert (late.failure, late.resolved_at, report.resolved_at) == (report, None, None), "it fails again"


def test_steps_are_recorded_in_their_turn_once_and_never_of_what_is_over(acme):
    report = taken(acme)

    def record(step: str, after: float, **facts):
        at = NOON + minutes(after)
        return report_steps.record_step(report=report, step=step, at=at, actor=ALICE, **{"now": at} | facts)

    first = record("response", 5, key="one", words="We look.")
    assert record("response", 9, key="one", words="We look.") == first
    with pytest.raises(FormUsed):
        record("response", 9, key="one", words="Other.")
    for step, after, why in (
        ("client_answered", 6, "not waited"),
        ("auto_acknowledgement", 6, "not known"),
        ("response", -1, "before"),
    ):
        with pytest.raises(ValidationError, match=why):
            record(step, after, now=NOON + minutes(10))
    with pytest.raises(ValidationError, match="future"):
        record("response", 11, now=NOON + minutes(10))
    record("waiting_for_client", 10)
    with pytest.raises(ValidationError, match="already"):
        record("waiting_for_client", 12)
    done = record("resolved", 20)
    with pytest.raises(ValidationError, match="resolved"):
        record("progress_report", 21)
    record("progress_report", 15, now=NOON + minutes(22))
    record("client_answered", 30)
    report.refresh_from_db()
    assert report.resolved_at == NOON + minutes(20), "an answer that comes late opens nothing again"
    report_steps.take_back_step(step=done, reason="It fails again.", actor=ALICE)
    report.refresh_from_db()
    assert (report.resolved_at, report.steps.count()) == (None, 5)
    with pytest.raises(ValidationError, match="not waited"):
        asked = report.steps.get(step="waiting_for_client")
        report_steps.take_back_step(step=asked, reason="Nobody asked.", actor=ALICE)


def test_a_progress_report_without_a_response_before_it_is_the_response(acme):
    report = taken(acme)
    report_triage.triage(report=report, severity=1, actor=ALICE, now=NOON)

    def progress(after: float, **facts):
        at = NOON + minutes(after)
        return report_steps.record_step(report=report, step="progress_report", at=at, now=at, actor=ALICE, **facts)

    first = progress(10, key="one", words="It is the cable.")
    assert progress(12, key="one", words="It is the cable.") == first, "pressed twice"
    assert (first.step, standing(report, NOON + minutes(45))) == ("response", (Standing.MET, Standing.OPEN, 0))
    assert progress(40).step == "progress_report"
    with pytest.raises(FormUsed):
        report_steps.record_step(report=report, step="resolved", key="one", words="It is the cable.", actor=ALICE)


# --- Kept and forgotten -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "left"),
    [(89, "ann declined nobody's network"), (91, "ann"), (36 * 31, "")],
    ids=["within 90 days", "after 90 days", "as old as the ledger grows"],
)
def test_people_are_forgotten_and_reports_stay(acme, days, left):
    facts = {"ann": {}, "declined": {"declined_at": NOON, "declined_reason": "x"}, "network": {"network_key": "n"}}
    for name, columns in facts.items():
        report = taken(acme, contact_email="" if name == "network" else f"{name}@acme.example")
        ClientReport.objects.filter(pk=report.pk).update(**columns)
    taken(None, service="", contact_email="nobody@s.example", what="nobody's")
    report_retention.forget_old(NOON + timedelta(days=days))
    rows = ClientReport.objects.order_by("created_at", "pk")
    kept = {each.contact_email.partition("@")[0] or ("network" if each.network_key else "") for each in rows}
    assert {"nobody's" if each == "nobody" else each for each in kept} - {""} == set(left.split())
    assert ClientReport.objects.filter(contract=acme, completed_at=NOON, what="Nothing is sent.").count() == 3
