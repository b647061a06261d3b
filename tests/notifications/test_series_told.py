"""Windows that recur: told of in one message, and each noticed by itself 24 hours before (I12)."""

from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from notifications import addresses, outbox
from notifications.feeds import calendar
from notifications.models import Delivery, OutboxEvent
from statuspage import compliance, notice_statement, ports
from statuspage.actions import maintenance, maintenance_notices, series
from statuspage.console import plans
from statuspage.models import Maintenance
from statuspage.windows import beside
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import states, sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick", "publish_root")]

DAY = timedelta(days=1)


def weekly(**others):
    """Five windows of two hours at the same time of day, the first in three days."""
    start = (timezone.now() + 3 * DAY).replace(second=0, microsecond=0, tzinfo=None)
    chosen = {
        "name": "Database upgrade",
        "body": "Read-only.",
        "components": [facts.component().pk],
        "wall_start": start,
        "time_zone": "UTC",
        "length": facts.hours(2),
        "rule": "FREQ=WEEKLY;COUNT=5",
        "actor": facts.ALICE,
    } | others
    return series.create_series(**chosen)


def windows(of) -> list[Maintenance]:
    return list(Maintenance.objects.filter(series=of).order_by("occurs_at"))


def rows(window: Maintenance) -> dict[str, str]:
    """Kind -> audience, of what is still to be told."""
    return dict(OutboxEvent.objects.filter(subject_id=window.pk, voided_at=None).values_list("kind", "audience"))


def come_due(kind: str, window: Maintenance) -> None:
    """Its moment is now."""
    now = timezone.now()
    OutboxEvent.objects.filter(kind=kind, subject_id=window.pk).update(due_at=now, published_at=now)


def test_a_new_series_is_one_mail_that_lists_its_windows(relay):
    subscribers(email=2)
    first, *others = windows(weekly())
    sweep(2)
    assert len(relay.messages()) == 2
    text = relay.messages()[0].text
    assert "Further windows:\n" in text
    for each in others:
        start, end = each.scheduled_for.astimezone(UTC), each.scheduled_until.astimezone(UTC)
        assert f"- {start.day} {start:%b %H:%M} - " in text and f"{end:%H:%M} UTC\n" in text
    assert set(states(event__subject_id=first.pk)) == {"accepted"}
    assert not Delivery.objects.exclude(event__subject_id=first.pk).exists()


def test_i12_each_window_is_noticed_by_its_own_advance_notice_and_not_before(relay):
    subscribers(email=1)
    first, second, *_ = windows(weekly())
    sweep(2)
    assert ports.notice_completed_at(first.pk, 1)
    assert ports.notice_completed_at(second.pk, 1) is None
    advance = OutboxEvent.objects.get(subject_id=second.pk, kind="maintenance_advance")
    assert advance.due_at == second.scheduled_for - timedelta(hours=25)
    come_due("maintenance_advance", second)
    sweep(2)
    accepted = Delivery.objects.get(event=advance).accepted_at
    assert ports.notice_completed_at(second.pk, 1) == accepted
    assert "Further windows" not in relay.messages()[-1].text


def test_i12_who_came_after_the_series_was_announced_has_the_advance_notice_too(relay):
    second = windows(weekly())[1]
    sweep()
    (late,) = subscribers(email=1)
    come_due("maintenance_advance", second)
    sweep(2)
    assert [each["subscription"] for each in ports.notice_evidence(second.pk, 1)] == [str(late.pk)]


def test_short_windows_have_an_advance_notice_too_where_they_say_nothing_else(relay):
    _first, second, *_ = windows(weekly(length=timedelta(minutes=20)))
    assert set(rows(second)) == {"maintenance_scheduled", "maintenance_advance", "maintenance_reminder"}


def test_a_window_too_near_for_an_advance_notice_tells_at_once(relay):
    subscribers(email=1)
    now = timezone.now()
    soon = (now + timedelta(hours=1)).replace(second=0, microsecond=0, tzinfo=None)
    first, second, third, *_ = windows(weekly(wall_start=soon, rule="FREQ=DAILY;COUNT=4"))
    sweep(2)
    told = set(Delivery.objects.values_list("event__subject_id", flat=True))
    assert told == {first.pk, second.pk}  # the second begins in 25 hours: its advance notice would be due by now
    assert rows(third)["maintenance_scheduled"] == "invited"


def test_reminders_of_ones_own_that_come_too_late_for_notice_leave_the_announcement_to_each(relay):
    near, far = windows(weekly(reminders=[60]))[1], windows(weekly(components=[], reminders=[60, 1500]))[1]
    assert rows(near)["maintenance_scheduled"] == "members"
    assert rows(far)["maintenance_scheduled"] == "invited"


@pytest.mark.parametrize("length", [timedelta(minutes=20), facts.hours(2)])
def test_a_listed_window_keeps_a_notice_that_counts_whatever_reminders_it_is_given(relay, length):
    """The second has no other word of its own; the first was announced by itself, so that staff decide alone."""
    subscribers(email=1)
    first, second, *_ = windows(weekly(length=length))
    for each in (first, second):
        maintenance_notices.set_notices(maintenance=each, reminders=[60], actor=facts.ALICE)
    sweep(2)
    assert set(rows(first)) == {"maintenance_scheduled", "maintenance_reminder"}
    assert set(rows(second)) == {"maintenance_scheduled", "maintenance_advance", "maintenance_reminder"}
    advance = OutboxEvent.objects.get(subject_id=second.pk, kind="maintenance_advance", voided_at=None)
    assert advance.due_at == second.scheduled_for - timedelta(hours=25)
    come_due("maintenance_advance", second)
    sweep(2)
    assert ports.notice_completed_at(second.pk, 1)
    second.refresh_from_db()
    maintenance_notices.set_notices(maintenance=second, reminders=[30], actor=facts.ALICE)
    assert OutboxEvent.objects.filter(subject_id=second.pk, kind="maintenance_advance", voided_at=None).count() == 1


