"""Under which version of a contract a remedy falls, and how long a contract runs with the days that credits added."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum

from statuspage.models import Contract, ContractVersion, CreditClaim, Decision
from statuspage.sla.periods import midnight, month
from statuspage.sla.stated import bounds, days_of


def versions_of(contract: Contract) -> QuerySet[ContractVersion]:
    """Those that hold at some time, the last first."""
    return contract.versions.filter(withdrawn_at=None).select_related("type").order_by("-valid_from")


def version_in(contract: Contract, key: str) -> ContractVersion | None:
    """What was in force last in the month `key`; None where nothing was."""
    return next((each for each in versions_of(contract) if is_in_force(each, key)), None)


def is_in_force(version: ContractVersion, key: str) -> bool:
    """At any time of the month in its zone."""
    period = month(key, ZoneInfo(version.time_zone))
    return version.valid_from < period.end and (version.valid_until is None or version.valid_until > period.start)


def closing_zone(contract: Contract, key: str, ends_at: datetime | None = None) -> ZoneInfo:
    """The zone by whose midnight the month `key` ends: where one is frozen, at its statement's `ends_at`.

    A contract may change its zone with the month. What was withdrawn is asked last: a statement may rest on it.
    """
    standing = list(versions_of(contract))
    zones = [(each.valid_from, ZoneInfo(each.time_zone)) for each in reversed(standing)]
    end = ends_at or bounds(key, zones).end
    begun = sorted(standing, key=lambda each: each.valid_from > end)
    candidates = [each.time_zone for each in (*begun, *contract.versions.exclude(withdrawn_at=None))]
    following = days_of(key)[1]
    return next((zone for zone in map(ZoneInfo, candidates) if midnight(following, zone) == end), zones[-1][1])


@dataclass(frozen=True)
class Term:
    """How long a contract runs: the first day after its end as agreed, None where it is open, and the days added."""

    ends_on: date | None
    days_added: int

    @property
    def extended_to(self) -> date | None:
        """The first day without service, with the days that were added at the end of the term."""
        return self.ends_on + timedelta(days=self.days_added) if self.ends_on else None


def term_of(contract: Contract) -> Term:
    """The term with every credit granted under this contract."""
    last = versions_of(contract).first()
    until = last.valid_until if last else None
    ends_on = until.astimezone(ZoneInfo(last.time_zone)).date() if last and until else None
    return Term(ends_on, days_granted(CreditClaim.objects.filter(contract=contract)))


def days_granted(claims: QuerySet[CreditClaim]) -> int:
    return claims.filter(decision=Decision.GRANTED).aggregate(sum=Sum("days"))["sum"] or 0
