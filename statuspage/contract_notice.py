"""Notice for one contract: when its own contacts had each announcement of a window, for many contracts in one pass.

Reads only, and no clock. "Their contacts" are those of the contract's version that was in
force when the announcement was published; where none was yet, of the one at the window's
start. Where none of them was subscribed then, publication alone is the moment
(docs/service-levels.md).
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from . import compliance, ports
from .models import ContractCoverage, ContractVersion, Maintenance, MaintenanceWindow
from .sla.judgement import Announcement, Basis, Judgement, Planned, judged

BY_PUBLICATION = frozenset({Basis.PUBLICATION, Basis.UNSUBSCRIBED})


@dataclass(frozen=True)
class Heard:
    """One revision of a window as a contract's contacts had it; `contacts` are all of them, as the port lists them."""

    number: int
    published_at: datetime
    announcement: Announcement
    contacts: tuple[ports.ContactTold, ...] = ()

    @property
    def is_by_publication(self) -> bool:
        """Whether there was nobody to wait for: a statement has to say so where everybody sees it."""
        return self.announcement.basis in BY_PUBLICATION


@dataclass(frozen=True)
class ForContract:
    """One maintenance for one contract; its `planned` names the components that the contract covers alone."""

    maintenance: Maintenance
    planned: Planned
    heard: tuple[Heard, ...]


Contracts = Collection[str]
"""Ids of contracts."""
Components = Mapping[tuple[str, str], Collection[str]]
"""(contract, maintenance) -> the components that both name."""


def for_contracts(maintenances: QuerySet[Maintenance], contracts: Contracts) -> dict[str, list[ForContract]]:
    """Contract -> the maintenances on what it ever covers, by their start, each as its contacts heard of it.

    The number of queries does not grow with the contracts. Which dates count, the caller says.
    """
    rows = list(compliance.with_all(maintenances))
    touched = components_of(rows, contracts)
    heard = heard_of(rows, touched)
    plans = {each.pk: compliance.planned_of(each, ()) for each in rows}
    found: dict[str, list[ForContract]] = {contract: [] for contract in contracts}
    for row in rows:
        for contract in contracts:
            if services := touched.get((contract, row.pk)):
                said = heard[contract, row.pk]
                announcements = tuple(each.announcement for each in said)
                planned = replace(plans[row.pk], services=tuple(sorted(services)), announcements=announcements)
                found[contract].append(ForContract(row, planned, said))
    return found


def components_of(maintenances: Iterable[Maintenance], contracts: Contracts) -> Components:
    """What of each maintenance each contract covers, at any time; without those that have nothing in common."""
    on: dict[str, list[str]] = defaultdict(list)
    for row in maintenances:
        for claim in row.claims.all():
            on[claim.component_id].append(row.pk)
    coverages = ContractCoverage.objects.filter(contract__in=contracts, component__in=list(on))
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for contract, component in coverages.values_list("contract", "component").distinct():
        for maintenance in on[component]:
            found[contract, maintenance].add(component)
    return found


@dataclass(frozen=True)
class JudgedFor:
    """One maintenance judged for one contract, on the components that it covers."""

    maintenance: Maintenance
    planned: Planned
    judgement: Judgement
    heard: tuple[Heard, ...]


def judge(maintenances: QuerySet[Maintenance], contract: str) -> list[JudgedFor]:
    """Those of these that work on what a contract (its id) covers, by their start; as `compliance.judge`."""
    wanted = set(maintenances.values_list("pk", flat=True))
    found = for_contracts(compliance.with_neighbours(maintenances), [contract])[contract]
    judgements = judged(each.planned for each in found)
    return [
        JudgedFor(each.maintenance, each.planned, judgements[each.maintenance.pk], each.heard)
        for each in found
        if each.maintenance.pk in wanted
    ]


# --- Who was to be told, and was ----------------------------------------------------------------------


def heard_of(maintenances: Iterable[Maintenance], touched: Components) -> dict[tuple[str, str], tuple[Heard, ...]]:
    """(contract, maintenance) -> its revisions in order, for the pairs that have anything in common."""
    by_id = {row.pk: row for row in maintenances}
    versions = versions_of({contract for contract, _maintenance in touched})
    pairs = {
        (contract, pk): [(window, version_for(versions[contract], window)) for window in by_id[pk].windows.all()]
        for contract, pk in touched
    }
    asked: dict[tuple[str, int], set[Hashable]] = defaultdict(set)
    groups: dict[Hashable, ports.Contacts] = {}
    for (_contract, pk), windows in pairs.items():
        for window, version in windows:
            groups.setdefault(version.pk, contacts_of(version))
            asked[pk, window.number].add(version.pk)
    notices = ports.contact_notices(asked, groups)
    return {
        key: tuple(heard(window, notices.get((key[1], window.number), {}).get(version.pk)) for window, version in each)
        for key, each in pairs.items()
    }


def versions_of(contracts: Contracts) -> dict[str, list[ContractVersion]]:
    """Contract -> its versions that were not withdrawn, in order, with client and contacts."""
    rows = ContractVersion.objects.filter(contract__in=contracts, withdrawn_at=None).order_by("valid_from", "number")
    found: dict[str, list[ContractVersion]] = defaultdict(list)
    for row in rows.select_related("contract__client").prefetch_related("contacts"):
        found[row.contract_id].append(row)
    return found


def version_for(versions: Sequence[ContractVersion], window: MaintenanceWindow) -> ContractVersion:
    """In force when it was announced; else at its start; else the nearest before it, or the first."""
    for at in (window.published_at, window.scheduled_for):
        for each in versions:
            if each.valid_from <= at and (each.valid_until is None or at < each.valid_until):
                return each
    begun = [each for each in versions if each.valid_from <= window.scheduled_for]
    return begun[-1] if begun else versions[0]


def contacts_of(version: ContractVersion) -> ports.Contacts:
    named = tuple(ports.Contact(each.name, each.email, each.phone) for each in version.contacts.all())
    return ports.Contacts(version.contract.client.reference, named)


def heard(window: MaintenanceWindow, notice: ports.ContactNotice | None) -> Heard:
    """One revision; where nobody tells people of it, or none of the contacts was subscribed, by its publication."""
    noticed_at, basis, due_at = window.published_at, Basis.PUBLICATION, None
    contacts: tuple[ports.ContactTold, ...] = ()
    if notice:
        basis, contacts = Basis.UNSUBSCRIBED, notice.contacts
        if not notice.is_by_publication:
            noticed_at, basis, due_at = notice.completed_at, Basis.CONTACTS, notice.due_at
    said = Announcement(window.scheduled_for, window.scheduled_until, noticed_at, basis, due_at)
    return Heard(window.number, window.published_at, said, contacts)
