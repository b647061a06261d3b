"""An invitation beside a mail: the window as a calendar takes it (iMIP, RFC 6047; RFC 5545 and 5546).

It has the UID that the feeds' calendar gives the same maintenance, so that a calendar that knows both shows one. A
moved window raises SEQUENCE, a cancelled one is taken out by METHOD:CANCEL. DTSTAMP is when the word was published:
the same event gives the same bytes, whenever they are sent.
"""

from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from notifications.feeds.entries import host, whole
from notifications.models import OutboxEvent
from notifications.notices import ADVANCE, CURRENT, REMINDER
from notifications.stands import Phase
from statuspage.text import clean_line
from statuspage.vocabulary import MaintenanceStatus

from .story import Story
from .times import moment_of

PRODID = "-//Status Page//Invitation//EN"
REQUEST, CANCEL = "REQUEST", "CANCEL"

PLANS = frozenset({"maintenance_scheduled", "maintenance_moved", "maintenance_updated", ADVANCE, REMINDER, CURRENT})
"""Kinds that say when a window is to be. What tells how work goes on is no invitation, unless it has new times."""

ATTENDEE = b"\r\nX-ATTENDEE:goes-here\r\n"
"""A whole line that stands where the recipient will be named. Text never makes one: its lines go on with a space."""

LINE = 75
"""Octets of a line (RFC 5545, 3.1); what is longer goes on behind a line break and a space."""

UNESCAPED = "@!$'*+-._~"
"""What of an address may stand in a mailto: as it is (RFC 6068)."""


def method_of(event: OutboxEvent) -> str:
    """REQUEST, CANCEL, or nothing where the mail carries no invitation."""
    if event.kind == "maintenance_cancelled":
        return CANCEL
    is_plan = event.kind in PLANS and event.payload["status"] == MaintenanceStatus.SCHEDULED
    return REQUEST if is_plan or has_new_times(event) else ""


def has_new_times(event: OutboxEvent) -> bool:
    """Whether calendars may have other times: the window was moved, or work began before it.

    What stands in for such a message while the work goes on says nothing of earlier times.
    """
    if event.kind == CURRENT and event.payload["phase"] == Phase.RUNNING:
        return (event.window_revision or 1) > 1
    is_early = event.kind == "maintenance_started" and event.payload.get("previous_scheduled_for")
    return event.kind == "maintenance_moved" or bool(is_early)


def method_in(text: str) -> str:
    """The METHOD of a finished part: its mail's header says the same (RFC 6047, 2.4)."""
    return REQUEST if f"\r\nMETHOD:{REQUEST}\r\n" in text else CANCEL


def invitation(event: OutboxEvent, story: Story) -> bytes:
    """The calendar part, with the line ATTENDEE where `attendee` goes. CRLF lines of at most LINE octets."""
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method_of(event))
    calendar.add_component(planned(event, story))
    text = bytes(calendar.to_ical())
    end = text.index(b"\r\nEND:VEVENT")
    return text[:end] + ATTENDEE.rstrip() + text[end:]


def planned(event: OutboxEvent, story: Story) -> Event:
    """The window as one event. SEQUENCE is that of the feeds' calendar."""
    payload, is_cancelled = event.payload, event.kind == "maintenance_cancelled"
    revision = event.window_revision or 1
    made = Event()
    made.add("uid", f"{event.subject_id}@{host(settings.SITE_URL)}")
    made.add("sequence", revision if is_cancelled else revision - 1)
    made.add("dtstamp", moment(payload, "published_at"))
    made.add("dtstart", moment(payload, "scheduled_for"))
    made.add("dtend", moment(payload, "scheduled_until"))
    made.add("summary", story.title)
    made.add("description", description(story, payload))
    made.add("url", story.link)
    made.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    made.add("organizer", organizer())
    return made


def moment(payload: dict[str, Any], name: str) -> datetime:
    """A time of the payload, which has it, in whole seconds."""
    found = moment_of(payload[name])
    assert found is not None
    return whole(found)


def description(story: Story, payload: dict[str, Any]) -> str:
    """What staff said, and what it touches."""
    parts = [story.body]
    if names := _(", ").join(clean_line(name) for name in payload.get("component_names") or ()):
        parts.append(_("Affected components: %(names)s") % {"names": names})
    return "\n\n".join([*parts, story.link])


def organizer() -> vCalAddress:
    """Whom the mails come from."""
    made = vCalAddress(mailto(parseaddr(settings.EMAIL_FROM)[1]))
    made.params["CN"] = clean_line(settings.SITE_NAME).replace('"', "'")
    return made


def attendee(address: str) -> bytes:
    """The line that names the one recipient, who is asked for no answer."""
    return folded(f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;RSVP=FALSE:{mailto(address)}".encode("ascii"))


def mailto(address: str) -> str:
    """An address as a URI: plain ASCII, whatever the column holds."""
    return f"mailto:{quote(address, safe=UNESCAPED)}"


def folded(line: bytes) -> bytes:
    """A line of ASCII in pieces of LINE octets, the space in front of each further one included."""
    pieces = [line[:LINE], *(line[at : at + LINE - 1] for at in range(LINE, len(line), LINE - 1))]
    return b"\r\n ".join(pieces)
