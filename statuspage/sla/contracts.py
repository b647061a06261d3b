"""The two contracts as data: what is promised for which period, what is not counted, what a breach is worth."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from statuspage.vocabulary import Cause


class Redundancy(StrEnum):
    """How a client is connected to the messaging platform (its contract, 3.1 and 3.2)."""

    SINGLE = "single"
    REDUNDANT = "redundant"


@dataclass(frozen=True)
class Band:
    """From this availability on (and below the next better one) so many days of credit."""

    at_least: Fraction
    days: int


@dataclass(frozen=True)
class Contract:
    """One kind of contract. `targets` by redundancy; under None where it makes no difference."""

    name: str
    is_yearly: bool
    targets: dict[Redundancy | None, Fraction]
    not_counted: frozenset[Cause]
    """Causes whose interruptions are no downtime, beside noticed maintenance."""
    bands: tuple[Band, ...] = ()
    """Best first; what meets the target has no credit."""


def percent(text: str) -> Fraction:
    """ "99.99" as a share of one."""
    return Fraction(text) / 100


NEVER_COUNTED = frozenset({Cause.MAINTENANCE, Cause.CLIENT})
"""What the product records beside the contracts' own words: neither contract promises it away from anybody."""

ENTERPRISE = Contract(
    name="enterprise",
    is_yearly=False,
    targets={None: percent("99.99")},
    not_counted=NEVER_COUNTED | {Cause.THIRD_PARTY, Cause.BEYOND_CONTROL},
    bands=(Band(percent("99.0"), 3), Band(percent("95.0"), 7), Band(percent("0"), 15)),
)
"""Enterprise SLA: API Interruptions and what is beyond control "will not constitute Service Interruptions"."""

PLATFORM = Contract(
    name="platform",
    is_yearly=True,
    targets={Redundancy.REDUNDANT: percent("99.99"), Redundancy.SINGLE: percent("99.8")},
    not_counted=NEVER_COUNTED,
)
"""Messaging platform SLA, 3. Its text excludes no cause; a yearly figure that is missed has no price of its own."""

CONTRACTS = {each.name: each for each in (ENTERPRISE, PLATFORM)}
