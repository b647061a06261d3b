"""Service credits: days added to the end of the term, claimed in time, only so many a month. Never money."""

from collections.abc import Iterable
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


def claim(
    key: str, zone: ZoneInfo, credit_days: Iterable[int], claimed_at: datetime, contract: Contract = ENTERPRISE
) -> Claim:
    """Judge a claim for the month `key`: eligible from the first instant after it, in the contract's zone."""
    eligible = month(key, zone).end
    last_day = eligible.astimezone(zone).date() + timedelta(days=contract.claim_days)
    accepted = eligible <= claimed_at < midnight(last_day + timedelta(days=1), zone)
    return Claim(accepted, min(contract.most_days, sum(credit_days)) if accepted else 0, last_day)
