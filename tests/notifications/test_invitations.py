"""Invitations by mail (RFC 6047): who wants them gets the window for the calendar, moved and taken out with it."""

from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
import vobject
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifications import addresses, choices
from notifications.feeds import calendar
from notifications.messages.composer import mail_of
from notifications.messages.invitation import attendee, method_of
from notifications.messages.mail import Recipient
from notifications.models import OutboxEvent, Subscription
from statuspage.actions import due, maintenance, series
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import sweep
from tests.notifications.test_messages_texts import NOON, window
from tests.statuspage import given as facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick", "publish_root")]

HOUR = timedelta(hours=1)
READER = "reader@example.org"


def invited(address: str = READER, **wanted) -> Subscription:
    return subscribed(addresses.email(address), wants_invitations=True, **wanted)


def calendar_of(mail) -> bytes | None:
    """The calendar part as a mail program hands it on."""
    parts = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    return parts[0].get_payload(decode=True) if parts else None


def read(content: bytes):
    """METHOD and the one event, as one parser reads them; the other must read the same."""
    one = Calendar.from_ical(content)
    (event,) = one.walk("VEVENT")
    other = vobject.readOne(content.decode())
    (theirs,) = other.contents["vevent"]
    assert other.method.value == one["method"]
    assert (theirs.uid.value, int(theirs.sequence.value)) == (event["uid"], event["sequence"])
    assert (theirs.dtstart.value, theirs.dtend.value) == (event.decoded("dtstart"), event.decoded("dtend"))
    assert theirs.attendee.value == event["attendee"]
    return str(one["method"]), event


def newest(relay, to: str = READER):
    return read(calendar_of(relay.messages(to)[-1]))


def built(row: OutboxEvent, to: str = READER, language: str = "en") -> bytes:
    template = mail_of(row, language, "Europe/Amsterdam", invites=True)
    return template.fill(Recipient("0b5c1a9e-8b1d-4a6e-9c55-1f0e6f2d9a10", to, "https://x.example/unsubscribe/abc"))


def part_of(mail: bytes):
    message = message_from_bytes(mail, policy=policy.default)
    return next(part for part in message.walk() if part.get_content_type() == "text/calendar")


# --- The whole path ----------------------------------------------------------------------------------


def test_a_window_is_invited_to_moved_and_taken_out_under_the_id_of_the_calendar(relay):
    invited()
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep(2)
    seen = [newest(relay)]
    later = {"scheduled_for": row.scheduled_for + HOUR, "scheduled_until": row.scheduled_until + HOUR}
    maintenance.move_maintenance(maintenance=row, body="Later.", actor=facts.ALICE, **later)
    sweep(2)
    seen.append(newest(relay))
    ours = Calendar.from_ical(next(calendar.documents(facts.captured())).render()).walk("VEVENT")[0]
    assert (ours["uid"], ours["sequence"]) == (seen[1][1]["uid"], seen[1][1]["sequence"])
    maintenance.cancel_maintenance(maintenance=row, body="Not needed.", actor=facts.ALICE)
    sweep(2)
    seen.append(newest(relay))
    ours = Calendar.from_ical(next(calendar.documents(facts.captured())).render()).walk("VEVENT")[0]
    assert [method for method, _event in seen] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["status"] for _method, event in seen] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {str(event["uid"]) for _method, event in seen} == {str(ours["uid"])}
    assert all(before["sequence"] < after["sequence"] for (_, before), (_, after) in pairwise(seen))
    assert ours["sequence"] == seen[2][1]["sequence"] and ours["status"] == "CANCELLED"
    assert seen[1][1].decoded("dtstart") == later["scheduled_for"].replace(microsecond=0)


def test_it_names_who_asks_and_the_one_who_is_invited_and_wants_no_answer(relay):
    invited()
    invited("other@example.org")
    now = timezone.now()
    facts.scheduled(facts.component("API"), now=now, start=now + 30 * HOUR)
    sweep(2)
    for address in (READER, "other@example.org"):
        mail = relay.messages(address)[-1]
        _method, event = read(calendar_of(mail))
        assert event["organizer"] == "mailto:status@example.com"
        assert event["organizer"].params["CN"] == "Example"
        assert event["attendee"] == f"mailto:{address}"
        assert event["attendee"].params["RSVP"] == "FALSE"
        assert event.decoded("dtstamp") == now.replace(microsecond=0)
        assert "Affected components: API" in event["description"]
        (part,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
        assert (part.get_param("method"), part.get_content_charset()) == ("REQUEST", "utf-8")
        assert mail.message.get_content_type() == "multipart/alternative"
        assert [each.get_content_type() for each in mail.message.iter_parts()] == [
            "text/plain", "text/html", "text/calendar"
        ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_who_did_not_ask_gets_none_nor_does_any_other_channel(relay, twilio):
    plain, number = subscribers(email=1, sms=1)
    Subscription.objects.filter(pk=number.pk).update(wants_invitations=True)
    invited("other@example.org")
    now = timezone.now()
    facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR)
    sweep(2)
    assert calendar_of(relay.messages(plain.address)[-1]) is None
    assert calendar_of(relay.messages("other@example.org")[-1])
    assert len(twilio.messages()) == 1


def test_what_tells_how_work_goes_on_and_what_tells_of_incidents_carries_none(relay):
    invited()
    now = timezone.now()
    facts.incident({facts.component(): "major_outage"}, now=now)
    row = facts.scheduled(facts.component("Web"), now=now, start=now + HOUR, length=HOUR)
    due.run_due(now + HOUR)
    sweep(2)
    row.refresh_from_db()
    maintenance.publish_maintenance_update(maintenance=row, body="Half way.", actor=facts.ALICE)
    sweep(2)
    maintenance.complete_maintenance(maintenance=row, actor=facts.ALICE)
    sweep(2)
    mails = [mail for mail in relay.messages(READER) if "scheduled" not in mail.subject]
    assert len(mails) >= 3
    assert [calendar_of(mail) for mail in mails] == [None] * len(mails)


def test_work_that_goes_on_longer_moves_the_end_in_the_calendar(relay):
    invited()
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now - 2 * HOUR, start=now - HOUR, length=2 * HOUR)
    due.run_due(now)
    row.refresh_from_db()
    end = {"scheduled_for": row.scheduled_for, "scheduled_until": row.scheduled_until + HOUR}
    maintenance.move_maintenance(maintenance=row, body="An hour more.", actor=facts.ALICE, **end)
    sweep(2)
    method, event = newest(relay)
    assert (method, event["sequence"]) == ("REQUEST", 1)
    assert event.decoded("dtend") == end["scheduled_until"].replace(microsecond=0)


