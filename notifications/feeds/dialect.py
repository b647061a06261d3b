"""One incident or maintenance as the HTML of a feed entry, in Statuspage's dialect.

Pure. Programs read these lines with regular expressions (`<strong>Resolved</strong> - `),
so their words and months are the dialect's own and are not translated; the sentences
around them are. Times are UTC and have no year, as there.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape

from django.utils.translation import gettext as _

from statuspage import markup, own_words
from statuspage.publishing.snapshot import Entry, Incident, Maintenance, Update
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import IncidentStatus, MaintenanceStatus

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not strftime's: a process's locale must not change what programs match."""

WORDS: dict[str, str] = {
    IncidentStatus.INVESTIGATING: "Investigating",
    IncidentStatus.IDENTIFIED: "Identified",
    IncidentStatus.MONITORING: "Monitoring",
    IncidentStatus.RESOLVED: "Resolved",
    IncidentStatus.POSTMORTEM: "Postmortem",
    MaintenanceStatus.SCHEDULED: "Scheduled",
    MaintenanceStatus.IN_PROGRESS: "In progress",
    MaintenanceStatus.VERIFYING: "Verifying",
    MaintenanceStatus.COMPLETED: "Completed",
    MaintenanceStatus.CANCELLED: "Completed",
}
"""The dialect has no word for a cancelled maintenance: it is completed, and says so."""

BODY_LIMIT = 256 * 1024
"""Bytes one entry may take in the XML: thirty long updates, and half of what a feed may hold."""


def body(entry: Entry, url: str, limit: int = BODY_LIMIT) -> str:
    """The entry's HTML, newest update first; what `limit` leaves no room for stays on the page."""
    parts = [*opening(entry)]
    room = limit - sum(map(size, parts))
    for update in entry.updates:
        line = update_line(update)
        room -= size(line)
        if room < 0:
            parts.append(rest_is_at(url))
            break
        parts.append(line)
    return "".join([*parts, *closing(entry)])


def size(html: str) -> int:
    """Bytes of `html` once it is escaped as text in XML."""
    return len(escape(html, quote=False).encode("utf-8", "replace"))


def opening(entry: Entry) -> Iterator[str]:
    """A maintenance says first that it is planned, and its window."""
    if isinstance(entry, Maintenance):
        yield f"<p><strong>THIS IS A SCHEDULED EVENT {window(entry)}</strong></p>"


def window(entry: Maintenance) -> str:
    """ "Apr 7, 13:00 - 17:00 UTC"; the end's day only where it is another."""
    start, end = entry.scheduled_for.astimezone(UTC), entry.scheduled_until.astimezone(UTC)
    last = clock(end) if start.date() == end.date() else f"{day(end)}, {clock(end)}"
    return f"{day(start)}, {clock(start)} - {last} UTC"


def day(at: datetime) -> str:
    return f"{MONTHS[at.month - 1]} <var data-var='date'>{at.day}</var>"


def clock(at: datetime) -> str:
    return f"<var data-var='time'>{at:%H:%M}</var>"


def update_line(update: Update) -> str:
    """The dialect's line; a body of several paragraphs goes on after its first one."""
    at = update.display_at.astimezone(UTC)
    head = (
        f"<p><small>{day(at)}, {clock(at)} UTC</small><br>"
        f"<strong>{WORDS.get(update.status, escape(update.status))}</strong> - "
    )
    cancelled = update.status == MaintenanceStatus.CANCELLED
    text = _("This maintenance was cancelled.") + " " if cancelled else ""
    html = str(markup.render(own_words.as_read(clean_text(update.body))))
    if html.startswith("<p>"):
        return head + text + html.removeprefix("<p>")
    return f"{head}{text}</p>{html}"


def rest_is_at(url: str) -> str:
    link = f'<a href="{escape(url)}">{escape(url)}</a>'
    text = _("The other updates are on the page: %(link)s") % {"link": link}
    return f"<p>{text}</p>"


def closing(entry: Entry) -> Iterator[str]:
    """What the page shows beside the updates: the next word's time, the components.

    A feed is read at any time, and its bytes hang on no clock: what was promised stays true when it has passed.
    """
    if isinstance(entry, Incident) and entry.is_open and entry.next_update_by:
        at = entry.next_update_by.astimezone(UTC)
        text = _("Next update promised by %(at)s") % {"at": f"{day(at)}, {clock(at)} UTC"}
        yield f"<p>{text}</p>"
    if names := named(entry.component_names):
        text = _("Affected components: %(names)s") % {"names": names}
        yield f"<p>{text}</p>"


def named(names: Iterable[str]) -> str:
    return _(", ").join(escape(clean_line(name)) for name in names)
