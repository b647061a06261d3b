"""Emergencies: that notice was not possible is said by one person, approved by another, and before the start."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from statuspage import audit, compliance, windows
from statuspage.actions import approvals, maintenance
from statuspage.actions.base import MaintenanceClosed
from statuspage.console import notice
from statuspage.models import AuditEntry, EmergencyApproval, Maintenance
from statuspage.roles import ROLES
from statuspage.sla.intervals import difference, seconds
from statuspage.sla.notice import by_notice, excluded
from tests.statuspage.console.conftest import person
from tests.statuspage.given import NOON, component, hours, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

START = NOON + hours(3)
SECOND = timedelta(seconds=1)


def actor(role: str, name: str = "") -> audit.Actor:
    user = person(role)
    return audit.Actor(name=name or role, source="console", abilities=ROLES[role], user=user)


@pytest.fixture
def window():
    return scheduled(component(), start=START)


def asked(window, **facts):
    return approvals.request_emergency(
        maintenance=window, **{"reason": "A cable burns.", "actor": actor("publisher"), "now": NOON, **facts}
    )


def approved(window, **facts):
    return approvals.approve_emergency(
        maintenance=window, **{"actor": actor("service-level officer"), "now": NOON + hours(1), **facts}
    )


def test_one_asks_another_approves_and_the_log_names_both(window):
    asked(window)
    row = approved(window)
    assert (str(row.requested_by), str(row.approved_by)) == ("publisher", "service-level-officer")
    acts = AuditEntry.objects.filter(object_kind="emergency", object_id=window.pk).order_by("pk")
    assert [(each.action, each.actor_name) for each in acts] == [
        ("request_emergency", "publisher"),
        ("approve_emergency", "service-level officer"),
    ]


def test_what_was_approved_before_the_start_is_excluded(window):
    (service,) = window.components.values_list("pk", flat=True)
    assert not windows.windows_of(window)[0].emergency_approved
    asked(window)
    assert not windows.windows_of(window)[0].emergency_approved, "asking is not enough"
    approved(window, now=START - SECOND)
    assert excluded(windows.windows_of(window))[service][0].start == START


def test_whoever_asked_cannot_approve(window):
    owner = actor("owner")
    asked(window, actor=owner)
    with pytest.raises(PermissionDenied, match="second person"):
        approved(window, actor=owner)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"service-level officer", "owner"}))
def test_nobody_without_the_right_approves(window, role):
    asked(window, actor=actor("owner"))
    with pytest.raises(PermissionDenied, match="service levels"):
        approved(window, actor=actor(role))


@pytest.mark.parametrize("role", ["viewer", "author", "subscriber admin", "service-level officer"])
def test_nobody_who_may_not_publish_asks(window, role):
    with pytest.raises(PermissionDenied, match="publish"):
        asked(window, actor=actor(role))


def test_from_the_second_of_the_start_on_it_is_too_late(window):
    asked(window, now=START - SECOND)
    for late in (lambda: asked(window, now=START), lambda: approved(window, now=START)):
        with pytest.raises(MaintenanceClosed, match="before its start"):
            late()
    assert EmergencyApproval.objects.get().approved_at is None


def test_work_that_began_early_can_be_approved_no_more(window):
    asked(window)
    maintenance.start_maintenance(maintenance=window, actor=actor("publisher"), now=NOON + SECOND)
    with pytest.raises(MaintenanceClosed):
        approved(window, now=NOON + 2 * SECOND)


def test_a_reason_that_was_changed_is_read_before_it_is_approved(window):
    first = asked(window)
    asked(window, reason="Two cables burn.", now=NOON + SECOND)
    with pytest.raises(MaintenanceClosed, match="changed in the meantime"):
        approved(window, seen=first.requested_at)
    assert approved(window, seen=NOON + SECOND).reason == "Two cables burn."


def test_what_was_approved_is_changed_no_more_and_approving_twice_changes_nothing(window):
    asked(window)
    first = approved(window)
    assert approved(window, now=NOON + hours(2)).approved_at == first.approved_at
    with pytest.raises(MaintenanceClosed, match="approved already"):
        asked(window, reason="Another one.")
    assert AuditEntry.objects.filter(action="approve_emergency").count() == 1


def test_a_cancelled_window_needs_no_approval(window):
    maintenance.cancel_maintenance(maintenance=window, body="Not now.", actor=actor("publisher"), now=NOON)
    with pytest.raises(MaintenanceClosed):
        asked(window)


def test_a_window_that_is_moved_must_be_asked_for_and_approved_again(window):
    asked(window)
    approved(window)
    times = {"scheduled_for": START + hours(40), "scheduled_until": START + hours(42)}
    maintenance.move_maintenance(
        maintenance=window, body="Later.", actor=actor("publisher"), now=NOON + hours(2), **times
    )
    assert not windows.windows_of(window)[0].emergency_approved
    note = AuditEntry.objects.get(action="withdraw_emergency")
    assert (note.before["asked_by"], note.before["approved_by"]) == ("publisher", "service-level-officer")
    asked(window, now=NOON + hours(3))
    assert approved(window, now=NOON + hours(3)).approved_at


def minutes_judged(window) -> tuple[str, float]:
    """Its verdict, and how many minutes count; on the page alone, where everybody hears of it at once."""
    (found,) = compliance.judge(Maintenance.objects.filter(pk=window.pk))
    return str(found.judgement.verdict), float(seconds(found.judgement.counted) / 60)


def test_work_that_goes_on_longer_keeps_its_approval_for_the_length_that_was_approved(window):
    """Two hours were approved, from 13:00 on; the fourth and the fifth hour nobody approved."""
    asked(window)
    approved(window)
    maintenance.start_maintenance(maintenance=window, actor=actor("publisher"), now=START)
    maintenance.move_maintenance(
        maintenance=window, body="More.", actor=actor("publisher"), now=START + hours(4),
        scheduled_for=START, scheduled_until=window.scheduled_until + hours(3),
    )  # fmt: skip
    assert minutes_judged(window) == ("partly_noticed", 180)
    (held,) = windows.windows_of(window)
    assert difference((held.last.interval,), by_notice(held)) == ((START + hours(2), START + hours(5)),)


@pytest.mark.parametrize(("lasts", "judged"), [(None, ("emergency_approved", 0)), (hours(5), ("partly_noticed", 180))])
def test_work_that_begins_early_keeps_the_length_that_was_approved(window, lasts, judged):
    asked(window)
    approved(window)
    early = START - hours(1)
    maintenance.start_maintenance(maintenance=window, actor=actor("publisher"), lasts=lasts, now=early)
    assert minutes_judged(window) == judged


@pytest.mark.parametrize(("begins", "minutes"), [(False, 135), (True, 15)])
def test_what_a_plan_is_worth_is_what_it_comes_to(window, begins, minutes):
    """A move ends the approval, also one to a start that is past; only work that begins keeps it."""
    asked(window)
    approved(window)
    start = START - timedelta(minutes=15)
    services = list(window.components.values_list("pk", flat=True))
    plan = windows.planned(start, START + hours(2), services, start, window, begins=begins)
    assert notice.judge(plan).minutes == minutes
    facts = {"maintenance": window, "actor": actor("publisher"), "body": "Now."}
    if begins:
        lasts = hours(2) + timedelta(minutes=15)
        maintenance.start_maintenance(**facts, lasts=lasts, now=start)
    else:
        until = START + hours(2)
        maintenance.move_maintenance(**facts, scheduled_for=start, scheduled_until=until, now=START - SECOND)
    assert minutes_judged(window)[1] == minutes


@pytest.mark.parametrize("reason", ["", "  \u200b ", "x" * 2_001])
def test_a_reason_says_something_and_is_no_novel(window, reason):
    with pytest.raises(ValidationError) as refused:
        asked(window, reason=reason)
    assert set(refused.value.message_dict) == {"reason"}
