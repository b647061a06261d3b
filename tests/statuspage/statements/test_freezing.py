"""Statements are frozen once, by themselves, when their period is over; a correction makes the next version."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from statuspage import audit
from statuspage.actions import outages, statements
from statuspage.actions.base import StaleEdit
from statuspage.models import AuditEntry, Component, Contract, FrozenStatement, Outage, StatementSweep
from statuspage.statements.differences import Difference, differences, is_correction
from statuspage.statements.printed import printed
from statuspage.statements.render import as_html
from tests.statuspage import contracting, given

from . import held

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def swept(hours: float) -> int:
    """A sweep so many hours after the first of April."""
    return statements.freeze_due(held.at(hours))


def numbers(key: str = "2026-04") -> list[int]:
    return list(FrozenStatement.objects.filter(period=key).order_by("number").values_list("number", flat=True))


def test_a_month_is_frozen_an_hour_after_its_end_and_stays():
    contract, _api = held.april()
    swept(720 + 0.9)
    assert numbers() == []
    assert numbers("2026-03") == [1]
    swept(720 + 1)
    assert numbers() == [1]
    row = FrozenStatement.objects.get(period="2026-04")
    assert (row.counted_seconds, row.total_seconds, row.is_met, row.credit_days) == (10_800, 2_592_000, False, 3)
    assert [swept(720 + 1 + each) for each in range(1, 30)] == [0] * 29
    said = printed(contract, "2026-04", held.at(900))
    assert (said.frozen.number, said.figures) == (1, row.figures)
    assert "Version 1, frozen at 2026-05-01 01:00:00 +00:00." in as_html(said).decode()


def test_a_correction_makes_the_next_version_with_its_reason_and_author(django_user_model):
    contract, _api = held.april()
    swept(721)
    first = FrozenStatement.objects.get(period="2026-04")
    user = django_user_model.objects.create_user("olga")
    olga = audit.Actor(name="olga", source="console", abilities=contracting.OLGA.abilities, user=user)
    wrong = Outage.objects.get(started_at=held.at(1))
    outages.correct_outage(
        outage=wrong, ended_at=held.at(2), reason="The log says two o'clock.", actor=olga, now=held.at(722)
    )
    assert swept(722.1) == 1
    second = FrozenStatement.objects.get(period="2026-04", number=2)
    assert (second.counted_seconds, second.author_name) == (7_200, "olga")
    assert "The log says two o'clock." in second.reason
    first.refresh_from_db()
    assert first.counted_seconds == 10_800
    assert {each.kind for each in differences(first.inputs, second.inputs)} == {"outage"}
    assert swept(723) == 0
    page = as_html(printed(contract, "2026-04", held.at(900))).decode()
    assert "Version 2" in page
    assert "The log says two o&#x27;clock." in page
    assert "Version 1, frozen at" in as_html(printed(contract, "2026-04", held.at(900), number=1)).decode()
    assert AuditEntry.objects.filter(action="freeze_statement", after__period="2026-04").count() == 2


def test_a_fact_that_no_correction_announces_is_found_within_a_day():
    _contract, api = held.april()
    Contract.objects.update(updated_at=held.APRIL)
    swept(721)
    held.outage(api, 500, 501, created_at=held.at(500))
    assert swept(730) == 0
    assert swept(746) == 1
    assert numbers() == [1, 2]
    assert FrozenStatement.objects.get(period="2026-04", number=2).reason


def test_a_flag_set_later_leaves_a_closed_month_as_it_was_frozen_until_staff_choose_otherwise():
    """Not by itself, not with a true correction, not by hand; only where an officer says so, and why."""
    contract, api = held.april()
    held.window(api, start=200, end=204, ahead=1)
    swept(721)
    Component.objects.filter(pk=api.pk).update(is_third_party=True)
    assert [swept(760 + each) for each in range(3)] == [0, 0, 0]
    made = {"contract": contract, "key": "2026-04", "actor": contracting.OLGA, "now": held.at(770)}
    with pytest.raises(ValidationError, match="nothing to make anew"):
        statements.make_version(**made, number=1, reason="It was theirs.")
    wrong = Outage.objects.get(started_at=held.at(1))
    outages.correct_outage(
        outage=wrong, ended_at=held.at(2), reason="The log.", actor=contracting.OLGA, now=held.at(771)
    )
    assert swept(772) == 1
    first, second = FrozenStatement.objects.filter(period="2026-04").order_by("number")
    assert {each.kind for each in differences(first.inputs, second.inputs)} == {"outage"}
    assert first.counted_seconds - second.counted_seconds == 3_600
    with pytest.raises(ValidationError, match="Say why"):
        statements.make_version(**made, number=2, as_it_stands=True)
    third = statements.make_version(**made, number=2, as_it_stands=True, reason="It was theirs.")
    assert third.inputs["third_party"] == [api.pk]
    third.refresh_from_db()
    assert second.counted_seconds - third.counted_seconds == 4 * 3_600


def test_notice_that_the_ledger_forgot_is_no_correction_of_a_window():
    told = {"interval": ["a", "b"], "noticed_at": "c", "basis": "contacts"}
    forgotten = told | {"noticed_at": "a", "basis": "publication"}
    moved = told | {"interval": ["a", "d"]}

    def changed(after: dict[str, object]) -> bool:
        before = {"id": "m", "announcements": [told]}
        return is_correction(Difference("maintenance", "m", before, {"id": "m", "announcements": [after]}))

    assert (changed(forgotten), changed(moved)) == (False, True)


def three_corrected(hours: float) -> list[str]:
    """The contracts of three clients of one component, whose outage in April is put right at that hour."""
    api = given.component("API")
    held.outage(api, 1, 2)
    pks = [contracting.contract(api, name=each).pk for each in ("Acme", "Bolt", "Core")]
    Contract.objects.update(updated_at=held.APRIL)
    for each in range(3):
        swept(hours - 1 + each / 30)
    outages.correct_outage(
        outage=Outage.objects.get(), ended_at=held.at(3), reason="The log.", actor=contracting.OLGA, now=held.at(hours)
    )
    return pks


def test_a_correction_reaches_all_that_it_touches_however_few_a_sweep_takes(monkeypatch):
    """Twelve frozen statements, of which it touches three; one a sweep, and no day passes."""
    three_corrected(722)
    monkeypatch.setattr(statements, "MOST", 1)
    assert [swept(722 + each / 60) for each in range(1, 5)] == [1, 1, 1, 0]
    assert numbers() == [1, 1, 1, 2, 2, 2]


def test_changes_are_seen_once_all_that_they_touch_was_looked_at(monkeypatch):
    three_corrected(722)
    monkeypatch.setattr(statements, "MOST", 2)
    before = StatementSweep.objects.get().seen_at
    swept(722 + 1 / 60)
    assert StatementSweep.objects.get().seen_at == before
    for each in range(2, 20):
        swept(722 + each / 60)
    assert StatementSweep.objects.get().seen_at == held.at(722 + 19 / 60)
    assert numbers() == [1, 1, 1, 2, 2, 2]


def test_what_a_change_does_not_touch_waits_for_what_it_does(monkeypatch):
    """A day later all wait to be looked at again, the earlier months too: the corrected one is first."""
    three_corrected(746)
    FrozenStatement.objects.update(checked_at=held.at(721))
    monkeypatch.setattr(statements, "MOST", 3)
    assert swept(746 + 1 / 60) == 3


def test_statements_without_facts_by_now_hold_no_places(monkeypatch):
    """The only version was taken back, so its months have no facts; the other contract's are still checked."""
    gone, _api = held.april("Acme")
    _contract, api = held.april("Bolt")
    Contract.objects.update(updated_at=held.APRIL)
    swept(721)
    gone.versions.update(withdrawn_at=held.at(722))
    held.outage(api, 500, 501, created_at=held.at(500))
    FrozenStatement.objects.filter(contract=gone).update(checked_at=held.at(0))
    monkeypatch.setattr(statements, "MOST", 1)
    assert sum(swept(746 + each / 60) for each in range(8)) == 1


