"""The story of one published event, in one language and one zone: what its messages say.

A pure reading of the frozen payload: what was published is what is told, whatever was
edited since. Nothing here knows whether it becomes a mail or a text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from notifications import known_times
from notifications.models import OutboxEvent
from notifications.notices import ADVANCE, CURRENT, LATE, LATER, REMINDER
from notifications.stands import Phase
from statuspage import own_words
from statuspage.labels import COMPONENT_STATUS, IMPACT, INCIDENT_STATUS, MAINTENANCE_STATUS
from statuspage.publishing import languages
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import Impact, MaintenanceStatus

from . import times

MAINTENANCE_WORDS = {
    "maintenance_scheduled": gettext_lazy("Maintenance scheduled"),
    "maintenance_moved": gettext_lazy("Maintenance moved"),
    ADVANCE: gettext_lazy("Upcoming maintenance"),
    REMINDER: gettext_lazy("Maintenance begins soon"),
    "maintenance_started": gettext_lazy("Maintenance in progress"),
    "maintenance_updated": gettext_lazy("Maintenance update"),
    "maintenance_delayed": gettext_lazy("Maintenance delayed"),
    "maintenance_overran": gettext_lazy("Maintenance takes longer"),
    "maintenance_completed": gettext_lazy("Maintenance completed"),
    "maintenance_cancelled": gettext_lazy("Maintenance cancelled"),
}
"""The first words of a notice: they must stand alone on a locked screen."""


FURTHER = {
    "maintenance_scheduled": gettext_lazy("Further windows"),
    "maintenance_cancelled": gettext_lazy("Also cancelled"),
}
FURTHER_SHOWN = 12
"""The page has all of them."""


AS_IN_PHASE = {
    Phase.AHEAD: ADVANCE,
    Phase.DELAYED: "maintenance_delayed",
    Phase.RUNNING: "maintenance_started",
    Phase.OVER: "maintenance_completed",
}
"""How a window stands -> the notice whose words say so."""


@dataclass(frozen=True)
class Affected:
    """One component: what it is now, and what it was, in words; `status` for the style alone."""

    name: str
    status: str
    now: str
    before: str


@dataclass(frozen=True)
class Story:
    """What is told. `word` says what happened in a few words, `title` to what."""

    word: str
    title: str
    lead: str
    body: str
    link: str
    affected: list[Affected]
    window: list[tuple[str, str]] = field(default_factory=list)
    """Label and words of the times readers plan by: they come before what staff typed."""
    further_label: str = ""
    further: list[str] = field(default_factory=list)
    """Other windows that this message tells of too, in words."""
    facts: list[tuple[str, str]] = field(default_factory=list)
    short_when: str = ""
    """The one time a text has room for, in words."""


def story_of(event: OutboxEvent, zone: ZoneInfo, now: datetime | None = None) -> Story:
    """The story in the language that is active; as it reads at `now`, or when it was published.

    A text has no `now`: where no answer came, the provider is asked for one of these very words.
    """
    payload = event.payload
    is_incident = event.subject_kind == "incident"
    return Story(
        word=word_of(event),
        title=clean_line(payload["name"]),
        lead=incident_lead(payload) if is_incident else maintenance_lead(event, zone),
        body=body_of(event),
        link=f"{settings.SITE_URL}{languages.current().place(f'/incidents/{event.subject_id}')}",
        affected=list(affected(payload)),
        window=[] if is_incident else list(window_facts(event, zone)),
        further_label=str(FURTHER.get(event.kind, "")),
        further=list(further_of(event, zone)),
        facts=list(facts_of(payload, zone, now)),
        short_when=short_when(event, zone),
    )


def word_of(event: OutboxEvent) -> str:
    if event.subject_kind == "incident":
        return str(INCIDENT_STATUS.get(event.payload["status"], event.payload["status"]))
    return str(MAINTENANCE_WORDS[kind_of(event)])


def kind_of(event: OutboxEvent) -> str:
    """What kind of notice it reads as: one that stands in for others, as what it says."""
    return AS_IN_PHASE[Phase(event.payload["phase"])] if event.kind == CURRENT else event.kind


def body_of(event: OutboxEvent) -> str:
    """What staff typed, or the page said by itself. A reminder repeats what was said when the window was announced."""
    return own_words.as_read(clean_text(event.payload["body"]))


def incident_lead(payload: dict[str, Any]) -> str:
    """One line below the title: how bad."""
    impact = payload.get("impact", Impact.NONE)
    if impact in {Impact.NONE, Impact.MAINTENANCE}:
        return ""
    return _("Impact: %(impact)s") % {"impact": IMPACT[impact]}


def maintenance_lead(event: OutboxEvent, zone: ZoneInfo) -> str:
    """One line below the title: what it means for the reader's plans."""
    if event.kind == "maintenance_moved" and announced_before(event.payload):
        return _("This maintenance has another time than announced before.")
    if event.kind == "maintenance_cancelled":
        if event.payload.get("begun_at"):
            return _("This maintenance was broken off. Nothing is asked of you.")
        return _("This maintenance will not take place. Nothing is asked of you.")
    if event.kind in LATER:
        return _("A reminder of maintenance that was announced before.")
    if event.kind == "maintenance_updated":
        status = event.payload["status"]
        if status == MaintenanceStatus.VERIFYING:
            return str(MAINTENANCE_STATUS[status])
        has_others = bool(announced_before(event.payload))
        return _("This maintenance has another time than announced before.") if has_others else ""
    return standing_lead(event, zone)


