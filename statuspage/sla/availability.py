"""Availability of a period: total time less counted downtime, as a fraction of the total.

"Measured by subtracting the total minutes of Service Interruption in a given month from
the total minutes in such month, divided by the total minutes in such month": the total is
not reduced by maintenance.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from statuspage.vocabulary import Cause

from .contracts import Contract, Redundancy, band_of
from .intervals import Interval, Span, clip, difference, intersection, seconds, union
from .notice import Window, excluded

PRIMARY, SECONDARY = "primary", "secondary"
"""The services that are a redundant client's two gateways."""


@dataclass(frozen=True)
class Interruption:
    """One service was not available, for this cause. Several that overlap count once."""

    service: str
    interval: Interval
    cause: Cause


@dataclass(frozen=True)
class Availability:
    """What a period came to. `counted` is the downtime itself, so that a statement can show it."""

    period: Interval
    counted: Span
    target: Fraction
    bands_days: int

    @property
    def total_seconds(self) -> Fraction:
        return seconds((self.period,))

    @property
    def counted_seconds(self) -> Fraction:
        return seconds(self.counted)

    @property
    def share(self) -> Fraction:
        """0 to 1."""
        return (self.total_seconds - self.counted_seconds) / self.total_seconds

    @property
    def is_met(self) -> bool:
        return self.share >= self.target

    @property
    def credit_days(self) -> int:
        return 0 if self.is_met else self.bands_days


def availability(
    contract: Contract,
    period: Interval,
    interruptions: Iterable[Interruption],
    windows: Iterable[Window],
    redundancy: Redundancy | None = None,
) -> Availability:
    """Judge one period under one contract."""
    down = by_service(each for each in interruptions if each.cause not in contract.not_counted)
    planned = excluded(windows)
    counted = clip(downtime(down, planned, redundancy), period)
    share = 1 - seconds(counted) / seconds((period,))
    band = band_of(share, contract.bands)
    return Availability(period, counted, contract.targets[redundancy], band.days if band else 0)


def by_service(interruptions: Iterable[Interruption]) -> dict[str, Span]:
    """The union of each service's interruptions."""
    held: dict[str, list[Interval]] = {}
    for each in interruptions:
        held.setdefault(each.service, []).append(each.interval)
    return {service: union(intervals) for service, intervals in held.items()}


def downtime(down: Mapping[str, Span], planned: Mapping[str, Span], redundancy: Redundancy | None) -> Span:
    """What counts: of each service what is not planned, of two redundant gateways what both lack."""
    gateways = {PRIMARY, SECONDARY} if redundancy == Redundancy.REDUNDANT else set()
    alone = [difference(span, planned.get(service, ())) for service, span in down.items() if service not in gateways]
    both = (both_gateways(down, planned),) if gateways else ()
    return union(interval for span in (*alone, *both) for interval in span)


def both_gateways(down: Mapping[str, Span], planned: Mapping[str, Span]) -> Span:
    """`(d1 or m1) and (d2 or m2)` less `m1 and m2`: maintaining one gateway while the other is dead counts."""
    lacking = [union([*down.get(each, ()), *planned.get(each, ())]) for each in (PRIMARY, SECONDARY)]
    noticed = intersection(planned.get(PRIMARY, ()), planned.get(SECONDARY, ()))
    return difference(intersection(*lacking), noticed)
