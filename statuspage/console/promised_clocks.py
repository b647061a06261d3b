"""The worst of each contract's running clocks: of failures that its client reported and that are not resolved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from statuspage import reported, running_clocks
from statuspage.running_clocks import Running
from statuspage.sla.clocks import Standing
from statuspage.sla.deadlines import WARNING


@dataclass(frozen=True)
class Worst:
    """How many failures are open; whether a limit of one was missed, else whether 80 % of one are used."""

    failures: int
    is_missed: bool
    is_near: bool


def worst_of(contracts: Collection[str], now: datetime) -> dict[str, Worst]:
    """By the contract's id; without those that have no open failure whose clocks run."""
    reports = list(reported.open_failures().filter(contract__in=contracts))
    by_contract: dict[str, list[Running]] = {}
    for each in running_clocks.of_reports(reports, now):
        if each.report and each.report.contract_id:
            by_contract.setdefault(each.report.contract_id, []).append(each)
    return {contract: worst(found) for contract, found in by_contract.items()}


def worst(found: Collection[Running]) -> Worst:
    clocks = [clock for each in found for clock in each.shown]
    used = max((clock.used for clock in clocks if clock.standing == Standing.OPEN), default=Fraction(0))
    is_missed = any(clock.standing == Standing.MISSED or clock.missed for clock in clocks)
    return Worst(len(found), is_missed, used >= WARNING)
