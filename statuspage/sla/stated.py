"""What a statement of availability is computed from: who was promised what when, what happened, what was announced.

All facts are here, so that the same ones give the same statement, whoever computes it and whenever. `as_data`
is their plain form; its canonical JSON is what a statement's digest is taken of.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.vocabulary import Cause

from .contracts import Contract, Redundancy
from .exact import decimal
from .intervals import Interval
from .judgement import Announcement, Planned
from .periods import MONTH, following_month, midnight

YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Service:
    """A contracted service: `key` is what the arithmetic calls it, `name` what the contract does."""

    key: str
    name: str
    components: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """What was in force in `[start, end)`: one version of the contract."""

    number: int
    interval: Interval
    terms: Contract
    zone: str
    redundancy: Redundancy | None
    services: tuple[Service, ...]


@dataclass(frozen=True)
class Failure:
    """A component was not operational. `interrupts`: it was, for the client, as good as not there."""

    id: str
    component: str
    interval: Interval
    cause: Cause
    interrupts: bool
    is_open: bool = False
    """Not over when it was counted."""


@dataclass(frozen=True)
class Inputs:
    """One contract in one period. `as_of`: until when is known what happened; None: all of the period.

    `stretches` are those that reach into the period, one after another; `works` are all maintenances that bear
    on it, also those outside that short ones are chained to.
    """

    contract: str
    period_key: str
    period: Interval
    stretches: tuple[Stretch, ...]
    failures: tuple[Failure, ...] = ()
    works: tuple[Planned, ...] = ()
    third_party: frozenset[str] = field(default_factory=frozenset)
    """Components that somebody else runs: work on them is theirs."""
    as_of: datetime | None = None

    @property
    def is_year(self) -> bool:
        return is_year(self.period_key)

    @property
    def known(self) -> Interval:
        """The part of the period of which is known what happened."""
        end = self.period.end if self.as_of is None else min(self.as_of, self.period.end)
        return Interval(self.period.start, max(end, self.period.start))


# --- Periods -----------------------------------------------------------------------------------------


def is_year(key: str) -> bool:
    return YEAR.fullmatch(key) is not None


def bounds(key: str, versions: Sequence[tuple[datetime, ZoneInfo]]) -> Interval:
    """The month "2026-04" or the year "2026" of a contract whose versions hold from then on in that zone.

    A boundary is the midnight of the zone that is in force there, so that the months of a contract that changes its
    zone follow one another without a gap. Raises ValueError for anything else.
    """
    first, following = days_of(key)
    return Interval(boundary(first, versions), boundary(following, versions))


def days_of(key: str) -> tuple[date, date]:
    """The first day of the period, and of the one after it."""
    if is_year(key) and 1 <= int(key) < date.max.year:
        return date(int(key), 1, 1), date(int(key) + 1, 1, 1)
    found = MONTH.fullmatch(key)
    if found is None or not 1 <= int(found[1]) < date.max.year:
        raise ValueError(f"{key!r} is neither a month such as 2026-04 nor a year such as 2026")
    first = date(int(found[1]), int(found[2]), 1)
    return first, following_month(first)


def boundary(day: date, versions: Sequence[tuple[datetime, ZoneInfo]]) -> datetime:
    zone = versions[0][1]
    for valid_from, of_version in versions:
        if valid_from <= midnight(day, of_version):
            zone = of_version
    return midnight(day, zone)


# --- As plain data -----------------------------------------------------------------------------------


def as_data(inputs: Inputs) -> dict[str, Any]:
    """Texts, whole numbers, truths, lists and objects alone; instants in UTC. What is a set is sorted."""
    return {
        "contract": inputs.contract,
        "period": inputs.period_key,
        "interval": times(inputs.period),
        "as_of": inputs.as_of and stamp(inputs.as_of),
        "versions": [stretch_data(each) for each in inputs.stretches],
        "outages": [failure_data(each) for each in inputs.failures],
        "maintenance": [work_data(each) for each in inputs.works],
        "third_party": sorted(inputs.third_party),
    }


def stretch_data(stretch: Stretch) -> dict[str, Any]:
    terms = stretch.terms
    return {
        "number": stretch.number,
        "interval": times(stretch.interval),
        "type": terms.name,
        "is_yearly": terms.is_yearly,
        "target": decimal(terms.targets[stretch.redundancy] * 100),
        "not_counted": sorted(str(each.value) for each in terms.not_counted),
        "bands": [{"at_least": decimal(each.at_least * 100), "days": each.days} for each in terms.bands],
        "time_zone": stretch.zone,
        "redundancy": stretch.redundancy.value if stretch.redundancy else "",
        "services": [service_data(each) for each in stretch.services],
    }


def service_data(service: Service) -> dict[str, Any]:
    return {"key": service.key, "name": service.name, "components": sorted(service.components)}


def failure_data(failure: Failure) -> dict[str, Any]:
    return {
        "id": failure.id,
        "component": failure.component,
        "interval": times(failure.interval),
        "cause": str(failure.cause.value),
        "interrupts": failure.interrupts,
        "is_open": failure.is_open,
    }


def work_data(work: Planned) -> dict[str, Any]:
    """For which times notice was not possible is said where it is not all of the last ones."""
    of_part = work.is_emergency and work.approved_for not in {None, work.last.interval}
    return {
        "id": work.id,
        "components": sorted(work.services),
        "announcements": [announcement_data(each) for each in work.announcements],
        "began_at": work.began_at and stamp(work.began_at),
        "ended_at": work.ended_at and stamp(work.ended_at),
        "is_cancelled": work.is_cancelled,
        "is_emergency": work.is_emergency,
        **({"approved_for": times(work.approved_for)} if work.approved_for and of_part else {}),
    }


def announcement_data(announcement: Announcement) -> dict[str, Any]:
    return {
        "interval": times(announcement.interval),
        "noticed_at": announcement.noticed_at and stamp(announcement.noticed_at),
        "basis": str(announcement.basis.value),
    }


def times(interval: Interval) -> list[str]:
    return [stamp(interval.start), stamp(interval.end)]


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC, to the microsecond where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