def test_staff_make_a_version_where_the_record_changed_and_not_otherwise():
    contract, api = held.april()
    swept(721)
    made = {"contract": contract, "key": "2026-04", "number": 1}
    with pytest.raises(ValidationError, match="nothing to make anew"):
        statements.make_version(**made, actor=contracting.OLGA, now=held.at(722))
    with pytest.raises(PermissionDenied):
        statements.make_version(**made, actor=given.ALICE, now=held.at(722))
    held.outage(api, 500, 501)
    row = statements.make_version(**made, actor=contracting.OLGA, reason="Found in the logs.", now=held.at(722))
    assert (row.number, row.reason) == (2, "Found in the logs.")
    with pytest.raises(StaleEdit):
        statements.make_version(**made, actor=contracting.OLGA, now=held.at(722))


def test_years_are_frozen_where_years_are_promised():
    api = given.component()
    contracting.contract(api, agreed=contracting.agreed(api, type="platform", redundancy="single"))
    statements.freeze_due(held.APRIL + timedelta(days=270))
    assert numbers("2026") == []
    statements.freeze_due(held.APRIL + timedelta(days=276 + 30))
    assert numbers("2026") == [1]
    assert FrozenStatement.objects.get(period="2026-12").is_met is None
    assert FrozenStatement.objects.get(period="2026").is_met is True


