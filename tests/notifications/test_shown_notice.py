"""What the page says of how a window's notice was kept, where staff wish: counts alone, and only complete ones."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from notifications import subscriptions
from notifications.models import Delivery
from notifications.subscriptions import Reason
from statuspage.actions import due, maintenance
from statuspage.actions.maintenance_notices import set_notices
from statuspage.actions.notice_summaries import show_notice
from statuspage.models import Maintenance
from statuspage.publishing import publish
from tests.notifications.given import subscribers
from tests.notifications.ledger import sweep
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

HOUR = timedelta(hours=1)


@pytest.fixture
def page(publish_root: Path):
    """A maintenance's published page, as it stands after a publication."""

    def read(row: Maintenance, language: str = ".") -> str:
        publish.publish()
        return (publish_root / "pages" / language / "incidents" / f"{row.pk}.html").read_text()

    return read


def window(ahead=25 * HOUR + timedelta(minutes=50, seconds=30), **facts_):
    now = timezone.now()
    return facts.scheduled(facts.component(), now=now, start=now + ahead, **{"shows_notice": True} | facts_)


def begun(row: Maintenance) -> Maintenance:
    due.run_due(now=row.scheduled_for)
    row.refresh_from_db()
    return row


def test_when_work_begins_the_page_says_how_many_had_the_notice_and_how_long_before(relay, page):
    subscribers(email=3)
    row = window()
    sweep()
    assert "had this notice" not in page(row)
    text = page(begun(row))
    assert "3 subscriptions had this notice, the last of them 25 h 50 min before the start." in text
    assert "@example.org" not in text


def test_switched_on_with_the_other_notices_the_page_says_it_at_once(relay, page):
    subscribers(email=2)
    row = window(shows_notice=False)
    sweep()
    set_notices(maintenance=row, shows_notice=True, actor=facts.ALICE)
    assert "2 subscriptions had this notice" in page(row)
    set_notices(maintenance=row, shows_notice=False, actor=facts.ALICE)
    assert "had this notice" not in page(row)


def test_it_is_in_the_readers_language(relay, page):
    subscribers(email=1)
    row = window()
    sweep()
    assert "1 subscription had this notice, 25 h 50 min before the start." in page(begun(row))
    assert "25 h 50 min" not in page(row, "ar") and "had this notice" not in page(row, "ar")


def test_it_is_said_only_where_staff_wish_and_when_they_wish(relay, page):
    subscribers(email=2)
    row = window(shows_notice=False)
    sweep()
    assert "had this notice" not in page(begun(row))
    show_notice(maintenance=row, shows=True, actor=facts.ALICE)
    assert "2 subscriptions had this notice" in page(row)
    show_notice(maintenance=row, shows=False, actor=facts.ALICE)
    assert "had this notice" not in page(row)
    with pytest.raises(PermissionDenied):
        show_notice(maintenance=row, shows=True, actor=facts.BOB)


def test_only_complete_evidence_is_shown(relay, page):
    told, untold = subscribers(email=2)
    row = window()
    sweep()
    Delivery.objects.filter(subscription=untold).update(state="expired", accepted_at=None, attempts=0)
    assert "had this notice" not in page(begun(row))


def test_nothing_is_said_of_a_window_that_nobody_was_told_of(relay, page):
    assert "had this notice" not in page(begun(window()))


def test_a_later_receipt_changes_the_page_when_the_work_ends_and_not_before(relay, page):
    back, _there = subscribers(email=2)
    row = window()
    sweep()
    begun(row)
    before = page(row)
    Delivery.objects.filter(subscription=back).update(state="undelivered")
    subscriptions.erase(back)
    assert page(row) == before and "2 subscriptions" in before
    maintenance.complete_maintenance(maintenance=row, actor=facts.ALICE, now=row.scheduled_for + HOUR)
    assert "1 subscription had this notice" in page(row)


def test_a_moved_window_says_nothing_of_the_notice_of_its_old_times(relay, page):
    subscribers(email=1)
    row = window()
    sweep()
    show_notice(maintenance=row, shows=True, actor=facts.ALICE)
    assert "had this notice" in page(row)
    maintenance.move_maintenance(
        maintenance=row,
        scheduled_for=row.scheduled_for + HOUR,
        scheduled_until=row.scheduled_until + HOUR,
        body="Later.",
        actor=facts.ALICE,
    )
    assert "had this notice" not in page(row)


def test_who_left_since_is_counted_and_named_nowhere(relay, page):
    left, _there = subscribers(email=2)
    row = window()
    sweep()
    subscriptions.unsubscribe(left, reason=Reason.LINK)
    assert "2 subscriptions had this notice" in page(begun(row))
