"""Where contracts stand: a statement's own figures, kept, and made anew when what they hang on has changed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from statuspage.actions import outages, standings
from statuspage.models import ContractStanding, FrozenStatement, Outage
from tests.statuspage.contracting import contract, redundant
from tests.statuspage.given import ALICE, NOON, component, minutes
from tests.statuspage.remedies.given import at, closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

LATER = at("2026-11-16T00:00")
"""Half of November is over."""


def down(row, start, length, **facts) -> Outage:
    ended_at = start + length if length else None
    columns = {"status": "major_outage", "started_at": start, "ended_at": ended_at, "created_at": start}
    return Outage.objects.create(component=row, **columns | facts)


def standing(of, now=LATER) -> ContractStanding:
    standings.refresh(now)
    return ContractStanding.objects.get(contract=of)


def test_the_budget_of_the_month_and_the_pace_it_is_used_at():
    """November allows 259.2 seconds: half of it in half of the month will just do, a microsecond more will not."""
    api = component()
    held = contract(api)
    first = standing(held)
    assert (first.period, first.target, first.availability, first.state) == ("2026-11", "99.99", "100.0000", "on_track")
    assert (first.allowed_seconds, first.counted_seconds, first.left_per_mille) == (Decimal("259.2"), 0, 1000)
    row = down(api, NOON, timedelta(seconds=129.6))
    half = standing(held)
    assert (half.counted_seconds, half.left_per_mille, half.state) == (Decimal("129.6"), 500, "on_track")
    Outage.objects.filter(pk=row.pk).update(is_current=False)
    again = down(api, NOON, timedelta(seconds=129.6, microseconds=1), replaces=row)
    more = standing(held)
    assert (more.state, more.left_per_mille, more.is_interrupted) == ("at_risk", 499, False)
    Outage.objects.filter(pk=again.pk).update(is_current=False)
    down(api, NOON, timedelta(seconds=259.3), replaces=again)
    over = standing(held)
    assert (over.state, over.left_per_mille, over.credit_days) == ("breached", -1, 3)


def test_an_interruption_that_goes_on_is_a_risk_and_is_followed():
    api = component()
    held = contract(api)
    down(api, LATER - timedelta(seconds=1), None)
    row = standing(held)
    assert (row.is_interrupted, row.state, row.counted_seconds) == (True, "at_risk", 1)
    assert standings.refresh(LATER + minutes(4)) == 0
    assert standing(held, LATER + minutes(5)).state == "breached"


def test_figures_are_made_anew_where_what_they_hang_on_has_changed():
    first, second = component("A"), component("B")
    one, other = contract(first), contract(second, name="Other")
    yearly = contract(name="Yearly", agreed=redundant(component("C"), component("D")))
    assert standings.refresh(LATER) == 3
    assert standings.refresh(LATER + minutes(1)) == 0, "nothing has changed"
    row = down(first, NOON, minutes(1))
    assert standings.refresh(LATER + minutes(2)) == 1
    outages.correct_outage(
        outage=row,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cause="third_party",
        reason="Theirs.",
        actor=ALICE,
        now=LATER + minutes(3),
    )
    assert standings.refresh(LATER + minutes(3)) == 1
    assert ContractStanding.objects.get(contract=one).counted_seconds == 0
    closed(other, "2026-10", 3)
    assert standings.refresh(LATER + minutes(4)) == 1
    assert ContractStanding.objects.get(contract=yearly).period == "2026"
    assert standings.refresh(at("2026-12-01T00:00")) == 3, "another month, and an hour is over"
    one.versions.update(valid_until=LATER)
    standings.refresh(LATER + minutes(5))
    assert not ContractStanding.objects.filter(contract=one).exists(), "no longer in force"


def test_the_trend_is_that_of_the_statements_that_hold():
    held = contract(component())
    closed(held, "2026-09", 0, total_seconds=1000, counted_seconds=0)
    closed(held, "2026-10", 0, total_seconds=1000, counted_seconds=0)
    closed(held, "2026-10", 3, number=2, total_seconds=1000, counted_seconds=1, is_met=False)
    closed(held, "2026", 0)
    assert standing(held).months == [
        {"month": "2026-09", "availability": "100.0000", "met": True, "seconds": 0},
        {"month": "2026-10", "availability": "99.9000", "met": False, "seconds": 1},
    ]
    assert FrozenStatement.objects.count() == 4
