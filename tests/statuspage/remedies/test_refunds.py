"""Refunds: what a client's reports come to, and what a person decides of it, once."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage.actions import refunds
from statuspage.actions.base import StaleEdit
from statuspage.models import AuditEntry, ClientReport, Contract, RefundDecision
from statuspage.remedies.refunds import all_proposals, proposals
from tests.statuspage.contracting import OLGA, contract, redundant
from tests.statuspage.given import ALICE, component

from .given import at, failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NOW = at("2026-12-31T00:00")


@pytest.fixture
def acme() -> Contract:
    paid = {"subscription_amount": "1250.00", "subscription_currency": "EUR"}
    return contract(agreed=redundant(component("A"), component("B"), time_zone="Europe/Amsterdam", **paid))


def decided(of: Contract, grants: bool = True, note: str = "Four in a month.", **facts) -> RefundDecision:
    found = proposals(of, NOW)[0].refund
    facts = {"rule": found.rule, "deciding": found.deciding, "actor": OLGA, "now": NOW} | facts
    return refunds.decide_refund(contract=of, grants=grants, note=note, **facts)


def test_the_fourth_failure_decides_and_its_months_subscription_is_refunded(acme):
    pks = failed(acme, 10, 20, 25, 33)
    failed(acme, 26, provider_caused=False)
    (found,) = all_proposals(NOW)
    assert (found.refund.month, found.refund.rule, found.deciding.id) == ("2026-04", "severity_1", pks[3])
    assert (found.window.start, found.window.end) == (at("2026-03-06T23:00"), at("2026-04-03T22:00")), "28 dates"
    row = decided(acme)
    assert (row.granted, row.month, row.amount, row.currency, row.reports) == (True, "2026-04", "1250.00", "EUR", pks)
    assert AuditEntry.objects.filter(object_kind="refund", object_id=row.deciding, actor_name="olga").exists()
    assert proposals(acme, NOW) == [], "used up"
    failed(acme, 34, 35, 36)
    assert proposals(acme, NOW) == [], "three are left"
    failed(acme, 37)
    assert proposals(acme, NOW) == [], "a month has one refund"


def test_a_refund_that_is_declined_uses_nothing_up(acme):
    pks = failed(acme, 0, 1, 2, 3)
    row = decided(acme, grants=False, note="One was the client's own.")
    assert (row.granted, proposals(acme, NOW)) == (False, [])
    (fifth,) = failed(acme, 8)
    (again,) = proposals(acme, NOW)
    assert (again.deciding.id, again.refund.reports) == (fifth, tuple(pks))


def test_the_second_rule_counts_one_services_failures_that_hit_a_quarter(acme):
    quarter = {"severity": 2, "affected_messages": 25, "total_messages": 100}
    failed(acme, 0, 1, 2, 3, 4, **quarter)
    failed(acme, 5, **quarter | {"service": "Gateway B"})
    failed(acme, 6, **quarter | {"affected_messages": 24})
    assert proposals(acme, NOW) == []
    failed(acme, 7, **quarter)
    assert [each.refund.rule for each in proposals(acme, NOW)] == ["severity_2"]


def test_where_two_readings_differ_a_person_decides(acme):
    failed(acme, 0.5, 1, 2, 28.4)
    (found,) = proposals(acme, NOW)
    assert found.is_doubtful
    row = decided(acme)
    assert (row.review, row.granted, proposals(acme, NOW)) == (True, True, [])


def test_it_is_decided_once_by_who_may_and_says_why(acme):
    failed(acme, 0, 1, 2, 3)
    named = proposals(acme, NOW)[0].refund
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
