"""Refunds that clients' reports come to, beside what people decided of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage import reported
from statuspage.contracted import terms_of
from statuspage.models import Contract, ContractVersion, RefundDecision
from statuspage.sla.contracts import RefundRule
from statuspage.sla.intervals import Interval
from statuspage.sla.periods import midnight
from statuspage.sla.refunds import Decided, Refund, Report, refunds

from .terms import version_by, version_in


@dataclass(frozen=True)
class Proposal:
    """A refund that a contract's reports come to, and nobody decided yet.

    `is_doubtful`: only one of two readings of "28 consecutive days" has it. `version`: what was agreed in its month.
    `reports`: all failures of the contract, in time.
    """

    contract: Contract
    refund: Refund
    rule: RefundRule
    is_doubtful: bool
    version: ContractVersion
    reports: Sequence[Report]

    @property
    def deciding(self) -> Report:
        """The one that was one too many."""
        return next(each for each in self.reports if each.id == self.refund.deciding)

    @property
    def used(self) -> list[Report]:
        """What a refund uses up."""
        return [each for each in self.reports if each.id in self.refund.reports]

    @property
    def window(self) -> Interval:
        """So many consecutive dates in the contract's zone, the last of them the deciding report's."""
        zone = ZoneInfo(self.version.time_zone)
        last = self.deciding.reported_at.astimezone(zone).date()
        first = last - timedelta(days=self.rule.dates - 1)
        return Interval(midnight(first, zone), midnight(last + timedelta(days=1), zone))


def decided(rows: Iterable[RefundDecision]) -> Decided:
    """What people decided, as the arithmetic takes it."""
    held = list(rows)
    granted = [each for each in held if each.granted]
    return Decided(
        used=frozenset(report for each in granted for report in each.reports),
        months=frozenset(each.month for each in granted),
        settled=frozenset(each.deciding for each in held),
    )


def proposals(contract: Contract, now: datetime) -> list[Proposal]:
    """What the contract's reports come to now, the oldest first."""
    version = version_by(contract, now)
    rules = {each.name: each for each in terms_of(version.type).refunds} if version else {}
    if version is None or not rules:
        return []
    reports = sorted(reported.refund_reports(contract), key=lambda each: (each.reported_at, each.id))
    before = decided(contract.refund_decisions.all())
    found = refunds(reports, ZoneInfo(version.time_zone), rules.values(), before)
    months = before.months | {each.month for each in found.refunds}
    doubtful = [each for each in found.doubtful if each.month not in months]
    rows = [
        Proposal(
            contract, each, rules[each.rule], each in doubtful, version_in(contract, each.month) or version, reports
        )
        for each in (*found.refunds, *doubtful)
    ]
    return sorted(rows, key=lambda each: each.deciding.reported_at)


def all_proposals(now: datetime) -> list[Proposal]:
    """Of every contract whose client reported a failure, the oldest first."""
    contracts = Contract.objects.filter(pk__in=reported.failures().order_by().values("contract"))
    found = [each for contract in contracts.select_related("client") for each in proposals(contract, now)]
    return sorted(found, key=lambda each: each.deciding.reported_at)
