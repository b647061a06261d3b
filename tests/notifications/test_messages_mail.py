"""Mails as people and their programs get them."""

import uuid
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications import tokens
from notifications.delivery.claim import Claimed
from notifications.delivery.premise import Ready
from notifications.messages import Composer
from notifications.messages.composer import mail_of
from notifications.messages.mail import MailTemplate, Recipient, folded
from notifications.models import LinkToken, Subscription
from notifications.retry import Tries
from tests.notifications.given import subscribers
from tests.notifications.ledger import event
from tests.notifications.test_messages_texts import NOON, window
from tests.notifications.test_messages_texts import event as unstored

pytestmark = pytest.mark.usefixtures("quick")

RECIPIENT = Recipient("0b5c1a9e-8b1d-4a6e-9c55-1f0e6f2d9a10", "reader@example.org", "https://x.example/unsubscribe/abc")


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def mail(row, zone: str = "Europe/Amsterdam") -> EmailMessage:
    return parsed(mail_of(row, "en", zone).fill(RECIPIENT))


def text_of(message: EmailMessage) -> str:
    return part(message, "plain")


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def ready_for(subscription: Subscription, row, **facts) -> Ready:
    claimed = Claimed(uuid.uuid4(), row.pk, subscription.channel, 4, 1, Tries())
    return Ready(
        claimed,
        subscription.pk,
        subscription.address,
        subscription.address_key,
        subscription.address_version,
        "en",
        facts.get("zone", "Europe/Amsterdam"),
        row.expires_at,
        row.due_at,
    )


# --- What it says -------------------------------------------------------------------------------


def test_an_incident_says_what_how_bad_where_and_when_the_next_word_is_due():
    affected = [{"code": "x", "name": "API", "old_status": "operational", "new_status": "major_outage"}]
    next_update = (NOON + timedelta(hours=12)).isoformat()
    message = mail(unstored(affected_components=affected, next_update_by=next_update))
    assert message["Subject"] == "[Example] Investigating: API is down"
    text = text_of(message)
    for words in (
        "API is down\nInvestigating. Impact: Major\n",
        "Requests fail.",
        "- API: Major outage (before: Operational)",
        "Next update by: 3 November 2026, 00:00 UTC (01:00 CET, Europe/Amsterdam)",
        "Published: 2 November 2026, 12:00 UTC (13:00 CET, Europe/Amsterdam)",
        "https://status.example.com/incidents/abcdefghijkl",
        RECIPIENT.unsubscribe_url,
    ):
        assert words in text


def test_a_mail_that_goes_out_when_its_promise_has_passed_does_not_promise_it():
    due = NOON + timedelta(hours=1)
    row = unstored(next_update_by=due.isoformat())
    before, after = (
        text_of(parsed(mail_of(row, "en", "Etc/UTC", now=due + step).fill(RECIPIENT)))
        for step in (timedelta(seconds=-1), timedelta())
    )
    assert "Next update by: 2 November 2026, 13:00 UTC" in before
    assert "An update was due by: 2 November 2026, 13:00 UTC" in after and "Next update" not in after


def test_an_update_without_components_names_those_of_the_incident():
    text = text_of(mail(unstored(component_names=["Core - API", "Web"])))
    assert "Affected: Core - API, Web\n" in text


def test_a_local_date_that_differs_is_named():
    row = unstored(published_at=(NOON + timedelta(hours=11, minutes=30)).isoformat())
    assert "2 November 2026, 23:30 UTC (3 November, 00:30 CET, Europe/Amsterdam)" in text_of(mail(row))


@pytest.mark.parametrize("zone", ["Etc/UTC", "Nowhere/At_All", "../../etc/passwd"])
def test_utc_and_unknown_zones_are_named_once(zone):
    assert "Published: 2 November 2026, 12:00 UTC\n" in text_of(mail(unstored(), zone))


