"""Rows -> the facts of statements (`sla.stated.Inputs`), for many contracts in one pass.

Reads only. A period that is over has no clock in it: the same rows give the same facts. Times beyond the period are
cut off, so that what happens later does not touch what was frozen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, Q

from statuspage import contracted
from statuspage.contract_notice import ForContract, for_contracts
from statuspage.models import (
    Component,
    Contract,
    ContractService,
    ContractType,
    ContractVersion,
    Maintenance,
    Outage,
)
from statuspage.models.outage import INTERRUPTION
from statuspage.sla.contracts import Contract as Terms
from statuspage.sla.intervals import Interval, clip
from statuspage.sla.judgement import Planned
from statuspage.sla.notice import CHAIN, NO_NOTICE_NEEDED
from statuspage.sla.stated import Failure, Inputs, Service, Stretch, bounds
from statuspage.vocabulary import Cause
from statuspage.windows import REACH

FOREVER = datetime.max.replace(tzinfo=UTC)

COLUMNS = (
    "id",
    "component_id",
    "status",
    "cause",
    "started_at",
    "ended_at",
    "incident_id",
    "incident__name",
    "maintenance_id",
    "client_id",
    "interrupting",
    "interrupts",
    "provider_name",
    "provider_url",
    "provider_incident",
    "replaces_id",
    "reason",
    "author__username",
    "created_at",
)
"""Of an outage: what it is judged by, and what is printed as its evidence."""


@dataclass(frozen=True)
class Gathered:
    """One contract's facts with the rows they come from; `works` and `outages` by their ids."""

    contract: Contract
    inputs: Inputs
    zones: Sequence[tuple[datetime, ZoneInfo]] = ()
    """From when which zone holds, over all versions of the contract: a year's months are cut by them."""
    works: Mapping[str, ForContract] = field(default_factory=dict)
    outages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def gather(
    contracts: Iterable[Contract], key: str, now: datetime, *, as_of: datetime | None = None
) -> dict[str, Gathered]:
    """The facts of a month "2026-04" or a year "2026", by contract's id; without those it is not in force for.

    A period that is not over at `now` is known until then, or until `as_of`. Raises ValueError where the key is no
    period.
    """
    held = {each.pk: each for each in contracts}
    stretches = stretches_of(held)
    periods = {pk: bounds(key, zones_of(rows)) for pk, rows in stretches.items()}
    here = {pk: reaching(stretches[pk], periods[pk], key) for pk in periods}
    here = {pk: rows for pk, rows in here.items() if rows}
    if not here:
        return {}
    whole = Interval(min(periods[pk].start for pk in here), max(periods[pk].end for pk in here))
    covered = {pk: components_of(rows) for pk, rows in here.items()}
    outages = outages_on(frozenset().union(*covered.values()), whole)
    works = works_of(here, whole)
    theirs = third_party_of(frozenset().union(*covered.values()))
    found = {}
    for pk, rows in here.items():
        known = Inputs(pk, key, periods[pk], rows, third_party=theirs & covered[pk])
        known = replace(known, as_of=known_until(periods[pk], now, as_of))
        found[pk] = gathered(
            Gathered(held[pk], known, zones_of(stretches[pk])), covered[pk], outages, works.get(pk, [])
        )
    return found


def known_until(period: Interval, now: datetime, as_of: datetime | None) -> datetime | None:
    """None where the period is over; else a whole second, since somebody may type it again."""
    until = (min(now, as_of) if as_of else now).replace(microsecond=0)
    return until if until < period.end else None


def gathered(
    empty: Gathered,
    covered: Collection[str],
    outages: Mapping[str, list[Mapping[str, Any]]],
    works: Iterable[ForContract],
) -> Gathered:
    known = empty.inputs
    rows = [row for component in covered for row in outages.get(component, ()) if is_met(row, empty.contract)]
    failures = sorted(failures_of(rows, known), key=lambda each: (each.interval, each.component, each.id))
    bearing = {each.maintenance.pk: each for each in bearing_on(works, known.period)}
    planned = [cut(each.planned, known) for each in bearing.values()]
    inputs = replace(known, failures=tuple(failures), works=tuple(sorted(planned, key=by_start)))
    return replace(empty, inputs=inputs, works=bearing, outages={str(row["id"]): row for row in rows})


def by_start(work: Planned) -> tuple[datetime, str]:
    return work.last.start, work.id


# --- What was in force --------------------------------------------------------------------------------


def stretches_of(contracts: Collection[str]) -> dict[str, list[Stretch]]:
    """Every version that holds at some time, by contract, one after another."""
    services = Prefetch("services", ContractService.objects.order_by("position").prefetch_related("coverages"))
    rows = ContractVersion.objects.filter(contract__in=contracts, withdrawn_at=None).order_by("valid_from")
    terms: dict[str, Terms] = {}
    found: dict[str, list[Stretch]] = {}
    for row in rows.select_related("type").prefetch_related(services):
        found.setdefault(row.contract_id, []).append(stretch_of(row, terms))
    return found


def stretch_of(row: ContractVersion, terms: dict[str, Terms]) -> Stretch:
    return Stretch(
        number=row.number,
        interval=Interval(row.valid_from, row.valid_until or FOREVER),
        terms=terms_once(row.type, terms),
        zone=row.time_zone,
        redundancy=contracted.connection(row.redundancy),
        services=tuple(service_of(each) for each in row.services.all()),
    )


