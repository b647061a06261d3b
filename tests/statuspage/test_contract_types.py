"""Contract types: what is stored equals the presets exactly, worked cases come out alike, what cannot be is refused."""

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from statuspage import contracted, selectors
from statuspage.actions import contract_types
from statuspage.actions.contract_types import create_contract_type, stored_type
from statuspage.models import AuditEntry, ContractType
from statuspage.sla import cases
from statuspage.sla.clocks import Targets
from statuspage.sla.contracts import CONTRACTS, ENTERPRISE, PLATFORM, Band, Redundancy, RefundRule, percent
from statuspage.sla.intervals import Interval
from statuspage.vocabulary import Cause, Severity
from tests.statuspage.contracting import OLGA, agreed, contract, redundant
from tests.statuspage.given import ALICE, NOON, component, hours

CASES = Path(__file__).resolve().parent.parent / "data" / "sla-cases.json"


def make(terms, name: str = "Gold", **facts) -> ContractType:
    return create_contract_type(name=name, terms=terms, **{"time_zone": "UTC", "actor": OLGA, "now": NOON} | facts)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CONTRACTS)
def test_a_preset_is_stored_when_it_is_first_used_and_equals_the_code(name):
    row = stored_type(name, OLGA, NOON)
    row.refresh_from_db()
    assert contracted.terms_of(row) == CONTRACTS[name]
    assert stored_type(name, OLGA, NOON) == row
    assert "." not in json.dumps(row.targets).replace('"99.99"', "").replace('"99.8"', ""), "no float"


@pytest.mark.django_db
def test_the_worked_cases_come_out_alike_from_stored_contracts(monkeypatch):
    rows = {name: stored_type(name, OLGA, NOON) for name in CONTRACTS}
    for row in rows.values():
        row.refresh_from_db()
    monkeypatch.setattr(cases, "CONTRACTS", {name: contracted.terms_of(row) for name, row in rows.items()})
    found = list(cases.results(json.loads(CASES.read_text())))
    assert len(found) > 40
    assert [result for result, expected in found if expected and not expected.items() <= result.items()] == []


@pytest.mark.django_db
def test_a_preset_whose_figures_change_in_a_release_is_another_row(monkeypatch):
    old = stored_type("enterprise", OLGA, NOON)
    monkeypatch.setattr(contract_types, "CONTRACTS", {"enterprise": replace(ENTERPRISE, most_days=20)})
    new = stored_type("enterprise", OLGA, NOON)
    assert (contracted.terms_of(old).most_days, contracted.terms_of(new).most_days) == (15, 20)


shares = st.integers(1, 10**6).map(lambda millionths: Fraction(millionths, 10**6))
spans = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def terms(draw):
    """Figures of every kind, not all of which anybody would sign."""
    limits = {each: Targets(draw(spans), draw(spans), draw(st.none() | spans)) for each in Severity}
    rules = [RefundRule(each, draw(st.integers(0, 9)), draw(st.integers(1, 99)), draw(shares)) for each in Severity]
    return replace(
        draw(st.sampled_from([ENTERPRISE, PLATFORM])),
        name="Gold",
        targets=draw(st.dictionaries(st.sampled_from([None, *Redundancy]), shares, min_size=1)),
        bands=tuple(Band(each, draw(st.integers(1, 31))) for each in draw(st.lists(shares, max_size=4))),
        severities=draw(st.sampled_from([{}, limits])),
        refunds=tuple(rules[: draw(st.integers(0, 3))]),
    )


@given(terms())
def test_what_is_stored_comes_back_exactly(figures):
    stored = json.loads(json.dumps(contracted.columns_of(figures)))
    assert contracted.terms_of(ContractType(name="Gold", **stored)) == figures


@pytest.mark.django_db
def test_staff_keep_a_type_of_their_own_once():
    gold = replace(ENTERPRISE, targets={None: percent("99.999")})
    row = make(gold, key="k")
    assert make(gold, key="k") == row
    assert contracted.terms_of(row) == replace(gold, name="Gold")
    assert contract(agreed=agreed(component(), type=row.pk)).versions.get().type == row
    assert AuditEntry.objects.filter(action="create_contract_type").get().after["targets"] == {"": "99.999"}
    for taken in ("Gold", "enterprise"):
        with pytest.raises(ValidationError, match=f"There is a contract type {taken} already"):
            make(gold, taken)
    with pytest.raises(PermissionDenied):
        make(gold, "Silver", actor=ALICE)


