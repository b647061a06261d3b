"""What the page shows at one revision: plain frozen facts, no database behind them.

Everything the public reads (HTML, JSON, feeds, calendar) is a rendering of one Snapshot,
so the renderings cannot disagree, and the same snapshot gives the same bytes. Built by
`publishing.capture`; imports neither Django nor the models.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from statuspage.status import PageStatus
from statuspage.vocabulary import (
    ACTIVE_MAINTENANCE,
    OPEN_INCIDENT,
    ComponentStatus,
    MaintenanceStatus,
)

RECENT = 50
"""How many incidents, and how many maintenances, `/api/v2` and the feeds hold."""

DAYS = 90
"""How many days the bars beside a component go back, today included."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """`updated_at` is when something readers can see last changed, never the clock."""

    id: str
    name: str
    url: str
    time_zone: str
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of one component in the page's zone: its worst status and the seconds down."""

    date: date
    worst: ComponentStatus
    major_seconds: int = 0
    partial_seconds: int = 0


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component as published. `days` is oldest first and ends today; empty: not shown."""

    id: str
    name: str
    description: str
    status: ComponentStatus
    group_id: str | None
    is_third_party: bool
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date | None
    created_at: datetime
    updated_at: datetime
    days: tuple[Day, ...] = ()
    uptime: Fraction | None = None
    """Published uptime over `days`, 0 to 1: see publishing/bars.py. Not a contract's figure."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A heading over components; `component_ids` in the order of the page."""

    id: str
    name: str
    description: str
    position: int
    status: ComponentStatus
    created_at: datetime
    updated_at: datetime
    component_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AffectedComponent:
    """What one update said of one component, with the name it had then."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """One published update. `affected_components` None: it said nothing of components."""

    id: str
    status: str
    body: str
    created_at: datetime
    updated_at: datetime
    display_at: datetime
    deliver_notifications: bool
    affected_components: tuple[AffectedComponent, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """An incident with its updates, newest first, and the ids of all components it touched."""

    id: str
    name: str
    status: str
    impact: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    shortlink: str
    updates: tuple[Update, ...]
    component_ids: tuple[str, ...]
    component_names: tuple[str, ...]
    severity: int | None = None
    next_update_by: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_INCIDENT

    @property
    def path(self) -> str:
        return f"/incidents/{self.id}"


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """A planned maintenance. `window_revision` counts how often its window was announced."""

    id: str
    name: str
    status: str
    impact: str
    created_at: datetime
    updated_at: datetime
    announced_at: datetime
    started_at: datetime | None
    monitoring_at: datetime | None
    resolved_at: datetime | None
    scheduled_for: datetime
    scheduled_until: datetime
    time_zone: str
    window_revision: int
    shortlink: str
    updates: tuple[Update, ...]
    component_ids: tuple[str, ...]
    component_names: tuple[str, ...]

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE_MAINTENANCE

    @property
    def is_upcoming(self) -> bool:
        return self.status == MaintenanceStatus.SCHEDULED

    @property
    def path(self) -> str:
        return f"/incidents/{self.id}"


Entry = Incident | Maintenance


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of history in the page's zone, `key` as in "2026-11"; entries newest first."""

    key: str
    entries: tuple[Entry, ...]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, kw_only=True)
class MonthCount:
    """How many incidents and maintenances a month of history holds."""

    key: str
    incidents: int
    maintenances: int


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The hot set's facts. Incidents and maintenances: the open ones and the newest RECENT.

    `stands_since`: nothing but emergencies was added since then, without the database; None: all is of `as_of`.

    `incidents` newest first by creation, `maintenances` newest first by start; `months`
    newest first.
    """

    revision: int
    as_of: datetime
    page: Page
    status: PageStatus
    groups: tuple[Group, ...] = ()
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    months: tuple[MonthCount, ...] = field(default=())
    stands_since: datetime | None = None

    @property
    def open_incidents(self) -> tuple[Incident, ...]:
        return tuple(incident for incident in self.incidents if incident.is_open)

    @property
    def active_maintenances(self) -> tuple[Maintenance, ...]:
        return tuple(each for each in self.maintenances if each.is_active)

    @property
    def upcoming_maintenances(self) -> tuple[Maintenance, ...]:
        """Soonest first."""
        upcoming = [each for each in self.maintenances if each.is_upcoming]
        return tuple(sorted(upcoming, key=lambda each: each.scheduled_for))

    @property
    def recent_incidents(self) -> tuple[Incident, ...]:
        return self.incidents[:RECENT]

    @property
    def recent_maintenances(self) -> tuple[Maintenance, ...]:
        return self.maintenances[:RECENT]

    def component(self, component_id: str) -> Component | None:
        """The component of that id, None where it is gone."""
        return next((each for each in self.components if each.id == component_id), None)
