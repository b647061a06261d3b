"""Notices that missed their moment: one truthful message in their place, for whoever lacks it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import delivery, due_rows, fanout, lateness, outbox
from notifications.channels.base import Accepted, Unavailable
from notifications.delivery import hold, release, sweep
from notifications.models import OutboxEvent
from notifications.notices import LATE, STARTED_MAX_AGE
from statuspage import ports
from statuspage.actions import maintenance, maintenance_notices
from tests.notifications.ledger import states
from tests.notifications.travel import travel
from tests.statuspage.given import ALICE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick", "publish_root")]

SECOND, MINUTE, HOUR = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours"))
START = datetime(2026, 3, 9, 2, tzinfo=UTC)
END = START + 2 * HOUR
DOWN = Unavailable("no connection", code="down")


@pytest.fixture
def site(scripted):
    with travel(scripted("email")) as there:
        yield there


def announced(site, people=1, **wanted):
    """A window that everybody heard of a week before."""
    readers = site.people(people)
    window = site.window(START, reminders=wanted.pop("reminders", [25 * 60, 60]), **wanted)
    site.round()
    assert site.heard() == ["scheduled"] * people
    site.provider.sent.clear()
    return window, readers


# --- The relay comes late -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "heard"), [(LATE - SECOND, ["reminder"]), (LATE, ["current: ahead"]), (55 * MINUTE, ["current: ahead"])]
)
def test_a_reminder_that_comes_too_late_is_told_as_it_stands(site, late, heard):
    announced(site)
    site.round(START - 25 * HOUR)
    site.provider.sent.clear()
    site.round(START - HOUR + late)
    assert site.heard() == heard
    assert "9 March 2026, 02:00 UTC" in site.last_words()


def test_several_overdue_notices_are_one_message(site):
    announced(site, reminders=[25 * 60, 120, 60, 30])
    site.round(START - 15 * MINUTE)
    assert site.heard() == ["current: ahead"]
    assert "Upcoming maintenance. It begins at 9 Mar 02:00 UTC." in site.last_words()
    site.round(START)
    assert site.heard() == ["current: ahead", "started"]


def test_an_overdue_reminder_is_told_as_work_in_progress_where_the_start_itself_is_not_told(site):
    announced(site, tells_start=False)
    site.round(START + 20 * MINUTE)
    assert site.heard() == ["current: running"]
    assert "In progress since 9 Mar 02:00 UTC, announced until 9 Mar 04:00 UTC." in site.last_words()


def test_a_start_that_is_told_covers_the_overdue_reminders(site):
    announced(site)
    site.round(START)
    assert site.heard() == ["started"]
    assert set(voided().values()) == {outbox.BEGUN}


def voided() -> dict[str, str]:
    return dict(OutboxEvent.objects.exclude(voided_at=None).values_list("kind", "void_reason"))


@pytest.mark.parametrize(
    ("late", "heard"),
    [(STARTED_MAX_AGE - SECOND, ["started"]), (STARTED_MAX_AGE, ["current: running"]), (3 * HOUR, ["completed"])],
)
def test_fault_14_a_start_that_nobody_fanned_out_for_half_an_hour_is_told_as_it_stands(site, late, heard):
    announced(site)
    site.round(START - HOUR)
    site.provider.sent.clear()
    site.to(START)
    site.beat()
    site.round(START + late)
    assert site.heard() == heard


def test_fault_14_no_beat_for_three_hours_over_a_start(site):
    """The page is put right at once; one message says how it stands, none that it begins."""
    window, _ = announced(site)
    maintenance.move_maintenance(
        maintenance=window, scheduled_for=START, scheduled_until=START + 6 * HOUR, body="Longer.", actor=ALICE
    )
    site.round()
    site.provider.sent.clear()
    site.round(START + 3 * HOUR)
    window.refresh_from_db()
    assert window.status == "in_progress"
    assert site.heard() == ["started"]
    assert "Maintenance in progress. It was announced for 9 Mar 02:00 UTC." in site.last_words()
    assert "9 March 2026, 08:00 UTC" in site.last_words()


def test_fault_14_where_the_relay_wakes_before_the_page_it_waits_for_it(site):
    """It must not say "to come" of what has begun, nor "it has not begun" of what begins by itself."""
    announced(site)
    site.to(START + MINUTE)
    site.relay()
    assert site.heard() == []
    site.beat()
    site.relay()
    assert site.heard() == ["started"]


def test_whoever_wakes_after_the_window_hears_that_it_is_over_and_nothing_else(site):
    announced(site)
    site.round(END + 3 * HOUR)
    assert site.heard() == ["completed"]


def test_where_the_end_is_not_told_nobody_hears_of_what_is_over(site):
    announced(site, tells_start=False, tells_end=False)
    site.round(END + 3 * HOUR)
    assert site.heard() == []
    assert not due_rows.overdue(site.now).exists() and not due_rows.due(site.now).exists()


def test_times_that_nobody_heard_of_are_made_up_for_though_it_is_over(site):
    window, _ = announced(site, tells_start=False, tells_end=False)
    maintenance.move_maintenance(
        maintenance=window, scheduled_for=START - HOUR, scheduled_until=END - HOUR, body="Sooner.", actor=ALICE
    )
    site.to(END)
    site.beat()
    site.relay()
    assert site.heard() == ["current: over"]
    assert "Over since 9 Mar 03:00 UTC." in site.last_words()


# --- The provider comes late --------------------------------------------------------------------------------------


def test_a_reminder_that_could_not_be_handed_over_in_time_is_made_up_for_where_it_is_lacking(site):
    _, (told, waiting) = announced(site, people=2)
    site.round(START - 25 * HOUR)
    site.provider.sent.clear()
    site.provider.answers = [lambda message: DOWN if message.to == waiting.address else Accepted("taken")]
    site.round(START - HOUR)
    assert states(event__kind="maintenance_reminder") == {"accepted": 1, "queued": 1}
    site.provider.answers = []
    site.provider.sent.clear()
    site.round(START - HOUR + LATE)
    assert (site.heard(told), site.heard(waiting)) == ([], ["current: ahead"])
    assert states(event__kind="maintenance_reminder") == {"accepted": 1, "expired": 1}
    site.round(START - 30 * MINUTE)
    assert len(site.provider.sent) == 1, "once"


def test_fault_14_a_start_that_could_not_be_handed_over_for_half_an_hour_is_made_up_for(site):
    announced(site)
    site.round(START - HOUR)
    site.provider.answers = [DOWN]
    site.round(START)
    site.provider.answers = []
    site.provider.sent.clear()
    site.round(START + STARTED_MAX_AGE)
    assert site.heard() == ["current: running"]


def test_what_stands_in_is_itself_replaced_when_it_is_true_no_longer(site):
    announced(site, tells_start=False)
    site.provider.answers = [DOWN]
    site.round(START - 30 * MINUTE)
    site.provider.answers = []
    site.provider.sent.clear()
    site.round(START)
    site.relay()
    assert site.heard() == ["current: running"]
    assert states(event__kind="maintenance_current") == {"expired": 1, "accepted": 1}


def test_what_stands_in_for_those_who_were_missed_is_replaced_for_them_alone(site):
    _, (told, missed) = announced(site, people=2, tells_start=False)
    site.round(START - 25 * HOUR)
    site.provider.answers = [lambda message: DOWN if message.to == missed.address else Accepted("taken")]
    site.round(START - HOUR)
    site.to(START - HOUR + LATE + MINUTE)
    delivery.upkeep()
    (waiting,) = OutboxEvent.objects.filter(kind="maintenance_current")
    assert (waiting.audience, waiting.fanned_out_at) == ("missed", None)
    site.provider.answers = []
    site.provider.sent.clear()
    site.round(START + MINUTE)
    assert (site.heard(told), site.heard(missed)) == ([], ["current: running"])


def test_a_missed_announcement_is_made_up_for_when_its_work_goes_on(site):
    site.people()
    site.window(START, tells_start=False)
    site.provider.answers = [DOWN]
    site.round()
    site.provider.answers = []
    site.provider.sent.clear()
    site.round(START + MINUTE)
    site.relay()
    assert site.heard() == ["current: running"]


@pytest.mark.parametrize("is_fanned_out", [False, True])
def test_fault_27_a_held_site_makes_up_for_nothing_since_another_may_have_told_it(site, is_fanned_out):
    announced(site)
    site.round(START - 25 * HOUR)
    site.provider.sent.clear()
    if is_fanned_out:
        site.to(START - HOUR)
        fanout.relay()
    hold.ask_for_hold(site.now)
    site.round(START - 30 * MINUTE)
    assert site.heard() == [] and not OutboxEvent.objects.filter(kind="maintenance_current").exists()
    found = release.plan(site.now)
    release.release(found, site.now)
    site.round(START - 20 * MINUTE)
    assert site.heard() == ([] if is_fanned_out else ["current: ahead"])


# --- Evidence -----------------------------------------------------------------------------------------------------


def test_what_stands_in_before_the_start_is_notice_and_after_it_is_none(site):
    window, _ = announced(site, reminders=[48 * 60])
    (new,) = site.people()
    site.round(START - 26 * HOUR)
    assert "current: ahead" in site.heard(new)
    rows = {row["subscription"]: row for row in ports.notice_evidence(window.pk, 1)}
    assert 26 * HOUR - SECOND < rows[str(new.pk)]["before_start"] <= 26 * HOUR
    assert ports.notice_completed_at(window.pk, 1) < START - 26 * HOUR, "who subscribed since delays nothing"


# --- Other plans --------------------------------------------------------------------------------------------------


def test_a_change_of_offsets_voids_what_is_to_come_and_plans_anew(site):
    window, _ = announced(site, reminders=[180, 60])
    site.round(START - 3 * HOUR)
    site.to(START - 2.5 * HOUR)
    maintenance_notices.set_notices(maintenance=window, reminders=[180, 90, 60], actor=ALICE)
    assert voided() == {"maintenance_reminder": outbox.REPLANNED}
    for minutes in (90, 60):
        site.round(START - minutes * MINUTE)
    assert site.heard() == ["advance", "reminder", "reminder"], "the first is not told again"
    assert [entry.window_revision for entry in OutboxEvent.objects.filter(voided_at=None)] == [1] * 4


def test_the_same_plan_again_changes_nothing(site):
    window, _ = announced(site)
    known = OutboxEvent.objects.count(), window.version
    maintenance_notices.set_notices(maintenance=window, reminders=[25 * 60, 60], tells_end=True, actor=ALICE)
    window.refresh_from_db()
    assert (OutboxEvent.objects.count(), window.version) == known


def test_a_reminder_that_is_overdue_while_the_plan_changes_is_still_owed(site):
    window, _ = announced(site, reminders=[180])
    site.to(START - 3 * HOUR + LATE)
    maintenance_notices.set_notices(maintenance=window, reminders=[60], actor=ALICE)
    site.relay()
    assert site.heard() == ["current: ahead"]


def test_a_window_is_held_before_its_notice_as_every_action_has_it(site):
    """The other way round, staff who move it and the sweep that settles its notice would wait for each other."""
    announced(site)
    site.round(START - 25 * HOUR)
    event = OutboxEvent.objects.filter(kind="maintenance_scheduled").get()
    OutboxEvent.objects.update(settled_at=None)
    with CaptureQueriesContext(connection) as asked:
        sweep.settle(event, site.now, makes_up=True)
    said = [each["sql"] for each in asked]
    held = next(place for place, sql in enumerate(said) if 'FROM "statuspage_maintenance"' in sql)
    assert held < next(place for place, sql in enumerate(said) if sql.startswith('UPDATE "notifications_outboxevent"'))


def test_one_window_that_cannot_be_looked_at_holds_up_no_other(site, monkeypatch, caplog):
    first, _ = announced(site)
    site.window(START, name="Another", reminders=[60])
    site.relay()
    site.provider.sent.clear()
    real = lateness.stand_in_for_window
    monkeypatch.setattr(lateness, "stand_in_for_window", lambda pk, now: 1 / 0 if pk == first.pk else real(pk, now))
    site.round(START - 30 * MINUTE)
    assert site.heard() == ["current: ahead"] and first.pk in caplog.text
