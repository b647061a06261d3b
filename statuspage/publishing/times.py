"""Instants, windows and durations in words: in UTC, and in the page's zone where that is another.

Pure. A Clock without `now` is for pages that are not rendered again as time goes by: they
write whole dates and nothing relative, so that they stay true.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from .languages import isolated

UTC_NAMES = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"})
MINUTE, HOUR, DAY = 60, 3600, 86400
IN_DAYS = timedelta(hours=48)
"""From here on a span is said in days; below, where a day is what counts, in hours."""


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; UTC where the machine knows none, since a page must not fail."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def iso(at: datetime) -> str:
    """ "2026-11-10T14:32:00Z", for machines and the script."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def wall_time(at: datetime, zone: str) -> str:
    """ "2026-11-10 14:32": what clocks in that zone show at an instant, by the rules that this machine knows."""
    return f"{at.astimezone(zone_of(zone)):%Y-%m-%d %H:%M}"


def zone_name(local: datetime) -> str:
    """ "UTC", "CEST"; zones without a name of their own say how far they are: "UTC+04", "UTC+05:45"."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    offset = f"{local:%z}"
    hours, minutes = offset[:3], offset[3:5]
    return f"UTC{hours}" if minutes == "00" else f"UTC{hours}:{minutes}"


def day_text(day: date, *, with_year: bool = False) -> str:
    """ "Tue 10 November", with the year where asked."""
    pattern = pgettext("date format", "D j F Y") if with_year else pgettext("date format", "D j F")
    return format_date(day, pattern)


def short_day_text(day: date, *, with_weekday: bool = False) -> str:
    """ "10 Nov", "Tue 10 Nov": for lists of days within a quarter."""
    return _short_day_text(day, with_weekday, get_language())


@lru_cache(maxsize=2048)
def _short_day_text(day: date, with_weekday: bool, _language: str | None) -> str:
    """Kept: the bars of all components name the same ninety days, in each language."""
    pattern = pgettext("date format", "D j M") if with_weekday else pgettext("date format", "j M")
    return format_date(day, pattern)


def duration(span: timedelta) -> str:
    """The two largest units, rounded down: "1 hour 12 minutes", "less than a minute"."""
    days, rest = divmod(max(0, int(span.total_seconds())), DAY)
    hours, minutes = rest // HOUR, rest % HOUR // MINUTE
    parts = [
        ngettext("%(count)s day", "%(count)s days", days) % {"count": days} if days else "",
        ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes} if minutes else "",
    ]
    shown = [part for part in (parts[:2] if days else parts) if part]
    if len(shown) == 2:
        # Translators: a duration in its two largest units: "1 hour 12 minutes".
        return pgettext("duration", "%(larger)s %(smaller)s") % {"larger": shown[0], "smaller": shown[1]}
    return shown[0] if shown else _("less than a minute")


def hours(span: timedelta) -> str:
    """ "25 h 50 min", "40 min"; from two days on "3 days 4 hours". Rounded down."""
    if span >= IN_DAYS:
        return duration(span)
    whole, minutes = divmod(max(0, int(span.total_seconds())) // MINUTE, 60)
    if not whole:
        return pgettext("duration", "%(minutes)s min") % {"minutes": minutes}
    if not minutes:
        return pgettext("duration", "%(hours)s h") % {"hours": whole}
    # Translators: hours and minutes in short: "25 h 50 min".
    return pgettext("duration", "%(hours)s h %(minutes)s min") % {"hours": whole, "minutes": minutes}


def relative_words(at: datetime, now: datetime) -> str:
    """How far `at` is from `now`, ahead or behind."""
    span = at - now
    if abs(span) < timedelta(minutes=1):
        return _("now") if span > timedelta() else _("just now")
    return until(span) if span > timedelta() else since(-span)


def until(span: timedelta) -> str:
    """ "in 28 minutes", "in 2 days": whole phrases, since the noun's case hangs on the "in"."""
    count, unit = counted(span)
    return {
        DAY: ngettext("in %(count)s day", "in %(count)s days", count),
        HOUR: ngettext("in %(count)s hour", "in %(count)s hours", count),
        MINUTE: ngettext("in %(count)s minute", "in %(count)s minutes", count),
    }[unit] % {"count": count}


def since(span: timedelta) -> str:
    """ "34 minutes ago", "2 days ago"."""
    count, unit = counted(span)
    return {
        DAY: ngettext("%(count)s day ago", "%(count)s days ago", count),
        HOUR: ngettext("%(count)s hour ago", "%(count)s hours ago", count),
        MINUTE: ngettext("%(count)s minute ago", "%(count)s minutes ago", count),
    }[unit] % {"count": count}


