"""What readers hear of a window after staff stopped telling of a step, moved it twice, or moved it in silence."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications import outbox
from notifications.models import Delivery
from statuspage.actions import maintenance
from statuspage.models import Maintenance, MaintenanceUpdate
from tests.notifications.travel import Travel, travel
from tests.statuspage.given import ALICE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))
START = datetime(2026, 3, 9, 2, tzinfo=UTC)
END = START + 2 * HOUR
OTHERWISE = "This maintenance has another time than announced before."


@pytest.fixture
def site(scripted, quick):
    quick.UNDO_SECONDS = 30
    with travel(scripted("email")) as there:
        yield there


def announced(site: Travel) -> Maintenance:
    """A window that everybody was told of."""
    site.people()
    window = site.window(START)
    site.round(site.now + MINUTE)
    assert site.heard() == ["scheduled"]
    return window


def move(window: Maintenance, by: timedelta, **wanted: object) -> MaintenanceUpdate:
    times = {"scheduled_for": START + by, "scheduled_until": END + by}
    return maintenance.move_maintenance(maintenance=window, body="Otherwise.", actor=ALICE, **times, **wanted)


def before(site: Travel) -> list[str]:
    """The start announced before, as the newest mail has it: in plain text, then in HTML."""
    lines = site.last_words().splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Start announced before")]


# --- The times announced before are those that somebody has ---------------------------------------------------


def test_moved_twice_before_anybody_was_told_names_the_times_readers_have(site):
    window = announced(site)
    move(window, 3 * HOUR)
    move(window, 6 * HOUR)
    site.round(site.now + MINUTE)
    assert site.heard() == ["scheduled", "moved"]
    assert before(site) and all("02:00" in each for each in before(site)), site.last_words()


def test_a_silent_move_does_not_become_what_was_announced(site):
    window = announced(site)
    move(window, DAY, notify=False)
    site.round()
    move(window, 2 * DAY)
    site.round(site.now + MINUTE)
    assert "10 March 2026" not in site.last_words()
    assert before(site) and all("9 March 2026" in each for each in before(site))


def test_moved_back_after_stop_telling_claims_no_other_times(site):
    window = announced(site)
    assert outbox.recall(move(window, DAY).pk)
    move(window, timedelta())
    site.round(site.now + MINUTE)
    assert site.heard() == ["scheduled", "moved"]
    assert not before(site) and OTHERWISE not in site.last_words()
    assert "10 March 2026" not in site.last_words()


def test_a_move_nobody_heard_the_announcement_of_claims_none_either(site):
    site.people()
    move(site.window(START), 3 * HOUR)
    site.round(site.now + MINUTE)
    assert site.heard() == ["moved"]
    assert not before(site) and OTHERWISE not in site.last_words()


def test_each_move_that_was_told_is_what_the_next_one_names(site):
    window = announced(site)
    for hours, known in ((3, "02:00"), (6, "05:00")):
        move(window, hours * HOUR)
        site.round(site.now + MINUTE)
        assert OTHERWISE in site.last_words()
        assert before(site) and all(known in each for each in before(site))


# --- A move whose telling was stopped -------------------------------------------------------------------------


def test_a_move_that_was_stopped_keeps_the_reminders_of_its_times(site):
    window = announced(site)
    assert outbox.recall(move(window, 3 * HOUR).pk)
    for moment in (START - 22 * HOUR, START + 2 * HOUR, START + 3 * HOUR):
        site.round(moment)
    assert site.heard() == ["scheduled", "advance", "reminder", "started"]


def test_an_announcement_that_waited_is_made_up_for_by_the_reminders(site):
    """Announced and moved before anybody was told, and the move stopped: nobody may hear first that it began."""
    site.people()
    assert outbox.recall(move(site.window(START), 3 * HOUR).pk)
    for moment in (START - 22 * HOUR, START + 2 * HOUR):
        site.round(moment)
    assert site.heard() == ["advance", "reminder"]


def test_the_next_word_after_a_stopped_move_says_that_it_was_moved(site):
    window = announced(site)
    assert outbox.recall(move(window, 3 * HOUR).pk)
    window.refresh_from_db()
    maintenance.publish_maintenance_update(maintenance=window, body="Later than we said.", actor=ALICE)
    site.round(site.now + MINUTE)
    assert site.heard() == ["scheduled", "updated"]
    assert OTHERWISE in site.last_words() and "New start" in site.last_words()
    assert before(site) and all("02:00" in each for each in before(site))


# --- Told after all -------------------------------------------------------------------------------------------


def cancelled_in_silence(site: Travel) -> MaintenanceUpdate:
    """A window that readers know of and that was called off, the telling stopped in time."""
    update = maintenance.cancel_maintenance(maintenance=announced(site), body="Off.", actor=ALICE)
    assert outbox.recall(update.pk)
    site.round(site.now + MINUTE)
    assert site.heard() == ["scheduled"]
    return update


def test_a_cancellation_that_was_stopped_is_told_after_all(site):
    update = cancelled_in_silence(site)
    site.people()  # somebody new, who never heard of the window
    assert outbox.tell_after_all(update.pk, "Not this night.")
    assert not outbox.tell_after_all(update.pk, update.body), "it is on its way"
    site.round(site.now + MINUTE)
    site.round(START)
    assert site.heard() == ["scheduled", "cancelled"], "once, and to whoever knew of it alone"
    assert "Not this night." in site.last_words(), "the words as they were corrected"
    assert not outbox.tell_after_all(update.pk, update.body), "it was told"


def test_what_is_no_news_any_more_is_not_told_after_all(site):
    update = cancelled_in_silence(site)
    site.round(END + MINUTE)
    assert not outbox.tell_after_all(update.pk, update.body)
    site.round()
    assert site.heard() == ["scheduled"] and Delivery.objects.count() == 1


def test_what_was_never_stopped_is_not_told_after_all(site):
    window = announced(site)
    assert not outbox.tell_after_all(window.updates.get().pk, "Words.")
    assert not outbox.tell_after_all(move(window, HOUR, notify=False).pk, "Words."), "staff said to tell nobody"
