"""The door between stored reports of clients and the arithmetic: rows in, `statuspage.sla` out. Reads only.

A failure is the report that stands for it (`failure` None) with all its repeats; only what is
properly reported and was not declined is asked about here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet

from . import selectors
from .contracted import terms_of
from .models import ClientReport, Contract, ContractVersion, ReportSeverity, ReportStep
from .sla.clocks import Event, Step, Targets
from .sla.refunds import Report
from .vocabulary import Severity


@dataclass(frozen=True)
class Given:
    """A severity from a moment on. `was_wrongly_low`: the one before was, from the beginning."""

    at: datetime
    severity: Severity
    was_wrongly_low: bool


def failures() -> QuerySet[ClientReport]:
    """The reports that stand for a failure each, by when they were properly reported."""
    rows = ClientReport.objects.filter(failure=None, declined_at=None, completed_at__isnull=False)
    return rows.select_related("contract__client", "incident").order_by("completed_at", "pk")


def open_failures() -> QuerySet[ClientReport]:
    """Those that are not resolved: whose clocks run."""
    return failures().filter(resolved_at=None)


def untriaged() -> QuerySet[ClientReport]:
    """For the console: who waits for a severity, or for being asked what is lacking."""
    return ClientReport.objects.filter(failure=None, severity=None, resolved_at=None, declined_at=None)


# --- Clocks -----------------------------------------------------------------------------------


def events_of(reports: Sequence[ClientReport]) -> dict[str, list[Event]]:
    """What happened to each failure and stands, in order, by the report's id; in one query for all.

    Steps of all its reports: who answers one of them has answered the failure. Where two logs became one the client
    may have been asked twice: it is waited for until it first answers.
    """
    first = {pk: failure or pk for pk, failure in members_of(reports).values_list("pk", "failure")}
    found: dict[str, list[Event]] = {each.pk: [] for each in reports}
    steps = ReportStep.objects.filter(report__in=first, taken_back_at=None).order_by("at", "pk")
    for report, at, step in steps.values_list("report", "at", "step"):
        found[first[report]].append(Event(at, Step(step)))
    return {pk: list(in_turn(log)) for pk, log in found.items()}


def members_of(reports: Sequence[ClientReport]) -> QuerySet[ClientReport]:
    ids = [each.pk for each in reports]
    return ClientReport.objects.filter(pk__in=ids) | ClientReport.objects.filter(failure__in=ids)


def in_turn(log: Iterable[Event]) -> Iterator[Event]:
    """Without a second question while the first is open, and without answers to none."""
    is_waiting = False
    for event in log:
        if event.step in {Step.WAITING_FOR_CLIENT, Step.CLIENT_ANSWERED}:
            asks = event.step == Step.WAITING_FOR_CLIENT
            if asks == is_waiting:
                continue
            is_waiting = asks
        yield event


def severities_of(reports: Sequence[ClientReport]) -> dict[str, list[Given]]:
    """The severities that each report was given, the first first; by its id, in one query."""
    found: dict[str, list[Given]] = defaultdict(list)
    for each in ReportSeverity.objects.filter(report__in=reports).order_by("at", "pk"):
        found[each.report_id].append(Given(each.at, Severity(each.severity), each.was_wrongly_low))
    return dict(found)


def version_of(report: ClientReport) -> ContractVersion | None:
    """What was agreed when it was reported."""
    return selectors.contract_at(report.contract, report.reported_at) if report.contract else None


def targets_of(
    report: ClientReport, version: ContractVersion | None, severity: Severity | None = None
) -> Targets | None:
    """The limits of its clocks at `severity` (the present one); None where none is given or none are promised.

    An interval that was agreed for a failure of Severity III is its limit for progress reports.
    """
    level = severity or (Severity(report.severity) if report.severity else None)
    targets = terms_of(version.type).severities.get(level) if version and level else None
    if targets and level == Severity.III and report.agreed_interval:
        return replace(targets, progress=timedelta(seconds=report.agreed_interval))
    return targets


# --- Refunds ----------------------------------------------------------------------------------


def refund_reports(contract: Contract) -> list[Report]:
    """The client's failures as the refund rules ask for them, by when they were properly reported.

    What nobody triaged has no severity yet and is left out; whose cause nobody judged counts as not caused by us
    until somebody does (`undecided`).
    """
    rows = list(failures().filter(contract=contract, severity__isnull=False))
    counts = counts_of(rows)
    return [
        Report(
            id=each.pk,
            reported_at=each.completed_at,  # type: ignore[arg-type]
            severity=Severity(each.severity),  # type: ignore[arg-type]
            provider_caused=each.provider_caused is True,
            failure=each.pk,
            affected_messages=counts[each.pk][0],
            total_messages=counts[each.pk][1],
            service=each.service,
        )
        for each in rows
    ]


def counts_of(reports: Sequence[ClientReport]) -> dict[str, tuple[int | None, int | None]]:
    """Messages affected and sent of each failure: as its first report says, else as the last repeat does that knows."""
    found = {each.pk: (each.affected_messages, each.total_messages) for each in reports}
    silent = [pk for pk, counts in found.items() if None in counts]
    repeats = ClientReport.objects.filter(failure__in=silent, declined_at=None).exclude(affected_messages=None)
    for each in repeats.exclude(total_messages=None).order_by("reported_at", "pk"):
        found[str(each.failure_id)] = (each.affected_messages, each.total_messages)
    return found


def undecided(contract: Contract) -> QuerySet[ClientReport]:
    """Failures whose severity or cause nobody has judged: a refund may hang on them."""
    rows = failures().filter(contract=contract)
    return rows.filter(severity=None) | rows.filter(provider_caused=None)
