"""Service credits: days added to the end of the term, claimed in time, only so many a month. Never money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .contracts import ENTERPRISE, Contract
from .periods import midnight, month


@dataclass(frozen=True)
class Claim:
    """What becomes of a claim. `days` is 0 where it is refused."""

    accepted: bool
    days: int
    last_day: date


@dataclass(frozen=True)
class Figure:
    """A month's figure as it was published: the days of credit it came to, and when."""

    days: int
    published_at: datetime


def claim(
    key: str,
    zone: ZoneInfo,
    credit_days: Iterable[int],
    claimed_at: datetime,
    contract: Contract = ENTERPRISE,
    figures: Sequence[Figure] = (),
) -> Claim:
    """Judge a claim for the month `key`: eligible from the first instant after it, in the contract's zone.

    `figures`: what was published of the month, the oldest first; see `eligible`.
    """
    since = eligible(key, zone, figures, contract)
    begun = [each for each in since if each <= claimed_at]
    last_day = deadline(begun[-1] if begun else since[0], zone, contract)
    accepted = bool(begun) and claimed_at < midnight(last_day + timedelta(days=1), zone)
    return Claim(accepted, min(contract.most_days, sum(credit_days)) if accepted else 0, last_day)


def eligible(key: str, zone: ZoneInfo, figures: Sequence[Figure], contract: Contract = ENTERPRISE) -> list[datetime]:
    """Every instant from which a credit may be claimed, in their order.

    The first after the month; and the publication of a revision that is worse than all before it, where it
    comes after the last day on which a claim was possible.
    """
    since = [month(key, zone).end]
    worst = figures[0].days if figures else 0
    for each in figures[1:]:
        over = midnight(deadline(since[-1], zone, contract) + timedelta(days=1), zone)
        if each.days > worst and each.published_at >= over:
            since.append(each.published_at)
        worst = max(worst, each.days)
    return since


def deadline(since: datetime, zone: ZoneInfo, contract: Contract = ENTERPRISE) -> date:
    """The last day, whole, on which a claim is in time that may be made from this instant on."""
    return since.astimezone(zone).date() + timedelta(days=contract.claim_days)


def still_due(granted: Iterable[int], days: int, contract: Contract = ENTERPRISE) -> int:
    """What is left of `days` under the most of one month, after what was granted in it already."""
    before = sum(granted)
    return min(contract.most_days, before + days) - min(contract.most_days, before)
