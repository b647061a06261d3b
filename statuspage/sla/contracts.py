"""The two contracts as data: what is promised for which period, what is not counted, what a breach is worth.

Their figures stand here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from statuspage.vocabulary import Cause, Severity

from .clocks import Targets


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
class RefundRule:
    """More than so many failures of one severity, properly reported within so many calendar dates.

    `share`: the least part of the client's messages that each of them must have hit, None where any will do.
    """

    severity: Severity
    more_than: int
    dates: int
    share: Fraction | None = None

    @property
    def name(self) -> str:
        return f"severity_{self.severity.value}"


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
    claim_days: int = 0
    """Days after the day of becoming eligible in which a credit may be claimed, the last one whole."""
    most_days: int = 0
    """Days of credit in one month at the most."""
    severities: dict[Severity, Targets] = field(default_factory=dict)
    """How long response, fix and the next progress report may take; none where no clock is promised."""
    refunds: tuple[RefundRule, ...] = ()


def band_of(share: Fraction, bands: Iterable[Band]) -> Band | None:
    """The band that an availability falls into, of bands in their order; the target is not looked at."""
    return next((band for band in bands if share >= band.at_least), None)


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
    claim_days=30,
    most_days=15,
)
"""Enterprise SLA: API Interruptions and what is beyond control "will not constitute Service Interruptions"."""

PLATFORM = Contract(
    name="platform",
    is_yearly=True,
    targets={Redundancy.REDUNDANT: percent("99.99"), Redundancy.SINGLE: percent("99.8")},
    not_counted=NEVER_COUNTED,
    severities={
        Severity.I: Targets(timedelta(minutes=30), timedelta(hours=4), timedelta(minutes=60)),
        Severity.II: Targets(timedelta(hours=1), timedelta(hours=8), timedelta(hours=4)),
        Severity.III: Targets(timedelta(hours=4), timedelta(days=1), None),
    },
    refunds=(
        RefundRule(Severity.I, more_than=3, dates=28),
        RefundRule(Severity.II, more_than=5, dates=28, share=Fraction(1, 4)),
    ),
)
"""Messaging platform SLA, 3. Its text excludes no cause; a yearly figure that is missed has no price of its own."""

CONTRACTS = {each.name: each for each in (ENTERPRISE, PLATFORM)}