def standing_lead(event: OutboxEvent, zone: ZoneInfo) -> str:
    """How a window stands that is not as announced, or of which this tells late."""
    payload, kind = event.payload, kind_of(event)
    start, end = moments(payload, "scheduled_for", "scheduled_until")
    if kind == "maintenance_delayed":
        return _("It was to begin at %(start)s and has not begun yet.") % {"start": times.short(start, zone)}
    if kind == "maintenance_overran" or (event.kind == CURRENT and kind == "maintenance_started"):
        begun = times.moment_of(payload.get("begun_at")) or start
        return _("In progress since %(start)s, announced until %(end)s.") % {
            "start": times.short(begun, zone),
            "end": times.short(end, zone),
        }
    if kind == "maintenance_started" and published(payload) - start > LATE:
        return _("It was announced for %(start)s.") % {"start": times.short(start, zone)}
    if event.kind != CURRENT:
        return ""
    if kind == ADVANCE:
        return _("It begins at %(start)s.") % {"start": times.short(start, zone)}
    over = times.moment_of(payload.get("ended_at"))
    return _("Over since %(end)s.") % {"end": times.short(over or end, zone)}


def affected(payload: dict[str, Any]) -> Iterator[Affected]:
    """The components this update spoke of."""
    for each in payload.get("affected_components") or []:
        now, before = (str(COMPONENT_STATUS.get(each[key], each[key])) for key in ("new_status", "old_status"))
        yield Affected(clean_line(each["name"]), each["new_status"], now, before if before != now else "")


def facts_of(payload: dict[str, Any], zone: ZoneInfo, now: datetime | None) -> Iterator[tuple[str, str]]:
    """Label and words, in the order in which they matter.

    An update that said nothing of components names those of the whole incident or window.
    """
    if (names := payload.get("component_names")) and not payload.get("affected_components"):
        yield _("Affected"), _(", ").join(clean_line(name) for name in names)
    if next_update := times.moment_of(payload.get("next_update_by")):
        is_over = now is not None and next_update <= now
        yield _("An update was due by") if is_over else _("Next update by"), times.in_both(next_update, zone)
    yield pgettext("when an update was published", "Published"), times.in_both(published(payload), zone)


def window_facts(event: OutboxEvent, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """The window, and the one it replaces."""
    payload = event.payload
    window = moments(payload, "scheduled_for", "scheduled_until")
    earlier = announced_before(payload)
    is_moved = len(earlier) == 2
    start, end = (_("New start"), _("New end")) if is_moved else (_("Start"), _("End"))
    for label, moment in zip((start, end), window, strict=True):
        yield label, times.in_both(moment, zone)
    if is_moved:
        for label, moment in zip((_("Start announced before"), _("End announced before")), earlier, strict=True):
            yield label, times.in_both(moment, zone)


def announced_before(payload: dict[str, Any]) -> list[datetime]:
    """Start and end that readers were told before, where these are others; a move that nobody heard of has none."""
    held = payload.get(known_times.KEY, payload) or {}
    return moments(held, "previous_scheduled_for", "previous_scheduled_until")


def further_of(event: OutboxEvent, zone: ZoneInfo) -> Iterator[str]:
    """The windows that are announced, or called off, with this one; the nearest first."""
    windows = event.payload.get("further") or [] if event.kind in FURTHER else []
    for each in windows[:FURTHER_SHOWN]:
        start, end = moments(each, "scheduled_for", "scheduled_until")
        yield times.window_in_both(start, end, zone)
    if (rest := len(windows) - FURTHER_SHOWN) > 0:
        yield ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}


def short_further(event: OutboxEvent) -> str:
    """How many windows more this is about, for a text message."""
    count = len(event.payload.get("further") or ()) if event.kind in FURTHER else 0
    # Translators: also in a text message: keep it short.
    return ngettext("And %(count)s more.", "And %(count)s more.", count) % {"count": count} if count else ""


def moments(payload: dict[str, Any], *keys: str) -> list[datetime]:
    """Those of these times that the payload has."""
    found = [times.moment_of(payload.get(key)) for key in keys]
    return [moment for moment in found if moment is not None]


def published(payload: dict[str, Any]) -> datetime:
    moment = times.moment_of(payload["published_at"])
    assert moment is not None
    return moment


def short_when(event: OutboxEvent, zone: ZoneInfo) -> str:
    """The next word of an incident; a window that is to come, the end of one that runs."""
    payload = event.payload
    if event.subject_kind == "incident":
        next_update = times.moment_of(payload.get("next_update_by"))
        if next_update is None:
            return ""
        # Translators: also in a text message: keep it short.
        return _("Next update by %(time)s.") % {"time": times.short_time(next_update, zone, published(payload))}
    more = short_further(event)
    if kind_of(event) in {"maintenance_completed", "maintenance_cancelled"}:
        return more
    is_running = payload["status"] in {MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING}
    start, end = (times.moment_of(payload[name]) for name in ("scheduled_for", "scheduled_until"))
    assert start is not None and end is not None
    if is_running and end <= published(payload):
        # Translators: in a text message: keep it short.
        return _("Announced until %(time)s.") % {"time": times.short(end, zone)}
    if is_running:
        # Translators: in a text message: keep it short.
        return _("Until %(time)s.") % {"time": times.short(end, zone)}
    window = f"{times.short_window(start, end, zone)}."
    return f"{window} {more}" if more else window
