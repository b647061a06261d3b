"""What scheduled maintenance excludes, on which component and by which rule; and the rules' names.

The rules of notice are `notice`'s. Here they are asked for one contract: short windows add up over the whole
contracted service, a window excludes what happens on the components it works on. What one service may not be charged
with, another may: a component that serves two is excused on each by itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from .intervals import Interval, Span, difference, union
from .judgement import Planned
from .notice import Window, by_notice, without_need
from .stated import Service, Stretch


class Rule(StrEnum):
    """Why seconds count or do not: what a statement says of them (docs/service-levels.md has the words)."""

    # They count.
    INTERRUPTION = "interruption"
    OUTSIDE_WINDOW = "outside_window"
    LATE_NOTICE = "late_notice"
    CHAINED = "chained"
    CALLED_OFF = "called_off"
    BOTH_GATEWAYS = "both_gateways"
    # They are counted already, with an earlier line.
    OVERLAP = "overlap"
    # They do not count.
    NOTICED = "noticed"
    MOVED = "moved"
    SHORT = "short"
    EMERGENCY = "emergency"
    OUTAGE_IN_WINDOW = "outage_in_window"
    OTHER_GATEWAY = "other_gateway"
    THIRD_PARTY = "third_party"
    BEYOND_CONTROL = "beyond_control"
    MAINTENANCE = "maintenance"
    CLIENT = "client"
    OWN = "own"  # no shipped contract has it; a type could
    NO_INTERRUPTION = "no_interruption"


COUNTING = frozenset(
    {
        Rule.INTERRUPTION,
        Rule.OUTSIDE_WINDOW,
        Rule.LATE_NOTICE,
        Rule.CHAINED,
        Rule.CALLED_OFF,
        Rule.BOTH_GATEWAYS,
    }
)


Place = tuple[str, str]
"""A component as a part of a service: the service's key, the component."""


@dataclass(frozen=True)
class Excuse:
    """A part of a maintenance's window in which it, and outages of what it works on, do not count."""

    interval: Interval
    rule: Rule
    window: str


def excuses_of(stretch: Stretch, works: Iterable[Planned]) -> dict[Place, list[Excuse]]:
    """By place. Short windows add up over the whole contracted service, so one that covers several has them all."""
    found: dict[Place, list[Excuse]] = {}
    held = [each for each in works if not each.is_cancelled]
    for service in stretch.services:
        windows = {each.id: window_on(each, service) for each in held if set(each.services) & set(service.components)}
        needless = set(without_need(windows.values()))
        for work in held:
            if work.id in windows:
                excuses = list(excuses_by(work, windows[work.id], needless))
                for component in set(work.services) & set(service.components):
                    found.setdefault((service.key, component), []).extend(excuses)
    return found


def window_on(work: Planned, service: Service) -> Window:
    """A maintenance as one window on the service, on however many of its components it works."""
    return replace(work.windows()[0], service=service.key)


def excuses_by(work: Planned, window: Window, needless: set[Window]) -> Iterator[Excuse]:
    freed = by_notice(window)
    excused = difference(window.approved, by_notice(replace(window, emergency_approved=False)))
    yield from (Excuse(each, noticed_rule(work), work.id) for each in difference(freed, excused))
    yield from (Excuse(each, Rule.EMERGENCY, work.id) for each in excused)
    if window in needless:
        rest = difference((work.last.interval,), freed)
        yield from (Excuse(each, Rule.SHORT, work.id) for each in rest)


def noticed_rule(work: Planned) -> Rule:
    return Rule.MOVED if len({each.interval for each in work.announcements}) > 1 else Rule.NOTICED


def span_of(excuses: Iterable[Excuse]) -> Span:
    return union(each.interval for each in excuses)
