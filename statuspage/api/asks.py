"""What a PATCH of an incident asks for: the entry as it is and the fields as they came -> the steps to take.

No I/O. Statuspage has one verb for all that can become of an incident; the product has an action for each. Fields that
say what is so already ask for nothing, so a client may send back all that it was given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from statuspage.vocabulary import ACTIVE_MAINTENANCE, IncidentStatus, MaintenanceStatus

from .answers import Refused, time

Asked = Mapping[str, Any]
"""Fields of the write object that were sent and are not null."""

Statuses = Mapping[str, str]
"""Component id -> status."""


@dataclass(frozen=True, kw_only=True)
class Now:
    """An entry as it stands. `components`: all it names, with their statuses now; `known`: those asked for likewise."""

    name: str
    status: str
    impact_override: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    components: Statuses = field(default_factory=dict)
    known: Statuses = field(default_factory=dict)
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    notices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Another title, another impact; None: as it is."""

    name: str
    impact: str | None


@dataclass(frozen=True, kw_only=True)
class Keep:
    """What the client keeps with it."""

    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Say:
    """An update. `body` "": the client sent none. `components` None: it named none, so they follow the status."""

    status: str
    body: str
    notify: bool
    components: Statuses | None = None


@dataclass(frozen=True, kw_only=True)
class SetComponents:
    """Statuses of components without a word."""

    components: Statuses


@dataclass(frozen=True, kw_only=True)
class Replan:
    """How a window begins, ends and is reminded of: arguments of `set_notices`."""

    notices: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Move:
    """Other times of a window."""

    scheduled_for: datetime
    scheduled_until: datetime
    body: str
    notify: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a window's life, to `status`; where that is its present one, a further word."""

    status: str
    body: str
    notify: bool


Asking = Edit | Keep | Say | SetComponents | Replan | Move | Step

INCIDENT = frozenset(IncidentStatus)
LIFE = (
    MaintenanceStatus.SCHEDULED,
    MaintenanceStatus.IN_PROGRESS,
    MaintenanceStatus.VERIFYING,
    MaintenanceStatus.COMPLETED,
)
"""A window's statuses in the order of its life."""

OVER = frozenset({MaintenanceStatus.COMPLETED, MaintenanceStatus.CANCELLED})


def of_incident(now: Now, asked: Asked) -> list[Asking]:
    """The steps for an incident, in their order. Raises Refused for what only a maintenance has."""
    status = asked.get("status") or now.status
    if status not in INCIDENT:
        raise wrong("status", f"An incident that is not scheduled cannot be {status}.")
    if {"scheduled_for", "scheduled_until"} & set(asked):
        raise wrong("scheduled_for", "Only scheduled maintenance has a window, and this incident is none.")
    return [*edits(now, asked), *kept(now, asked), *said_of_incident(now, asked, status)]


def said_of_incident(now: Now, asked: Asked, status: str) -> Iterator[Asking]:
    body, components = str(asked.get("body") or ""), named_by_incident(now, asked)
    if status != now.status or body:
        yield Say(status=status, body=body, notify=is_told(asked), components=components)
    elif components and asked.get("deliver_notifications"):
        yield Say(status=status, body="", notify=True, components=components)
    elif components and components != {pk: now.components.get(pk) for pk in components}:
        yield SetComponents(components=components)


def named_by_incident(now: Now, asked: Asked) -> Statuses | None:
    """The statuses that are given, and those that components have which the incident is to name from now on."""
    if not {"components", "component_ids"} & set(asked):
        return None
    given = dict(asked.get("components") or {})
    ids = [*given, *(asked.get("component_ids") or ())]
    further = {pk: now.known[pk] for pk in ids if pk in now.known and not given.get(pk) and pk not in now.components}
    said = {pk: status for pk, status in given.items() if status}
    return None if "components" not in asked and not further else {**further, **said}


def edits(now: Now, asked: Asked) -> Iterator[Asking]:
    name, impact = asked.get("name") or now.name, asked.get("impact_override")
    is_other = impact is not None and impact != now.impact_override
    if name != now.name or is_other:
        yield Edit(name=name, impact=impact if is_other else None)


def kept(now: Now, asked: Asked) -> Iterator[Asking]:
    metadata = asked.get("metadata")
    if metadata is not None and metadata != now.metadata:
        yield Keep(metadata=metadata)


def is_told(asked: Asked) -> bool:
    return bool(asked.get("deliver_notifications", True))


