"""When a window's notice was complete, and that the answer stands whatever becomes of its recipients."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications import fanout, lateness, noticed, retention, subscriptions
from notifications.models import Delivery, OutboxEvent, Subscription
from notifications.subscriptions import Reason
from statuspage import compliance, ports
from statuspage.actions import maintenance
from statuspage.models import Maintenance
from tests.notifications.given import subscribers
from tests.notifications.ledger import make_due, send, states, sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)


def window(ahead=30 * HOUR, **facts_):
    now = timezone.now()
    return facts.scheduled(facts.component(), now=now, start=now + ahead, **facts_)


def moved(row, by=HOUR):
    row.refresh_from_db()
    maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=row.scheduled_for + by,
        scheduled_until=row.scheduled_until + by,
        body="Other times.",
        actor=facts.ALICE,
    )


def judged(row):
    (found,) = compliance.judge(Maintenance.objects.filter(pk=row.pk))
    return found.judgement


def reported(capsys) -> str:
    """The whole statement, whatever its exit status."""
    with suppress(CommandError):
        call_command("notice_report", format="json")
    return capsys.readouterr().out


# --- Complete, and when ------------------------------------------------------------------------------


def test_a_window_is_judged_by_the_last_acceptance(relay):
    early, late = subscribers(email=2)
    row = window()
    assert judged(row).verdict == "pending", "nobody has it yet"
    sweep()
    assert (judged(row).verdict, judged(row).basis) == ("noticed", "ledger")
    Delivery.objects.filter(subscription=late).update(accepted_at=row.scheduled_for - 24 * HOUR)
    assert (judged(row).verdict, judged(row).lead) == ("noticed", 24 * HOUR)
    Delivery.objects.filter(subscription=late).update(accepted_at=row.scheduled_for - 23 * HOUR)
    assert (judged(row).verdict, judged(row).lacking) == ("late", HOUR)


def test_a_window_that_nobody_was_to_hear_of_had_no_notice_though_it_was_published():
    row = window(notify=False)
    assert (judged(row).verdict, judged(row).noticed_at) == ("no_notice", None)


def test_a_window_from_elsewhere_had_its_publication_for_notice_whatever_was_told_of_it_later(relay):
    subscribers(email=1)
    row = window(notify=False)
    OutboxEvent.objects.all().delete()
    maintenance.publish_maintenance_update(maintenance=row, body="Still so.", actor=facts.ALICE)
    sweep()
    assert ports.notices(row.pk) == {}
    assert (judged(row).verdict, judged(row).basis) == ("noticed", "publication")


def test_times_that_work_brought_forward_are_judged_by_the_ledger_like_others(relay):
    """Three days that begin now: the last of them are noticed when the last one was told, not when it was published."""
    subscribers(email=1)
    row = window(length=72 * HOUR)
    sweep()
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE)
    assert ports.notices(row.pk)[2].completed_at is None, "published, and told to nobody yet"
    sweep(2)
    told_at = Delivery.objects.get(event__kind="maintenance_started").accepted_at
    assert ports.notices(row.pk)[2].completed_at == told_at
    assert (judged(row).basis, judged(row).noticed_at) == ("ledger", told_at)


def test_that_work_began_in_its_time_is_no_notice_of_it(relay):
    subscribers(email=1)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now - 2 * HOUR, start=now - HOUR / 2, notify=False)
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE, now=now)
    sweep(2)
    assert states(event__kind="maintenance_started") == {"accepted": 1}
    assert {number: each.completed_at for number, each in ports.notices(row.pk).items()} == {1: None}


def test_who_subscribes_later_is_told_and_delays_nothing(relay):
    """The reminder an hour before the start is their first word of it."""
    subscribers(email=1)
    row = window()
    sweep()
    before = ports.notice_completed_at(row.pk, 1)
    later = subscribers(sms=1)[0]
    Subscription.objects.filter(pk=later.pk).update(channel="email", address="later@example.org")
    OutboxEvent.objects.filter(kind="maintenance_reminder").update(due_at=timezone.now(), published_at=timezone.now())
    sweep()
    assert Delivery.objects.filter(subscription=later, state="accepted").exists()
    assert ports.notice_completed_at(row.pk, 1) == before
    assert ports.notices(row.pk)[1] == ports.Notice(completed_at=before, told=1)
    assert str(later.pk) in {each["subscription"] for each in ports.notice_evidence(row.pk, 1)}


def test_who_was_overtaken_before_a_call_was_made_could_have_been_reached(relay):
    """Half of them heard of the old times, then it was moved: the old window was never announced to all."""
    first, second = subscribers(email=2)
    row = window()
    fanout.relay()
    Delivery.objects.filter(subscription=second).update(next_attempt_at=timezone.now() + HOUR)
    send()
    moved(row, 10 * HOUR)
    sweep(2)
    old, new = ports.notices(row.pk)[1], ports.notices(row.pk)[2]
    assert (old.completed_at, old.told, old.missed) == (None, 1, 1)
    assert (new.told, new.missed, new.waiting) == (2, 0, 0) and new.completed_at
    assert judged(row).noticed_at == new.completed_at
    assert {each["state"] for each in ports.notice_evidence(row.pk, 1)} == {"accepted", "superseded"}


@pytest.mark.parametrize(("attempts", "is_complete"), [(0, False), (3, True)])
def test_too_late_to_send_delays_unless_it_was_tried_in_vain(relay, attempts, is_complete):
    told, untold = subscribers(email=2)
    row = window()
    sweep()
    Delivery.objects.filter(subscription=untold).update(state="expired", accepted_at=None, attempts=attempts)
    found = ports.notices(row.pk)[1]
    assert (found.told, found.missed, found.unreached) == (1, 1 - is_complete, 0 + is_complete)
    assert bool(found.completed_at) is is_complete


def test_a_later_notice_makes_up_for_one_that_came_too_late_for_somebody(relay):
    told, untold = subscribers(email=2)
    row = window()
    sweep()
    Delivery.objects.filter(subscription=untold).update(state="superseded", accepted_at=None, attempts=0)
    assert ports.notice_completed_at(row.pk, 1) is None
    maintenance.publish_maintenance_update(maintenance=row, body="Read-only for an hour.", actor=facts.ALICE)
    sweep()
    assert (
        ports.notice_completed_at(row.pk, 1)
        == Delivery.objects.get(subscription=untold, event__kind="maintenance_updated").accepted_at
    )


def test_the_message_that_stands_in_for_a_late_announcement_is_the_notice(relay):
    subscribers(email=2)
    row = window()
    OutboxEvent.objects.filter(kind="maintenance_scheduled").update(expires_at=timezone.now())
    assert lateness.stand_in(timezone.now()) == 1
    sweep()
    found = ports.notices(row.pk)[1]
    assert (found.told, found.missed) == (2, 0)
    assert found.completed_at == Delivery.objects.order_by("accepted_at").last().accepted_at


def test_a_notice_that_was_taken_back_is_none(relay):
    subscribers(email=1)
    row = window()
    assert ports.recall(row.updates.get().pk)
    sweep()
    assert ports.notices(row.pk)[1].completed_at is None and judged(row).verdict == "no_notice"


def test_the_number_of_queries_does_not_grow_with_the_recipients(relay, django_assert_max_num_queries):
    subscribers(email=30)
    row = window()
    sweep()
    with django_assert_max_num_queries(3):
        assert noticed.notices(row.pk)[1].told == 30


# --- It stands ---------------------------------------------------------------------------------------


def test_the_statement_stands_though_recipients_left_were_erased_and_forgotten(relay, capsys):
    left, erased, forgotten, there = subscribers(email=4)
    row = window()
    sweep()
    before, evidence = reported(capsys), list(ports.notice_evidence(row.pk, 1))
    assert json.loads(before)["maintenances"][0]["verdict"] == "noticed"
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    subscriptions.erase(erased)
    subscriptions.unsubscribe(forgotten, reason=Reason.LINK)
    assert retention.forget(timezone.now() + timedelta(days=91), 60)
    assert not Subscription.objects.exclude(pk=there.pk).exclude(address="").exists()
    assert (reported(capsys), list(ports.notice_evidence(row.pk, 1))) == (before, evidence)
    assert "@" not in str(evidence)


def test_a_window_that_was_moved_twice_has_three_announcements(relay, capsys):
    """By ten hours, then by one hour back: of the last times an hour was never announced 24 hours ahead."""
    subscribers(email=2)
    row = window()
    sweep()
    moved(row, 10 * HOUR)
    sweep()
    moved(row, -1 * HOUR)
    sweep()
    Delivery.objects.filter(event__window_revision=3).update(accepted_at=row.scheduled_for)
    assert [bool(each.completed_at) for each in ports.notices(row.pk).values()] == [True, True, True]
    found = judged(row)
    assert (found.verdict, compliance.seconds(found.counted)) == ("partly_noticed", 3600)
    (said,) = json.loads(reported(capsys))["maintenances"]
    assert (said["revisions"], said["counted_seconds"], said["excluded_seconds"]) == (3, "3600", "3600")


def test_a_cancelled_window_excludes_nothing_and_lacks_nothing(relay, capsys):
    subscribers(email=1)
    row = window(ahead=3 * HOUR)
    sweep()
    maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
    sweep()
    (said,) = json.loads(reported(capsys))["maintenances"]
    assert (said["verdict"], said["needs_notice"], said["counted_seconds"]) == ("cancelled", False, "0")


def test_after_the_ledgers_time_the_publication_is_what_is_left(relay, settings):
    subscribers(email=1)
    row = window()
    sweep()
    assert judged(row).basis == "ledger"
    make_due()
    OutboxEvent.objects.update(settled_at=timezone.now())
    assert retention.forget(timezone.now() + timedelta(days=settings.RETAIN_LEDGER_DAYS + 3), 60)
    assert judged(row).basis == "publication"
