"""What was in force at each instant, against a calendar that is painted day by day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage import selectors
from statuspage.actions import contracts
from statuspage.models import Contract, ContractCoverage, ContractVersion
from statuspage.sla.periods import midnight
from tests.statuspage.contracting import OLGA, agreed, contract
from tests.statuspage.given import NOON, component

pytestmark = pytest.mark.django_db

FIRST = date(2026, 3, 1)
"""The clocks change within the days that follow."""
ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = 70
"""Painted; the last stands for ever after."""
INSTANT = timedelta(microseconds=1)

days = st.integers(1, DAYS - 10)
ends = st.none() | days
acts = st.lists(st.tuples(st.sampled_from(["change", "change", "change", "end"]), days, ends), max_size=8)


def day(number: int | None) -> date | None:
    return None if number is None else FIRST + timedelta(days=number)


class Calendar:
    """Day by day, the number of the version in force; None: no contract. Refuses what must be refused."""

    def __init__(self, starts: int, ends: int | None) -> None:
        self.days: list[int | None] = [None] * DAYS
        self.paint(starts, ends, 1)
        self.recorded = 1

    def paint(self, start: int, end: int | None, value: int | None) -> None:
        for number in range(start, DAYS if end is None else end):
            self.days[number] = value

    def starts(self) -> list[int]:
        """The days on which another version begins."""
        before = [None, *self.days]
        return [number for number, held in enumerate(self.days) if held is not None and held != before[number]]

    def last_end(self) -> int:
        """The first day after all of it; DAYS stands for never."""
        return max(number for number, held in enumerate(self.days) if held is not None) + 1

    def change(self, start: int, end: int | None) -> bool:
        following = min((each for each in self.starts() if each > start), default=None)
        if start > self.last_end() or (end is not None and end <= start):
            return False
        if following is not None and end is not None and end < following:
            return False
        self.recorded += 1
        self.paint(start, following, None)
        self.paint(start, end if following is None else following, self.recorded)
        return True

    def end(self, end: int, _: int | None) -> bool:
        if end <= self.starts()[0] or end >= self.last_end() < DAYS:
            return False
        self.paint(end, None, None)
        return True


def act(held: Contract, kind: str, first: int, last: int | None, components) -> bool:
    """Whether it was done."""
    number = held.versions.count() + 1
    terms = agreed(components[number % len(components)], time_zone=ZONE.key)
    facts = {"contract": held, "actor": OLGA, "now": NOON}
    try:
        with transaction.atomic():
            if kind == "end":
                contracts.end_contract(ends_on=day(first), **facts)
            else:
                contracts.change_contract(starts_on=day(first), ends_on=day(last), agreed=terms, **facts)
    except ValidationError:
        return False
    return True


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, ends, acts)
def test_what_was_in_force_at_each_instant_is_what_a_calendar_says(db, starts, until, steps):
    until = None if until is not None and until <= starts else until
    with transaction.atomic():
        components = [component(name) for name in "ABC"]
        terms = agreed(components[1], time_zone=ZONE.key)
        held = contract(agreed=terms, starts_on=day(starts), ends_on=day(until))
        calendar = Calendar(starts, until)
        for kind, first, last in steps:
            assert getattr(calendar, kind)(first, last) == act(held, kind, first, last, components)
        judge(held, calendar, components)
        transaction.set_rollback(True)


def judge(held: Contract, calendar: Calendar, components) -> None:
    """Each day's first instant, and the last one wherever the next day is another version's."""
    for number, expected in enumerate(calendar.days):
        instants = [midnight(day(number), ZONE)]
        if [expected] != calendar.days[number + 1 : number + 2]:
            instants.append(midnight(day(number + 1), ZONE) - INSTANT)
        for instant in instants:
            found = selectors.contract_at(held, instant)
            assert (found and found.number) == expected
    for number in {0, DAYS - 1, *calendar.starts(), *(each - 1 for each in calendar.starts()), DAYS // 2}:
        begins, version = midnight(day(number), ZONE), calendar.days[number]
        for place, each in enumerate(components):
            expected = version is not None and place == version % len(components)
            assert selectors.contracts_of([each.pk], begins).exists() == expected


def test_the_database_itself_refuses_versions_that_begin_or_end_together():
    held = contract(component())
    row = held.versions.get()
    for wrong in (
        {"valid_until": None, "valid_from": row.valid_from + timedelta(days=1)},
        {"valid_until": row.valid_from + timedelta(days=1)},
        {"valid_until": row.valid_from, "valid_from": row.valid_from},
    ):
        copy = ContractVersion(**{each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields})
        copy.pk, copy.number = None, 2
        for name, value in wrong.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)


def test_what_a_component_is_covered_by_costs_one_query(django_assert_num_queries):
    api, web = component("API"), component("Web")
    for number in range(3):
        contract(api, web, name=f"Client {number}")
    contract(web, name="Web alone")
    at = midnight(FIRST, ZONE)
    with django_assert_num_queries(1):
        assert selectors.contracts_of([api.pk, web.pk], at).count() == 4
    with django_assert_num_queries(1):
        assert {each.name for each in selectors.contracts_of([api.pk], at)} == {f"Client {n}" for n in range(3)}
    assert not selectors.contracts_of([], at).exists()
    assert ContractCoverage.objects.count() == 7
