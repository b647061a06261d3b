"""Incidents and maintenances as pages tell them: tone, newest update, what is due, duration.

Pure view of the facts for the templates of `public/`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from statuspage.labels import COMPONENT_STATUS, UPDATE_STATUS
from statuspage.status import worst
from statuspage.vocabulary import ComponentStatus, Impact, MaintenanceStatus

from .sentences import TONE
from .snapshot import Entry, Incident, Maintenance, Snapshot, Update
from .times import duration, hours

UPDATES_SHOWN = 3
"""On the front page an incident shows its newest updates; its own page has them all."""
IMPACT = {
    Impact.NONE: gettext_lazy("No impact"),
    Impact.MINOR: gettext_lazy("Minor impact"),
    Impact.MAJOR: gettext_lazy("Major impact"),
    Impact.CRITICAL: gettext_lazy("Critical impact"),
    Impact.MAINTENANCE: gettext_lazy("Maintenance"),
}
"""Said where no heading beside the word says what is minor or major."""


@dataclass(frozen=True)
class Past:
    """All that lists of what is over say of an entry: none of its words, so an update leaves them as they are."""

    path: str
    name: str
    tone: ComponentStatus
    label: str
    status: str
    lasted: timedelta | None
    component_names: tuple[str, ...]

    @property
    def length(self) -> str:
        return duration(self.lasted) if self.lasted is not None else ""


@dataclass(frozen=True)
class Story:
    """An entry with what a page says of it beside its own words."""

    entry: Entry
    tone: ComponentStatus
    label: str

    @property
    def is_maintenance(self) -> bool:
        return isinstance(self.entry, Maintenance)

    @property
    def newest(self) -> Update | None:
        return self.entry.updates[0] if self.entry.updates else None

    @property
    def announcement(self) -> Update | None:
        """What was said first: of a window, what the work is."""
        return self.entry.updates[-1] if self.entry.updates else None

    @property
    def is_open(self) -> bool:
        """Whether more is to come."""
        return self.entry.is_open

    @property
    def shown(self) -> tuple[Update, ...]:
        """The newest updates, newest first."""
        return self.entry.updates[:UPDATES_SHOWN]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.entry.updates) - UPDATES_SHOWN)

    @property
    def status(self) -> str:
        return str(UPDATE_STATUS[self.entry.status])

    @property
    def length(self) -> str:
        """How long it lasted, or was planned to; empty while nobody knows."""
        span = lasted(self.entry)
        return duration(span) if span is not None else ""

    @property
    def past(self) -> Past:
        """What stays to be said once it is over."""
        entry = self.entry
        return Past(entry.path, entry.name, self.tone, self.label, entry.status, lasted(entry), entry.component_names)

    @property
    def planned_length(self) -> str:
        """How long a maintenance's window is."""
        entry = self.entry
        return duration(entry.scheduled_until - entry.scheduled_for) if isinstance(entry, Maintenance) else ""

    @property
    def has_overrun(self) -> bool:
        """Whether work goes on after the end it was announced to have: something was said since then."""
        entry, newest = self.entry, self.newest
        return isinstance(entry, Maintenance) and entry.is_active and is_since(newest, entry.scheduled_until)

    @property
    def is_delayed(self) -> bool:
        """Whether work has not begun after the start it was announced to have."""
        entry, newest = self.entry, self.newest
        return isinstance(entry, Maintenance) and entry.is_upcoming and is_since(newest, entry.scheduled_for)

    @property
    def notice(self) -> str:
        """How long before its start a maintenance was announced; empty where it was not."""
        span = notice_of(self.entry)
        return duration_of_notice(span) if span else ""

    @property
    def kept_notice(self) -> str:
        """How many had the notice of a maintenance, and how long before its start; empty where that is not shown."""
        entry = self.entry
        if not isinstance(entry, Maintenance) or entry.told is None or entry.last_told_at is None:
            return ""
        return sentence_of_notice(entry.told, entry.scheduled_for - entry.last_told_at)

    @property
    def announced(self) -> str:
        """The same where no heading beside it says what was done."""
        span = notice_of(self.entry)
        return announcement(span) if span else ""


def open_story(entry: Entry, snapshot: Snapshot) -> Story:
    """An open entry, in the tone of what its components are now; else of its impact."""
    touched = (snapshot.component(each) for each in entry.component_ids)
    now = worst(each.status for each in touched if each)
    if isinstance(entry, Incident) and now != ComponentStatus.OPERATIONAL:
        return Story(entry, now, str(COMPONENT_STATUS[now]))
    return told(entry)


def told(entry: Entry) -> Story:
    """An entry in the tone of its impact."""
    impact = Impact.MAINTENANCE if isinstance(entry, Maintenance) else Impact(entry.impact)
    return Story(entry, TONE[impact], str(IMPACT[impact]))


def lasted(entry: Entry) -> timedelta | None:
    """From start to end; a maintenance that has not ended is as long as its window."""
    if isinstance(entry, Incident):
        return entry.resolved_at - entry.started_at if entry.resolved_at else None
    if entry.status == MaintenanceStatus.CANCELLED:
        return None
    if entry.started_at and entry.resolved_at and entry.resolved_at > entry.scheduled_for:
        return entry.resolved_at - max(entry.started_at, entry.scheduled_for)
    return entry.scheduled_until - entry.scheduled_for


def is_since(update: Update | None, moment: datetime) -> bool:
    """Whether this was said at that moment or later."""
    return update is not None and update.display_at >= moment


def notice_of(entry: Entry) -> timedelta | None:
    """From a maintenance's announcement to its start; None where it was announced later, or is none."""
    if isinstance(entry, Maintenance) and entry.announced_at < entry.scheduled_for:
        return entry.scheduled_for - entry.announced_at
    return None


def duration_of_notice(span: timedelta) -> str:
    """Whole days where there is at least one, as one speaks of notice."""
    days = span.days
    if days:
        return ngettext("%(count)s day ahead", "%(count)s days ahead", days) % {"count": days}
    return _("%(span)s ahead") % {"span": duration(span)}


def sentence_of_notice(told: int, lead: timedelta) -> str:
    """1,204 subscriptions had it: an address or number each, so that one person with two of them counts twice."""
    said = ngettext(
        "%(count)s subscription had this notice, %(ahead)s before the start.",
        "%(count)s subscriptions had this notice, the last of them %(ahead)s before the start.",
        told,
    )
    return said % {"count": number_format(told, use_l10n=True, force_grouping=True), "ahead": hours(lead)}


def announcement(span: timedelta) -> str:
    """ "announced 6 days ahead": whole, since elsewhere the verb comes last."""
    days = span.days
    if days:
        return ngettext("announced %(count)s day ahead", "announced %(count)s days ahead", days) % {"count": days}
    return _("announced %(span)s ahead") % {"span": duration(span)}


def planned(upcoming: Iterable[Maintenance]) -> list[tuple[Story, list[Maintenance]]]:
    """The upcoming, soonest first, each with what it stands for.

    A series' next window stands for its others, but for those of which something new was said: a page is not
    filled with the same words five times, and hides no news.
    """
    shown: dict[str, tuple[Story, list[Maintenance]]] = {}
    for each in upcoming:
        is_as_announced = each.window_revision == 1 and len(each.updates) <= 1
        key = each.series if each.series and is_as_announced else each.id
        if key in shown:
            shown[key][1].append(each)
        else:
            shown[key] = (told(each), [])
    return list(shown.values())
