"""Every read that is more than a lookup, named for who asks."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from .models import (
    AlertGroup,
    BudgetState,
    Component,
    ComponentGroup,
    ComponentMirror,
    Components,
    Contract,
    ContractCoverage,
    ContractStanding,
    ContractVersion,
    EmbedConfig,
    EmergencyApproval,
    FailureReport,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceUpdate,
    Outage,
    Publication,
)
from .status import PageStatus
from .status import page_status as status_of
from .vocabulary import OPEN_INCIDENT, OPEN_MAINTENANCE, ComponentStatus, Impact, MaintenanceStatus


def database_now() -> datetime:
    """What the database's clock says: the one that all machines share, whatever their own says (fault 51)."""
    if connection.vendor == "sqlite":
        return datetime.now(UTC)  # the same machine, the same clock
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def open_incidents() -> QuerySet[Incident]:
    """For the console: what is going on, newest first."""
    return Incident.objects.filter(status__in=OPEN_INCIDENT).order_by("-created_at")


def alert_groups_of(incident: Incident) -> QuerySet[AlertGroup]:
    """For the incident's room: the alerts it is about, with what was noted while staff decide."""
    return incident.alert_groups.prefetch_related("notes")


def unshown_alerts() -> QuerySet[AlertGroup]:
    """For the console: what fires, and readers see nothing of, as staff closed its incident or discarded its draft."""
    closed = Q(incident=None, draft_key="") | Q(incident__withdrawn_at__isnull=False)
    closed |= ~Q(incident=None) & ~Q(incident__status__in=OPEN_INCIDENT)
    return AlertGroup.objects.filter(closed, firing__gt=0).select_related("incident")


def open_maintenances() -> QuerySet[Maintenance]:
    """For the console: what is planned or under way, soonest first."""
    return Maintenance.objects.filter(status__in=OPEN_MAINTENANCE).order_by("scheduled_for")


def emergencies_waiting() -> QuerySet[EmergencyApproval]:
    """For the console: what still can be approved, the soonest start first."""
    found = EmergencyApproval.objects.filter(approved_at=None, maintenance__status=MaintenanceStatus.SCHEDULED)
    ahead = found.filter(maintenance__scheduled_for__gt=database_now(), maintenance__withdrawn_at=None)
    return ahead.select_related("maintenance", "requested_by").order_by("maintenance__scheduled_for")


def failure_reports(*, since: datetime) -> QuerySet[FailureReport]:
    """For the console: what readers reported, newest first."""
    found = FailureReport.objects.filter(created_at__gt=since)
    return found.select_related("incident", "component__group").order_by("-created_at")


def disturbances(*, since: datetime, most: int = 20_000) -> list[datetime]:
    """When readers were disturbed: the start of each incident, the moment of each report; the newest of each."""
    incidents = Incident.objects.filter(started_at__gt=since).order_by("-started_at")
    reports = FailureReport.objects.filter(created_at__gt=since).order_by("-created_at")
    starts, reported = incidents.values_list("started_at", flat=True), reports.values_list("created_at", flat=True)
    return [*starts[:most], *reported[:most]]


def newest_updates(count: int) -> list[IncidentUpdate | MaintenanceUpdate]:
    """For the console: what was said last, of incidents and maintenances alike."""
    said = IncidentUpdate.objects.filter(incident__withdrawn_at=None).select_related("incident")
    planned = MaintenanceUpdate.objects.filter(maintenance__withdrawn_at=None).select_related("maintenance")
    newest = [*said.order_by("-created_at")[:count], *planned.order_by("-created_at")[:count]]
    return sorted(newest, key=lambda update: update.created_at, reverse=True)[:count]


def components() -> QuerySet[Component]:
    """The components that are there with their groups, in the order of the page; not those that are archived."""
    return every_component().listed()


def every_component() -> Components:
    """The archived ones too: contracts and records speak of them."""
    return Component.objects.select_related("group").order_by("position", "name")


def archived_components() -> QuerySet[Component]:
    """For the console: what can be brought back, the last archived first."""
    return every_component().exclude(archived_at=None).order_by("-archived_at", "name")


def groups() -> QuerySet[ComponentGroup]:
    """All groups with the components that are there, in the order of the page."""
    members = Prefetch("components", Component.objects.listed())
    return ComponentGroup.objects.prefetch_related(members).order_by("position", "name")


