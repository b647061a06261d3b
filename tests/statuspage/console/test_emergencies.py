"""Emergencies in the maintenance room: who is offered what, and what the verdict says then."""

import pytest
from django.utils import timezone

from statuspage.models import EmergencyApproval, Maintenance
from tests.statuspage.console.test_planner import NEW, full_hour, window
from tests.statuspage.given import component, hours, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]


@pytest.fixture
def planned():
    return scheduled(component(), start=full_hour() + hours(3), now=timezone.now(), notify=False)


def room(planned) -> str:
    return f"/admin/maintenance/{planned.pk}/"


def test_the_whole_way_through_the_console(sign_in, planned):
    publisher, officer = sign_in("publisher"), sign_in("service-level officer")
    assert "will count as downtime" in publisher.get(room(planned)).text
    assert "emergency/" in publisher.get(room(planned)).text
    assert publisher.post(f"{room(planned)}emergency/", {"reason": "A cable <burns>."}).status_code == 302
    shown = officer.get(room(planned)).text
    assert "A cable &lt;burns&gt;." in shown and "not approved yet" in shown and "approval/" in shown
    assert "approval/" not in publisher.get(room(planned)).text
    seen = officer.get(f"{room(planned)}approval/").context["form"].initial["seen"]
    assert officer.post(f"{room(planned)}approval/", {"seen": seen}).status_code == 302
    text = publisher.get(room(planned)).text
    assert "Approved before the start" in text and "approved by" in text
    assert "will count as downtime" not in text


def test_an_owner_who_asked_is_not_offered_to_approve(sign_in, planned):
    owner = sign_in("owner")
    owner.post(f"{room(planned)}emergency/", {"reason": "A cable burns."})
    assert "approval/" not in owner.get(room(planned)).text
    assert owner.post(f"{room(planned)}approval/").status_code == 403
    assert EmergencyApproval.objects.get().approved_at is None


def test_whoever_moves_the_window_is_told_that_it_must_be_asked_again(sign_in, planned):
    publisher, officer = sign_in("publisher"), sign_in("service-level officer")
    times = window(planned.scheduled_for + hours(2))
    move = {name: times[name] for name in times if name not in {"name", "components"}}
    assert "must be asked for" not in publisher.post(f"{room(planned)}move/", move).text
    publisher.post(f"{room(planned)}emergency/", {"reason": "A cable burns."})
    officer.post(f"{room(planned)}approval/")
    assert EmergencyApproval.objects.get().approved_at
    review = publisher.post(f"{room(planned)}move/", move).text
    assert "must be asked for" in review and "will count as downtime" in review
    assert publisher.post(f"{room(planned)}move/", {**move, "step": "publish", "confirmed": "yes"}).status_code == 302
    assert not EmergencyApproval.objects.exists()
    assert "emergency/" in publisher.get(room(planned)).text


def test_a_notice_on_its_way_is_judged_by_when_it_will_be_complete(publisher):
    late = scheduled(component(), start=full_hour() + hours(3), now=timezone.now())
    text = publisher.get(room(late)).text
    assert "The notice has not reached everyone yet." in text
    assert "Notice will be complete at" in text and "short of 24 hours" in text
    assert "emergency/" in text


def test_a_window_in_time_asks_for_nothing(publisher):
    planned = scheduled(component(), start=full_hour() + hours(72), now=timezone.now())
    assert "emergency/" not in publisher.get(room(planned)).text


def test_the_reason_can_be_given_with_the_window(publisher):
    facts = window(full_hour() + hours(3), emergency="A cable burns.")
    review = publisher.post(NEW, facts)
    assert "A cable burns." in review.text
    assert publisher.post(NEW, {**facts, "step": "publish", "confirmed": "yes"}).status_code == 302
    assert publisher.post(NEW, {**facts, "step": "publish", "confirmed": "yes"}).status_code == 302
    assert EmergencyApproval.objects.get().maintenance == Maintenance.objects.get()


def test_an_approval_of_what_was_changed_meanwhile_is_shown_again(sign_in, planned):
    publisher, officer = sign_in("publisher"), sign_in("service-level officer")
    publisher.post(f"{room(planned)}emergency/", {"reason": "A cable burns."})
    seen = officer.get(f"{room(planned)}approval/").context["form"].initial["seen"]
    publisher.post(f"{room(planned)}emergency/", {"reason": "Two cables burn."})
    answer = officer.post(f"{room(planned)}approval/", {"seen": seen})
    assert answer.status_code == 409
    assert "Two cables burn." in answer.text
    assert EmergencyApproval.objects.get().approved_at is None
