"""Versions of a contract: rows valid [from, until), one after another without a gap; for `actions.contracts` alone.

A version is never edited. A change closes what was in force until its first day and holds until the next
recorded change, or until the term ends; from the first day of a version on it replaces that version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage import audit
from statuspage.models import Contract, ContractContact, ContractCoverage, ContractService, ContractVersion
from statuspage.sla.periods import midnight

from .agreed import Agreed
from .base import zone_name
from .contract_types import stored_type

YEARS = range(1970, 2200)
"""In which time zones can be computed."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A version's dates in its zone: its first day, and the first day after the agreed end, None where none is."""

    starts_on: date
    ends_on: date | None
    zone: ZoneInfo

    @property
    def valid_from(self) -> datetime:
        return midnight(self.starts_on, self.zone)

    @property
    def valid_until(self) -> datetime | None:
        return midnight(self.ends_on, self.zone) if self.ends_on else None


@dataclass(frozen=True, kw_only=True)
class Press:
    """Who records something, when, and the key of the form."""

    actor: audit.Actor
    now: datetime
    key: str | None = None


def term_of(starts_on: date, ends_on: date | None, time_zone: str) -> Term:
    """The checked dates. Raises ValidationError naming the field."""
    term = Term(starts_on=starts_on, ends_on=ends_on, zone=ZoneInfo(zone_name(time_zone)))
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day:
            require_year(day, field)
    if term.valid_until and term.valid_until <= term.valid_from:
        raise ValidationError({"ends_on": not_after(ends_on, starts_on)})
    return term


def require_year(day: date, field: str) -> None:
    if day.year not in YEARS:
        raise ValidationError({field: _("%(day)s is too far away.") % {"day": day}})


def not_after(day: date | None, first: date) -> str:
    return _("%(day)s is not after %(first)s.") % {"day": day, "first": first}


def in_force(contract: Contract) -> list[ContractVersion]:
    """The versions that hold at some time, each beginning where the one before ends."""
    return list(contract.versions.filter(withdrawn_at=None).order_by("valid_from"))


def append(contract: Contract, term: Term, agreed: Agreed, press: Press) -> ContractVersion:
    """Store a version with all that belongs to it, and make room for it among the others."""
    row = stored_type(agreed.type, press.actor, press.now)
    agreed = agreed.checked(row)
    until = make_room(in_force(contract), term, press.now)
    version = ContractVersion.objects.create(
        contract=contract,
        number=contract.versions.count() + 1,
        type=row,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        valid_from=term.valid_from,
        valid_until=until,
        created_at=press.now,
        author=press.actor.user,
        key=press.key,
        **plain_columns(agreed),
    )
    store_services(version, agreed)
    contacts = [ContractContact(version=version, **vars(each)) for each in agreed.contacts]
    ContractContact.objects.bulk_create(contacts)
    return version


def plain_columns(agreed: Agreed) -> dict[str, Any]:
    names = ("time_zone", "redundancy", "subscription_amount", "subscription_currency", "reason")
    return {name: getattr(agreed, name) for name in names} | {"report_channels": list(agreed.report_channels)}


def store_services(version: ContractVersion, agreed: Agreed) -> None:
    """The services in their order, and what each covers while the version is in force."""
    for position, each in enumerate(agreed.services, 1):
        service = ContractService.objects.create(version=version, kind=each.kind, name=each.name, position=position)
        ContractCoverage.objects.bulk_create(
            ContractCoverage(
                service=service,
                component_id=component,
                contract_id=version.contract_id,
                covered_from=version.valid_from,
                covered_until=version.valid_until,
            )
            for component in each.components
        )


# --- Room among the others --------------------------------------------------------------------


def make_room(versions: Sequence[ContractVersion], term: Term, now: datetime) -> datetime | None:
    """Until when a version of this term holds; what was in force at its start is closed, or withdrawn if it began then.

    Raises ValidationError where days would be left without a contract.
    """
    start, end = term.valid_from, term.valid_until
    if versions and versions[-1].valid_until and start > versions[-1].valid_until:
        said = _("The contract ends on %(day)s: from later on it is another contract.")
        raise ValidationError({"starts_on": said % {"day": last_day_of(versions[-1])}})
    following = next((each for each in versions if each.valid_from > start), None)
    if following and end and end < following.valid_from:
        said = _("%(day)s is before %(next)s, from when a change is recorded.")
        raise ValidationError({"ends_on": said % {"day": term.ends_on, "next": following.starts_on}})
    for each in versions:
        if each.valid_from == start:
            withdraw(each, now)
        elif each.valid_from < start and (each.valid_until is None or each.valid_until > start):
            close(each, start)
    return following.valid_from if following else end


def close(version: ContractVersion, end: datetime) -> None:
    ContractVersion.objects.filter(pk=version.pk).update(valid_until=end)
    ContractCoverage.objects.filter(service__version=version).update(covered_until=end)


def withdraw(version: ContractVersion, now: datetime) -> None:
    """It never holds any more; its dates stay as they were, as evidence, and what it covered is nothing."""
    ContractVersion.objects.filter(pk=version.pk).update(withdrawn_at=now)
    ContractCoverage.objects.filter(service__version=version).update(covered_until=version.valid_from)


def end_at(versions: Sequence[ContractVersion], ends_on: date, now: datetime) -> None:
    """Close what is in force until that day, in its zone, and withdraw what was to follow."""
    require_year(ends_on, "ends_on")
    reached = [each for each in versions if midnight_of(each, ends_on) > each.valid_from]
    if not reached:
        raise ValidationError({"ends_on": not_after(ends_on, versions[0].starts_on)})
    last, end = reached[-1], midnight_of(reached[-1], ends_on)
    if last.valid_until and end >= last.valid_until and last == versions[-1]:
        said = _("The contract ends on %(day)s already. A longer term is a change.")
        raise ValidationError({"ends_on": said % {"day": last_day_of(last)}})
    for each in versions[versions.index(last) + 1 :]:
        withdraw(each, now)
    if last.valid_until is None or end < last.valid_until:
        close(last, end)


def midnight_of(version: ContractVersion, day: date) -> datetime:
    return midnight(day, ZoneInfo(version.time_zone))


def last_day_of(version: ContractVersion) -> date | None:
    """The first day on which it does not hold any more, in its zone."""
    return version.valid_until and version.valid_until.astimezone(ZoneInfo(version.time_zone)).date()


def facts_of(version: ContractVersion) -> dict[str, Any]:
    """What the audit log says of a version: all but people and money."""
    services = version.services.prefetch_related("coverages")
    return {
        "version": version.number,
        "type": version.type.name,
        "starts_on": str(version.starts_on),
        "ends_on": version.ends_on and str(version.ends_on),
        "time_zone": version.time_zone,
        "redundancy": version.redundancy,
        "services": {each.name: sorted(it.component_id for it in each.coverages.all()) for each in services},
        "report_channels": version.report_channels,
        "contacts": version.contacts.count(),
        "reason": version.reason,
    }