def downtime(component_ids: Iterable[str], start: datetime, end: datetime) -> QuerySet[Outage]:
    """What the page's bars show of these components in [start, end): partial and major outages, the oldest first."""
    rows = Outage.objects.current().filter(component__in=list(component_ids), client=None, started_at__lt=end)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=start))
    broken = (ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE)
    return rows.filter(status__in=broken).order_by("started_at", "pk")


def embed_config() -> EmbedConfig:
    """How the widget looks; as it comes where nobody chose."""
    return EmbedConfig.objects.first() or EmbedConfig(pk=1)


def mirrors() -> QuerySet[ComponentMirror]:
    """Which components follow a provider's page, and how asking it goes."""
    rows = ComponentMirror.objects.filter(component__archived_at=None).select_related("component__group")
    return rows.order_by("component__position", "component__name")


def publication() -> Publication:
    """Which revision is stored and which one readers have; also in what past both belong (`epoch`)."""
    return Publication.objects.current()


def contract_at(contract: Contract, instant: datetime) -> ContractVersion | None:
    """What was agreed with the client and in force at that moment; None before, and after its end."""
    return versions_at([contract], instant).first()


def versions_at(contracts: Iterable[Contract], instant: datetime) -> QuerySet[ContractVersion]:
    """What was in force then of each of these contracts, with its type."""
    rows = ContractVersion.objects.filter(contract__in=contracts, withdrawn_at=None, valid_from__lte=instant)
    return rows.filter(Q(valid_until=None) | Q(valid_until__gt=instant)).select_related("type")


def coverages_of(component_ids: Iterable[str], at: datetime) -> QuerySet[ContractCoverage]:
    """Which services of contracts in force then cover any of these components, with what their contracts promise."""
    rows = ContractCoverage.objects.filter(component__in=list(component_ids), covered_from__lte=at)
    rows = rows.filter(Q(covered_until=None) | Q(covered_until__gt=at))
    return rows.select_related("component", "service__version__type")


def contracts_of(component_ids: Iterable[str], at: datetime) -> QuerySet[Contract]:
    """The contracts in force then that cover any of these components; in one query."""
    return Contract.objects.filter(pk__in=coverages_of(component_ids, at).values("contract"))


def missed_years() -> QuerySet[ContractStanding]:
    """Contracts whose yearly figure is missed already: the contract names no money for it, and the owner is told."""
    rows = ContractStanding.objects.filter(state=BudgetState.BREACHED).exclude(period__contains="-")
    return rows.select_related("contract__client").order_by("contract__client__name", "contract__name")


def told_of(kind: str, subject_id: str) -> Incident | Maintenance | None:
    """The incident or the maintenance that an event speaks of, with its updates and components."""
    rows = Maintenance.objects.all() if kind == "maintenance" else Incident.objects.all()
    return rows.prefetch_related("updates", "claims__component").filter(pk=subject_id).first()


def still_told(ids: Collection[str], since: datetime) -> set[str]:
    """Those ids of incidents and maintenances that are open, or were until after `since`, and are not withdrawn."""
    told: set[str] = set()
    for model, statuses in ((Incident, OPEN_INCIDENT), (Maintenance, OPEN_MAINTENANCE)):
        rows = model.objects.filter(Q(status__in=statuses) | Q(resolved_at__gt=since), pk__in=ids, withdrawn_at=None)
        told |= set(rows.values_list("pk", flat=True))
    return told


def maintenance_held_still(pk: str) -> Maintenance | None:
    """The maintenance as it is and stays until the caller's transaction ends: every action on it waits."""
    return Maintenance.objects.select_for_update().filter(pk=pk).first()


def address_of(entry: Incident | Maintenance) -> str:
    """Where readers find it."""
    return f"{settings.SITE_URL}/incidents/{entry.pk}"


def page_id() -> str:
    """The page's id in Statuspage's dialects."""
    return publication().page_id


def page_status() -> PageStatus:
    """The overall status as it stands in the database now."""
    statuses = [ComponentStatus(each) for each in Component.objects.listed().values_list("status", flat=True)]
    impacts = [Impact(each) for each in open_incidents().values_list("impact", flat=True)]
    return status_of(statuses, impacts)
