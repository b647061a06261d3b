"""Pure rules: what components say -> what the page says. No Django, no I/O.

The page rule is Statuspage's, as 10,226 captures of a real page show it: the worst
component decides, open incidents do not.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .vocabulary import ComponentStatus, Impact

RANK = {
    ComponentStatus.OPERATIONAL: 0,
    ComponentStatus.UNDER_MAINTENANCE: 1,
    ComponentStatus.DEGRADED_PERFORMANCE: 2,
    ComponentStatus.PARTIAL_OUTAGE: 3,
    ComponentStatus.MAJOR_OUTAGE: 4,
}
"""Higher is worse; planned work is milder than anything unplanned."""

IMPACT_OF = {
    ComponentStatus.OPERATIONAL: Impact.NONE,
    ComponentStatus.UNDER_MAINTENANCE: Impact.NONE,
    ComponentStatus.DEGRADED_PERFORMANCE: Impact.MINOR,
    ComponentStatus.PARTIAL_OUTAGE: Impact.MAJOR,
    ComponentStatus.MAJOR_OUTAGE: Impact.CRITICAL,
}
"""The impact an incident gets from its worst component, unless staff choose another."""


@dataclass(frozen=True)
class PageStatus:
    """Statuspage's overall `status`: `indicator` for machines, `description` for people."""

    indicator: str
    description: str


OPERATIONAL = PageStatus("none", "All Systems Operational")
EVERYTHING_DOWN = PageStatus("critical", "Major System Outage")
BY_WORST = {
    ComponentStatus.OPERATIONAL: OPERATIONAL,
    ComponentStatus.UNDER_MAINTENANCE: PageStatus("maintenance", "Service Under Maintenance"),
    ComponentStatus.DEGRADED_PERFORMANCE: PageStatus("minor", "Partially Degraded Service"),
    ComponentStatus.PARTIAL_OUTAGE: PageStatus("minor", "Minor Service Outage"),
    ComponentStatus.MAJOR_OUTAGE: PageStatus("major", "Partial System Outage"),
}
BY_IMPACT = {
    Impact.NONE: OPERATIONAL,
    Impact.MAINTENANCE: OPERATIONAL,
    Impact.MINOR: PageStatus("minor", "Minor Service Outage"),
    Impact.MAJOR: PageStatus("major", "Partial System Outage"),
    Impact.CRITICAL: EVERYTHING_DOWN,
}
IMPACT_RANK = [Impact.NONE, Impact.MAINTENANCE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL]


def worst(statuses: Iterable[ComponentStatus]) -> ComponentStatus:
    """The worst of `statuses`; operational when there is none."""
    return max(statuses, key=RANK.__getitem__, default=ComponentStatus.OPERATIONAL)


def page_status(components: Collection[ComponentStatus], open_impacts: Iterable[Impact] = ()) -> PageStatus:
    """Overall status from the components' statuses.

    A page without components takes the worst impact among its open incidents.
    """
    if not components:
        impact = max(open_impacts, key=IMPACT_RANK.index, default=Impact.NONE)
        return BY_IMPACT[impact]
    if all(status == ComponentStatus.MAJOR_OUTAGE for status in components):
        return EVERYTHING_DOWN
    return BY_WORST[worst(components)]


def impact_of(components: Iterable[ComponentStatus]) -> Impact:
    """The impact that the worst of an incident's components stands for."""
    return IMPACT_OF[worst(components)]