def test_until_its_own_notice_a_listed_window_is_pending_and_the_console_says_when_that_comes(relay, capsys):
    subscribers(email=1)
    first, second, *others = windows(weekly())
    sweep(2)
    judged = compliance.judge(Maintenance.objects.all())
    assert [str(each.judgement.verdict) for each in judged] == ["noticed", *["pending"] * 4]
    assert not any(each.judgement.counted for each in judged)
    month = [each for each in notice_statement.statement().months if each.pending]
    assert sum(each.pending for each in month) == 4 and not any(each.wanting for each in month)
    assert plans.verdict_of(second) is None
    expected = plans.expected(second)
    assert expected.is_kept and " 24 h 59 min before the start" in expected.sentence
    assert windows_beside(second) == second.scheduled_for - timedelta(hours=25)
    OutboxEvent.objects.filter(subject_id=second.pk).update(voided_at=timezone.now(), void_reason="late")
    lost = plans.verdict_of(second)
    assert lost and not lost.is_kept and "never complete" in lost.sentence and lost.minutes == 120


def windows_beside(window: Maintenance):
    """When others take its notice to be complete."""
    ((_name, found),) = beside(
        [each.component_id for each in window.claims.all()], window.scheduled_for, window.scheduled_until
    )
    return found.last.noticed_at


def test_how_long_telling_takes_is_asked_once_for_all_windows_of_a_message(relay):
    subscribers(email=2)
    with CaptureQueriesContext(connection) as asked:
        weekly()
    counted = [each["sql"] for each in asked if "notifications_subscription" in each["sql"] and "COUNT(" in each["sql"]]
    assert len(counted) == 1


def test_a_text_says_how_many_more(twilio):
    subscribers(sms=1)
    weekly()
    sweep(2)
    assert "And 4 more." in twilio.messages()[0]["body"]


def test_fault_60_a_window_that_was_only_listed_is_called_off_to_those_who_had_the_list(relay):
    had_list, refused = subscribers(email=2)
    relay.script(stage="rcpt", reply="550 5.6.0 no", match=refused.address)
    second = windows(weekly())[1]
    sweep(2)
    relay.clear()
    subscribers(sms=1)  # new, and told nothing
    maintenance.cancel_maintenance(maintenance=second, body="Not needed.", actor=facts.ALICE)
    sweep(2)
    assert {each.subscription_id for each in Delivery.objects.filter(event__kind="maintenance_cancelled")} == {
        had_list.pk
    }
    assert rows(second) == {"maintenance_cancelled": "told"}


def test_fault_60_a_series_called_off_is_one_mail_to_each_who_knew_of_any_of_its_windows(relay):
    (had_list,) = subscribers(email=1)
    every = weekly()
    first, second, *_ = windows(every)
    sweep(2)
    had_advance = subscribed(addresses.email("late@example.org"))
    come_due("maintenance_advance", second)
    sweep(2)
    relay.clear()
    series.end_series(series=every, actor=facts.ALICE, cancels_announced=True, body="The tool is gone.")
    sweep(2)
    for reader in (had_list, had_advance):
        (mail,) = [each for each in relay.messages(reader.address) if "cancelled" in each.subject]
        assert "Also cancelled:\n- " in mail.text
    assert (
        not OutboxEvent.objects.filter(kind="maintenance_advance", voided_at=None)
        .exclude(subject_id=second.pk)
        .exists()
    )


def test_taken_back_the_message_takes_all_windows_notices_with_it(quick, relay):
    quick.UNDO_SECONDS = 30
    subscribers(email=1)
    first, *others = windows(weekly())
    other_series = windows(weekly(components=[], name="Another"))
    assert outbox.recall(first.updates.get().pk)
    assert all(rows(each) == {} for each in (first, *others))
    assert all("maintenance_advance" in rows(each) for each in other_series)


def test_the_calendars_have_each_window_and_follow_what_becomes_of_it():
    every = weekly()
    _first, moved, gone, *_rest = windows(every)
    later = {"scheduled_for": moved.scheduled_for + DAY, "scheduled_until": moved.scheduled_until + DAY}
    maintenance.move_maintenance(maintenance=moved, body="A day later.", actor=facts.ALICE, **later)
    maintenance.cancel_maintenance(maintenance=gone, body="Not this time.", actor=facts.ALICE)
    (component,) = every.components.all()
    snapshot = facts.captured()
    made = {each.path: each.render() for each in calendar.documents(snapshot)}
    for path in ("/maintenance.ics", f"/components/{component.pk}/maintenance.ics"):
        found = sorted(Calendar.from_ical(made[path]).walk("VEVENT"), key=lambda each: each.decoded("dtstart"))
        assert [(each["sequence"], each["status"]) for each in found] == [
            (0, "CONFIRMED"), (1, "CONFIRMED"), (1, "CANCELLED"), (0, "CONFIRMED"), (0, "CONFIRMED")
        ]  # fmt: skip
        assert found[1].decoded("dtstart") == later["scheduled_for"]
        assert len({str(each["uid"]) for each in found}) == 5


def test_staff_see_whom_the_first_message_tells(published):
    subscribers(email=3)
    weekly()
    assert ports.audience(published[0]) == {"email": 3}
