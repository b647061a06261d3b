"""Which reports are of one failure: one client's, of one fault, until 24 hours after it was resolved.

A failure counts once, at its first complete report, and has one log: what happens to it is recorded
at that report. Called by the actions on reports, under the writers' lock.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from statuspage.models import ClientReport, Incident, ReportSeverity, ReportStep
from statuspage.sla.clocks import Step

SAME_WITHIN = timedelta(hours=24)
"""Back so soon after it was resolved, with the same cause, it had not been resolved (docs/service-levels.md)."""
LAST = datetime.max.replace(tzinfo=UTC)


def first_of(report: ClientReport) -> ClientReport:
    """The report that stands for the whole failure."""
    return report.failure or report


def members_of(report: ClientReport) -> list[ClientReport]:
    """All reports of its failure, itself among them."""
    first = report.failure_id or report.pk
    return list(ClientReport.objects.filter(Q(pk=first) | Q(failure=first)))


def same_of_incident(report: ClientReport, incident: Incident) -> ClientReport | None:
    """The failure that this incident is to this client already, and was still when `report` came."""
    others = ClientReport.objects.filter(contract=report.contract_id, incident=incident, failure=None, declined_at=None)
    found = others.exclude(pk=report.pk).exclude(contract=None).order_by("reported_at", "pk")
    return next((each for each in found if is_near(report, each)), None)


def is_near(report: ClientReport, other: ClientReport) -> bool:
    """Whether both can be of one failure: neither was reported later than 24 hours after the other was resolved."""
    earlier, later = sorted((report, other), key=lambda each: each.reported_at)
    return earlier.resolved_at is None or later.reported_at <= earlier.resolved_at + SAME_WITHIN


def require_same(report: ClientReport, other: ClientReport) -> None:
    """Refuse what cannot be one failure, in words."""
    if report.contract_id is None or report.contract_id != other.contract_id:
        raise ValidationError({"failure": _("%(number)s is a report of another client.") % {"number": other}})
    if other.declined_at:
        raise ValidationError({"failure": _("%(number)s was declined.") % {"number": other}})
    if not is_near(report, other):
        said = _("%(number)s had been resolved for more than 24 hours: this is another failure.")
        raise ValidationError({"failure": said % {"number": other}})
    causes = {each.incident.cause for each in (report, other) if each.incident}
    if len(causes) > 1:
        said = _("The incident of %(number)s has another cause: this is another failure.")
        raise ValidationError({"failure": said % {"number": other}})


def join(report: ClientReport, other: ClientReport, at: datetime) -> None:
    """Make them one failure. What was reported again after it was resolved had not been resolved."""
    members = {each.pk: each for each in [*members_of(report), *members_of(other)]}
    latest = max(each.reported_at for each in members.values())
    take_back(members, latest, at, _("Reported again within 24 hours."))
    regroup(list(members.values()), at)


def leave(report: ClientReport, at: datetime) -> None:
    """Make it a failure of its own again; the others stay one."""
    others = [each for each in members_of(report) if each.pk != report.pk]
    regroup([report], at)
    if others:
        regroup(others, at)


def regroup(members: Sequence[ClientReport], at: datetime) -> None:
    """The first complete one stands for all, with what was judged of any; all are as resolved as the failure is."""
    first, *others = sorted(members, key=lambda each: (each.completed_at or LAST, each.reported_at, each.pk))
    rows = ClientReport.objects.filter(pk__in=[each.pk for each in members])
    resolved_at = standing_resolution([each.pk for each in members])
    rows.update(resolved_at=resolved_at, updated_at=at)
    rows.filter(pk=first.pk).update(failure=None, **inherited(first, others))
    rows.exclude(pk=first.pk).update(failure=first)
    if incident := next((each.incident_id for each in (first, *others) if each.incident_id), None):
        rows.filter(incident=None).update(incident=incident)


def inherited(first: ClientReport, others: Sequence[ClientReport]) -> dict[str, Any]:
    """What was judged of the report that stood for the failure before: its severities with their times, its cause."""
    facts: dict[str, Any] = {}
    heir = next((each for each in others if each.severity is not None), None)
    if first.severity is None and heir:
        facts |= {"severity": heir.severity, "agreed_interval": heir.agreed_interval}
        for row in ReportSeverity.objects.filter(report=heir).order_by("at", "pk"):
            row.pk, row.report = None, first
            row.save(force_insert=True)
    heir = next((each for each in others if each.provider_caused is not None), None)
    if first.provider_caused is None and heir:
        facts |= {"provider_caused": heir.provider_caused, "provider_caused_reason": heir.provider_caused_reason}
    return facts


def standing_resolution(ids: Iterable[str]) -> datetime | None:
    """When the failure of these reports was resolved, by the steps that stand."""
    steps = ReportStep.objects.filter(report__in=list(ids), step=Step.RESOLVED, taken_back_at=None)
    return steps.order_by("at").values_list("at", flat=True).first()


def take_back(ids: Iterable[str], before: datetime, at: datetime, reason: str) -> int:
    """Resolutions before `before` did not hold; they stay as evidence. How many."""
    steps = ReportStep.objects.filter(report__in=list(ids), step=Step.RESOLVED, taken_back_at=None, at__lt=before)
    return steps.update(taken_back_at=at, taken_back_reason=reason)
