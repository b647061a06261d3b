"""Pure: what is known of a group of alerts, what is told of it, and what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus

STATUS_RANK = [IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING]
"""The last counts for most, as in the bridge between Alertmanager and Statuspage whose annotations are read."""


class Act(StrEnum):
    """What is to be done about a group."""

    NOTHING = "nothing"
    OPEN = "open"
    UPDATE = "update"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    NOTE = "note"


class Hands(StrEnum):
    """Who said the last word on the group's incident: the alerts (or nobody yet), or staff, who then decide."""

    ALERTS = "alerts"
    STAFF = "staff"
    STAFF_CLOSED = "staff_closed"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert. `ends_at` None: it fires. `seen_at`: when its state was last heard of."""

    fingerprint: str
    starts_at: datetime
    ends_at: datetime | None = None
    seen_at: datetime | None = None
    components: tuple[str, ...] = ()
    component_status: ComponentStatus | None = None
    """None: it says nothing of how they are."""
    status: IncidentStatus = IncidentStatus.IDENTIFIED
    impact: Impact | None = None
    """None: it follows from the components."""
    name: str = ""
    """What it is about, in readers' words."""
    summary: str = ""

    @property
    def fires(self) -> bool:
        return self.ends_at is None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One message about a group. `is_whole`: it has all of the group's alerts; `hidden`: how many it left out."""

    alerts: tuple[Alert, ...]
    is_whole: bool = True
    hidden: int = 0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is told of a group: nothing fires where it is over."""

    is_over: bool = False
    status: IncidentStatus = IncidentStatus.IDENTIFIED
    impact: Impact | None = None
    components: Mapping[str, ComponentStatus | None] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    """Fingerprint -> summary, the oldest first."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """All that is kept of a group."""

    alerts: Mapping[str, Alert] = field(default_factory=dict)
    hidden: int = 0
    over_at: datetime | None = None
    """When the last of them was over; `back_at`: when one fired again after that."""
    back_at: datetime | None = None
    said: Said | None = None
    """What readers were told last, or staff where they decide."""
    said_at: datetime | None = None
    better_at: datetime | None = None
    """When readers were last told that something is over."""
    wanted: Said | None = None
    """What would be told if nothing were held back."""
    unsteady_until: datetime | None = None
    """It came back soon after it was over: until then good news waits, and each change begins the wait anew."""

    @property
    def firing(self) -> list[Alert]:
        """The oldest first."""
        return sorted((each for each in self.alerts.values() if each.fires), key=by_age)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is to be done, and said; `again_at`: when to look again though no message comes."""

    act: Act = Act.NOTHING
    said: Said | None = None
    before: Said | None = None
    is_worse: bool = False
    is_better: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Pace:
    """`order`: messages within so long may have overtaken each other. `quiet`: what comes back sooner flaps."""

    order: timedelta
    quiet: timedelta


def by_age(alert: Alert) -> tuple[datetime, str]:
    return alert.starts_at, alert.fingerprint
