"""The overview of all contracts: filters, order, budget in minutes and as a bar, trend, clocks; fast with hundreds."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from statuspage.actions import standings
from statuspage.models import Contract, ContractStanding, Outage
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import component
from tests.statuspage.remedies.given import closed, failed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

ROOM = "/admin/service-levels/"


@pytest.fixture
def officer(sign_in):
    return sign_in("service-level officer")


def names(answer) -> list[str]:
    return [str(each["row"].contract) for each in answer.context["rows"]]


def test_contracts_stand_by_what_is_left_of_their_budget(officer, sign_in):
    assert "No contract in force has figures yet." in officer.get(ROOM).text
    api, web, first, second = (component(name) for name in ("API", "Web", "A", "B"))
    bad = contract(api, name="Bad")
    contract(web, name="Good")
    yearly = contract(name="Yearly", agreed=redundant(first, second))
    now = timezone.now()
    Outage.objects.create(component=api, status="major_outage", started_at=now - timedelta(days=2), created_at=now)
    closed(bad, "2026-09", 3, is_met=False, counted_seconds=2_592)
    failed(yearly, 0, start=f"{now - timedelta(hours=20):%Y-%m-%dT%H:%M}")
    standings.refresh(now)
    page = officer.get(ROOM)
    assert names(page) == ["Bad", "Good", "Yearly"]
    for words in (
        "min over the budget",
        "4.32 min left",
        "0.00 of 4.32 min used",
        "target 99.99 %",
        "an interruption goes on",
        "2026-09: 99.9000 %",
        "1 closed month, missed: 1",
        "no closed month yet",
        "1 open failure",
        "a clock was missed",
        "would use up the budget before the period ends",
        "computed",
    ):
        assert words in page.text, words
    assert re.findall(r'class="left" width="(\d+)"', page.text) == ["0", "1000", "1000"]
    assert names(officer.get(ROOM, {"state": "breached"})) == ["Bad"]
    assert names(officer.get(ROOM, {"q": "good"})) == ["Good"]
    assert names(officer.get(ROOM, {"order": "client", "state": "rubbish"})) == ["Bad", "Good", "Yearly"]
    assert "None." in officer.get(ROOM, {"q": "nobody"}).text
    ContractStanding.objects.filter(contract=yearly).update(state="breached")
    for place in (ROOM, "/admin/"):
        assert "1 contract has missed its yearly availability." in sign_in("owner").get(place).text
        assert "has missed its yearly" not in officer.get(place).text
    assert "Yearly availability missed" in officer.get("/admin/refunds/").text


def test_five_hundred_contracts_are_shown_without_computing_any(officer, django_assert_num_queries):
    """How long it takes, `make bench ONLY=statements` says."""
    row = standing_of(contract(component()))
    with CaptureQueriesContext(connection) as few:
        officer.get(ROOM)
    client, now = row.contract.client, row.computed_at
    more = [Contract(client=client, name=f"C{number}", created_at=now, updated_at=now) for number in range(499)]
    Contract.objects.bulk_create(more)
    facts = {each.name: getattr(row, each.name) for each in ContractStanding._meta.concrete_fields[1:]}
    ContractStanding.objects.bulk_create(ContractStanding(contract=each, **facts) for each in more)
    with django_assert_num_queries(len(few)):
        assert officer.get(ROOM).context["page"].paginator.count == 500


def standing_of(held: Contract) -> ContractStanding:
    months = [f"{2025 + (number + 10) // 12}-{(number + 10) % 12 + 1:02}" for number in range(12)]
    for key in months:
        closed(held, key, 0)
    standings.refresh()
    return ContractStanding.objects.get(contract=held)
