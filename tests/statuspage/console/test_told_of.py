"""How a window is told of, changed after it was announced; what waits for approval; how long the telling takes."""

import pytest
from django.utils import timezone

from notifications.models import OutboxEvent
from statuspage.models import EmergencyApproval
from tests.notifications.given import subscribers
from tests.statuspage.console.conftest import person
from tests.statuspage.console.test_planner import LIVE, NEW, full_hour, typed, window
from tests.statuspage.given import component, hours, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def planned():
    return scheduled(component(), start=full_hour() + hours(100), now=timezone.now(), reminders=[90, 60])


def room(planned) -> str:
    return f"/admin/maintenance/{planned.pk}/"


def test_the_form_shows_how_it_is_now_also_a_reminder_from_elsewhere(publisher, planned):
    assert "notices/" in publisher.get(room(planned)).text
    form = publisher.get(f"{room(planned)}notices/").context["form"]
    assert (form["remind"].value(), form["start_by"].value()) == ("chosen", "itself")
    assert form["reminders"].value() == [90, 60]
    assert (90, "1 hour 30 minutes") in form.fields["reminders"].choices


def test_what_is_changed_is_kept_and_reminders_are_planned_anew(publisher, planned):
    answers = {"start_by": "hand", "end_by": "quietly", "remind": "chosen", "reminders": ["240"], "shows_notice": "on"}
    sent = publisher.post(f"{room(planned)}notices/", {**answers, "version": planned.version})
    assert sent.status_code == 302
    planned.refresh_from_db()
    assert (planned.auto_start, planned.auto_complete, planned.tells_end) == (False, True, False)
    assert (planned.reminders, planned.shows_notice, planned.impact) == ([240], True, "maintenance")
    ahead = OutboxEvent.objects.filter(subject_id=planned.pk, voided_at=None, due_at__gt=timezone.now() + hours(1))
    assert [planned.scheduled_for - each.due_at for each in ahead] == [hours(4)]


def test_a_window_may_be_reminded_of_never_and_the_form_says_so_again(publisher, planned):
    sent = publisher.post(f"{room(planned)}notices/", {"remind": "none", "version": planned.version})
    assert sent.status_code == 302
    planned.refresh_from_db()
    assert planned.reminders == []
    ahead = OutboxEvent.objects.filter(subject_id=planned.pk, voided_at=None, due_at__gt=timezone.now() + hours(1))
    assert not ahead.exists()
    assert publisher.get(f"{room(planned)}notices/").context["form"]["remind"].value() == "none"


def test_what_somebody_else_changed_meanwhile_is_shown_and_nothing_is_kept(publisher, planned):
    publisher.post(f"{room(planned)}notices/", {"start_by": "hand", "version": planned.version})
    refused = publisher.post(f"{room(planned)}notices/", {"start_by": "quietly", "version": planned.version})
    assert refused.status_code == 409
    planned.refresh_from_db()
    assert not planned.auto_start
    again = {"start_by": "quietly", "version": refused.context["form"]["version"].value()}
    assert publisher.post(f"{room(planned)}notices/", again).status_code == 302


def test_what_waits_for_approval_is_on_the_first_page_until_its_start(sign_in, planned):
    officer = sign_in("service-level officer")
    waits = "waits for approval: notice was not possible"
    assert waits not in officer.get("/admin/").text
    asked = {"reason": "A cable burns.", "requested_by": person("publisher"), "requested_at": timezone.now()}
    row = EmergencyApproval.objects.create(maintenance=planned, **asked)
    assert waits in officer.get("/admin/").text
    type(planned).objects.filter(pk=planned.pk).update(scheduled_for=timezone.now() - hours(1))
    assert waits not in officer.get("/admin/").text
    row.delete()


def test_a_telling_that_takes_long_says_how_long(publisher, settings):
    start = full_hour() + hours(40)
    assert "until the last of them has it" not in publisher.get(LIVE, typed(start)).text
    subscribers(sms=3)
    settings.TWILIO_ACCOUNT_SID, settings.SMS_PER_SECOND = "AC" + "0" * 32, 0.02
    for text in (publisher.get(LIVE, typed(start)).text, publisher.post(NEW, window(start)).text):
        assert "It takes about 2 min until the last of them has it." in text
