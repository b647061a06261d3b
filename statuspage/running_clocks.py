"""Which clocks run, of whom and until when: stored reports and incidents in, `sla.deadlines` out. Reads only.

A failure that clients reported has the clocks of its contract. An incident with a severity that no client reported
yet, under a contract with clocks, has our own, stricter one: by the platform contract's limits, from when it began.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from . import reported
from .models import ClientReport, ContractVersion, Incident, IncidentUpdate
from .sla.clocks import Event, Step, Targets
from .sla.contracts import PLATFORM
from .sla.deadlines import Assessment, Crossing, Deadline, Deadlines, Run, course, crossings, deadlines
from .vocabulary import OPEN_INCIDENT, IncidentStatus, Severity

LOOKED_BACK = timedelta(hours=24)
"""What ended so long ago alarms nobody any more."""


@dataclass(frozen=True)
class Running:
    """The clocks of one failure; `report` None: our own, of an incident that nobody reported.

    `deadlines` are those of the severity in force, `earlier` how the others stood when it took over.
    """

    incident: Incident | None
    report: ClientReport | None
    deadlines: Deadlines
    earlier: tuple[Deadlines, ...]
    log: tuple[Event, ...]

    @property
    def run(self) -> Run:
        return self.deadlines.run

    @property
    def client(self) -> str:
        """Its name; "" where nobody reported it."""
        return self.report.contract.client.name if self.report and self.report.contract else ""

    @property
    def shown(self) -> list[Deadline]:
        """All that there are, in the order of the contract."""
        own = self.deadlines
        return [each for each in (own.response, own.fix, own.progress) if each is not None]

    def crossings(self, now: datetime) -> list[Crossing]:
        """What of the limits in force has passed so far."""
        return crossings(self.run, self.log, now)


# --- Whose -------------------------------------------------------------------------------------


def of_incident(incident: Incident, now: datetime) -> list[Running]:
    """Of each failure that clients reported as this incident, else our own."""
    reports = list(reported.failures().filter(incident=incident))
    return of_reports(reports, now) or list(own_of(incident, now))


def running(now: datetime) -> list[Running]:
    """All in which something is owed, the nearest deadline first."""
    owing = [each for each in all_since(now, now) if each.deadlines.owed]
    return sorted(owing, key=lambda each: (each.deadlines.owed[0].is_paused, each.deadlines.owed[0].due_at))


def watched(now: datetime) -> list[Running]:
    """All of which staff may have to be told: what runs, and what ended of late."""
    return all_since(now - LOOKED_BACK, now)


def all_since(since: datetime, now: datetime) -> list[Running]:
    """Of all failures and incidents that are open or ended after `since`."""
    is_shown = Q(resolved_at=None) | Q(resolved_at__gt=since)
    is_of_open = Q(incident__status__in=sorted(OPEN_INCIDENT), incident__withdrawn_at=None)
    found = of_reports(list(reported.failures().filter(is_shown | is_of_open)), now)
    theirs = {each.incident.pk for each in found if each.incident}
    incidents = Incident.objects.filter(is_shown, severity__isnull=False).exclude(pk__in=theirs)
    return [*found, *own(incidents.order_by("started_at", "pk"), now)]


# --- Of clients ---------------------------------------------------------------------------------


def of_reports(reports: Sequence[ClientReport], now: datetime) -> list[Running]:
    """Of failures by the reports that stand for them; without those whose contract promises no such times."""
    logs, severities = reported.events_of(reports), reported.severities_of(reports)
    versions = versions_of(reports)
    found = []
    for each in reports:
        targets = limits_of(each, versions.get(each.pk))
        found.append(of_report(each, targets, logs[each.pk], severities.get(each.pk, ()), now))
    return [each for each in found if each]


def versions_of(reports: Sequence[ClientReport]) -> dict[str, ContractVersion]:
    """What was agreed when each was reported, by its id; in one query."""
    contracts = {each.contract_id for each in reports}
    rows = ContractVersion.objects.filter(contract__in=contracts, withdrawn_at=None).select_related("type")
    return {
        report.pk: version
        for version in rows
        for report in reports
        if report.contract_id == version.contract_id and in_force(version, report.reported_at)
    }


def in_force(version: ContractVersion, at: datetime) -> bool:
    return version.valid_from <= at and (version.valid_until is None or at < version.valid_until)


def of_report(
    report: ClientReport,
    targets: dict[Severity, Targets],
    log: Sequence[Event],
    given: Iterable[reported.Given],
    now: datetime,
) -> Running | None:
    """None where its contract promises no times for such a failure."""
    history = [Assessment(each.at, each.severity, each.was_wrongly_low) for each in given]
    has_limits = not history or history[-1].severity in targets
    if not targets or not has_limits or report.completed_at is None:
        return None
    promised = [each for each in history if each.severity in targets]
    runs = course(promised, targets, report.completed_at, log, now)
    return seen(runs, log, now, report.incident, report)


def limits_of(report: ClientReport, version: ContractVersion | None) -> dict[Severity, Targets]:
    """By severity, as agreed when it was reported; empty: the contract promises none."""
    found = {each: reported.targets_of(report, version, each) for each in Severity}
    return {each: targets for each, targets in found.items() if targets}


def seen(
    runs: Sequence[Run], log: Sequence[Event], now: datetime, incident: Incident | None, report: ClientReport | None
) -> Running:
    *earlier, last = (deadlines(run, log, now) for run in runs)
    return Running(incident, report, last, tuple(earlier), tuple(log))


# --- Our own ------------------------------------------------------------------------------------


def own_of(incident: Incident, now: datetime) -> Iterator[Running]:
    """Of one incident, where it has a severity."""
    if incident.severity is not None:
        yield from own([incident], now)


def own(incidents: Iterable[Incident], now: datetime) -> Iterator[Running]:
    """Stricter than any client's: from when it began, not from when somebody noticed and reported it."""
    rows = list(incidents)
    words: dict[str, list[IncidentUpdate]] = {each.pk: [] for each in rows}
    for update in IncidentUpdate.objects.filter(incident__in=rows).order_by("created_at"):
        words[update.incident_id].append(update)
    for incident in rows:
        severity = Severity(incident.severity)  # type: ignore[arg-type]
        run = Run(severity, PLATFORM.severities[severity], incident.started_at, incident.started_at)
        yield seen([run], list(said(incident, words[incident.pk])), now, incident, None)


def said(incident: Incident, updates: Sequence[IncidentUpdate]) -> Iterator[Event]:
    """A person's first word is the response, each further one a progress report; a program's is neither."""
    step = Step.RESPONSE
    for each in updates:
        if each.author_id is not None and each.status != IncidentStatus.POSTMORTEM:
            yield Event(each.created_at, step)
            step = Step.PROGRESS_REPORT
    if incident.resolved_at is not None:
        yield Event(incident.resolved_at, Step.RESOLVED)
