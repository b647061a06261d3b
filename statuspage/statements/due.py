"""Which periods are over and not frozen yet, and which frozen ones may have other facts by now. Reads only."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from statuspage.models import Contract, ContractCoverage, FrozenStatement, Maintenance, Outage
from statuspage.sla.intervals import MICROSECOND
from statuspage.sla.periods import following_month
from statuspage.sla.stated import Stretch, bounds
from statuspage.windows import REACH

from .gather import reaching, stretches_of, zones_of

GRACE = timedelta(hours=1)
"""After the end of a period, before it is frozen: what ended with it is recorded by then."""
OVERLAP = timedelta(minutes=10)
"""A change may be committed this long after the moment it is recorded under."""
ROTATION = timedelta(hours=24)
"""Every frozen statement is computed again once in this time, whatever the record says has changed."""


@dataclass(frozen=True)
class Due:
    """One period of some contracts."""

    key: str
    contracts: tuple[str, ...]


def grouped(pairs: Iterable[tuple[str, str]]) -> list[Due]:
    """(period, contract) pairs, one group a period, the oldest first."""
    found: dict[str, list[str]] = {}
    for key, contract in sorted(pairs):
        found.setdefault(key, []).append(contract)
    return [Due(key, tuple(contracts)) for key, contracts in found.items()]


def to_freeze(now: datetime, most: int) -> list[Due]:
    """Periods that are over and not frozen, at most so many statements."""
    contracts = list(Contract.objects.values_list("pk", flat=True))
    frozen = set(FrozenStatement.objects.filter(number=1).values_list("period", "contract_id"))
    until = now - GRACE
    pairs = [
        (key, contract)
        for contract, stretches in stretches_of(contracts).items()
        for key in {key for each in stretches for key in keys_of(each, until)}
        if (key, contract) not in frozen and is_closed(key, stretches, until)
    ]
    return grouped(sorted(pairs)[:most])


def is_closed(key: str, stretches: list[Stretch], until: datetime) -> bool:
    """Whether the period is over by then and has a statement: no place is kept for one that never comes."""
    period = bounds(key, zones_of(stretches))
    return period.end <= until and bool(reaching(stretches, period, key))


def keys_of(stretch: Stretch, until: datetime) -> Iterator[str]:
    """The months that the stretch touches by then, and of yearly promises each of their years. Its end is not in it."""
    zone = ZoneInfo(stretch.zone)
    end = min(stretch.interval.end, until) - MICROSECOND
    day, last = stretch.interval.start.astimezone(zone).date().replace(day=1), end.astimezone(zone).date()
    while day <= last:
        yield f"{day:%Y-%m}"
        if stretch.terms.is_yearly:
            yield f"{day:%Y}"
        day = following_month(day)


# --- What may have changed -----------------------------------------------------------------------------


def newest() -> QuerySet[FrozenStatement]:
    """Of every period the last version."""
    later = FrozenStatement.objects.filter(
        contract=OuterRef("contract"), period=OuterRef("period"), number__gt=OuterRef("number")
    )
    return FrozenStatement.objects.filter(~Exists(later))


def to_check(since: datetime, now: datetime, most: int) -> list[Due]:
    """The newest versions that changes since then may touch, and those that were not looked at for a day."""
    since -= OVERLAP
    pairs = set(touched(since))
    pairs |= {(each.period, each.contract_id) for each in unseen(now)[:most]}
    return grouped(sorted(pairs)[:most])


def unseen(now: datetime) -> QuerySet[FrozenStatement]:
    rows = newest().filter(checked_at__lte=now - ROTATION)
    return rows.only("period", "contract_id").order_by("checked_at")


def touched(since: datetime) -> Iterator[tuple[str, str]]:
    changed = Contract.objects.filter(updated_at__gt=since).values_list("pk", flat=True)
    yield from frozen_of(newest().filter(contract__in=list(changed)))
    for components, start in (*outages_since(since), *maintenances_since(since)):
        covering = ContractCoverage.objects.filter(component__in=components).values("contract")
        yield from frozen_of(newest().filter(contract__in=covering, ends_at__gt=start))


def frozen_of(rows: QuerySet[FrozenStatement]) -> Iterator[tuple[str, str]]:
    yield from rows.values_list("period", "contract_id")


def outages_since(since: datetime) -> Iterator[tuple[Collection[str], datetime]]:
    """New rows, corrections among them: the earliest moment that they, or what they replace, speak of."""
    rows = Outage.objects.filter(created_at__gt=since)
    spans = rows.values_list("component_id", "started_at", "replaces__started_at")
    for component, start, before in spans:
        yield (component,), min(start, before or start)


def maintenances_since(since: datetime) -> Iterator[tuple[Collection[str], datetime]]:
    """Short windows are judged together with others, up to a chain's length away."""
    is_new = Q(updated_at__gt=since) | Q(emergency__approved_at__gt=since)
    for row in Maintenance.objects.filter(is_new).prefetch_related("claims", "windows"):
        starts = [each.scheduled_for for each in row.windows.all()] or [row.scheduled_for]
        yield [each.component_id for each in row.claims.all()], min(starts) - REACH