def ended(contract: Contract, hours: float) -> Contract:
    contract.versions.update(valid_until=held.at(hours))
    return contract


def test_a_contract_that_ended_with_a_month_keeps_nobody_from_being_frozen(monkeypatch):
    monkeypatch.setattr(statements, "MOST", 1)
    first = ended(contracting.contract(given.component("old"), name="Ended"), -31 * 24)
    other = contracting.contract(given.component("new"), name="Living")
    assert [swept(721 + each) for each in range(7)] == [1, 1, 1, 1, 1, 1, 0]
    assert sorted(first.statements.values_list("period", flat=True)) == ["2026-01", "2026-02"]
    assert sorted(other.statements.values_list("period", flat=True)) == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_the_year_of_a_yearly_promise_that_ended_in_it_is_frozen():
    api = given.component()
    platform = contracting.agreed(api, type="platform", redundancy="single")
    contract = ended(contracting.contract(api, agreed=platform), 91 * 24)
    statements.freeze_due(held.APRIL + timedelta(days=275))
    assert sorted(contract.statements.values_list("period", flat=True))[-1] == "2026-06"
    assert numbers("2026") == []
    statements.freeze_due(held.APRIL + timedelta(days=276))
    assert numbers("2026") == [1]
    assert numbers("2027") == []
    assert contract.statements.get(period="2026").total_seconds == 181 * 86_400


def test_a_period_that_cannot_be_computed_stops_no_other(caplog):
    """A target that its type does not have makes a contract's periods impossible; put right, they are frozen."""
    contract, _api = held.april()
    contract.versions.update(redundancy="single")
    assert swept(721) == 0
    assert "statements of 2026-04 could not be frozen" in caplog.text
    contract.versions.update(redundancy="")
    assert swept(722) > 0
    assert numbers() == [1]


@pytest.mark.django_db(transaction=True)
def test_five_sweeps_at_once_freeze_once():
    held.april()
    statements.freeze_due(held.at(700))
    gate = threading.Barrier(5)
    failed: list[BaseException] = []

    def sweep(late: int) -> None:
        try:
            gate.wait()
            statements.freeze_due(held.at(721) + late * MINUTE)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep, args=[each]) for each in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    assert numbers() == [1]
