"""The door between stored contracts and the arithmetic: rows in, `statuspage.sla` out, exact both ways.

Reads only. Numbers are stored as decimal strings and spans as seconds, so what comes out
equals what went in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .models import ContractCoverage, ContractType, ContractVersion, Period, ServiceKind
from .sla.availability import PRIMARY, SECONDARY, downtime
from .sla.clocks import Targets
from .sla.contracts import Band, Contract, Redundancy, RefundRule, percent
from .sla.exact import decimal
from .sla.intervals import Span, union
from .vocabulary import Cause, Severity

GATEWAYS = {ServiceKind.PRIMARY: PRIMARY, ServiceKind.SECONDARY: SECONDARY}
"""What the arithmetic calls them, whatever the contract does."""
SECOND = timedelta(seconds=1)


# --- Types ------------------------------------------------------------------------------------


def terms_of(row: ContractType) -> Contract:
    """What contracts of this type promise."""
    return Contract(
        name=row.preset or row.name,
        is_yearly=row.period == Period.YEAR,
        targets={connection(key): percent(target) for key, target in row.targets.items()},
        not_counted=frozenset(Cause(each) for each in row.not_counted),
        bands=tuple(Band(percent(each["at_least"]), each["days"]) for each in row.bands),
        claim_days=row.claim_days,
        most_days=row.most_days,
        severities={Severity(int(key)): limits(each) for key, each in row.severities.items()},
        refunds=tuple(refund_rule(each) for each in row.refunds),
    )


def columns_of(terms: Contract) -> dict[str, Any]:
    """The columns of a ContractType that hold these promises; raises ValueError for a share without a decimal form."""
    return {
        "period": Period.YEAR if terms.is_yearly else Period.MONTH,
        "targets": {key or "": per_cent(target) for key, target in terms.targets.items()},
        "not_counted": sorted(terms.not_counted),
        "bands": [{"at_least": per_cent(each.at_least), "days": each.days} for each in terms.bands],
        "claim_days": terms.claim_days,
        "most_days": terms.most_days,
        "severities": {str(key.value): seconds_of(each) for key, each in terms.severities.items()},
        "refunds": [refund_columns(each) for each in terms.refunds],
    }


def connection(word: str) -> Redundancy | None:
    """How a client is connected; "" where it makes no difference."""
    return Redundancy(word) if word else None


def per_cent(share: Fraction) -> str:
    return decimal(share * 100)


def limits(stored: Mapping[str, int | None]) -> Targets:
    spans = {name: None if value is None else timedelta(seconds=value) for name, value in stored.items()}
    return Targets(**spans)  # type: ignore[arg-type]


def seconds_of(targets: Targets) -> dict[str, int | None]:
    return {name: None if span is None else span // SECOND for name, span in vars(targets).items()}


def refund_rule(stored: Mapping[str, Any]) -> RefundRule:
    share = None if stored["share"] is None else percent(stored["share"])
    return RefundRule(Severity(stored["severity"]), stored["more_than"], stored["dates"], share)


def refund_columns(rule: RefundRule) -> dict[str, Any]:
    share = None if rule.share is None else per_cent(rule.share)
    return {"severity": rule.severity.value, "more_than": rule.more_than, "dates": rule.dates, "share": share}


# --- What was agreed --------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """A version of a contract as the arithmetic needs it. `services`: the name it knows -> ids of components."""

    terms: Contract
    zone: ZoneInfo
    redundancy: Redundancy | None
    services: Mapping[str, frozenset[str]]


def agreement(version: ContractVersion) -> Agreement:
    """What was in force while this version was."""
    services = version.services.prefetch_related("coverages")
    return Agreement(
        terms=terms_of(version.type),
        zone=ZoneInfo(version.time_zone),
        redundancy=connection(version.redundancy),
        services={key_of(each.kind, each.name): frozenset(covered(each.coverages.all())) for each in services},
    )


def key_of(kind: str, name: str) -> str:
    """What the arithmetic calls a service: gateways by their role, others by their name."""
    return GATEWAYS.get(ServiceKind(kind), name)


def covered(coverages: Iterable[ContractCoverage]) -> Iterable[str]:
    return (each.component_id for each in coverages)


# --- What work would count for ----------------------------------------------------------------


def counting(touched: Iterable[ContractCoverage], down: Mapping[str, Span]) -> int | None:
    """For how many contracts work that comes without notice is downtime; None where no contract covers it.

    `touched` are `selectors.coverages_of`, `down` what is not noticed of the work, by component's id. Each contract
    goes by its own rules: work on one gateway of two is no downtime while the other serves, nor is a third party's
    work where the contract excludes that cause.
    """
    by_contract: dict[str, list[ContractCoverage]] = {}
    for each in touched:
        by_contract.setdefault(each.contract_id, []).append(each)
    return sum(counts(each, down) for each in by_contract.values()) if by_contract else None


def counts(coverages: Sequence[ContractCoverage], down: Mapping[str, Span]) -> bool:
    """Of one contract."""
    version = coverages[0].service.version
    not_counted = {Cause(each) for each in version.type.not_counted}
    spans: dict[str, Span] = {}
    for each in coverages:
        if cause_of(each) not in not_counted:
            key = key_of(each.service.kind, each.service.name)
            spans[key] = union([*spans.get(key, ()), *down.get(each.component_id, ())])
    return bool(downtime(spans, {}, connection(version.redundancy)))


def cause_of(coverage: ContractCoverage) -> Cause:
    """Work without notice is an interruption of whoever does it."""
    return Cause.THIRD_PARTY if coverage.component.is_third_party else Cause.OWN
