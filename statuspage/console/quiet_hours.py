"""Quiet hours beside the planner: past incidents and reports by weekday and hour, and the quietest slot ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from statuspage import ports, quiet, selectors
from statuspage.publishing.times import day_text, zone_of

from . import doors, times
from .fields import FORMAT, plain_zone
from .maintenance_forms import MaintenanceForm
from .plans import Plan

YEAR = timedelta(days=365)
AHEAD = timedelta(hours=25)
USUAL_LENGTH = timedelta(hours=2)
LONGEST = timedelta(days=3)
"""For longer work a quiet hour means nothing."""

CELL = 15
"""Units of the drawing for one hour."""
LEFT, TOP = 44, 20
SMALLEST, LARGEST = 2.0, 6.5
"""Half the width of a dot: for one, and for the busiest hour."""


@dataclass(frozen=True)
class Quiet:
    """What happened in the hours of a week, by clocks in `zone`, and the slot that is suggested for `length`."""

    counts: Mapping[quiet.Cell, int]
    zone: ZoneInfo
    slot: quiet.Slot | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    # --- In words ---------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """The suggestion: "Sun 29 November, 03:00 to 05:00 Europe/Amsterdam"."""
        if self.slot is None:
            return _("In the coming week no slot of that length is free of other windows.")
        start, end = self.slot.start.astimezone(self.zone), self.slot.end.astimezone(self.zone)
        said = {"day": day_text(start.date()), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "zone": self.zone.key}
        return _("Quietest slot of the coming week: %(day)s, %(start)s to %(end)s %(zone)s.") % said

    @property
    def happened(self) -> str:
        """How quiet it is."""
        count = self.slot.happened if self.slot else 0
        if not count:
            return _("In these hours of the week there were no incidents and no reports in the past year.")
        return ngettext(
            "In these hours of the week there was %(count)s incident or report in the past year.",
            "In these hours of the week there were %(count)s incidents and reports in the past year.",
            count,
        ) % {"count": count}

    @property
    def equivalent(self) -> str:
        """The drawing in a sentence."""
        if (most := quiet.busiest(self.counts)) is None:
            return ""
        (day, hour), count = most
        said = {"day": WEEKDAYS[day], "start": f"{hour:02}:00", "end": f"{(hour + 1) % 24:02}:00", "count": count}
        return _("Most happened on %(day)s between %(start)s and %(end)s: %(count)s.") % said

    @property
    def days(self) -> list[tuple[Any, int]]:
        """Each weekday with how much happened on it."""
        return list(zip(WEEKDAYS.values(), quiet.by_day(self.counts), strict=True))

    # --- Drawn --------------------------------------------------------------------------------

    @cached_property
    def dots(self) -> list[dict[str, Any]]:
        """A dot for each hour in which something happened, its area as often as that was."""
        most = max(self.counts.values(), default=1)
        return [
            {"x": LEFT + hour * CELL + CELL // 2, "y": TOP + day * CELL + CELL // 2, "r": radius(count / most)}
            for (day, hour), count in sorted(self.counts.items())
        ]

    @property
    def chosen(self) -> list[dict[str, int]]:
        """Where the suggested hours lie."""
        if self.slot is None:
            return []
        hours = int((self.slot.end - self.slot.start) / quiet.HOUR + 0.99)
        cells = dict.fromkeys(quiet.cell(self.slot.start + quiet.HOUR * each, self.zone) for each in range(hours))
        return [{"x": LEFT + hour * CELL, "y": TOP + day * CELL} for day, hour in cells]

    @property
    def rows(self) -> list[tuple[Any, int]]:
        return [(name, TOP + day * CELL + 11) for day, name in WEEKDAYS_ABBR.items()]

    @property
    def columns(self) -> list[tuple[str, int]]:
        return [(f"{hour:02}", LEFT + hour * CELL) for hour in range(0, 24, 6)]

    width, height = LEFT + 24 * CELL, TOP + 7 * CELL

    # --- For the form -------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        """What the form holds where this slot is taken."""
        if self.slot is None:
            return {}
        ends = {"starts": self.slot.start.astimezone(self.zone), "ends": self.slot.end.astimezone(self.zone)}
        walls = {name: f"{local:{FORMAT}}" for name, local in ends.items()}
        which = {f"{name}_which": which_of(local) for name, local in ends.items()}
        return {"time_zone": plain_zone(self.zone.key), **walls, **which}


def radius(share: float) -> str:
    """So that the area grows with the number, and one is still seen."""
    return f"{max(SMALLEST, LARGEST * share**0.5):.1f}"


def which_of(local: datetime) -> str:
    """The answer to "which?" where clocks show this time twice."""
    zone = zone_of(str(local.tzinfo))
    if len(times.readings(local.replace(tzinfo=None, fold=0), zone).instants) < 2:
        return ""
    return times.LATER if local.fold else times.EARLIER


def of(zone_name: str, length: timedelta | None = None, components: tuple[str, ...] = ()) -> Quiet:
    """Of the past year, by clocks in that zone; the slot for so long, free of other windows and far enough ahead."""
    now, zone = timezone.now(), zone_of(zone_name)
    counts = quiet.by_hour(selectors.disturbances(since=now - YEAR), zone)
    lasts = length if length and timedelta() < length <= LONGEST else USUAL_LENGTH
    busy = list(selectors.open_maintenances().values_list("scheduled_for", "scheduled_until"))
    earliest = now + ahead(now, lasts, components)
    slot = quiet.quietest(counts, zone, length=lasts, earliest=earliest, busy=busy) if counts else None
    return Quiet(counts, zone, slot)


def ahead(now: datetime, length: timedelta, components: tuple[str, ...]) -> timedelta:
    """So far ahead notice is sure to be complete in time."""
    event = Plan(start=now + AHEAD, end=now + AHEAD + length, components=components).announcement()
    takes = ports.fan_out_estimate(event) or timedelta()
    undo = timedelta(seconds=settings.UNDO_SECONDS)
    return max(AHEAD, timedelta(hours=24) + undo + 2 * takes)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For the zone and the length that are on the form, as a piece of a page."""
    form = MaintenanceForm(request.GET)
    form.is_valid()
    return doors.page(request, "console/quiet.html", {"quiet": so_far(form)})


def so_far(form: MaintenanceForm) -> Quiet:
    """By what is typed so far, or was kept."""
    said = getattr(form, "cleaned_data", {})
    found = getattr(form, "instants", {})
    start, end = found.get("starts"), found.get("ends")
    zone = said.get("time_zone") or str(form["time_zone"].value() or settings.PAGE_TIME_ZONE)
    return of(zone, end - start if start and end else None, tuple(said.get("components", ())))
