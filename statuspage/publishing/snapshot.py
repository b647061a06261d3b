"""What the page shows at one revision: plain frozen facts, no database behind them.

Everything the public reads (HTML, JSON, feeds, calendar) is a rendering of one Snapshot,
so the renderings cannot disagree, and the same snapshot gives the same bytes. Built by
`publishing.capture`; imports neither Django nor the models.
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from statuspage.status import PageStatus
from statuspage.text import grouped_name
from statuspage.vocabulary import (
    ACTIVE_MAINTENANCE,
    OPEN_INCIDENT,
    OPEN_MAINTENANCE,
    ComponentStatus,
    MaintenanceStatus,
)

RECENT = 50
"""How many incidents, and how many maintenances, `/api/v2` has, and so many of each for a component's feeds."""

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
    def happened_at(self) -> datetime:
        """The instant that decides in which day and month of history it stands."""
        return self.started_at

    @property
    def path(self) -> str:
        return f"/incidents/{self.id}"


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """A planned maintenance. `window_revision` counts its window's announcements; `series` is what it recurs by."""

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
    series: str = ""
    told: int | None = None
    last_told_at: datetime | None = None
    """How many had the notice of its window, and when the last of them, as of its start or end; None: not shown."""

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE_MAINTENANCE

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_MAINTENANCE

    @property
    def is_upcoming(self) -> bool:
        return self.status == MaintenanceStatus.SCHEDULED

    @property
    def happened_at(self) -> datetime:
        """As an incident's: its window's start."""
        return self.scheduled_for

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
class History:
    """The incidents and maintenances that touched one component, RECENT of each, by the newest word.

    `changed_in` is the revision in which any of them last changed. Where that is no news the
    documents made of them stand in the folder, and they are not read: `is_read` is False.
    """

    component_id: str
    changed_in: int
    is_read: bool = False
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Embed:
    """How the widget looks on other people's sites: its corner, and colours as `#RRGGBB`."""

    position: str = "bottom-left"
    incident_background_color: str = "#B3261E"
    incident_text_color: str = "#FFFFFF"
    maintenance_background_color: str = "#1F4E9E"
    maintenance_text_color: str = "#FFFFFF"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The hot set's facts. Incidents: the open ones, the RECENT newest, and the RECENT with the newest word.

    Maintenances likewise. `incidents` newest first by creation, `maintenances` newest first by
    start; `months` newest first; `histories` only where a publication is rendered. `stands_since`:
    nothing but emergencies was added since then, without the database; None: all is of `as_of`.
    """

    revision: int
    as_of: datetime
    page: Page
    status: PageStatus
    groups: tuple[Group, ...] = ()
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    months: tuple[MonthCount, ...] = ()
    histories: tuple[History, ...] = ()
    stands_since: datetime | None = None
    embed: Embed = Embed()

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
    def whole_since(self) -> datetime | None:
        """From when on all incidents are held; None: all there ever were. Who is not held had no word since."""
        if len(self.incidents) < RECENT:
            return None
        return sorted((each.updated_at for each in self.incidents), reverse=True)[RECENT - 1]

    def history(self, component_id: str) -> History | None:
        """What is known of that component's past; None where nobody asked."""
        return next((each for each in self.histories if each.component_id == component_id), None)

    def entries_of(self, component_id: str) -> tuple[Entry, ...]:
        """What touched a component: all that is open, and its history, or of it what the page holds."""
        everything: tuple[Entry, ...] = (*self.incidents, *self.maintenances)
        held = tuple(each for each in everything if component_id in each.component_ids)
        past = self.history(component_id)
        if past is None or not past.is_read:
            return held
        told: tuple[Entry, ...] = (*past.incidents, *past.maintenances)
        return tuple({each.id: each for each in (*(each for each in held if each.is_open), *told)}.values())

    def tops(self) -> list[Group | Component]:
        """The groups, and the components outside of any, in the page's order."""
        known = {each.id for each in self.groups}
        alone = [each for each in self.components if each.group_id not in known]
        return sorted([*self.groups, *alone], key=lambda each: each.position)

    def members(self, group: Group) -> tuple[Component, ...]:
        """A group's components in the page's order."""
        return tuple(found for each in group.component_ids if (found := self.component(each)))

    def full_name(self, component: Component) -> str:
        """A component as updates name it: behind its group."""
        group = next((each.name for each in self.groups if each.id == component.group_id), "")
        return grouped_name(group, component.name)

    def component(self, component_id: str) -> Component | None:
        """The component of that id, None where it is gone."""
        return next((each for each in self.components if each.id == component_id), None)
