"""Where contracts stand in their current period: figures for the list of all of them, and from what they are made.

Reads only; `actions.standings` stores what is computed here. Every figure is a statement's own
(`sla.statement`), of closed months the frozen one's.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Sum

from . import selectors
from .models import (
    BudgetState,
    Contract,
    ContractCoverage,
    ContractStanding,
    ContractVersion,
    FrozenStatement,
    MaintenanceComponent,
    Outage,
    Period,
)
from .sla.budget import is_at_risk, per_mille
from .sla.exact import decimal, percentage
from .sla.statement import PLACES, Statement, statement
from .statements.gather import gather

MONTHS = 12
MICROSECOND = Decimal("0.000001")


def period_of(version: ContractVersion, now: datetime) -> str:
    """The key of the period that the contract's target is promised for, as its zone has it now."""
    local = now.astimezone(ZoneInfo(version.time_zone))
    return f"{local:%Y}" if version.type.period == Period.YEAR else f"{local:%Y-%m}"


def standings(contracts: Sequence[Contract], known: Mapping[str, str], now: datetime) -> list[ContractStanding]:
    """How each of these contracts stands now, without those that are not in force; `known` are their `bases`."""
    months = closed_months(contracts, now)
    return [
        ContractStanding(
            contract_id=found.inputs.contract,
            basis=known[found.inputs.contract],
            computed_at=now,
            months=months.get(found.inputs.contract, []),
            **columns(found),
        )
        for found in statements(contracts, now)
    ]


def statements(contracts: Sequence[Contract], now: datetime) -> Iterator[Statement]:
    """The provisional statement of each one's current period; those of one period in one pass."""
    by_period: dict[str, list[Contract]] = defaultdict(list)
    held = {each.pk: each for each in contracts}
    for version in selectors.versions_at(contracts, now):
        by_period[period_of(version, now)].append(held[version.contract_id])
    for key, rows in by_period.items():
        for found in gather(rows, key, now).values():
            yield statement(found.inputs)


def columns(found: Statement) -> dict[str, Any]:
    return {
        "period": found.inputs.period_key,
        "target": target_text(found.target),
        "availability": percentage(found.share, PLACES),
        "state": state_of(found),
        "is_interrupted": is_interrupted(found),
        "allowed_seconds": exact(found.allowed_seconds),
        "counted_seconds": exact(found.counted_seconds),
        "left_per_mille": per_mille(found.left_seconds, found.allowed_seconds),
        "credit_days": found.credit_days,
    }


def target_text(target: Fraction) -> str:
    """Per cent; cut where a year under two targets has no decimal form."""
    try:
        return decimal(target * 100)
    except ValueError:
        return percentage(target, PLACES)


def exact(seconds: Fraction) -> Decimal:
    """To the microsecond; what an allowance has beyond that is cut off."""
    return (Decimal(seconds.numerator) / Decimal(seconds.denominator)).quantize(MICROSECOND, ROUND_DOWN)


def state_of(found: Statement) -> BudgetState:
    """Breached: the target is missed already. At risk: by the rule of `sla.budget`. Else on track."""
    if found.left_seconds < 0:
        return BudgetState.BREACHED
    at_risk = is_interrupted(found) or is_at_risk(found)
    return BudgetState.AT_RISK if at_risk else BudgetState.ON_TRACK


def is_interrupted(found: Statement) -> bool:
    """Whether something that counts goes on at this moment."""
    known = found.inputs.known
    return bool(found.counted) and found.counted[-1].end == known.end and any(each.is_open for each in found.lines)


# --- Closed months ------------------------------------------------------------------------------


def closed_months(contracts: Sequence[Contract], now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The last twelve months that are closed, by contract, the oldest first; of each the statement that holds."""
    first = f"{now.year - 1}-{now.month:02}"
    rows = FrozenStatement.objects.filter(contract__in=contracts, period__gte=first, period__contains="-")
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    names = ("contract_id", "period", "total_seconds", "counted_seconds", "is_met")
    for contract, period, total, counted, is_met in rows.order_by("period", "number").values_list(*names):
        share = 1 - Fraction(counted) / Fraction(total)
        words = {"month": period, "availability": percentage(share, PLACES), "met": is_met, "seconds": int(counted)}
        found[contract][period] = words
    return {contract: list(months.values())[-MONTHS:] for contract, months in found.items()}


# --- What they are made from --------------------------------------------------------------------


def bases(contracts: Iterable[Contract], now: datetime) -> dict[str, str]:
    """A digest of all that a contract's figures hang on but time, by its id; without those that are not in force.

    Another one, and they are made anew.
    """
    versions = selectors.versions_at(contracts, now)
    facts: dict[str, list[Any]] = {each.contract_id: [each.pk, period_of(each, now)] for each in versions}
    down, worked = outages_by_component(), work_by_component()
    for contract, component in covered():
        if contract in facts:
            facts[contract].append((component, down.get(component), worked.get(component)))
    for contract, count, newest in frozen():
        if contract in facts:
            facts[contract].append((count, newest))
    return {pk: hashlib.sha256(repr(each).encode()).hexdigest() for pk, each in facts.items()}


def covered() -> Iterable[tuple[str, str]]:
    rows = ContractCoverage.objects.order_by("contract", "component").distinct()
    return rows.values_list("contract", "component")


def outages_by_component() -> dict[str, tuple[Any, ...]]:
    """A correction is another row, an end is counted."""
    rows = Outage.objects.filter(is_current=True).order_by().values("component")
    counted = rows.annotate(newest=Max("pk"), of=Count("pk"), ended=Count("ended_at"))
    return {each["component"]: (each["newest"], each["of"], each["ended"]) for each in counted}


def work_by_component() -> dict[str, tuple[Any, ...]]:
    rows = MaintenanceComponent.objects.order_by().values("component")
    counted = rows.annotate(of=Count("pk"), versions=Sum(F("maintenance__version")))
    return {each["component"]: (each["of"], each["versions"]) for each in counted}


def frozen() -> Iterable[tuple[str, int, datetime]]:
    rows = FrozenStatement.objects.order_by().values("contract")
    return rows.annotate(of=Count("pk"), newest=Max("frozen_at")).values_list("contract", "of", "newest")
