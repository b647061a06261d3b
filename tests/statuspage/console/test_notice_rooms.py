"""How notice was kept, in the console: by year, month and maintenance; who may look, who may take it along."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Delivery, OutboxEvent, Subscriber
from statuspage.actions import maintenance
from statuspage.models import Maintenance
from tests.notifications.conftest import quick, relay
from tests.notifications.given import subscribers
from tests.notifications.ledger import sweep
from tests.statuspage import given as facts

__all__ = ["quick", "relay"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("publish_root")]

HOUR = timedelta(hours=1)


@pytest.fixture
def announced(relay):
    """To three of a client's contacts, one of them out of reach, thirty hours ahead."""
    readers = subscribers(email=3)
    Subscriber.objects.update(client_reference="=ACME")
    relay.script(stage="rcpt", reply="550 5.1.1 gone", match=readers[0].address)
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep()
    return row


def room(row: Maintenance) -> str:
    return f"/admin/maintenance/{row.pk}/evidence/"


def month(row: Maintenance) -> str:
    return f"/admin/notice/{row.scheduled_for:%Y-%m}/"


def taken(answer) -> str:
    return b"".join(answer.streaming_content).decode()


# --- One maintenance ---------------------------------------------------------------------------------


def test_who_was_told_and_who_was_not_is_there_to_look_at(sign_in, announced):
    text = sign_in("viewer").get(room(announced)).text
    assert "Everyone who could be reached had the notice 29 h 59 min before the start." in text
    assert "As it is announced, none of the work will count as downtime." in text
    assert text.count("24 hours before or earlier") == 2
    assert "1 recipient could not be reached" in text and "refused, or tried in vain" in text
    assert "@example.org" not in text
    assert room(announced) in sign_in("viewer").get(f"/admin/maintenance/{announced.pk}/").text


def test_the_plot_has_its_words_beside_it(sign_in, announced):
    text = sign_in("viewer").get(room(announced)).text
    assert text.count("2 of 3 recipients had it: the first 29 h 59 min before the start") == 2, "and as its label"
    assert '<polyline class="course"' in text and '<line class="limit"' in text


def test_a_window_that_came_too_late_says_by_how_much(sign_in, announced):
    Delivery.objects.filter(accepted_at__isnull=False).update(accepted_at=announced.scheduled_for - 21 * HOUR)
    text = sign_in("viewer").get(room(announced)).text
    assert "24 hours are needed: it was 3 h short." in text
    assert "As it is announced, 2 hours of the work will count as downtime." in text
    assert "120.00 minutes count" in text


def test_every_announcement_of_a_moved_window_is_there(sign_in, announced):
    maintenance.move_maintenance(
        maintenance=announced,
        scheduled_for=announced.scheduled_for + HOUR,
        scheduled_until=announced.scheduled_until + HOUR,
        body="Later.",
        actor=facts.ALICE,
    )
    text = sign_in("viewer").get(room(announced)).text
    assert "Announcement 2" in text and "Announcement 1" in text
    assert "Its notice is sent from" in text and "The notice of these times is not complete." not in text
    table = sign_in("service-level officer").get(room(announced), {"format": "csv"})
    assert {row["window_revision"] for row in csv.DictReader(io.StringIO(taken(table)))} == {"1"}, "nobody has it yet"
    OutboxEvent.objects.filter(window_revision=2).update(voided_at=timezone.now(), void_reason="late")
    assert "The notice of these times is not complete." in sign_in("viewer").get(room(announced)).text


def test_fault_71_it_is_taken_along_as_a_table_and_as_json(sign_in, announced):
    officer = sign_in("service-level officer")
    table = officer.get(room(announced), {"format": "csv"})
    assert table.headers["Content-Type"].startswith("text/csv") and "no-store" in table.headers["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(taken(table))))
    assert [row["state"] for row in rows] == ["accepted", "accepted", "failed"]
    assert {row["client"] for row in rows} == {"'=ACME"} and rows[0]["told_24_hours_before"] == "yes"
    array = json.loads(taken(officer.get(room(announced), {"format": "json"})))
    assert [row["recipient"] for row in array] == [row["recipient"] for row in rows]
    assert "@" not in str(array) and 29 * 3600 < array[0]["lead_seconds"] < 30 * 3600


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("publisher", 403), ("subscriber admin", 200)])
def test_taking_along_takes_a_right_of_its_own(sign_in, announced, role, status):
    client = sign_in(role)
    for address in (room(announced), "/admin/notice/", month(announced)):
        assert client.get(address).status_code == 200
        assert ("format" in client.get(address).text) is (status == 200)
        assert client.get(address, {"format": "csv"}).status_code == status


