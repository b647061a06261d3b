"""What the notice of a window is worth, in words. The rule itself is `statuspage.sla.notice`; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage.labels import CHANNEL
from statuspage.ports import Reach
from statuspage.publishing.times import day_text, duration, hours
from statuspage.sla import notice as rule
from statuspage.sla.intervals import Span, difference, union

MINUTE = timedelta(minutes=1)

Named = tuple[str, rule.Window]
"""A window under the title of its maintenance."""


@dataclass(frozen=True)
class Judged:
    """A window as the rule sees it: which of its instants count, and what it is judged together with."""

    revision: rule.Revision
    counted: Span
    together: tuple[str, ...] = ()
    is_emergency: bool = False
    by_component: Mapping[str, Span] = field(default_factory=dict)
    """What counts of each component, by its id."""

    @property
    def length(self) -> timedelta:
        return self.revision.end - self.revision.start

    @property
    def minutes(self) -> int:
        """What will count, in whole minutes, rounded up."""
        return minutes_of(sum((each.end - each.start for each in self.counted), timedelta()))


def judge(windows: Sequence[rule.Window], beside: Sequence[Named] = ()) -> Judged:
    """One maintenance, `windows` on its services, among others that lie `beside` it."""
    everything = [*windows, *(window for _name, window in beside)]
    excluded = rule.excluded(everything)
    left = {each.service: difference((each.last.interval,), excluded.get(each.service, ())) for each in windows}
    counted = union(part for span in left.values() for part in span)
    first = windows[0]
    return Judged(first.last, counted, linked(windows, beside) if counted else (), first.emergency_approved, left)


def linked(windows: Sequence[rule.Window], beside: Sequence[Named]) -> tuple[str, ...]:
    """The titles of short windows that this one is added to."""
    everything = [*windows, *(window for _name, window in beside)]
    chains = [chain for chain in rule.short_chains(everything) if any(each in windows for each in chain)]
    return tuple(dict.fromkeys(name for name, window in beside if any(window in chain for chain in chains)))


# --- In words -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """Whether the minutes of a window will count as downtime, and why, in one sentence."""

    is_kept: bool
    sentence: str
    minutes: int = field(default=0)
    """How many will count."""


def verdict(judged: Judged, *, tells: bool = True, is_over: bool = False, contracts: int | None = None) -> Verdict:
    """Of a window that is announced now; `tells`: whether anybody is told, `is_over`: the telling is behind us.

    `contracts`: for how many of them it counts, None where none covers what is worked on.
    """
    if not judged.counted:
        return Verdict(True, reason_enough(judged, is_over))
    return Verdict(False, f"{what_lacks(judged, tells, is_over)} {cost(judged, contracts)}", judged.minutes)


def reason_enough(judged: Judged, is_over: bool) -> str:
    """Why none of it counts."""
    if judged.is_emergency:
        return _("Approved before the start: notice was not reasonably possible. Excluded from availability.")
    if lead_of(judged) >= rule.NOTICE:
        return in_time(is_over) % moments(judged)
    if judged.length <= rule.NO_NOTICE_NEEDED:
        return _("At most 30 minutes of work need no notice: excluded from availability.")
    return _("These times were announced 24 hours ahead before: excluded from availability.")


def in_time(is_over: bool) -> str:
    if is_over:
        return _("Notice was complete at %(at)s, %(ahead)s before the start: excluded from availability.")
    return _("Notice will be complete at %(at)s, %(ahead)s before the start: excluded from availability.")


def what_lacks(judged: Judged, tells: bool, is_over: bool) -> str:
    """What is wrong with the notice, in a sentence."""
    if judged.together:
        return chained(judged)
    if not tells:
        return _("Nobody is told, so this is work without notice.")
    if judged.revision.noticed_at == rule.NEVER:
        return _("The notice of these times was never complete: not everybody who could be reached had it.")
    has_work_begun = judged.counted[0].start <= judged.revision.noticed_at
    return (has_begun(is_over) if has_work_begun else too_late(is_over)) % moments(judged)


def has_begun(is_over: bool) -> str:
    if is_over:
        return _("Notice was complete at %(at)s, when the work had begun.")
    return _("Notice will be complete at %(at)s, when the work has begun.")


def too_late(is_over: bool) -> str:
    if is_over:
        return _("Notice was complete at %(at)s, %(ahead)s before the start: %(missing)s short of 24 hours.")
    return _("Notice will be complete at %(at)s, %(ahead)s before the start: %(missing)s short of 24 hours.")


def chained(judged: Judged) -> str:
    said = _(
        "Short windows on one component less than 24 hours apart are added up: with %(names)s this comes to more than "
        "30 minutes without notice."
    )
    return said % {"names": _(", ").join(judged.together)}


def cost(judged: Judged, contracts: int | None) -> str:
    """What that costs, in a sentence."""
    if contracts is not None:
        return cost_for(judged, contracts)
    if judged.counted == (judged.revision.interval,):
        said = ngettext(
            "This %(count)s minute will count as downtime.",
            "These %(count)s minutes will count as downtime.",
            judged.minutes,
        )
    else:
        said = ngettext(
            "%(count)s minute of it will count as downtime.",
            "%(count)s minutes of it will count as downtime.",
            judged.minutes,
        )
    return said % {"count": judged.minutes}


def cost_for(judged: Judged, contracts: int) -> str:
    """And whom; `contracts` may be 0, where each has a gateway left or excludes a third party's work."""
    # Translators: part of "These 90 minutes will count as downtime for 14 contracts."
    whom = ngettext("for %(count)s contract", "for %(count)s contracts", contracts) % {"count": contracts}
    if judged.counted == (judged.revision.interval,):
        said = ngettext(
            "This %(count)s minute will count as downtime %(whom)s.",
            "These %(count)s minutes will count as downtime %(whom)s.",
            judged.minutes,
        )
    else:
        said = ngettext(
            "%(count)s minute of it will count as downtime %(whom)s.",
            "%(count)s minutes of it will count as downtime %(whom)s.",
            judged.minutes,
        )
    return said % {"count": judged.minutes, "whom": whom}


def lead_of(judged: Judged) -> timedelta:
    return judged.revision.start - judged.revision.noticed_at


def moments(judged: Judged) -> dict[str, str]:
    """When the notice is complete, how long before, and by how much that is too late for what counts."""
    told = judged.revision.noticed_at
    first = judged.counted[0].start if judged.counted else judged.revision.start
    missing = max(rule.NOTICE - (first - told), timedelta())
    return {
        "at": instant(told),
        "ahead": hours(max(first - told, timedelta())),
        "missing": hours(MINUTE * minutes_of(missing)),
    }


def minutes_of(span: timedelta) -> int:
    """In whole minutes, rounded up."""
    return -(-span // MINUTE)


def instant(at: datetime) -> str:
    """ "Tue 10 November, 22:10 UTC", for a sentence that is not HTML."""
    utc = at.astimezone(UTC)
    return _("%(day)s, %(time)s") % {"day": day_text(utc.date()), "time": f"{utc:%H:%M} UTC"}


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
