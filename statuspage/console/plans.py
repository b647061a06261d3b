"""A window as a form has it now: when its notice would be complete, what that is worth, and what lies beside it.

The review, the answers while somebody types and the steps of a room all ask here, so
that what is said while typing is what is said at last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from statuspage import compliance, contracted, events, ports, selectors, windows
from statuspage.models import Maintenance
from statuspage.recurrence import Window
from statuspage.sla.notice import NEVER
from statuspage.vocabulary import MaintenanceStatus

from . import notice


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A window [start, end) on components (ids), as `event` would announce it; `maintenance`: whose new times it is."""

    start: datetime
    end: datetime
    components: tuple[str, ...]
    notify: bool = True
    time_zone: str = "UTC"
    event: type[events.MaintenanceEvent] = events.MaintenanceScheduled
    maintenance: Maintenance | None = None

    def announcement(self, *, name: str = "", body: str = "") -> events.MaintenanceEvent:
        """The event that publishing this would emit, for the ports to count by."""
        held = self.maintenance
        return self.event(
            subject_id=held.pk if held else "",
            update_id="",
            name=name or (held.name if held else ""),
            status=held.status if held else MaintenanceStatus.SCHEDULED,
            body=body,
            component_ids=self.components,
            published_at=timezone.now(),
            notify=self.notify,
            window_revision=held.window_revision if held else 1,
            scheduled_for=self.start,
            scheduled_until=self.end,
            time_zone=self.time_zone,
        )

    @property
    def tells(self) -> bool:
        """Whether anybody hears of it; on a page without notifications its publication is what counts."""
        return self.notify or ports.installed.audience is None

    def verdict(self, told_at: datetime | None = None) -> notice.Verdict:
        """What its notice is worth if this is published now; or was, and everybody has it by `told_at`."""
        told = told_at or (noticed_at(self.announcement()) if self.tells else NEVER)
        begins = self.event is events.MaintenanceStarted
        planned = windows.planned(self.start, self.end, self.components, told, self.maintenance, begins=begins)
        others = windows.beside(self.components, self.start, self.end, self.maintenance)
        judged = notice.judge(planned, others)
        return notice.verdict(judged, tells=self.tells, contracts=contracts_hit(judged))


def contracts_hit(judged: notice.Judged) -> int | None:
    """For how many contracts in force at its start the window counts; None where none covers its components."""
    if not judged.counted:
        return None
    return contracted.counting(selectors.coverages_of(judged.by_component, judged.revision.start), judged.by_component)


def noticed_at(event: events.MaintenanceEvent) -> datetime:
    """When those whom this event tells will have it: staff's time to undo, then the fan-out; at once without any."""
    takes = ports.fan_out_estimate(event)
    return event.published_at + undo(event) + takes if takes else event.published_at


def undo(event: events.MaintenanceEvent) -> timedelta:
    """How long the messages are kept back so that staff can stop them; texts alone leave at once."""
    is_text_only = set(ports.audience(event) or ()) == {"sms"}
    return timedelta() if is_text_only else timedelta(seconds=settings.UNDO_SECONDS)


@dataclass(frozen=True)
class Announced:
    """What is announced at once, by one message, which is the first window's; how long telling takes, and until when.

    A window that it only lists is told of by itself later (docs/service-levels.md).
    """

    event: events.MaintenanceScheduled
    listed: Sequence[Window]
    takes: timedelta
    told_at: datetime

    @classmethod
    def of(cls, event: events.MaintenanceScheduled, at_once: Sequence[Window]) -> "Announced":
        takes = ports.fan_out_estimate(event) or timedelta()
        return cls(event, at_once[1:], takes, noticed_at(event))

    def told_of(self, window: Window) -> datetime:
        """When those have the notice of a window whom something tells."""
        if window not in self.listed:
            return max(self.told_at, window.start - timedelta(days=settings.SERIES_DAYS_AHEAD))
        alone = replace(self.event, scheduled_for=window.start, scheduled_until=window.end, further=())
        due_at = ports.listed_notice_due_at(alone, self.takes)
        return max(self.told_at, due_at + self.takes) if due_at else self.told_at


def verdict_of(maintenance: Maintenance) -> notice.Verdict | None:
    """What the notice of a window is worth as it was announced; None while it is on its way, or it is called off."""
    window = maintenance.windows.filter(number=maintenance.window_revision).first()
    if window is None or maintenance.status == MaintenanceStatus.CANCELLED:
        return None
    announced = compliance.announcement(window, ports.notices(maintenance.pk))
    is_told = announced.is_by_page or ports.notice_reach(maintenance.pk, window.number) is not None
    if announced.noticed_at is None and announced.due_at:
        return None
    start, end = maintenance.scheduled_for, maintenance.scheduled_until
    others = windows.beside(components_of(maintenance), start, end, maintenance)
    judged = notice.judge(windows.windows_of(maintenance), others)
    return notice.verdict(judged, tells=is_told, is_over=True, contracts=contracts_hit(judged))


def expected(maintenance: Maintenance) -> notice.Verdict:
    """What the notice of a window that is still to come will be worth, if it takes as long as it usually does.

    That of a window which another one's message only listed comes at a time of its own.
    """
    plan = Plan(
        start=maintenance.scheduled_for,
        end=maintenance.scheduled_until,
        components=components_of(maintenance),
        event=events.MaintenanceUpdated,
        maintenance=maintenance,
    )
    known = ports.notices(maintenance.pk).get(maintenance.window_revision)
    if known is None or known.due_at is None:
        return plan.verdict()
    event = plan.announcement()
    takes = ports.fan_out_estimate(event) or timedelta()
    return plan.verdict(max(event.published_at, known.due_at) + takes)


def components_of(maintenance: Maintenance) -> tuple[str, ...]:
    return tuple(maintenance.claims.order_by("component").values_list("component_id", flat=True))
