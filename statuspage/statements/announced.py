"""What was announced of maintenances, for the contracts that cover what they work on."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from statuspage import compliance
from statuspage.models import ContractCoverage, Maintenance
from statuspage.sla.judgement import Announcement, Basis, Planned


@dataclass(frozen=True)
class Heard:
    """One revision of a window and the notice of it."""

    number: int
    published_at: datetime
    announcement: Announcement

    @property
    def is_by_publication(self) -> bool:
        return self.announcement.basis == Basis.PUBLICATION


@dataclass(frozen=True)
class ForContract:
    """One maintenance as a contract sees it: on the components that it covers."""

    maintenance: Maintenance
    planned: Planned
    heard: tuple[Heard, ...]


def for_contracts(maintenances: QuerySet[Maintenance], contracts: Collection[str]) -> dict[str, list[ForContract]]:
    """By contract's id, by their start."""
    rows = list(compliance.with_all(maintenances))
    ended = compliance.ended_by_themselves(rows)
    held = [seen(each, ended_by_itself=each.pk in ended) for each in rows]
    covered: dict[str, set[str]] = {}
    for contract, component in ContractCoverage.objects.filter(contract__in=contracts).values_list(
        "contract_id", "component_id"
    ):
        covered.setdefault(contract, set()).add(component)
    return {contract: list(narrowed(held, components)) for contract, components in covered.items()}


def seen(row: Maintenance, *, ended_by_itself: bool) -> ForContract:
    planned = compliance.planned_of(row, ended_by_itself=ended_by_itself)
    revisions = zip(row.windows.all(), planned.announcements, strict=True)
    heard = tuple(Heard(each.number, each.published_at, announcement) for each, announcement in revisions)
    return ForContract(row, planned, heard)


def narrowed(works: list[ForContract], components: set[str]) -> list[ForContract]:
    found = []
    for each in works:
        services = tuple(sorted(components.intersection(each.planned.services)))
        if services:
            found.append(replace(each, planned=replace(each.planned, services=services)))
    return found
