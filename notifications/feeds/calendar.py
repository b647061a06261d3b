"""Planned maintenance as a calendar (RFC 5545): one for the page, one for each component, one for each planned work.

One VEVENT a maintenance. Its UID never changes, and its SEQUENCE rises when the window
moves or the work is cancelled, so that calendars replace the event they have. Times are
UTC instants; a reader's calendar shows them in the reader's zone.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from statuspage import own_words
from statuspage.publishing.documents import CALENDAR, Document
from statuspage.publishing.html import site_title
from statuspage.publishing.snapshot import Component, Maintenance, Page, Snapshot
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import MaintenanceStatus

from . import digest, version_of
from .entries import host, last_said_at, published_at, whole

ASK_AGAIN = timedelta(hours=1)
"""How often a calendar should come by; a moved window is also told by the other channels."""

PRODID = "-//Status Page//Planned maintenance//EN"


def documents(snapshot: Snapshot) -> Iterator[Document]:
    """`/maintenance.ics`, the same below each component, and what is planned one by one, as its card offers it."""
    with translation.override(settings.LANGUAGE_CODE):
        name = _("%(site)s: planned maintenance") % {"site": site_title(snapshot.page)}
    yield document("/maintenance.ics", name, snapshot.page, snapshot.maintenances)
    for component in snapshot.components:
        path, title = f"/components/{component.id}/maintenance.ics", f"{name} - {component.name}"
        yield document(path, title, snapshot.page, planned_on(component, snapshot), version_of(snapshot, component.id))
    for planned in snapshot.upcoming_maintenances:
        yield document(f"{planned.path}.ics", f"{name} - {planned.name}", snapshot.page, [planned])


def planned_on(component: Component, snapshot: Snapshot) -> list[Maintenance]:
    """A component's maintenances, newest start first."""
    found = [each for each in snapshot.entries_of(component.id) if isinstance(each, Maintenance)]
    return sorted(found, key=lambda each: (each.scheduled_for, each.id), reverse=True)


def document(path: str, name: str, page: Page, held: Iterable[Maintenance], version: str = "") -> Document:
    """One calendar; rendered again only where one of its maintenances changed, which `version` tells if it is known."""
    events = tuple(held)
    key = digest(settings.LANGUAGE_CODE, page.url, name, version or repr(events))
    return Document(path, CALENDAR, lambda: in_site_language(name, page, events), key)


def in_site_language(name: str, page: Page, events: Iterable[Maintenance]) -> bytes:
    """The same bytes whatever language the thread was in."""
    with translation.override(settings.LANGUAGE_CODE):
        return calendar(name, page, events)


def calendar(name: str, page: Page, maintenances: Iterable[Maintenance]) -> bytes:
    """The calendar's bytes: CRLF lines, folded at 75 octets."""
    made = Calendar()
    made.add("prodid", PRODID)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", clean_line(name))
    made.add("x-wr-calname", clean_line(name))
    made.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(ASK_AGAIN).to_ical().decode())
    for maintenance in maintenances:
        made.add_component(event(maintenance, page))
    return bytes(made.to_ical())


def event(maintenance: Maintenance, page: Page) -> Event:
    """One maintenance. DTSTAMP is when its newest word was said, never the clock."""
    is_cancelled = maintenance.status == MaintenanceStatus.CANCELLED
    made = Event()
    made.add("uid", f"{maintenance.id}@{host(page.url)}")
    made.add("sequence", maintenance.window_revision if is_cancelled else maintenance.window_revision - 1)
    made.add("dtstamp", whole(last_said_at(maintenance)))
    made.add("created", whole(published_at(maintenance)))
    made.add("last-modified", whole(last_said_at(maintenance)))
    made.add("dtstart", whole(maintenance.scheduled_for))
    made.add("dtend", whole(maintenance.scheduled_until))
    made.add("summary", clean_line(maintenance.name))
    made.add("description", description(maintenance))
    made.add("url", f"{page.url}{maintenance.path}")
    made.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    return made


def description(maintenance: Maintenance) -> str:
    """The newest word, and what it touches."""
    parts = [own_words.as_read(clean_text(each.body)) for each in maintenance.updates[:1]]
    if names := _(", ").join(clean_line(name) for name in maintenance.component_names):
        parts.append(_("Affected components: %(names)s") % {"names": names})
    return "\n\n".join(parts)
