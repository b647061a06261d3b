"""The published contract: what `statuspage` tells the rest of the program, and one signal.

An action builds an event inside its transaction and calls `emit`. Whoever tells people
(the package `notifications`) listens. An event is a frozen copy: what was published is
what is sent, whatever is edited later.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.dispatch import Signal

published = Signal()
# provides args: event (one of the dataclasses below). Sent inside the publishing
# transaction: a receiver that raises takes the whole publication back.


@dataclass(frozen=True, kw_only=True)
class AffectedComponent:
    """One component in one update; statuses are ComponentStatus values."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event says. `component_ids` are all components the subject ever touched."""

    kind: ClassVar[str]
    subject_kind: ClassVar[str]

    subject_id: str
    update_id: str
    name: str
    status: str
    body: str
    impact: str = "none"
    severity: int | None = None
    component_ids: tuple[str, ...] = ()
    affected_components: tuple[AffectedComponent, ...] = ()
    published_at: datetime
    next_update_by: datetime | None = None
    notify: bool = True
    undoable: bool = False
    """Staff pressed a button: there are UNDO_SECONDS to take the sending back."""

    def payload(self) -> dict[str, Any]:
        """The event as JSON-ready data, times as ISO 8601 in UTC."""
        data = asdict(self)
        for key, value in data.items():
            if isinstance(value, datetime):
                data[key] = value.isoformat()
        return {"kind": self.kind, "subject_kind": self.subject_kind, **data}


@dataclass(frozen=True, kw_only=True)
class Further:
    """One more window that a message tells of: of which maintenance, and when. Times are ISO 8601 in UTC."""

    subject_id: str
    scheduled_for: str
    scheduled_until: str


@dataclass(frozen=True, kw_only=True)
class IncidentUpdatePublished(Event):
    """An incident was opened, updated, resolved or given a postmortem."""

    kind = "incident_update"
    subject_kind = "incident"


@dataclass(frozen=True, kw_only=True)
class MaintenanceEvent(Event):
    """What every maintenance event adds: the window it speaks of, and its revision."""

    subject_kind = "maintenance"

    window_revision: int
    scheduled_for: datetime
    scheduled_until: datetime
    time_zone: str = "UTC"
    previous_scheduled_for: datetime | None = field(default=None)
    previous_scheduled_until: datetime | None = field(default=None)
    begun_at: datetime | None = field(default=None)
    """Since when the work goes on, where it does."""
    reminders: tuple[int, ...] | None = None
    """Minutes before the start at which it is told again; None: as `notifications.notices` has it."""
    tells_start: bool = True
    tells_end: bool = True
    """Whether people are told when it begins, and ends, by itself."""
    further: tuple[Further, ...] = ()
    """Other windows of its series that happened the same at once: its message tells of them too."""
    told_with: str = ""
    """The update that had this window among its `further` ones, so that nobody needs to be told by itself."""


@dataclass(frozen=True, kw_only=True)
class MaintenanceScheduled(MaintenanceEvent):
    """A window was announced."""

    kind = "maintenance_scheduled"


@dataclass(frozen=True, kw_only=True)
class MaintenanceMoved(MaintenanceEvent):
    """A window got other times; the previous ones are in the event."""

    kind = "maintenance_moved"


@dataclass(frozen=True, kw_only=True)
class MaintenanceUpdated(MaintenanceEvent):
    """Staff said something more about a window (verifying included)."""

    kind = "maintenance_updated"


@dataclass(frozen=True, kw_only=True)
class MaintenanceStarted(MaintenanceEvent):
    """Work began."""

    kind = "maintenance_started"


@dataclass(frozen=True, kw_only=True)
class MaintenanceCompleted(MaintenanceEvent):
    """Work ended."""

    kind = "maintenance_completed"


@dataclass(frozen=True, kw_only=True)
class MaintenanceCancelled(MaintenanceEvent):
    """The window will not take place (or was broken off)."""

    kind = "maintenance_cancelled"


@dataclass(frozen=True, kw_only=True)
class MaintenanceDelayed(MaintenanceEvent):
    """The start of a window has passed, and the work has not begun."""

    kind = "maintenance_delayed"


@dataclass(frozen=True, kw_only=True)
class MaintenanceOverran(MaintenanceEvent):
    """The end of a window has passed, and the work goes on."""

    kind = "maintenance_overran"


@dataclass(frozen=True, kw_only=True)
class MaintenanceReplanned(MaintenanceEvent):
    """The window is as it was; its reminders come at other times from now on. By itself it tells nobody."""

    kind = "maintenance_replanned"


def emit(event: Event) -> None:
    """Tell the listeners; an exception of theirs reaches the caller, who rolls back."""
    published.send(sender=type(event), event=event)


# --- To staff ---------------------------------------------------------------------------------

alarmed = Signal()
# provides args: alarm (a StaffAlarm). Sent inside the transaction that notes what it is about.


@dataclass(frozen=True, kw_only=True)
class StaffAlarm:
    """What staff should hear of at once, beside all that readers are told. Under one `key` it is told once.

    `path`: where in the console to go. `since`: when it came to that.
    """

    key: str
    words: str
    advice: str
    path: str
    since: datetime


def alarm_staff(alarm: StaffAlarm) -> None:
    """Tell whoever tells staff; where nobody does, nobody is told."""
    alarmed.send(sender=StaffAlarm, alarm=alarm)


# --- What people chose ------------------------------------------------------------------------

dissolved = Signal()
# provides args: group (a GroupDissolved). Sent inside the transaction that takes the group away, before it is gone.


@dataclass(frozen=True, kw_only=True)
class GroupDissolved:
    """A group of components ends, and its members stand alone: who chose the group chose them."""

    group_id: str
    component_ids: tuple[str, ...]


def dissolve(group: GroupDissolved) -> None:
    """Have what people chose of the group go on as what they chose of its members."""
    dissolved.send(sender=GroupDissolved, group=group)


# --- To one person ----------------------------------------------------------------------------

written = Signal()
# provides args: letter (a Letter). Sent inside the action's transaction; a receiver answers
# whether it will be sent.


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message to one address about what somebody there sent. It carries no stranger's words.

    `kind`: "report_received" or "report_declined". `network` (as `strangers.client_network`) is whoever had it
    written by a public form, "" where staff did. `reason`: staff's words.
    """

    kind: str
    subject_id: str
    address: str
    number: str
    reported_at: datetime
    written_at: datetime
    language: str = ""
    reason: str = ""
    network: str = ""


def write(letter: Letter) -> bool:
    """Have a letter sent; False where nobody sends any, or not to this address now."""
    return any(answer for _receiver, answer in written.send(sender=Letter, letter=letter))
