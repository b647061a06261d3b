"""One incident, one maintenance, one month of history as JSON: undocumented by Statuspage, and read in the wild.

`/api/v2/incidents/<id>.json` has the page beside the incident, `/incidents/<id>.json` is the incident with its
postmortem and its window, `/history/<YYYY-MM>.json` is a month as `/history.json` lists three of. They are written with
the pages of the same names and depend on what these depend on, so an update of today renders no old one again. Hence
components are in them as the incident left them: how they are now is `/api/v2/components.json`.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from statuspage import own_words
from statuspage.vocabulary import ComponentStatus, IncidentStatus

from . import api_v2
from .documents import JSON, Document, register_entry, register_hot, register_month
from .snapshot import Component, Entry, Incident, Maintenance, Month, Snapshot
from .times import Clock, zone_name, zone_of

Data = dict[str, Any]

NOTHING = {"message": "There is nothing at this address.", "errors": {}}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
FULL_MONTHS = "January February March April May June July August September October November December".split()
"""In every language the same: programs read them."""


@register_hot
def missing(snapshot: Snapshot) -> Iterator[Document]:
    """What a program gets where nothing is."""
    yield Document("/404.json", JSON, lambda: api_v2.encoded(NOTHING), key="settings alone")


@register_entry
def entry_documents(snapshot: Snapshot, entry: Entry) -> Iterator[Document]:
    """The two documents of an incident or a maintenance."""
    yield Document(f"/api/v2/incidents/{entry.id}.json", JSON, partial(entry_bytes, snapshot, entry))
    yield Document(f"/incidents/{entry.id}.json", JSON, lambda: api_v2.encoded(whole(entry, snapshot)))


@register_month
def month_document(snapshot: Snapshot, month: Month) -> Iterator[Document]:
    """A month's document."""
    clock = Clock(zone_of(snapshot.page.time_zone))
    yield Document(f"/history/{month.key}.json", JSON, lambda: month_bytes(month.key, month.entries, clock))


# --- One incident or maintenance -----------------------------------------------------------------


def entry_bytes(snapshot: Snapshot, entry: Entry) -> bytes:
    """The incident beside the page, of which only what does not change with every publication can be said."""
    page = api_v2.page(snapshot) | {"updated_at": api_v2.time(entry.updated_at)}
    return api_v2.encoded({"page": page, "incident": told(entry, snapshot)})


def told(entry: Entry, snapshot: Snapshot) -> Data:
    """An incident or a maintenance as in the lists, its components as it left them."""
    shape = api_v2.incident if isinstance(entry, Incident) else api_v2.maintenance
    data = shape(entry, snapshot)  # type: ignore[operator]
    touched = (snapshot.component(each) for each in entry.component_ids)
    return data | {"components": [left(each, entry, snapshot) for each in touched if each]}


def left(component: Component, entry: Entry, snapshot: Snapshot) -> Data:
    """A component with the status that the entry gave it last; it did well before anybody said something."""
    status, at = ComponentStatus.OPERATIONAL.value, entry.created_at
    for update in reversed(entry.updates):
        for affected in update.affected_components or ():
            if affected.code == component.id:
                status, at = affected.new_status, update.display_at
    return api_v2.component(component, snapshot) | {"status": status, "updated_at": api_v2.time(at)}


def whole(entry: Entry, snapshot: Snapshot) -> Data:
    """An incident by itself, with the fields that the lists leave out."""
    window = {"scheduled_for": None, "scheduled_until": None}
    return {
        **window,
        **told(entry, snapshot),
        "code": entry.id,
        "backfilled": False,
        **postmortem(entry),
        "scheduled_remind_prior": isinstance(entry, Maintenance),
        "scheduled_reminded_at": None,
        "impact_override": None,
        "metadata": {},
    }


def postmortem(entry: Entry) -> Data:
    """A postmortem is an update like others here; the dialect repeats it beside them."""
    said = next((each for each in entry.updates if each.status == IncidentStatus.POSTMORTEM), None)
    return {
        "postmortem_body": said.body if said else None,
        "postmortem_body_last_updated_at": api_v2.time(said.updated_at) if said else None,
        "postmortem_ignored": False,
        "postmortem_published_at": api_v2.time(said.display_at) if said else None,
        "postmortem_notified_subscribers": bool(said and said.deliver_notifications),
        "postmortem_notified_twitter": False,
    }


# --- A month of history --------------------------------------------------------------------------


def month_bytes(key: str, entries: Iterable[Entry], clock: Clock) -> bytes:
    """A month, its entries newest first; work that is only planned is no history yet."""
    first = date.fromisoformat(f"{key}-01")
    past = (each for each in entries if not (isinstance(each, Maintenance) and each.is_upcoming))
    return api_v2.encoded(
        {
            "name": FULL_MONTHS[first.month - 1],
            "year": first.year,
            "starts_on": first.isoweekday() % 7,
            "days": monthrange(first.year, first.month)[1],
            "incidents": [listed(each, clock) for each in past],
        }
    )


def listed(entry: Entry, clock: Clock) -> Data:
    """One line of a month; `timestamp` is HTML, in the page's zone, and names no year."""
    return {
        "code": entry.id,
        "name": entry.name,
        "message": own_words.as_read(entry.updates[0].body) if entry.updates else "",
        "impact": entry.impact,
        "timestamp": span(*lasted(entry), clock),
    }


def lasted(entry: Entry) -> tuple[datetime, datetime | None]:
    """From when to when, as far as that is known."""
    if isinstance(entry, Maintenance):
        return entry.scheduled_for, entry.scheduled_until
    return entry.started_at, entry.resolved_at


def span(start: datetime, end: datetime | None, clock: Clock) -> str:
    """ "Aug <var data-var='date'>10</var>, <var data-var='time'>00:17</var> - <var data-var='time'>01:30</var> UTC"."""
    begun, ended = start.astimezone(clock.zone), end and end.astimezone(clock.zone)
    if ended is None or ended - begun < timedelta(minutes=1):
        said = f"{day(begun)}, {hour(begun)}"
    elif begun.date() == ended.date():
        said = f"{day(begun)}, {hour(begun)} - {hour(ended)}"
    else:
        said = f"{day(begun)}, {hour(begun)} - {day(ended)}, {hour(ended)}"
    return f"{said} {zone_name(ended or begun)}"


def day(at: datetime) -> str:
    return f"{MONTHS[at.month - 1]} <var data-var='date'>{at.day}</var>"


def hour(at: datetime) -> str:
    return f"<var data-var='time'>{at:%H:%M}</var>"
