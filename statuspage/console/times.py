"""Wall-clock times as staff type them -> instants, and back: what became of them.

Gaps are refused, overlaps are asked (fault 52). Stored is the instant: where a country
changes its clocks afterwards the instant stays, and staff are told (fault 53).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage.models import Maintenance
from statuspage.publishing.times import wall_time

EARLIER, LATER = "earlier", "later"
"""Which of the two instants an ambiguous wall-clock time means."""


@dataclass(frozen=True)
class Reading:
    """What a wall-clock time can mean in a zone: none, one or two instants, in UTC."""

    instants: tuple[datetime, ...]


def readings(wall: datetime, zone: ZoneInfo) -> Reading:
    """The instants at which clocks in `zone` show the naive time `wall`."""
    found = set()
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall:
            found.add(instant)
    return Reading(tuple(sorted(found)))


def shown(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` show then, in whole minutes, as forms know them."""
    return instant.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def which(instant: datetime, zone: ZoneInfo) -> str:
    """Which of two it is where clocks in `zone` show its time twice."""
    return LATER if instant.astimezone(zone).fold else EARLIER


def first_after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The wall-clock time that clocks show when they should show the missing `wall`."""
    before = wall.replace(tzinfo=zone, fold=0)
    return before.astimezone(UTC).astimezone(zone).replace(tzinfo=None)


def instant(wall: datetime, zone_name: str, which: str, field: str) -> datetime:
    """The instant meant by `wall` in that zone, in UTC.

    Raises ValidationError naming `field` where clocks skip that time, with the next one
    that exists, and where they show it twice and nobody said which.
    """
    zone = ZoneInfo(zone_name)
    found = readings(wall, zone).instants
    if not found:
        raise ValidationError({field: gap_message(wall, zone)})
    if len(found) == 2 and which not in {EARLIER, LATER}:
        raise ValidationError({field: overlap_message(wall, zone, found)})
    return found[-1] if which == LATER else found[0]


def gap_message(wall: datetime, zone: ZoneInfo) -> str:
    return _("%(wall)s does not exist in %(zone)s: the clocks go forward. Did you mean %(next)s?") % {
        "wall": f"{wall:%Y-%m-%d %H:%M}",
        "zone": zone.key,
        "next": f"{first_after_gap(wall, zone):%Y-%m-%d %H:%M}",
    }


def overlap_message(wall: datetime, zone: ZoneInfo, found: tuple[datetime, ...]) -> str:
    return _("%(wall)s comes twice in %(zone)s. Choose: the first is %(first)s UTC, the second %(second)s UTC.") % {
        "wall": f"{wall:%Y-%m-%d %H:%M}",
        "zone": zone.key,
        "first": f"{found[0]:%H:%M}",
        "second": f"{found[1]:%H:%M}",
    }


def nearest_quarter(at: datetime) -> datetime:
    """The next full quarter of an hour: what a planner would type."""
    minutes = 15 - at.minute % 15
    return (at + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def changed_walls(maintenance: Maintenance) -> list[str]:
    """A sentence for each end of the window that clocks there will not show as announced, newest rules known here."""
    window = maintenance.windows.filter(number=maintenance.window_revision).first()
    if window is None or not maintenance.is_open:
        return []
    ends = ((window.wall_for, window.scheduled_for), (window.wall_until, window.scheduled_until))
    return [
        changed_message(meant, at, maintenance.time_zone)
        for meant, at in ends
        if meant and wall_time(at, maintenance.time_zone) != meant
    ]


def changed_message(meant: str, at: datetime, zone: str) -> str:
    return _(
        "%(meant)s was announced in %(zone)s. Its clocks were changed since: they will show %(shown)s. "
        "The window stays at %(utc)s UTC; move it if the time on the wall is what counts."
    ) % {"meant": meant, "zone": zone, "shown": wall_time(at, zone), "utc": f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"}
