"""The published uptime of a component, and of a group, over a range of one's choice (`statuspage.uptime`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from statuspage import selectors, uptime
from statuspage.models import Component, Outage
from statuspage.publishing import bars
from statuspage.vocabulary import ComponentStatus

from .answers import Refused, answers, found, page_of, time
from .keys import Scope, needs

router = Router(tags=["uptime"])


DAY = r"(19[7-9][0-9]|20[0-9]{2})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
INSTANT = r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?)?)?"
Moment = Annotated[str, Field(pattern=rf"^({DAY}{INSTANT})?$")]
"""A year, a month, a day or an instant: 2026, 2026-11, 2026-11-05, 2026-11-05T10:00:00Z; "" is the default."""


class Asked(Schema):
    """The range. `start` and `end` are a year, a month, a day or an instant each, in the page's zone.

    A start is the first moment of what it names, by default 90 days before the end or the day the component came into
    service; an end is the last moment, by default now. Six calendar months at most.
    """

    start: Moment = ""
    end: Moment = ""


class Named(Schema):
    """An incident, by its id."""

    id: str


class Related(Schema):
    """The incidents that the outages belong to. `id` is the newest; `incidents` has all, the newest first."""

    id: str | None
    incidents: list[Named]


class RelatedOf(Schema):
    """The same of one component."""

    component_id: str
    incidents: Related


class RelatedInGroup(Schema):
    """By component. `component_id` and `incidents` are those of the first with any; `components` has all with any."""

    component_id: str | None
    incidents: Related
    components: list[RelatedOf]


class Uptime(Schema):
    """`100 * (1 - (major_outage + 0.3 * partial_outage) / seconds in service)` over [range_start, range_end).

    Seconds under a major outage count as such alone; degraded performance and maintenance are no outage. `warnings`
    says where the range is not the one that was asked for.
    """

    range_start: str
    range_end: str
    uptime_percentage: float
    major_outage: int
    partial_outage: int
    warnings: str | None
    id: str
    name: str


class ComponentUptime(Uptime):
    related_events: Related


class ComponentGroupUptime(Uptime):
    """Seconds are the sums of the members', so the percentage is the mean of theirs, by their time in service."""

    related_events: RelatedInGroup


@router.get(
    "/pages/{page_id}/components/{component_id}/uptime", auth=needs(Scope.READ), response=answers(ComponentUptime)
)
def get_component_uptime(request: Any, page_id: str, component_id: str, asked: Query[Asked]) -> Any:
    """The uptime of one component."""
    page_of(page_id)
    row = found(selectors.components(), component_id)
    measured = Measured([row], asked)
    return {**measured.facts(), "id": row.pk, "name": row.name, "related_events": measured.related(row)}


@router.get(
    "/pages/{page_id}/component-groups/{group_id}/uptime",
    auth=needs(Scope.READ),
    response=answers(ComponentGroupUptime),
)
def get_component_group_uptime(request: Any, page_id: str, group_id: str, asked: Query[Asked]) -> Any:
    """The uptime of a group's components together."""
    page_of(page_id)
    group = found(selectors.groups(), group_id)
    measured = Measured(list(group.components.all()), asked)
    return {**measured.facts(), "id": group.pk, "name": group.name, "related_events": measured.by_component()}


class Measured:
    """The range as asked for, and the outages in it, of these components."""

    def __init__(self, rows: Sequence[Component], asked: Asked) -> None:
        self.rows, self.zone = rows, ZoneInfo(settings.PAGE_TIME_ZONE)
        self.range = self.ranged(asked)
        outages = selectors.downtime([each.pk for each in rows], self.range.start, self.range.end)
        self.outages: Mapping[str, list[Outage]] = {each.pk: [] for each in rows}
        for outage in outages:
            self.outages[outage.component_id].append(outage)

    def ranged(self, asked: Asked) -> uptime.Range:
        """From when there is something to count: the day the first of them came into service."""
        days = [each.start_date for each in self.rows]
        since = min(day for day in days if day) if days and all(days) else None
        now = selectors.database_now()
        try:
            return uptime.wanted(asked.start, asked.end, since=since, now=now, zone=self.zone)
        except uptime.Unusable as problem:
            raise Refused(409, f"{problem.field}: {problem}", {problem.field: [str(problem)]}) from None

    def facts(self) -> dict[str, Any]:
        found = uptime.of((self.served(each) for each in self.rows), self.range, self.zone)
        return {
            "range_start": time(self.range.start),
            "range_end": time(self.range.end),
            "uptime_percentage": found.percentage,
            "major_outage": found.major,
            "partial_outage": found.partial,
            "warnings": " ".join(self.range.warnings) or None,
        }

    def served(self, row: Component) -> uptime.Served:
        return uptime.Served(row.start_date, tuple(facts_of(self.outages[row.pk])))

    def related(self, row: Component) -> dict[str, Any]:
        ids = [each.incident_id for each in reversed(self.outages[row.pk]) if each.incident_id]
        incidents = [{"id": each} for each in dict.fromkeys(ids)]
        return {"id": incidents[0]["id"] if incidents else None, "incidents": incidents}

    def by_component(self) -> dict[str, Any]:
        found = [{"component_id": each.pk, "incidents": self.related(each)} for each in self.rows]
        told = [each for each in found if each["incidents"]["incidents"]]
        nothing = {"component_id": None, "incidents": {"id": None, "incidents": []}}
        return {**(told[0] if told else nothing), "components": told}


def facts_of(outages: Iterable[Outage]) -> Iterable[bars.Outage]:
    return (bars.Outage(each.started_at, each.ended_at, ComponentStatus(each.status)) for each in outages)
