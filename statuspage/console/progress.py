"""How the telling of one update goes, in words: told, on the way, in trouble; and the seconds to stop it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage import ports
from statuspage.actions.incident_updates import update_event
from statuspage.actions.maintenance_updates import update_event as maintenance_event
from statuspage.actions.telling import AFTER_ALL, STOPPED, is_last_word
from statuspage.events import Event, MaintenanceUpdated
from statuspage.labels import CHANNEL
from statuspage.models import AuditEntry, IncidentUpdate, MaintenanceUpdate
from statuspage.ports import Counts

Update = IncidentUpdate | MaintenanceUpdate

STATE: dict[str, tuple[str, Callable[[int], str]]] = {
    "queued": ("waiting", lambda n: ngettext("{count} waiting", "{count} waiting", n)),
    "sending": ("waiting", lambda n: ngettext("{count} being sent", "{count} being sent", n)),
    "accepted": ("told", lambda n: ngettext("{count} handed over", "{count} handed over", n)),
    "delivered": ("told", lambda n: ngettext("{count} delivered", "{count} delivered", n)),
    "undelivered": ("trouble", lambda n: ngettext("{count} not delivered", "{count} not delivered", n)),
    "unknown": ("trouble", lambda n: ngettext("{count} without an answer", "{count} without an answer", n)),
    "failed": ("trouble", lambda n: ngettext("{count} failed", "{count} failed", n)),
    "expired": ("left", lambda n: ngettext("{count} too late to send", "{count} too late to send", n)),
    "superseded": ("left", lambda n: ngettext("{count} overtaken by newer word", "{count} overtaken by newer word", n)),
    "suppressed": ("left", lambda n: ngettext("{count} left meanwhile", "{count} left meanwhile", n)),
}
"""A delivery's state -> how it is shown (told, waiting, trouble, left) and the words for so many messages."""
LATE = timedelta(seconds=60)
"""Beyond the time to undo, telling that has not begun is said to be delayed."""
NEWS = timedelta(hours=24)
"""After this nobody waits for the telling to begin."""


@dataclass(frozen=True)
class Channel:
    """One channel's counts: in all, handed over, and each state in words."""

    name: str
    total: int
    told: int
    parts: list[dict[str, Any]]


@dataclass(frozen=True)
class Telling:
    """What stands below an update: a sentence or counts, the undo, and whether it still moves."""

    sentence: str = ""
    tone: str = ""
    channels: list[Channel] = field(default_factory=list)
    undo_seconds: int = 0
    is_moving: bool = False
    after_all: bool = False
    """Whether people may be told of it after all."""


def of(update: Update, now: datetime, stopped: Mapping[str, AuditEntry] | None = None) -> Telling:
    """How far the telling of `update` has come."""
    if not update.deliver_notifications:
        return Telling(_("Told nobody, on purpose."))
    counts = ports.progress(update.pk)
    if counts is None:
        return Telling(_("No notifications are installed: nobody is told."))
    if entry := (stopped or {}).get(update.pk):
        said = _("Stopped by %(who)s at %(time)s UTC: nobody was told.")
        words = said % {"who": entry.actor_name, "time": f"{entry.at:%H:%M}"}
        return Telling(words, "left", after_all=is_last_word(update))
    if counts:
        return counted(counts)
    return not_begun(update, now)


def counted(counts: Mapping[str, Counts]) -> Telling:
    channels = [channel(name, states) for name, states in sorted(counts.items())]
    is_moving = any(part["tone"] == "waiting" for each in channels for part in each.parts)
    return Telling(channels=channels, is_moving=is_moving)


def channel(name: str, states: Counts) -> Channel:
    order = [state for state in STATE if state in states]
    parts = [{"count": states[state], "tone": STATE[state][0], "words": words(state, states[state])} for state in order]
    told = sum(part["count"] for part in parts if part["tone"] == "told")
    return Channel(str(CHANNEL.get(name, name)), sum(states.values()), told, parts)


def words(state: str, count: int) -> SafeString:
    """ "<b>3</b> delivered"."""
    return format_html(STATE[state][1](count), count=format_html("<b>{}</b>", count))


def not_begun(update: Update, now: datetime) -> Telling:
    """No message exists yet: still to be stopped, about to begin, delayed, or nobody to tell."""
    age = now - update.created_at
    if age > NEWS or not was_announced(update):
        return Telling(_("Nobody was told."))
    if seconds := undo_seconds(update, now):
        return Telling(undo_seconds=seconds, is_moving=True)
    if not is_anybody_to_tell(update):
        return Telling(_("Nobody has subscribed to this: it is on the page only."))
    if age > LATE + timedelta(seconds=settings.UNDO_SECONDS):
        said = _("Delayed: nobody has been told yet. It is tried again every few seconds; nothing is lost.")
        return Telling(said, "trouble", is_moving=True)
    return Telling(_("The first messages leave in a moment."), is_moving=True)


def undo_seconds(update: Update, now: datetime) -> int:
    """Whole seconds until people are told; 0 when they are, or will not be."""
    until = ports.held_until(update.pk)
    return max(0, int((until - now).total_seconds())) if until else 0


def is_anybody_to_tell(update: Update) -> bool:
    """Whether somebody has subscribed to what the update is about."""
    if isinstance(update, IncidentUpdate):
        event: Event = update_event(update, undoable=False)
    else:
        event = maintenance_event(update, MaintenanceUpdated, undoable=False)
    counts = ports.audience(event)
    return bool(counts and sum(counts.values()))


def was_announced(update: Update) -> bool:
    """An update that came with an import has no act of its own, and told nobody."""
    pk = update.incident_id if isinstance(update, IncidentUpdate) else update.maintenance_id
    return AuditEntry.objects.filter(object_id=pk, after__update=update.pk).exists()


def stopped(update_ids: Iterable[str]) -> dict[str, AuditEntry]:
    """The acts that stopped the telling of these updates, by update; without those that are told after all."""
    entries = AuditEntry.objects.filter(action__in=[STOPPED, AFTER_ALL], object_id__in=list(update_ids))
    newest = {entry.object_id: entry for entry in entries.order_by("pk")}
    return {update_id: entry for update_id, entry in newest.items() if entry.action == STOPPED}


def timeline(updates: Iterable[Update], now: datetime) -> list[dict[str, Any]]:
    """Updates, each with how its telling goes."""
    rows = list(updates)
    stops = stopped(row.pk for row in rows)
    return [{"update": row, "told": of(row, now, stops)} for row in rows]