def test_a_moved_window_names_the_new_time_and_the_one_before():
    earlier = {
        "previous_scheduled_for": (NOON + timedelta(days=6)).isoformat(),
        "previous_scheduled_until": (NOON + timedelta(days=6, hours=1)).isoformat(),
    }
    message = mail(window("maintenance_moved", **earlier), "Etc/UTC")
    assert message["Subject"] == "[Example] Maintenance moved: Database upgrade"
    text = text_of(message)
    assert "New start: 9 November 2026, 12:00 UTC\nNew end: 9 November 2026, 14:00 UTC\n" in text
    assert (
        "Start announced before: 8 November 2026, 12:00 UTC\nEnd announced before: 8 November 2026, 13:00 UTC" in text
    )


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("maintenance_scheduled", "Maintenance scheduled"),
        ("maintenance_advance", "Upcoming maintenance"),
        ("maintenance_reminder", "Maintenance begins soon"),
        ("maintenance_started", "Maintenance in progress"),
        ("maintenance_delayed", "Maintenance delayed"),
        ("maintenance_overran", "Maintenance takes longer"),
        ("maintenance_updated", "Maintenance update"),
        ("maintenance_completed", "Maintenance completed"),
        ("maintenance_cancelled", "Maintenance cancelled"),
    ],
)
def test_every_notice_of_a_window_says_which_it_is_and_when(kind, subject):
    message = mail(window(kind), "Etc/UTC")
    assert message["Subject"] == f"[Example] {subject}: Database upgrade"
    assert "Start: 9 November 2026, 12:00 UTC\nEnd: 9 November 2026, 14:00 UTC" in text_of(message)


@pytest.mark.parametrize(
    ("kind", "facts", "lead"),
    [
        ("maintenance_delayed", {}, "It was to begin at 9 Nov 12:00 UTC and has not begun yet."),
        ("maintenance_overran", {}, "In progress since 9 Nov 12:00 UTC, announced until 9 Nov 14:00 UTC."),
        (
            "maintenance_overran",
            {"begun_at": "2026-11-09T12:20:00+00:00"},
            "In progress since 9 Nov 12:20 UTC, announced until 9 Nov 14:00 UTC.",
        ),
        (
            "maintenance_started",
            {"published_at": "2026-11-09T12:15:01+00:00"},
            "It was announced for 9 Nov 12:00 UTC.",
        ),
        ("maintenance_cancelled", {}, "This maintenance will not take place. Nothing is asked of you."),
        (
            "maintenance_cancelled",
            {"begun_at": "2026-11-09T12:20:00+00:00"},
            "This maintenance was broken off. Nothing is asked of you.",
        ),
        ("maintenance_current", {"phase": "ahead"}, "It begins at 9 Nov 12:00 UTC."),
        (
            "maintenance_current",
            {"phase": "over", "ended_at": "2026-11-09T13:00:00+00:00"},
            "Over since 9 Nov 13:00 UTC.",
        ),
    ],
)
def test_a_window_that_is_not_as_announced_or_is_told_of_late_says_how_it_stands(kind, facts, lead):
    text = text_of(mail(window(kind, **facts), "Etc/UTC"))
    assert f". {lead}\n" in text.partition("Start:")[0]


def test_work_that_begins_in_time_says_nothing_of_when_it_was_announced():
    row = window("maintenance_started", published_at="2026-11-09T12:15:00+00:00")
    assert "announced" not in text_of(mail(row, "Etc/UTC"))


def test_the_body_is_as_typed_in_the_text_and_markup_in_the_html():
    message = mail(unstored(body="**Half** of all requests fail. See https://example.com/x <b>"))
    assert "**Half** of all requests fail. See https://example.com/x <b>" in text_of(message)
    html = part(message, "html")
    assert "<strong>Half</strong>" in html and "&lt;b&gt;" in html and 'href="https://example.com/x"' in html