BAD = {
    "a target over 100": ({"targets": {None: percent("100.1")}}, "100.1 % is no share: more than 0, at most 100."),
    "no target": ({"targets": {}}, "Give one target, or one for each way of connecting."),
    "an own cause": ({"not_counted": frozenset({Cause.OWN})}, "own is always counted."),
    "yearly credits": ({"is_yearly": True}, "Credits go by calendar months: a yearly target has none."),
    "bands upside down": (
        {"bands": (Band(percent("95"), 3), Band(percent("99"), 7))},
        "A band from 99 % does not lie below 95 %.",
    ),
    "a band at the target": (
        {"bands": (Band(percent("99.99"), 3),)},
        "A band from 99.99 % does not lie below 99.99 %.",
    ),
    "no last band": (
        {"bands": (Band(percent("95"), 3),)},
        "The last band begins at 0 %, not at 95 %: a worse month would earn nothing.",
    ),
    "no days": ({"bands": (Band(Fraction(0), 0),)}, "A band earns one day at least."),
    "no time to claim": ({"claim_days": 0}, "With credits this is one day at least."),
    "one severity": (
        {"severities": {Severity.I: PLATFORM.severities[Severity.I]}},
        "Give the limits of every severity, or of none.",
    ),
    "no time": (
        {"severities": {**PLATFORM.severities, Severity.II: Targets(timedelta(), hours(1), None)}},
        "A limit of severity II is not longer than nothing.",
    ),
    "two rules": ({"refunds": PLATFORM.refunds * 2}, "Give one rule for each severity."),
    "no days to count": (
        {"refunds": (RefundRule(Severity.I, 3, 0),)},
        "Failures are counted within one day at least.",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("facts", "words"), BAD.values(), ids=BAD)
def test_figures_that_no_contract_can_mean_are_refused(facts, words):
    with pytest.raises(ValidationError) as refused:
        make(replace(ENTERPRISE, **facts))
    assert refused.value.messages == [words]
    assert not ContractType.objects.exists()


# --- For how many contracts late work would count -------------------------------------------------

WINDOW = Interval(NOON, NOON + hours(2))


def counted(*components) -> int | None:
    """For how many contracts two hours without notice count."""
    down = {each.pk: (WINDOW,) for each in components}
    return contracted.counting(selectors.coverages_of(down, WINDOW.start), down)


@pytest.mark.django_db
def test_work_on_one_gateway_of_two_is_no_downtime_and_on_both_it_is(django_assert_num_queries):
    first, second, cloud, other = component("A"), component("B"), component("Cloud"), component("Other")
    contract(agreed=redundant(first, second, cloud))
    assert counted(first) == counted(second) == 0
    assert counted(first, second) == counted(cloud) == counted(first, cloud) == 1
    single = replace(redundant(first, second), redundancy="single")
    contract(agreed=replace(single, services=single.services[:1]), name="Single")
    with django_assert_num_queries(1):
        assert counted(first, second) == 2
    assert (counted(first), counted(second), counted(other)) == (1, 0, None)


@pytest.mark.django_db
def test_gateways_that_are_down_one_after_the_other_are_never_down_together():
    first, second = component("A"), component("B")
    contract(agreed=redundant(first, second))
    halves = Interval(NOON, NOON + hours(1)), Interval(NOON + hours(1), NOON + hours(2))
    down = {first.pk: halves[:1], second.pk: halves[1:]}
    assert contracted.counting(selectors.coverages_of(down, NOON), down) == 0


@pytest.mark.django_db
def test_a_third_partys_work_counts_where_the_contract_does_not_exclude_it():
    carrier, spare = component("Carrier", is_third_party=True), component("Spare")
    contract(carrier)
    platform = redundant(carrier, spare)
    contract(agreed=replace(platform, redundancy="single", services=platform.services[:1]), name="Single")
    assert (counted(carrier), counted(spare)) == (1, None)


@pytest.mark.django_db
def test_a_contract_counts_only_while_it_is_in_force():
    api = component()
    contract(api, ends_on=NOON.date())
    contract(api, name="Later", starts_on=(NOON + hours(48)).date())
    assert counted(api) is None
