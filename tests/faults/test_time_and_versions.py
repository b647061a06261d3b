"""Faults 13, 14, 16 and 17: many schedulers or none, a message that cannot be built, tasks of another version."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import commands
from tests.faults.running import Running

pytestmark = pytest.mark.serial

SHIFT_WINDOW = """
    UPDATE statuspage_maintenance SET scheduled_for = scheduled_for - %s, scheduled_until = scheduled_until - %s
     WHERE id = %s
"""
SHIFT_NOTICES = """
    UPDATE notifications_outboxevent
       SET published_at = published_at - %s, due_at = due_at - %s, expires_at = expires_at - %s
     WHERE subject_id = %s AND kind IN ('maintenance_advance', 'maintenance_reminder')
"""
POISON = """
    UPDATE notifications_outboxevent SET payload = jsonb_set(payload, '{name}', 'null') WHERE subject_id = %s
"""
OF_SUBJECT = """
    SELECT kind, state, attempts, last_code, count(*)
      FROM notifications_delivery AS row JOIN notifications_outboxevent AS event ON event.id = row.event_id
     WHERE subject_id = %s GROUP BY kind, state, attempts, last_code ORDER BY kind
"""


def test_fault_13_five_schedulers_tell_everyone_once(running):
    for number, schedule in enumerate(extra_schedules(running)):
        running.site.start_program(f"extra-beat-{number}", commands.beat(schedule))
    running.wait(lambda: all(map(has_begun, extra_schedules(running))), 90, "all schedulers run")
    for number in range(3):
        running.publish(f"Five schedulers {number}")
        running.wait_for_rest(updates=number + 1)
    assert set(running.told().values()) == {3} and running.is_everyone_told()


def test_fault_13_five_schedulers_begin_a_window_once_and_tell_it_once(running):
    for number, schedule in enumerate(extra_schedules(running)):
        running.site.start_program(f"extra-beat-{number}", commands.beat(schedule))
    running.wait(lambda: all(map(has_begun, extra_schedules(running))), 90, "all schedulers run")
    window = plan(running, "Five schedulers", starts_in=timedelta(days=3), lasts=timedelta(hours=4))
    running.wait_for_rest()
    shift = timedelta(days=3)
    running.change(SHIFT_WINDOW, shift, shift, window)
    kinds = {"maintenance_scheduled", "maintenance_started"}
    running.wait(lambda: kinds <= sent(running, window), 90, "everyone has the notice, and that it began")
    running.wait_for_rest()
    updates = running.ask("SELECT count(*) FROM statuspage_maintenanceupdate WHERE maintenance_id = %s", window)
    assert updates == [(2,)]
    assert set(running.told().values()) == {2} and running.is_everyone_told()


def extra_schedules(running: Running) -> list[Path]:
    return [running.site.folder / f"extra-schedule-{number}" for number in range(4)]


def has_begun(schedule: Path) -> bool:
    """Whether its scheduler has written it; some databases add an ending to the name."""
    return any(schedule.parent.glob(f"{schedule.name}*"))


def test_fault_14_a_start_that_nobody_saw_is_made_up_for_and_told_once_as_it_stands_now(running):
    """Three hours without a scheduler: the reminders for then are of no use, and are not sent."""
    window = plan(running, "Late start", starts_in=timedelta(days=3), lasts=timedelta(hours=4))
    running.wait_for_rest()
    running.site.kill_workers()
    running.site.programs["beat-0"].kill()
    shift = timedelta(days=3, hours=3)
    running.change(SHIFT_WINDOW, shift, shift, window)
    running.change(SHIFT_NOTICES, shift, shift, shift, window)
    running.heal()
    path = "/api/v2/scheduled-maintenances/active.json"
    running.wait(lambda: window in running.site.get(path).text, 90, "the page says that work is under way")
    kinds = {"maintenance_scheduled", "maintenance_started"}
    running.wait(lambda: kinds <= sent(running, window), 90, "everyone has the notice, and that it began")
    running.wait_for_rest()
    assert sent(running, window) == kinds and set(running.told().values()) == {2} and running.is_everyone_told()
    (mail,) = [each for each in running.site.smtp.messages(running.crowd[0]) if "begun" in each.text]
    now = datetime.now(UTC)
    assert f"{now - timedelta(hours=3):%H}:" in mail.text and f"{now + timedelta(hours=1):%H}:" in mail.text


def sent(running: Running, subject: str) -> set[str]:
    """The kinds of notices that went out, in whole."""
    rows = running.ask(OF_SUBJECT, subject)
    waiting = {kind for kind, state, *_ in rows if state in {"queued", "sending"}}
    return {kind for kind, state, *_ in rows if state in {"accepted", "delivered"}} - waiting


def plan(running: Running, name: str, starts_in: timedelta, lasts: timedelta) -> str:
    """Plan a window in the console; its id."""
    starts = datetime.now(UTC) + starts_in
    times = {"time_zone": "UTC", "starts": f"{starts:%Y-%m-%dT%H:%M}", "ends": f"{starts + lasts:%Y-%m-%dT%H:%M}"}
    words = {
        "name": name,
        "body": "Cables are moved.",
        "notify": "on",
        "key": name,
        "step": "publish",
        "confirmed": "yes",
    }
    form = words | times | {"components": [running.component]}
    answer = running.browser.post("/admin/maintenance/new/", form)
    assert answer.status == 302, answer.text
    return answer.headers["location"].split("/")[3]


def test_fault_16_a_message_that_cannot_be_built_fails_after_three_tries_and_holds_up_no_other(running):
    running.site.kill_workers()
    poisoned, fine = running.publish("Poisoned"), running.publish("Fine")
    running.change(POISON, poisoned)
    running.heal()
    running.wait_for_rest(updates=2)
    crowd = len(running.crowd)
    assert running.ask(OF_SUBJECT, poisoned) == [("incident_update", "failed", 3, "AttributeError", crowd)]
    assert sum(row[-1] for row in running.ask(OF_SUBJECT, fine) if row[1] in {"accepted", "delivered"}) == crowd
    assert set(running.told().values()) == {1} and running.is_everyone_told()


def test_fault_17_workers_that_are_replaced_amid_a_fan_out_ignore_tasks_of_another_version(running):
    """A task is a ring: what is to be done stands in the database, whatever the ring says."""
    running.begin(mails=200, texts=2)
    running.site.kill_workers()
    running.send_task("notifications.tasks.send_mail", 17, 42)
    running.send_task("notifications.tasks.deliver")
    running.send_task("notifications.tasks.deliver", "email", 500, "of another version")
    running.site.smtp.script(stage="rcpt", reply="stall", times=2)
    known = running.calls()
    running.publish("Deployed amid a fan-out")
    running.heal_programs()
    running.wait(lambda: running.calls() > known, 90, "calls are under way")
    running.site.programs["worker-0"].ask_to_end()
    running.site.smtp.clear()
    running.site.programs["worker-0"].finish(30)
    running.site.start_workers()
    running.assert_told_once()
    log = running.site.folder / "logs" / "worker-0.log"
    words = ("unregistered task", "TypeError")
    running.wait(lambda: all(each in log.read_text() for each in words), 90, "the old tasks were seen, and left alone")
