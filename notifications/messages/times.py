"""Times in messages: in UTC and in the reader's zone, both named."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from statuspage.publishing.languages import isolated
from statuspage.publishing.times import UTC_NAMES, zone_name


def moment_of(text: str | None) -> datetime | None:
    """A time as the payload has it."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def in_both(moment: datetime, zone: ZoneInfo) -> str:
    """ "22 November 2026, 14:30 UTC (15:30 CET, Europe/Amsterdam)"; the local date where it is another."""
    universal = _("%(date)s, %(time)s UTC") % {"date": date(moment), "time": time(moment)}
    if zone.key in UTC_NAMES:
        return universal
    local = moment.astimezone(zone)
    words = isolated(f"{time(local)} {zone_name(local)}")
    if local.date() != moment.date():
        words = _("%(day)s, %(time)s") % {"day": day(local), "time": words}
    return _("%(universal)s (%(local)s, %(zone)s)") % {
        "universal": universal,
        "local": words,
        "zone": isolated(zone.key),
    }


def short(moment: datetime, zone: ZoneInfo) -> str:
    """ "22 Nov 15:30 CET": one time with its zone, for a text message."""
    local = moment.astimezone(zone)
    return f"{times_of(moment, zone)} {zone_name(local)}"


def short_window(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "9 Nov 13:00 - 15:00 CET"; the end's day and zone where they are others."""
    first, last = times_of(start, zone), short(end, zone)
    local, until = start.astimezone(zone), end.astimezone(zone)
    if zone_name(local) != zone_name(until):
        return f"{short(start, zone)} - {last}"
    if local.date() == until.date():
        last = f"{time(until)} {zone_name(until)}"
    return f"{first} - {last}"


def window_in_both(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "9 Nov 12:00 - 14:00 UTC (9 Nov 13:00 - 15:00 CET)"."""
    universal = isolated(short_window(start, end, ZoneInfo("UTC")))
    if zone.key in UTC_NAMES:
        return universal
    return _("%(universal)s (%(local)s)") % {"universal": universal, "local": isolated(short_window(start, end, zone))}


def times_of(moment: datetime, zone: ZoneInfo) -> str:
    """ "22 Nov 15:30", for a zone named elsewhere."""
    local = moment.astimezone(zone)
    pattern = pgettext("date format", "j M")
    return f"{format_date(local, pattern)} {time(local)}"


def short_time(moment: datetime, zone: ZoneInfo, published_at: datetime) -> str:
    """ "15:30 CET", with its day where that is not the day of publication."""
    local = moment.astimezone(zone)
    if local.date() != published_at.astimezone(zone).date():
        return short(moment, zone)
    return f"{time(local)} {zone_name(local)}"


def date(moment: datetime) -> str:
    return format_date(moment, pgettext("date format", "j F Y"))


def day(moment: datetime) -> str:
    return format_date(moment, pgettext("date format", "j F"))


def time(moment: datetime) -> str:
    """Hours and minutes, of 24: nobody mistakes 2 for 14 at night."""
    return f"{moment:%H:%M}"