def terms_once(row: ContractType, known: dict[str, Terms]) -> Terms:
    if row.pk not in known:
        known[row.pk] = contracted.terms_of(row)
    return known[row.pk]


def service_of(row: ContractService) -> Service:
    components = tuple(sorted(each.component_id for each in row.coverages.all()))
    return Service(contracted.key_of(row.kind, row.name), row.name, components)


def zones_of(stretches: Iterable[Stretch]) -> list[tuple[datetime, ZoneInfo]]:
    return [(each.interval.start, ZoneInfo(each.zone)) for each in stretches]


def reaching(stretches: Iterable[Stretch], period: Interval, key: str) -> tuple[Stretch, ...]:
    """Those in force in the period, cut to it; what promises months alone has no year."""
    found = [replace(each, interval=part) for each in stretches for part in clip((each.interval,), period)]
    is_promised = len(key) > len("2026") or any(each.terms.is_yearly for each in found)
    return tuple(found) if is_promised else ()


def components_of(stretches: Iterable[Stretch]) -> frozenset[str]:
    return frozenset(component for each in stretches for service in each.services for component in service.components)


def third_party_of(components: Collection[str]) -> frozenset[str]:
    rows = Component.objects.filter(pk__in=components, is_third_party=True)
    return frozenset(rows.values_list("pk", flat=True))


# --- What happened ------------------------------------------------------------------------------------


def outages_on(components: Collection[str], whole: Interval) -> dict[str, list[Mapping[str, Any]]]:
    """The outages as they stand, by component. Work is judged by its windows, not by the status it set."""
    rows = Outage.objects.filter(is_current=True, component__in=components, started_at__lt=whole.end)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=whole.start))
    rows = rows.exclude(cause=Cause.MAINTENANCE, maintenance__isnull=False)
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.annotate(interrupting=INTERRUPTION).order_by("started_at", "id").values(*COLUMNS):
        found.setdefault(row["component_id"], []).append(row)
    return found


def is_met(row: Mapping[str, Any], contract: Contract) -> bool:
    """Everybody's, and this client's own."""
    return row["client_id"] in (None, contract.client_id)


def failures_of(rows: Iterable[Mapping[str, Any]], known: Inputs) -> Iterator[Failure]:
    """Cut to what is known of the period. What goes on is open only where the period is."""
    for row in rows:
        ended = row["ended_at"] or known.known.end
        for part in clip((Interval(row["started_at"], ended),), known.known):
            yield Failure(
                id=str(row["id"]),
                component=row["component_id"],
                interval=part,
                cause=Cause(row["cause"]),
                interrupts=bool(row["interrupting"]),
                is_open=known.as_of is not None and (row["ended_at"] is None or row["ended_at"] > known.known.end),
            )


# --- What was announced -------------------------------------------------------------------------------


def works_of(stretches: Mapping[str, tuple[Stretch, ...]], whole: Interval) -> dict[str, list[ForContract]]:
    """Maintenance in the period, and short windows around it that a chain may reach."""
    begins = Q(scheduled_for__lt=whole.end) | Q(started_at__lt=whole.end)
    ends = Q(scheduled_until__gt=whole.start) | Q(resolved_at__gt=whole.start)
    near = Q(scheduled_for__range=(whole.start - REACH, whole.end + REACH))
    is_short = Q(scheduled_until__lte=F("scheduled_for") + NO_NOTICE_NEEDED)
    rows = Maintenance.objects.filter((begins & ends) | (near & is_short))
    return for_contracts(rows, list(stretches))


def bearing_on(works: Iterable[ForContract], period: Interval) -> list[ForContract]:
    """What touches the period, and the short ones whose starts lead to one that does, each within 24 hours."""
    held = [each for each in works if each.planned.services]
    touching = {each.maintenance.pk for each in held if touches(each.planned, period)}
    short = sorted((each for each in held if is_short(each.planned)), key=lambda each: by_start(each.planned))
    chained = {each.maintenance.pk for chain in chains(short) for each in chain if names(chain) & touching}
    return [each for each in held if each.maintenance.pk in touching | chained]


def touches(work: Planned, period: Interval) -> bool:
    return any(each.start < period.end and each.end > period.start for each in (work.last.interval, *work.work))


def is_short(work: Planned) -> bool:
    return not work.is_cancelled and work.windows()[0].is_short


def names(works: Iterable[ForContract]) -> set[str]:
    return {each.maintenance.pk for each in works}


def chains(ordered: Iterable[ForContract]) -> Iterator[list[ForContract]]:
    chain: list[ForContract] = []
    for each in ordered:
        if chain and each.planned.last.start - chain[-1].planned.last.start >= CHAIN:
            yield chain
            chain = []
        chain.append(each)
    if chain:
        yield chain


def cut(work: Planned, known: Inputs) -> Planned:
    """Without what is beyond the period: work that goes on at its end may end whenever it does."""
    end = known.period.end
    goes_on = any(each.end > end for each in work.work)
    cut_off = end if known.as_of is None and goes_on and work.work[0].start < end else work.ended_at
    services = tuple(sorted(set(work.services)))
    return replace(work, services=services, ended_at=cut_off)
