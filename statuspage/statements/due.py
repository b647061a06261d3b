"""Which periods are over and not frozen yet, and which frozen ones may have other facts by now. Reads only."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

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


def to_check(since: datetime, now: datetime, most: int) -> tuple[list[Due], bool]:
    """The newest versions that changes since then may touch, then those that were not looked at for a day.

    At most so many, and of both those first that wait longest; with whether all that was touched is among them.
    """
    changed = sorted(set(touched(since - OVERLAP)))
    waiting = [*changed, *looked_at(unseen(now)[:most])]
    pairs = dict.fromkeys((key, contract) for _checked_at, key, contract in waiting)
    return grouped(list(pairs)[:most]), len(changed) <= most


def unseen(now: datetime) -> QuerySet[FrozenStatement]:
    return newest().filter(checked_at__lte=now - ROTATION).order_by("checked_at")


Looked = tuple[datetime, str, str]
"""When a statement was last looked at, its period and its contract."""


def looked_at(rows: QuerySet[FrozenStatement]) -> Iterator[Looked]:
    yield from rows.values_list("checked_at", "period", "contract_id")


def touched(since: datetime) -> Iterator[Looked]:
    """Without those that were looked at when the change was surely there."""
    for contract, changed_at in Contract.objects.filter(updated_at__gt=since).values_list("pk", "updated_at"):
        yield from looked_at(not_since(changed_at).filter(contract=contract))
    for components, start, changed_at in (*outages_since(since), *maintenances_since(since)):
        covering = ContractCoverage.objects.filter(component__in=components).values("contract")
        yield from looked_at(not_since(changed_at).filter(contract__in=covering, ends_at__gt=start))


def not_since(changed_at: datetime) -> QuerySet[FrozenStatement]:
    return newest().filter(checked_at__lte=changed_at + OVERLAP)


Change = tuple[Collection[str], datetime, datetime]
"""Of which components, from when on, and the moment that it is recorded under."""


def outages_since(since: datetime) -> Iterator[Change]:
    """New rows, corrections among them: the earliest moment that they, or what they replace, speak of."""
    rows = Outage.objects.filter(created_at__gt=since)
    spans = rows.values_list("component_id", "started_at", "replaces__started_at", "created_at")
    for component, start, before, created_at in spans:
        yield (component,), min(start, before or start), created_at


def maintenances_since(since: datetime) -> Iterator[Change]:
    """Short windows are judged together with others, up to a chain's length away."""
    is_new = Q(updated_at__gt=since) | Q(emergency__approved_at__gt=since)
    rows = Maintenance.everything.filter(is_new).annotate(approved_at=F("emergency__approved_at"))
    for row in rows.prefetch_related("claims", "windows"):
        starts = [each.scheduled_for for each in row.windows.all()] or [row.scheduled_for]
        changed_at = max(row.updated_at, row.approved_at or row.updated_at)
        yield [each.component_id for each in row.claims.all()], min(starts) - REACH, changed_at