class Fetched(HTMLParser):
    """Everything an HTML mail would load, and everything it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in {"img", "script", "link", "iframe", "object", "form", "svg", "video"}:
            self.found.append(tag)
        self.found += [
            name for name, _ in attrs if name in {"src", "srcset", "background", "style"} or name[:2] == "on"
        ]


def test_nothing_is_fetched_from_anywhere():
    html = part(mail(unstored(body="![x](https://tracker.example/x.png) <img src=https://tracker.example>")), "html")
    fetched = Fetched()
    fetched.feed(html)
    assert fetched.found == []
    assert "url(" not in html and "@import" not in html


# --- What its program reads -----------------------------------------------------------------------


def test_headers():
    message = mail(unstored())
    assert message["X-Delivery-ID"] == RECIPIENT.delivery_id
    assert message["Message-ID"] == f"<{RECIPIENT.delivery_id}@example.com>"
    assert message["To"] == "reader@example.org"
    assert message["From"] == "Example Status <status@example.com>"
    assert message["List-Unsubscribe"] == f"<{RECIPIENT.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Help"] == "<https://status.example.com/subscribe>"
    assert message["List-Archive"] == "<https://status.example.com/history>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"].datetime == NOON
    assert [each.get_content_type() for each in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.django_db
def test_the_mails_of_one_incident_to_one_person_are_one_thread():
    reader, other = subscribers(email=2)
    first, second = event("incidentidabc"), event("incidentidabc", payload={"status": "resolved"})
    composer = Composer()
    roots = [parsed(composer.message(ready_for(*pair)).content)["References"] for pair in
             ((reader, first), (reader, second), (other, first))]  # fmt: skip
    assert roots[0] == roots[1] != roots[2]


@pytest.mark.django_db
def test_copies_of_one_delivery_are_identical_whenever_they_are_built():
    """I4."""
    (reader,) = subscribers(email=1)
    ready = ready_for(reader, event(payload={"body": "Schließlich — ✓"}))
    assert Composer().message(ready) == Composer().message(ready)


@pytest.mark.django_db
def test_the_unsubscribe_link_is_the_recipients_own_in_header_text_and_html():
    (reader,) = subscribers(email=1)
    message = parsed(Composer().message(ready_for(reader, event())).content)
    link = tokens.unsubscribe_url(reader)
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert link in part(message, "plain") and f'href="{link}"' in part(message, "html")


# --- What cannot get in ----------------------------------------------------------------------------


@given(st.text(max_size=300), st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_title_forges_a_header_or_a_part(title, word):
    """Fault 66."""
    filled = MailTemplate(f"[Example] {word}: {title}", f"{title}\n", f"<p>{word}</p>\n", NOON).fill(RECIPIENT)
    message = parsed(filled)
    names = [name.lower() for name in message]
    assert len(names) == len(set(names)) and len(names) == 17
    assert len(list(message.iter_parts())) == 2
    assert all(len(line) <= 998 for line in filled.split(b"\r\n"))
    assert b"\n" not in filled.replace(b"\r\n", b"") and b"\r" not in filled.replace(b"\r\n", b"")


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: x@y.example", "a@b.example\nBcc:x", "a\0@b", "<a@b>, c@d"])
def test_a_poisoned_address_adds_no_header(address):
    """Fault 65: the second line of defence; the first is at the form, the third in the channel."""
    filled = MailTemplate("x", "x", "x", NOON).fill(Recipient("id", address, "https://x.example/u"))
    head = filled.split(b"\r\n\r\n")[0].lower()
    assert b"\r\nbcc" not in head and b"\0" not in head
    assert parsed(filled)["Bcc"] is None


@given(st.text(alphabet="ab é😀<>&\n ", max_size=4000))
def test_no_line_is_longer_than_smtp_takes(text):
    parts = folded(text).split("\n")
    assert all(len(line.encode()) <= 900 for line in parts)
    assert folded(text).replace("\n", "") == text.replace("\n", "")


# --- Links that somebody asked for -------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "purpose", "subject"),
    [
        ("confirmation", "confirm", "Confirm your subscription to Example"),
        ("already_subscribed", "confirm", "You are subscribed to Example already"),
        ("manage_link", "manage", "Change your subscription to Example"),
    ],
)
def test_a_link_comes_with_nothing_that_was_typed(kind, purpose, subject):
    (reader,) = subscribers(email=1)
    payload = {"choices": {"component_ids": ["forged words"]}}
    link = LinkToken(purpose=purpose, subscription=reader, payload=payload, expires_at=datetime.now(UTC))
    link.digest = tokens.first_digest(purpose, link.pk)
    link.save()
    row = event(
        str(reader.pk)[:40],
        kind=kind,
        subject_kind="subscription",
        audience="one",
        single_subscription=reader,
        payload={"link_token_id": str(link.pk)},
    )
    message = parsed(Composer().message(ready_for(reader, row)).content)
    assert message["Subject"] == subject
    for kind_of_part in ("plain", "html"):
        assert tokens.confirm_url(link) in part(message, kind_of_part)
        assert "forged" not in part(message, kind_of_part)
    assert message["References"] is None