def wrong(name: str, message: str, status: int = 409) -> Refused:
    """Each field is possible, and not beside the others or what is so."""
    return Refused(status, message, {name: [message]})


# --- Scheduled maintenance ------------------------------------------------------------------------


def of_maintenance(now: Now, asked: Asked) -> list[Asking]:
    """The same for a maintenance: only the last of its steps speaks with the client's words, and tells people."""
    steps: list[Asking] = [*edits(now, asked), *kept(now, asked), *replanned(now, asked)]
    speaking = [*moved(now, asked), *stepped(now, asked)]
    steps += [hushed(each) for each in speaking[:-1]] + speaking[-1:]
    return [*steps, *said_of_its_components(now, asked)]


def hushed(step: Move | Step) -> Move | Step:
    """A step on the way to another: in the page's own words, told to nobody."""
    facts = {**vars(step), "body": "", "notify": False}
    return Move(**facts) if isinstance(step, Move) else Step(**facts)


def replanned(now: Now, asked: Asked) -> Iterator[Asking]:
    wanted = {name: value for name, value in notices_of(asked).items() if value != now.notices.get(name)}
    if wanted.get("reminders", ()) is None and now.notices.get("reminders"):
        wanted.pop("reminders")  # it is reminded of already, at times of its own
    if wanted:
        yield Replan(notices=wanted)


BY_ITSELF = {
    "scheduled_auto_transition": "auto_start",
    "scheduled_auto_in_progress": "auto_start",
    "scheduled_auto_completed": "auto_complete",
    "auto_transition_deliver_notifications_at_start": "tells_start",
    "auto_transition_deliver_notifications_at_end": "tells_end",
}
"""Statuspage's field -> what it is here. Components always go under maintenance with the work, and return with it."""


def notices_of(asked: Asked) -> dict[str, Any]:
    """What of a plan the fields say; reminders None: at the times of the product's own rule."""
    found = {ours: asked[theirs] for theirs, ours in BY_ITSELF.items() if theirs in asked}
    if "scheduled_remind_prior" in asked:
        found["reminders"] = None if asked["scheduled_remind_prior"] else []
    return found


def moved(now: Now, asked: Asked) -> Iterator[Move | Step]:
    start, end = asked.get("scheduled_for") or now.scheduled_for, asked.get("scheduled_until") or now.scheduled_until
    held = now.scheduled_for, now.scheduled_until
    if start and end and [shown(each) for each in (start, end)] != [shown(each) for each in held]:
        body = str(asked.get("body") or "")
        yield Move(scheduled_for=start, scheduled_until=end, body=body, notify=is_told(asked))


def shown(at: datetime | None) -> str | None:
    """As clients are given it: what comes back is no other time, though the stored one is finer."""
    return time(at)


def stepped(now: Now, asked: Asked) -> Iterator[Move | Step]:
    """From where it is to where it is to be, through all between: nothing is completed that never began."""
    status, body = asked.get("status") or now.status, str(asked.get("body") or "")
    if status not in {*LIFE, MaintenanceStatus.CANCELLED}:
        raise wrong("status", f"Scheduled maintenance cannot be {status}.")
    if status == now.status or (status in OVER and now.status in OVER):
        if body and not any(moved(now, asked)):
            yield Step(status=now.status, body=body, notify=is_told(asked))
        return
    for each in way(now.status, status):
        yield Step(status=each, body=body, notify=is_told(asked))


def way(before: str, after: str) -> Iterator[str]:
    """The statuses from one to the other, the last included; work need not be watched before it is done."""
    if before == MaintenanceStatus.SCHEDULED and after in {MaintenanceStatus.VERIFYING, MaintenanceStatus.COMPLETED}:
        yield MaintenanceStatus.IN_PROGRESS
    yield after


def said_of_its_components(now: Now, asked: Asked) -> Iterator[Asking]:
    """Statuses hold once the work has begun: what is announced is so still as it was."""
    given = asked.get("components") or {}
    foreign = sorted({*given, *(asked.get("component_ids") or ())} - set(now.components))
    if foreign:
        raise wrong("components", f"This maintenance was announced without the component {foreign[0]}.")
    status = asked.get("status") or now.status
    said = {pk: each for pk, each in given.items() if each}
    if said and (status in ACTIVE_MAINTENANCE or status in OVER):
        yield SetComponents(components=said)