def test_work_that_begins_early_moves_the_window_in_the_calendar(relay, quick):
    quick.UNDO_SECONDS = 0
    invited()
    now = timezone.now()
    row = facts.scheduled(facts.component(), now=now, start=now + 30 * HOUR, length=2 * HOUR)
    sweep(2)
    maintenance.start_maintenance(maintenance=row, actor=facts.ALICE)
    sweep(2)
    row.refresh_from_db()
    method, event = newest(relay)
    assert (method, event["sequence"]) == ("REQUEST", 1)
    assert event.decoded("dtstart") == row.started_at.replace(microsecond=0)
    assert event.decoded("dtend") == row.scheduled_until.replace(microsecond=0)


@pytest.mark.parametrize(
    ("revision", "phase", "method"), [(1, "running", ""), (2, "running", "REQUEST"), (2, "over", "")]
)
def test_what_stands_in_for_new_times_while_work_goes_on_has_them_for_the_calendar(revision, phase, method):
    row = window("maintenance_current", status="in_progress", phase=phase)
    row.window_revision = revision
    assert method_of(row) == method


def test_each_window_of_a_series_comes_into_the_calendar_and_goes_from_it(relay):
    invited()
    (plain,) = subscribers(email=1)
    start = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0, tzinfo=None)
    weekly = series.create_series(
        name="Database upgrade", body="Read-only.", components=[], wall_start=start, time_zone="UTC",
        length=2 * HOUR, rule="FREQ=WEEKLY;COUNT=5", actor=facts.ALICE,
    )  # fmt: skip
    sweep(3)
    asked = [read(calendar_of(mail)) for mail in relay.messages(READER)]
    assert {method for method, _event in asked} == {"REQUEST"} and len(asked) == 5
    assert {event.decoded("dtstart") for _method, event in asked} == {
        each.scheduled_for for each in weekly.occurrences.all()
    }
    series.end_series(series=weekly, actor=facts.ALICE, cancels_announced=True, body="The tool is gone.")
    sweep(3)
    gone = [read(calendar_of(mail)) for mail in relay.messages(READER)][5:]
    assert {method for method, _event in gone} == {"CANCEL"}
    assert {str(event["uid"]) for _method, event in gone} == {str(event["uid"]) for _method, event in asked}
    assert len(relay.messages(plain.address)) == 2


# --- The part by itself -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["maintenance_scheduled", "maintenance_advance", "maintenance_reminder"])
def test_the_same_event_gives_the_same_bytes_and_its_time_is_the_publications(kind):
    row = window(kind)
    assert built(row) == built(row)
    _method, event = read(part_of(built(row)).get_payload(decode=True))
    assert event.decoded("dtstamp") == NOON


@given(
    st.text(max_size=120), st.text(max_size=300), st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", fullmatch=True)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_title_text_and_address_give_lines_of_75_octets_that_parse(name, body, local):
    address = f"{local}@{'long-label-of-a-domain.' * 8}example.org"
    mail = built(window("maintenance_scheduled", name=f"x{name}", body=f"x{body}"), address)
    content = part_of(mail).get_payload(decode=True)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert content.count(b"X-ATTENDEE") == (name + body).count("X-ATTENDEE")
    assert b"\nATTENDEE;" in content
    _method, event = read(content)
    assert str(event["attendee"]).startswith("mailto:")


def test_text_that_looks_like_the_gap_stays_text():
    row = window("maintenance_scheduled", body="One\nX-ATTENDEE:goes-here\nTwo")
    mail = built(row)
    assert mail.count(b"X-ATTENDEE:goes-here\r\n") == 1  # in the text; in HTML no line ends with it
    assert read(part_of(mail).get_payload(decode=True))[1]["description"].startswith("One\nX-ATTENDEE:goes-here\nTwo")


def test_a_long_address_is_folded_and_reads_as_it_was():
    address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.org"
    lines = attendee(address).split(b"\r\n")
    assert len(lines) > 2 and max(map(len, lines)) <= 75
    assert b"".join([lines[0], *(line[1:] for line in lines[1:])]).endswith(f"mailto:{address}".encode())


@pytest.mark.usefixtures("all_languages")
def test_it_speaks_the_readers_language():
    row = window("maintenance_scheduled")
    _method, event = read(part_of(built(row, language="de")).get_payload(decode=True))
    assert "Betroffene Komponenten: API" in event["description"]


# --- The choice -----------------------------------------------------------------------------------------


def test_the_choice_is_off_unless_asked_for_and_only_mail_has_it():
    asked = choices.Choices(wants_invitations=True)
    assert choices.from_payload(asked.payload()) == asked or choices.from_payload(asked.payload()).wants_invitations
    assert not choices.from_payload({}).wants_invitations
    assert not Subscription().wants_invitations
