"""Refunds that clients' reports come to, beside what people decided of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from statuspage import reported
from statuspage.contracted import terms_of
from statuspage.models import ClientReport, Contract, ContractVersion, RefundDecision
from statuspage.sla.contracts import RefundRule
from statuspage.sla.intervals import Interval
from statuspage.sla.periods import midnight
from statuspage.sla.refunds import Decided, Refund, Report, Rule, refunds

from .terms import versions_of


@dataclass(frozen=True)
class Proposal:
    """A refund that a contract's reports come to, and nobody decided yet.

    `is_doubtful`: only one of two readings of "28 consecutive days" has it. `version`: what was agreed when its
    deciding report was complete. `reports`: all failures of the contract, in time.
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


@dataclass(frozen=True)
class Found:
    """What one version's rules come to. `doubtful`: what only one reading of the days has."""

    version: ContractVersion
    rules: Mapping[str, RefundRule]
    refunds: Sequence[Refund]
    doubtful: Sequence[Refund]


def decided(rows: Iterable[RefundDecision]) -> Decided:
    """What people decided, as the arithmetic takes it: by the reports that stand for the failures now.

    Since then another report may have come to stand for the same failure, which stays used up, and settled.
    """
    held = list(rows)
    granted = [each for each in held if each.granted]
    ids = {report for each in held for report in (*each.reports, each.deciding)}
    joined = ClientReport.objects.filter(pk__in=ids, failure__isnull=False) if ids else ClientReport.objects.none()
    first = dict(joined.values_list("pk", "failure"))
    return Decided(
        used=frozenset(first.get(report, report) for each in granted for report in each.reports),
        months=frozenset(each.month for each in granted),
        settled=frozenset(first.get(each.deciding, each.deciding) for each in held),
    )


def proposals(contract: Contract) -> list[Proposal]:
    """What the contract's reports come to, the oldest first.

    What was agreed when the deciding report was complete gives rules and zone, whatever was agreed since.
    """
    reports = sorted(reported.refund_reports(contract), key=lambda each: (each.reported_at, each.id))
    if not reports:
        return []
    before = decided(contract.refund_decisions.all())
    found = list(by_versions(reports, list(versions_of(contract))[::-1], before))
    months = before.months | {refund.month for each in found for refund in each.refunds}
    rows = [
        Proposal(contract, refund, each.rules[refund.rule], refund in each.doubtful, each.version, reports)
        for each in found
        for refund in (*each.refunds, *(doubt for doubt in each.doubtful if doubt.month not in months))
    ]
    return sorted(rows, key=lambda each: each.deciding.reported_at)


def by_versions(reports: Sequence[Report], versions: Iterable[ContractVersion], before: Decided) -> Iterator[Found]:
    """Each version's rules on the reports that came under it; those before count with them, and decide nothing.

    They count where a rule of the same name was agreed when they came, and are used up once over all versions.
    """
    earlier: list[tuple[Report, Collection[str]]] = []
    for version in versions:
        rules, own = rules_of(version), under(version, reports)
        rows = [*(each for each, names in earlier if rule_for(each, rules) in names), *own]
        given = replace(before, settled=before.settled | {each.id for each, names in earlier})
        verdict = refunds(rows, ZoneInfo(version.time_zone), rules.values(), given)
        yield Found(version, rules, verdict.refunds, verdict.doubtful)
        earlier += [(each, rules) for each in own]
        used = {report for each in verdict.refunds for report in each.reports}
        months = {each.month for each in verdict.refunds}
        before = replace(before, used=before.used | used, months=before.months | months)


def rules_of(version: ContractVersion) -> dict[str, RefundRule]:
    """By their names."""
    return {each.name: each for each in terms_of(version.type).refunds}


def under(version: ContractVersion, reports: Iterable[Report]) -> list[Report]:
    """Those that were complete while the version was in force."""
    since = (each for each in reports if each.reported_at >= version.valid_from)
    return [each for each in since if version.valid_until is None or each.reported_at < version.valid_until]


def rule_for(report: Report, rules: Mapping[str, RefundRule]) -> str:
    """The name of the rule that a report counts for; empty where it counts for none."""
    return next((name for name, rule in rules.items() if Rule(rule).counts(report)), "")


def all_proposals() -> list[Proposal]:
    """Of every contract whose client reported a failure, the oldest first."""
    contracts = Contract.objects.filter(pk__in=reported.failures().order_by().values("contract"))
    found = [each for contract in contracts.select_related("client") for each in proposals(contract)]
    return sorted(found, key=lambda each: each.deciding.reported_at)
