"""A page's history as frozen facts: what `parse` found and `actions.importing` stores.

Checked and cleaned: whoever holds a History may store it. Times are aware, in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus, MaintenanceStatus


@dataclass(frozen=True, kw_only=True)
class Group:
    """A heading over components."""

    id: str
    name: str
    description: str
    position: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component as the page shows it now. Statuspage has no word for a third party's."""

    id: str
    name: str
    description: str
    status: ComponentStatus
    group_id: str | None
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date | None
    created_at: datetime
    updated_at: datetime
    is_third_party: bool = False


@dataclass(frozen=True, kw_only=True)
class Affected:
    """What one update said of one component, with the name it had then."""

    code: str
    name: str
    old_status: ComponentStatus
    new_status: ComponentStatus


@dataclass(frozen=True, kw_only=True)
class Update:
    """One published update. `affected` None: it said nothing of components."""

    id: str
    status: IncidentStatus | MaintenanceStatus
    body: str
    created_at: datetime
    updated_at: datetime
    display_at: datetime
    deliver_notifications: bool
    affected: tuple[Affected, ...] | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an incident and a maintenance have in common; `updates` oldest first."""

    kind: ClassVar[str]

    id: str
    name: str
    status: IncidentStatus | MaintenanceStatus
    impact: Impact
    created_at: datetime
    updated_at: datetime
    started_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    shortlink: str
    component_ids: tuple[str, ...]
    updates: tuple[Update, ...]
    metadata: dict[str, Any] | None = None
    """What a program keeps with it; told by the Manage API alone."""

    def last_words(self) -> dict[str, ComponentStatus | None]:
        """Each component it touched -> what it last said of it; None: it never said."""
        words: dict[str, ComponentStatus | None] = dict.fromkeys(self.component_ids)
        for update in self.updates:
            words.update({each.code: each.new_status for each in update.affected or ()})
        return words


@dataclass(frozen=True, kw_only=True)
class Incident(Entry):
    """Something unplanned."""

    kind = "incident"

    is_backfilled: bool = False
    impact_is_chosen: bool = False
    """Both are told by the Manage API alone."""


@dataclass(frozen=True, kw_only=True)
class Maintenance(Entry):
    """Planned work. Statuspage's `started_at` is when it was announced, not when it began."""

    kind = "maintenance"

    scheduled_for: datetime
    scheduled_until: datetime
    auto_start: bool = True
    auto_complete: bool = True
    tells_start: bool = True
    tells_end: bool = True
    """What happens by itself, and whether it is told; the public API leaves it out."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything of one page. `page_id` None: the site keeps its own."""

    page_id: str | None
    page_name: str
    time_zone: str
    as_of: datetime
    """Up to when the source tells: nothing in it is known to last longer."""
    groups: tuple[Group, ...]
    components: tuple[Component, ...]
    incidents: tuple[Incident, ...]
    maintenances: tuple[Maintenance, ...]

    def entries(self) -> Iterator[Entry]:
        """Incidents, then maintenances."""
        yield from self.incidents
        yield from self.maintenances