def counted(span: timedelta) -> tuple[int, int]:
    """How many of which unit a span is: (88, MINUTE), (3, DAY), the unit as its seconds.

    At least two of it where it is not minutes: 88 minutes is not "1 hour". Minutes to the
    nearest, since a page is read seconds after it was rendered; else rounded down.
    """
    seconds = int(span.total_seconds())
    if seconds >= 2 * DAY:
        return seconds // DAY, DAY
    if seconds >= 2 * HOUR:
        return seconds // HOUR, HOUR
    return (seconds + MINUTE // 2) // MINUTE, MINUTE


@dataclass(frozen=True)
class Clock:
    """How one page writes time: the page's zone, and the instant it speaks from."""

    zone: ZoneInfo
    now: datetime | None = None

    @property
    def is_utc(self) -> bool:
        """Whether the page's zone is UTC, so that nothing stands beside it."""
        return self.zone.key in UTC_NAMES

    def day_of(self, at: datetime) -> date:
        """The day of an instant in the page's zone."""
        return at.astimezone(self.zone).date()

    def month_of(self, at: datetime) -> str:
        """The month of an instant in the page's zone, as in "2026-11"."""
        return f"{at.astimezone(self.zone):%Y-%m}"

    def moment(self, at: datetime) -> SafeString:
        """ "14:32 UTC (15:32 CET)", with its date where that is not today's."""
        utc = at.astimezone(UTC)
        text = self._on(utc.date(), isolated(f"{utc:%H:%M} UTC"), apart=self._needs_date(utc.date()))
        return format_html('<time datetime="{}">{}{}</time>', iso(at), text, self._beside(self._local(at, utc.date())))

    def window(self, start: datetime, end: datetime) -> SafeString:
        """ "Tue 15 October, 02:00 to 04:00 UTC (04:00 to 06:00 CEST)"."""
        first, last = start.astimezone(UTC), end.astimezone(UTC)
        text = self._range(first, last, has_date=True)
        here = start.astimezone(self.zone), end.astimezone(self.zone)
        days_agree = (here[0].date(), here[1].date()) == (first.date(), last.date())
        beside = "" if self.is_utc else self._range(*here, has_date=not days_agree)
        return format_html('<span data-range="{}/{}">{}{}</span>', iso(start), iso(end), text, self._beside(beside))

    def relative(self, at: datetime) -> SafeString | str:
        """ "in 28 minutes", "34 minutes ago"; nothing where the page stays as it is."""
        if self.now is None:
            return ""
        return format_html('<span data-relative="{}">{}</span>', iso(at), relative_words(at, self.now))

    def is_past(self, at: datetime) -> bool:
        return self.now is not None and at <= self.now

    def _needs_date(self, day: date) -> bool:
        return self.now is None or day != self.now.astimezone(UTC).date()

    def _on(self, day: date, text: str, *, apart: bool) -> str:
        """`text` with its day before it where they stand `apart` from now."""
        if not apart:
            return text
        with_year = self.now is None or day.year != self.now.year
        return _("%(day)s, %(time)s") % {"day": day_text(day, with_year=with_year), "time": text}

    def _local(self, at: datetime, shown: date) -> str:
        """The instant in the page's zone; with its day where that is another than `shown`."""
        if self.is_utc:
            return ""
        here = at.astimezone(self.zone)
        return self._on(here.date(), isolated(f"{here:%H:%M} {zone_name(here)}"), apart=here.date() != shown)

    def _range(self, first: datetime, last: datetime, *, has_date: bool) -> str:
        """Both ends; the first has a zone of its own where the clocks change in between."""
        zones = zone_name(first), zone_name(last)
        begins = f"{first:%H:%M} {zones[0]}" if zones[0] != zones[1] else f"{first:%H:%M}"
        start = self._on(first.date(), isolated(begins), apart=has_date)
        end = self._on(last.date(), isolated(f"{last:%H:%M}"), apart=last.date() != first.date())
        return _("%(start)s to %(end)s %(zone)s") % {"start": start, "end": end, "zone": zones[1]}

    def _beside(self, text: str) -> SafeString:
        """Another zone's time in brackets; the script adds the visitor's to it."""
        return format_html('<span class="beside"> ({})</span>', text) if text else SafeString("")