def test_whoever_publishes_may_show_it_on_the_page(sign_in, announced):
    publisher = sign_in("publisher")
    assert publisher.post(f"/admin/maintenance/{announced.pk}/notice/", {"shows": "yes"}).status_code == 302
    announced.refresh_from_db()
    assert announced.shows_notice and announced.notice_summary.told == 2
    assert "The page says that 2 had it." in publisher.get(room(announced)).text
    publisher.post(f"/admin/maintenance/{announced.pk}/notice/", {"shows": "no"})
    announced.refresh_from_db()
    assert not announced.shows_notice
    viewer = sign_in("viewer")
    assert viewer.post(f"/admin/maintenance/{announced.pk}/notice/", {"shows": "yes"}).status_code == 403
    assert viewer.get(f"/admin/maintenance/{announced.pk}/notice/").status_code == 405


# --- By month ----------------------------------------------------------------------------------------


def test_a_year_without_maintenance_says_so(sign_in):
    viewer = sign_in("viewer")
    assert f"No maintenance in {timezone.now():%Y}." in viewer.get("/admin/notice/").text
    assert "No maintenance in this month." in viewer.get("/admin/notice/2026-03/").text
    assert viewer.get("/admin/notice/", {"year": "nonsense"}).status_code == 200


@pytest.mark.parametrize("key", ["2026-13", "now", "0000-01", "9999-12"])
def test_what_is_no_month_is_not_there(sign_in, key):
    assert sign_in("viewer").get(f"/admin/notice/{key}/").status_code == 404


def test_a_year_has_its_months_with_a_plot_and_the_way_to_each(sign_in, announced):
    text = sign_in("viewer").get("/admin/notice/").text
    assert f"Notice in {announced.scheduled_for:%Y}" in text and month(announced) in text
    assert text.count('<rect class="kept"') == 12
    assert "<td>1</td><td>1</td><td>1</td><td>0</td><td>0</td><td>0.00</td>" in text


def test_a_month_has_its_maintenances_with_their_verdicts(sign_in, announced):
    late = facts.scheduled(facts.component("Database"), now=timezone.now(), start=announced.scheduled_for, notify=False)
    text = sign_in("viewer").get(month(announced)).text
    assert "2 maintenances start in this month." in text
    assert "Needed 24 hours' notice: 2; had it: 1; lacked it: 1." in text.replace("&#x27;", "'")
    assert "the notice did not reach everybody" in text and "Minutes that count as downtime: 120.00." in text
    assert room(late) in text and room(announced) in text


def test_a_month_is_taken_along(sign_in, announced):
    officer = sign_in("service-level officer")
    found = json.loads(taken(officer.get(month(announced), {"format": "json"})))
    assert [row["id"] for row in found["maintenances"]] == [announced.pk]
    everything = officer.get("/admin/notice/", {"format": "csv"})
    assert 'filename="notice-all.csv"' in everything.headers["Content-Disposition"]
    assert len(list(csv.DictReader(io.StringIO(taken(everything))))) == 1


def test_the_neighbouring_years_are_a_step_away(sign_in, announced):
    start = announced.scheduled_for
    Maintenance.objects.filter(pk=facts.scheduled(facts.component("Old")).pk).update(
        scheduled_for=start.replace(year=2021), scheduled_until=start.replace(year=2021) + HOUR
    )
    assert "?year=2021" in sign_in("viewer").get("/admin/notice/").text
    assert f"?year={start:%Y}" in sign_in("viewer").get("/admin/notice/", {"year": "2021"}).text


def test_of_a_window_that_was_only_listed_the_rooms_say_from_when_its_notice_is_sent(sign_in, relay):
    subscribers(email=1)
    second = facts.recurring(facts.component()).occurrences.order_by("scheduled_for")[1]
    sweep()
    viewer = sign_in("viewer")
    text = viewer.get(room(second)).text
    assert "the notice is still to come" in text and "Its notice is sent from" in text and "note bad" not in text
    assert 'data-tone="pending"' in viewer.get(month(second)).text
