"""Refunds: what a client's reports come to, and what a person decides of it, once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage.actions import contracts, refunds
from statuspage.actions.base import StaleEdit
from statuspage.actions.report_triage import name_failure
from statuspage.models import AuditEntry, ClientReport, Component, Contract, RefundDecision
from statuspage.remedies.refunds import all_proposals, proposals
from tests.statuspage.contracting import OLGA, agreed, contract, redundant
from tests.statuspage.given import ALICE, component

from .given import at, failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NOW = at("2026-12-31T00:00")


@pytest.fixture
def acme() -> Contract:
    paid = {"subscription_amount": "1250.00", "subscription_currency": "EUR"}
    return contract(agreed=redundant(component("A"), component("B"), time_zone="Europe/Amsterdam", **paid))


def decided(of: Contract, grants: bool = True, note: str = "Four in a month.", **facts) -> RefundDecision:
    found = proposals(of)[0].refund
    facts = {"rule": found.rule, "deciding": found.deciding, "actor": OLGA, "now": NOW} | facts
    return refunds.decide_refund(contract=of, grants=grants, note=note, **facts)


def test_the_fourth_failure_decides_and_its_months_subscription_is_refunded(acme):
    pks = failed(acme, 10, 20, 25, 33)
    failed(acme, 26, provider_caused=False)
    (found,) = all_proposals()
    assert (found.refund.month, found.refund.rule, found.deciding.id) == ("2026-04", "severity_1", pks[3])
    assert (found.window.start, found.window.end) == (at("2026-03-06T23:00"), at("2026-04-03T22:00")), "28 dates"
    row = decided(acme)
    assert (row.granted, row.month, row.amount, row.currency, row.reports) == (True, "2026-04", "1250.00", "EUR", pks)
    assert AuditEntry.objects.filter(object_kind="refund", object_id=row.deciding, actor_name="olga").exists()
    assert proposals(acme) == [], "used up"
    failed(acme, 34, 35, 36)
    assert proposals(acme) == [], "three are left"
    failed(acme, 37)
    assert proposals(acme) == [], "a month has one refund"


def test_a_refund_that_is_declined_uses_nothing_up(acme):
    pks = failed(acme, 0, 1, 2, 3)
    row = decided(acme, grants=False, note="One was the client's own.")
    assert (row.granted, proposals(acme)) == (False, [])
    (fifth,) = failed(acme, 8)
    (again,) = proposals(acme)
    assert (again.deciding.id, again.refund.reports) == (fifth, tuple(pks))


def test_the_second_rule_counts_one_services_failures_that_hit_a_quarter(acme):
    quarter = {"severity": 2, "affected_messages": 25, "total_messages": 100}
    failed(acme, 0, 1, 2, 3, 4, **quarter)
    failed(acme, 5, **quarter | {"service": "Gateway B"})
    failed(acme, 6, **quarter | {"affected_messages": 24})
    assert proposals(acme) == []
    failed(acme, 7, **quarter)
    assert [each.refund.rule for each in proposals(acme)] == ["severity_2"]


def test_where_two_readings_differ_a_person_decides(acme):
    failed(acme, 0.5, 1, 2, 28.4)
    (found,) = proposals(acme)
    assert found.is_doubtful
    row = decided(acme)
    assert (row.review, row.granted, proposals(acme)) == (True, True, [])


def test_it_is_decided_once_by_who_may_and_says_why(acme):
    failed(acme, 0, 1, 2, 3)
    named = proposals(acme)[0].refund
    with pytest.raises(PermissionDenied):
        decided(acme, actor=ALICE)
    with pytest.raises(ValidationError, match="Say why"):
        decided(acme, note="")
    row = decided(acme)
    facts = {"contract": acme, "rule": named.rule, "deciding": named.deciding, "actor": OLGA, "note": "Again."}
    assert refunds.decide_refund(grants=True, **facts) == row, "pressed twice"
    with pytest.raises(StaleEdit):
        refunds.decide_refund(grants=False, **facts)
    ClientReport.objects.update(severity=3)
    with pytest.raises(StaleEdit, match="something else"):
        refunds.decide_refund(grants=True, **facts | {"deciding": "zzzzzzzzzzzz"})
    assert RefundDecision.objects.count() == 1


def test_a_failure_that_was_used_up_stays_so_under_an_earlier_report(acme):
    pks = failed(acme, 14, 20, 25, 30)
    decided(acme)
    failed(acme, 31.5, 32, 33)
    (early,) = failed(acme, 29.9)
    report = ClientReport.objects.get(pk=early)
    name_failure(report=report, same_as=ClientReport.objects.get(pk=pks[3]), actor=ALICE, now=NOW)
    assert ClientReport.objects.get(pk=pks[3]).failure_id == early
    assert proposals(acme) == []


def test_a_refund_that_was_declined_stays_so_under_an_earlier_report(acme):
    pks = failed(acme, 0, 1, 2, 3)
    decided(acme, grants=False)
    (early,) = failed(acme, 2.9)
    report = ClientReport.objects.get(pk=early)
    name_failure(report=report, same_as=ClientReport.objects.get(pk=pks[3]), actor=ALICE, now=NOW)
    assert proposals(acme) == []


def changed(of: Contract, starts_on: date, **facts) -> None:
    api = Component.objects.filter(name="A").get()
    facts = {"agreed": agreed(api), "actor": OLGA, "now": NOW} | facts
    contracts.change_contract(contract=of, starts_on=starts_on, **facts)


def test_what_was_owed_stays_owed_when_the_contract_changes_its_type(acme):
    pks = failed(acme, 0, 1, 2, 3)
    changed(acme, date(2026, 3, 10))
    failed(acme, 10, 11, 12, 13)
    (found,) = proposals(acme)
    assert (found.deciding.id, found.version.number, found.refund.reports) == (pks[3], 1, tuple(pks))
    assert decided(acme).amount == "1250.00"
    assert proposals(acme) == []


def test_only_reports_count_whose_contract_had_the_rule(acme):
    changed(acme, date(2026, 3, 10))
    back = redundant(*Component.objects.order_by("name"), time_zone="Europe/Amsterdam")
    changed(acme, date(2026, 3, 20), agreed=back)
    failed(acme, 3, 11, 12, 13, 20, 21)
    assert proposals(acme) == [], "three under the rule"
    (fourth,) = failed(acme, 22)
    assert [each.deciding.id for each in proposals(acme)] == [fourth]


def test_a_report_is_dated_in_the_zone_that_was_agreed_when_it_came(acme):
    (*_, last) = failed(acme, 0, 1, 2, 3, start="2026-03-28T23:30")
    parts = Component.objects.order_by("name")
    changed(acme, date(2026, 5, 1), agreed=redundant(*parts, time_zone="Pacific/Honolulu"))
    failed(acme, 0, 1, 2, start="2026-05-02T09:00")
    (found,) = proposals(acme)
    assert (found.deciding.id, found.refund.month, found.window.end) == (last, "2026-04", at("2026-04-01T22:00"))


def test_a_change_of_contract_uses_nothing_up_twice(acme):
    failed(acme, 14, 20, 25, 30)
    changed(acme, date(2026, 4, 2), agreed=redundant(*Component.objects.order_by("name")))
    failed(acme, 35, 36, 37)
    assert [each.refund.month for each in proposals(acme)] == ["2026-03"]
    failed(acme, 38)
    assert [each.refund.month for each in proposals(acme)] == ["2026-03", "2026-04"]


def test_what_came_before_a_change_decides_by_what_was_agreed_then_alone(acme):
    failed(acme, 0.5, 1, 2, 28.4)
    changed(acme, date(2026, 5, 1), agreed=redundant(*Component.objects.order_by("name"), time_zone="Asia/Dubai"))
    (found,) = proposals(acme)
    assert (found.is_doubtful, found.version.number) == (True, 1), "28 dates in Dubai alone"
