"""What the notice of a window is worth: how long before the start people have it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from statuspage.labels import CHANNEL
from statuspage.ports import Reach
from statuspage.publishing.times import duration

ENOUGH = timedelta(hours=24)
NEEDED_ABOVE = timedelta(minutes=30)
"""The enterprise contract: 24 hours' notice for maintenance in excess of 30 minutes."""


@dataclass(frozen=True)
class Verdict:
    """Whether the minutes of a window will count as downtime, and why, in one sentence."""

    is_kept: bool
    sentence: str


def verdict(start: datetime, end: datetime, *, notice_at: datetime, tells: bool = True) -> Verdict:
    """For a window [start, end) whose notice reaches people at `notice_at`."""
    length, ahead = end - start, start - notice_at
    if length <= NEEDED_ABOVE:
        return Verdict(True, _("At most 30 minutes of work need no notice: this window will not count as downtime."))
    words = {"length": duration(length), "ahead": duration(ahead)}
    if not tells:
        said = _("Nobody is told, so this is work without notice: %(length)s will count as downtime.")
        return Verdict(False, said % words)
    if ahead >= ENOUGH:
        said = _(
            "Notice reaches people about %(ahead)s before the start; 24 hours are needed: "
            "this window will not count as downtime."
        )
        return Verdict(True, said % words)
    return Verdict(False, too_late(ahead) % words)


def too_late(ahead: timedelta) -> str:
    if ahead <= timedelta():
        return _("The work begins before anybody has notice of it: %(length)s will count as downtime.")
    return _(
        "Notice reaches people only %(ahead)s before the start; more than 30 minutes of work need 24 hours: "
        "%(length)s will count as downtime."
    )


# --- Whom it has reached ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """The evidence of a notice: the lead in a sentence, counts by channel, and who has none, with their number."""

    lead: str
    channels: list[dict[str, Any]]
    unreached: list[dict[str, Any]]
    unreached_count: int


def reached(reach: Reach | None) -> Reached | None:
    """What the ledger says of a window's notice, in words; None where it says nothing."""
    if reach is None or not reach.channels:
        return None
    counts = [{"name": CHANNEL.get(name, name), **each} for name, each in sorted(reach.channels.items())]
    missing = sum(each["unreached"] for each in reach.channels.values())
    return Reached(lead(reach), counts, reach.unreached, missing)


def lead(reach: Reach) -> str:
    """How long before the start the first and the last had it."""
    if reach.first_at is None or reach.last_at is None:
        return _("Nobody has the notice yet.")
    first, last = reach.starts_at - reach.first_at, reach.starts_at - reach.last_at
    if last <= timedelta():
        return _("The last of them had it only after the start.")
    words = {"first": duration(first), "last": duration(last)}
    if words["first"] == words["last"]:
        return _("Handed over %(last)s before the start.") % words
    return _("Handed over between %(first)s and %(last)s before the start.") % words
