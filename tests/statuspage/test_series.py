"""Maintenance that recurs: each window is announced once, in time, as a maintenance of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections

from statuspage.actions import due, maintenance, series
from statuspage.actions.base import FormUsed, StaleEdit
from statuspage.models import AuditEntry, Maintenance, MaintenanceSeries

from .given import ALICE, BOB, NOON, component, hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

SUNDAYS = ["2026-11-08", "2026-11-15", "2026-11-22", "2026-11-29", "2026-12-06"]
"""Those within 35 days of NOON, Monday 2 November."""


def facts(*components, **others) -> dict:
    return {
        "name": "Database upgrade",
        "body": "Read-only.",
        "components": [each.pk for each in components],
        "wall_start": datetime(2026, 11, 8, 2, 0),
        "time_zone": "Europe/Amsterdam",
        "length": hours(2),
        "rule": "FREQ=WEEKLY;BYDAY=SU",
    } | others


def made(*components, **others) -> MaintenanceSeries:
    """A window each Sunday at two in Amsterdam, from 8 November on."""
    return series.create_series(**{"actor": ALICE, "now": NOON, **facts(*components, **others)})


def days(each: MaintenanceSeries, **chosen) -> list[str]:
    found = Maintenance.objects.filter(series=each, **chosen).order_by("scheduled_for")
    return [f"{window.scheduled_for:%Y-%m-%d}" for window in found]


def test_the_windows_of_the_next_weeks_are_announced_at_once_and_in_one_message(heard):
    api = component()
    sundays = made(api)
    assert days(sundays) == SUNDAYS
    first, *others = Maintenance.objects.filter(series=sundays).order_by("scheduled_for")
    assert first.scheduled_for == datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
    assert first.scheduled_until == datetime(2026, 11, 8, 3, 0, tzinfo=UTC)
    assert list(first.components.all()) == [api]
    lead, *rest = heard
    assert [each.scheduled_for for each in lead.further] == [each.scheduled_for.isoformat() for each in others]
    assert {each.told_with for each in rest} == {lead.update_id}
    assert lead.told_with == ""
    assert {each.further for each in rest} == {()}


def test_the_sweep_announces_each_further_window_once_35_days_ahead(heard):
    sundays = made()
    near = datetime(2026, 12, 13, 1, 0, tzinfo=UTC) - timedelta(days=35)
    assert series.extend_series(near) == 0
    assert series.extend_series(near + timedelta(microseconds=1)) == 1
    assert series.extend_series(near + timedelta(seconds=5)) == 0
    assert days(sundays) == [*SUNDAYS, "2026-12-13"]
    assert (heard[-1].further, heard[-1].told_with) == ((), "")


def test_fault_14_what_came_near_while_nobody_looked_is_announced_but_for_what_is_over(heard):
    sundays = made()
    heard.clear()
    late = datetime(2026, 12, 27, 2, 0, tzinfo=UTC)  # a window is under way; the one of the 20th is over
    series.extend_series(late)
    assert days(sundays, scheduled_for__gt=datetime(2026, 12, 8, tzinfo=UTC)) == [
        "2026-12-27", "2027-01-03", "2027-01-10", "2027-01-17", "2027-01-24", "2027-01-31"
    ]  # fmt: skip
    assert len(heard[0].further) == 5
    due.run_due(late)
    assert days(sundays, status="in_progress") == ["2026-12-27"]


@pytest.mark.django_db(transaction=True)
def test_fault_13_five_beats_announce_each_window_once():
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time there anyway")
    sundays = made()
    later = datetime(2027, 1, 15, tzinfo=UTC)

    def beat(_number: int) -> int:
        try:
            return series.extend_series(later)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as beats:
        announced = sum(beats.map(beat, range(5)))
    found = Maintenance.objects.filter(series=sundays, occurs_at__gt=datetime(2026, 12, 8, tzinfo=UTC))
    assert announced == found.count() == 5  # those before are over
    assert len(set(found.values_list("occurs_at", flat=True))) == found.count()


def test_both_nights_keep_the_time_on_the_wall():
    sundays = made(wall_start=datetime(2026, 10, 18, 2, 30), now=datetime(2026, 10, 10, tzinfo=UTC), actor=ALICE)
    starts = Maintenance.objects.filter(series=sundays).order_by("occurs_at").values_list("scheduled_for", flat=True)
    assert [f"{each:%d %H:%M}" for each in starts][:3] == ["18 00:30", "25 00:30", "01 01:30"]


def test_a_skipped_window_stays_skipped():
    sundays = made()
    skipped = Maintenance.objects.get(series=sundays, scheduled_for__day=22)
    maintenance.cancel_maintenance(maintenance=skipped, body="Not this time.", actor=ALICE, now=NOON + hours(1))
    sundays.announced_until = NOON
    sundays.save()
    assert series.extend_series(NOON + hours(2)) == 0
    assert days(sundays, status="scheduled") == [each for each in SUNDAYS if each != "2026-11-22"]


def test_a_moved_window_is_not_announced_again_at_its_old_time():
    sundays = made()
    moved = Maintenance.objects.get(series=sundays, scheduled_for__day=22)
    window = {"scheduled_for": moved.scheduled_for + hours(24), "scheduled_until": moved.scheduled_until + hours(24)}
    maintenance.move_maintenance(maintenance=moved, body="Later.", actor=ALICE, now=NOON + hours(1), **window)
    sundays.announced_until = NOON
    sundays.save()
    assert series.extend_series(NOON + hours(2)) == 0
    assert Maintenance.objects.filter(series=sundays).count() == 5


def test_a_series_ends_when_its_last_window_is_announced():
    two = made(rule="FREQ=WEEKLY;COUNT=2")
    assert days(two) == SUNDAYS[:2]
    assert two.ended_at == NOON
    assert series.extend_series(NOON + timedelta(days=300)) == 0


def test_an_ended_series_announces_nothing_further_and_leaves_what_is_announced():
    sundays = made()
    series.end_series(series=sundays, actor=ALICE, now=NOON + hours(1))
    assert series.extend_series(NOON + timedelta(days=30)) == 0
    assert days(sundays, status="scheduled") == SUNDAYS


def test_what_is_announced_is_called_off_in_one_message_where_asked(heard):
    sundays = made()
    begun = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
    due.run_due(begun)
    heard.clear()
    series.end_series(series=sundays, actor=ALICE, cancels_announced=True, body="No longer needed.", now=begun)
    assert days(sundays, status="in_progress") == SUNDAYS[:1]
    assert days(sundays, status="cancelled") == SUNDAYS[1:]
    lead, *rest = heard
    assert [each.subject_id for each in lead.further] == [each.subject_id for each in rest]
    assert {each.told_with for each in rest} == {lead.update_id}
    series.end_series(series=sundays, actor=ALICE, cancels_announced=True, body="No longer needed.", now=begun)
    assert len(heard) == 4


def test_new_words_are_those_of_the_windows_from_now_on():
    sundays = made()
    series.change_series(series=sundays, actor=ALICE, now=NOON + hours(1), **facts(name="Compaction"))
    series.extend_series(datetime(2026, 11, 9, tzinfo=UTC))
    names = Maintenance.objects.filter(series=sundays).order_by("occurs_at").values_list("name", flat=True)
    assert list(names) == ["Database upgrade"] * 5 + ["Compaction"]


def test_a_new_rule_takes_over_behind_what_is_announced():
    sundays = made()
    series.change_series(series=sundays, actor=ALICE, now=NOON + hours(1), **facts(rule="FREQ=WEEKLY;BYDAY=SA"))
    series.extend_series(datetime(2026, 11, 10, tzinfo=UTC))
    assert days(sundays) == [*SUNDAYS, "2026-12-12"]


def test_a_new_rule_may_replace_what_is_announced_and_be_taken_back(heard):
    sundays = made()
    heard.clear()
    change = {"actor": ALICE, "replaces_announced": True, "reason": "Saturdays suit more of you."}
    both = facts(rule="FREQ=WEEKLY;BYDAY=SA,SU;INTERVAL=2")
    series.change_series(series=sundays, now=NOON + hours(1), **change, **both)
    assert days(sundays, status="cancelled") == ["2026-11-15", "2026-11-29"]
    assert days(sundays, status="scheduled") == [
        "2026-11-08", "2026-11-21", "2026-11-22", "2026-12-05", "2026-12-06"
    ]  # fmt: skip
    assert [each.kind for each in heard] == ["maintenance_cancelled"] * 2 + ["maintenance_scheduled"] * 2
    series.change_series(series=sundays, now=NOON + hours(2), **change, **facts())
    assert days(sundays, status="scheduled") == SUNDAYS


def test_a_window_that_was_moved_to_where_the_new_rule_has_one_is_that_one():
    sundays = made()
    moved = sundays.occurrences.order_by("occurs_at")[1]
    day = timedelta(days=1)
    to_monday = {"scheduled_for": moved.scheduled_for + day, "scheduled_until": moved.scheduled_until + day}
    maintenance.move_maintenance(maintenance=moved, body="Monday.", actor=ALICE, now=NOON + hours(1), **to_monday)
    mondays = facts(rule="FREQ=WEEKLY;BYDAY=MO")
    then = {"replaces_announced": True, "reason": "Mondays.", "now": NOON + hours(2)}
    series.change_series(series=sundays, actor=ALICE, **then, **mondays)
    assert days(sundays, status="scheduled") == ["2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07"]
    moved.refresh_from_db()
    assert (moved.status, moved.occurs_at) == ("scheduled", moved.scheduled_for)


def test_what_is_announced_may_be_replaced_in_a_second_step():
    sundays, saturdays = made(), facts(rule="FREQ=WEEKLY;BYDAY=SA")
    series.change_series(series=sundays, actor=ALICE, now=NOON + hours(1), **saturdays)
    then = {"replaces_announced": True, "reason": "All of them.", "now": NOON + hours(2)}
    series.change_series(series=sundays, actor=ALICE, **then, **saturdays)
    assert days(sundays, status="cancelled") == SUNDAYS
    assert days(sundays, status="scheduled") == ["2026-11-14", "2026-11-21", "2026-11-28", "2026-12-05"]


def test_telling_nobody_tells_nobody(heard):
    made(notify=False)
    assert {each.notify for each in heard} == {False}


def test_the_plan_of_a_series_is_its_windows():
    each = made(reminders=[120, 30], auto_start=False, tells_end=False).occurrences.first()
    assert (each.reminders, each.auto_start, each.auto_complete, each.tells_end) == ([120, 30], False, True, False)


def test_pressing_twice_makes_one_and_other_words_are_refused():
    one = made(idempotency_key="a-form")
    assert made(idempotency_key="a-form") == one
    assert Maintenance.objects.count() == 5
    with pytest.raises(FormUsed):
        made(idempotency_key="a-form", name="Other")


def test_somebody_elses_change_is_not_overwritten():
    sundays = made()
    series.change_series(series=sundays, actor=ALICE, expected_version=1, **facts(name="One"))
    with pytest.raises(StaleEdit):
        series.change_series(series=sundays, actor=ALICE, expected_version=1, **facts(name="Two"))


def test_only_publishers_may():
    sundays = made()
    for act in (
        lambda: made(actor=BOB),
        lambda: series.change_series(series=sundays, actor=BOB, **facts(name="Mine")),
        lambda: series.end_series(series=sundays, actor=BOB),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"length": timedelta()}, "length"),
        ({"length": timedelta(days=8)}, "length"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"name": " "}, "name"),
        ({"body": ""}, "body"),
        ({"reminders": [-1]}, "reminders"),
        ({"components": ["nonexistent0"]}, "components"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_nothing_is_stored(wrong, field):
    with pytest.raises(ValidationError) as refused:
        made(**wrong)
    assert list(refused.value.message_dict) == [field]
    assert not MaintenanceSeries.objects.exists()


def test_who_did_what_is_in_the_audit_log():
    sundays = made()
    series.change_series(series=sundays, actor=ALICE, now=NOON, **facts(name="Compaction"))
    series.end_series(series=sundays, actor=ALICE, now=NOON)
    acts = AuditEntry.objects.filter(object_kind="series", object_id=sundays.pk).order_by("pk")
    assert [(each.action, each.actor_name) for each in acts] == [
        ("create_series", "alice"), ("announce_series", "alice"), ("change_series", "alice"), ("end_series", "alice")
    ]  # fmt: skip
    assert (acts[2].before["name"], acts[2].after["name"]) == ("Database upgrade", "Compaction")


def test_a_series_that_cannot_be_counted_out_holds_up_no_other(caplog):
    broken, sundays = made(), made(name="Another")
    MaintenanceSeries.objects.filter(pk=broken.pk).update(time_zone="Europe/Atlantis")
    assert series.extend_series(datetime(2026, 11, 9, tzinfo=UTC)) == 1
    assert len(days(sundays)) == 6
    assert broken.pk in caplog.text
