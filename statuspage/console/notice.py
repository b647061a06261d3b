"""What the notice of a window is worth: how long before the start people have it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

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
