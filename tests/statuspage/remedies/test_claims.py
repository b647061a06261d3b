"""Claims to credits: in time or too late, capped with the client's others, decided once by somebody who says why."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage.actions import contracts, remedies
from statuspage.actions.base import FormUsed, StaleEdit
from statuspage.models import AuditEntry, Contract, CreditClaim
from statuspage.remedies.claims import Ground, judge
from statuspage.remedies.terms import term_of
from tests.statuspage.contracting import OLGA, agreed, contract, redundant
from tests.statuspage.given import ALICE, component

from .given import at, closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

NOW = at("2026-12-31T00:00")


def claimed(of, month: str = "2026-03", received: str = "2026-04-05T10:00", **facts) -> CreditClaim:
    facts = {"received_at": at(received), "actor": OLGA, "now": NOW} | facts
    return remedies.record_claim(contract=of, month=month, **facts)


def decided(claim: CreditClaim, grants: bool = True, note: str = "As agreed.", **facts) -> CreditClaim:
    return remedies.decide_claim(claim=claim, grants=grants, note=note, **{"actor": OLGA, "now": NOW} | facts)


def test_a_claim_in_time_adds_days_to_the_end_of_the_term():
    held = contract(component(), ends_on=date(2027, 1, 1))
    closed(held, "2026-03", 7)
    claim = decided(claimed(held, received="2026-05-01T23:59:59", words="By mail."))
    assert (claim.decision, claim.days, claim.asked, claim.accepted) == ("granted", 7, 7, True)
    assert (claim.last_day, claim.statement_number, claim.note) == (date(2026, 5, 1), 1, "As agreed.")
    term = term_of(held)
    assert (term.ends_on, term.days_added, term.extended_to) == (date(2027, 1, 1), 7, date(2027, 1, 8))
    acts = AuditEntry.objects.filter(object_kind="claim").order_by("id").values_list("action", "actor_name")
    assert list(acts) == [("record_claim", "olga"), ("decide_claim", "olga")]


@pytest.mark.parametrize(
    ("month", "received", "days", "ground"),
    [
        ("2026-03", "2026-03-31T23:59", 3, Ground.TOO_EARLY),
        ("2026-03", "2026-05-02T00:00", 3, Ground.TOO_LATE),
        ("2026-03", "2026-04-05T00:00", 0, Ground.NOTHING_DUE),
        ("2026-03", "2026-04-05T00:00", None, Ground.NOT_CLOSED),
    ],
)
def test_what_the_contract_does_not_grant_is_kept_with_the_reason(month, received, days, ground):
    held = contract(component())
    if days is not None:
        closed(held, month, days)
    claim = claimed(held, month, received)
    assert judge(claim).ground == ground
    with pytest.raises(ValidationError):
        decided(claim)
    with pytest.raises(ValidationError, match="Say why"):
        decided(claim, grants=False, note=" ")
    kept = decided(claim, grants=False, note="Not this time.")
    assert (kept.decision, kept.days, kept.note) == ("refused", 0, "Not this time.")
    assert term_of(held).days_added == 0


def test_credits_of_one_client_and_month_are_capped_together():
    first = contract(component("A"))
    second = contract(component("B"), name="Acme 2", client=first.client)
    other = contract(component("C"), name="Other")
    for held, days in ((first, 7), (second, 15), (other, 15)):
        closed(held, "2026-03", days)
    closed(second, "2026-02", 15)
    assert decided(claimed(first)).days == 7
    found = judge(claimed(second))
    assert (found.days, found.of_client, found.is_capped) == (8, 7, True)
    assert decided(claimed(second)).days == 8
    assert judge(claimed(first)).ground == Ground.GRANTED_BEFORE
    assert decided(claimed(other)).days == 15
    assert decided(claimed(second, "2026-02", "2026-03-05T10:00")).days == 15, "each month has its own"


def test_a_figure_that_got_worse_after_the_deadline_may_be_claimed_anew():
    held = contract(component())
    closed(held, "2026-03", 3)
    assert decided(claimed(held)).days == 3
    closed(held, "2026-03", 7, number=2, frozen_at="2026-08-10T12:00")
    assert judge(claimed(held, received="2026-08-10T11:59")).ground == Ground.TOO_LATE
    again = decided(claimed(held, received="2026-09-09T23:00"))
    assert (again.days, again.asked, again.last_day, again.statement_number) == (4, 4, date(2026, 9, 9), 2)
    assert judge(claimed(held, received="2026-09-10T00:00")).ground == Ground.TOO_LATE
    assert term_of(held).days_added == 7


def test_it_is_recorded_once_and_decided_once():
    held = contract(component())
    closed(held, "2026-03", 3)
    claim = claimed(held, key="k")
    assert claimed(held, key="k") == claim
    with pytest.raises(FormUsed):
        claimed(held, "2026-02", key="k")
    for facts in ({"received": "2026-04-06T10:00"}, {"words": "By mail."}):
        with pytest.raises(FormUsed):
            claimed(held, key="k", **facts)
    decided(claim)
    with pytest.raises(StaleEdit):
        decided(claim, grants=False)
    assert CreditClaim.objects.get().decision == "granted"


def test_what_cannot_be_claimed_names_the_field():
    held = contract(component("A"))
    yearly = contract(name="Yearly", agreed=redundant(component("B"), component("C")))
    for facts, field in (
        ({"of": held, "month": "2026-13"}, "month"),
        ({"of": held, "month": "2025-12"}, "month"),
        ({"of": yearly}, "contract"),
        ({"of": held, "received": "2027-01-01T00:00"}, "received_at"),
        ({"of": held, "words": "x" * 2_001}, "words"),
    ):
        with pytest.raises(ValidationError) as refused:
            claimed(**facts)
        assert set(refused.value.message_dict) == {field}
    with pytest.raises(PermissionDenied):
        claimed(held, actor=ALICE)
    assert not CreditClaim.objects.exists()


@pytest.mark.parametrize("is_frozen", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "first", "last"),
    [
        ("UTC", "Asia/Tokyo", "2026-04-30T15:00", "2026-05-31T15:00"),
        ("Asia/Tokyo", "America/New_York", "2026-05-01T04:00", "2026-06-01T04:00"),
    ],
)
def test_a_month_with_which_the_zone_changes_ends_where_its_statement_does(before, after, first, last, is_frozen):
    api = component()
    held = contract(agreed=agreed(api, time_zone=before))
    zone = {"agreed": agreed(api, time_zone=after), "actor": OLGA, "now": at("2026-04-20T00:00")}
    contracts.change_contract(contract=held, starts_on=date(2026, 5, 1), **zone)
    if is_frozen:
        end = {"starts_at": at("2026-04-01T00:00"), "ends_at": at(first)}
        closed(held, "2026-04", 3, frozen_at="2026-05-01T10:00", **end)
    assert grounds(held, first) == [Ground.TOO_EARLY, Ground.DUE if is_frozen else Ground.NOT_CLOSED]
    assert grounds(held, last) == [Ground.DUE if is_frozen else Ground.NOT_CLOSED, Ground.TOO_LATE]


def grounds(of: Contract, moment: str) -> list[str]:
    """Of a claim for April that came a second before, and of one that came then."""
    received = (at(moment) - timedelta(seconds=1), at(moment))
    return [judge(claimed(of, "2026-04", received_at=each)).ground for each in received]


def test_a_month_that_was_frozen_ends_where_it_ended_then():
    api = component()
    held = contract(component("B"))
    for zone in ("Asia/Tokyo", "UTC"):
        terms = {"agreed": agreed(api, time_zone=zone), "actor": OLGA, "now": at("2026-04-20T00:00")}
        contracts.change_contract(contract=held, starts_on=date(2026, 5, 1), **terms)
    closed(held, "2026-04", 3, ends_at=at("2026-04-30T15:00"))
    assert grounds(held, "2026-04-30T15:00") == [Ground.TOO_EARLY, Ground.DUE]
    assert grounds(held, "2026-05-31T15:00") == [Ground.DUE, Ground.TOO_LATE]
