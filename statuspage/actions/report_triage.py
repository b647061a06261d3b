"""What staff judge of a client's report: its severity, its cause, which incident and which failure it is."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit
from statuspage.models import ClientReport, Incident, ReportSeverity, ReportStep
from statuspage.sla.clocks import Step
from statuspage.vocabulary import Severity

from .base import StaleEdit, claim_version, one_of
from .report_steps import log_of
from .report_work import begin, facts_of, note, reasoned, require_standing
from .same_failure import first_of, join, leave, members_of, regroup, require_same, same_of_incident

LONGEST_INTERVAL = 30 * 24 * 3600
"""Seconds: who agrees on a longer one has agreed on none."""


@transaction.atomic
def judge_report(
    *,
    report: ClientReport,
    severity: int | None,
    provider_caused: bool | None,
    incident: Incident | None,
    failure: ClientReport | None,
    actor: audit.Actor,
    reason: str = "",
    was_wrongly_low: bool = False,
    agreed_interval: int | None = None,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """All of it in one press: what is as it was is not touched, None of the first two says nothing.

    `failure`: the report that stands for it, None for a failure of its own. Raises StaleEdit where somebody changed the
    report since `expected_version`.
    """
    now = begin(actor, now, report)
    level, caused = severity or report.severity, report.provider_caused if provider_caused is None else provider_caused
    held = (report.severity, report.agreed_interval, report.provider_caused, report.incident, report.failure)
    if held == (level, agreed_interval, caused, incident, failure):
        return report
    if expected_version not in {None, report.version}:
        raise StaleEdit(_("Somebody else changed this in the meantime. Nothing was published."))
    by: dict[str, Any] = {"report": report, "actor": actor, "now": now}
    if level is not None:
        given = {"was_wrongly_low": was_wrongly_low, "agreed_interval": agreed_interval}
        triage(severity=level, reason=reason, **given, **by)
    if caused != report.provider_caused:
        judge_cause(provider_caused=bool(caused), reason=reason, **by)
    is_named = failure != report.failure
    link_incident(incident=incident, **by)
    if is_named and failure != report.failure:
        name_failure(same_as=failure, **by)
    return report


@transaction.atomic
def triage(
    *,
    report: ClientReport,
    severity: int,
    actor: audit.Actor,
    reason: str = "",
    was_wrongly_low: bool = False,
    agreed_interval: int | None = None,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Give a report a severity; every one it ever had is kept. `agreed_interval`: seconds, of Severity III alone.

    `was_wrongly_low`: the one before was too low from the beginning, so the clocks of this one run from the report.
    A second press of the same choices changes nothing.
    """
    now = begin(actor, now, report)
    require_standing(report)
    level, why = one_of(Severity, severity, "severity"), reasoned(reason, report.severity not in {None, severity})
    interval = agreed(agreed_interval, level)
    if (report.severity, report.agreed_interval) == (level, interval):
        return report
    before = facts_of(report)
    was_low = was_wrongly_low and report.severity is not None and level < report.severity
    if report.severity != level:
        given = {"severity": level, "at": now, "author": actor.user, "reason": why, "was_wrongly_low": was_low}
        ReportSeverity.objects.create(report=report, **given)
    claim_version(report, expected_version, {"severity": level, "agreed_interval": interval, "updated_at": now})
    note(actor, "triage_client_report", report, now, before=before, after={**facts_of(report), "reason": why})
    return report


@transaction.atomic
def judge_cause(
    *,
    report: ClientReport,
    provider_caused: bool,
    reason: str,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Say whether the failure is a direct result of ours, and why: only such ones count for a refund."""
    now = begin(actor, now, report)
    require_standing(report)
    before, why = facts_of(report), reasoned(reason, True)
    changes = {"provider_caused": provider_caused, "provider_caused_reason": why, "updated_at": now}
    claim_version(report, expected_version, changes)
    note(actor, "judge_client_report", report, now, before=before, after={**facts_of(report), "reason": why})
    return report


@transaction.atomic
def link_incident(
    *,
    report: ClientReport,
    incident: Incident | None,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Say which incident this is, or that it is none. What this client reported of it before is the same failure.

    An incident that was resolved after the report resolves the report too, at that time.
    """
    now = begin(actor, now, report)
    require_standing(report)
    if report.incident == incident:
        return report
    before = facts_of(report)
    if report.incident_id:
        leave(report, now)
    claim_version(report, expected_version, {"incident": incident, "updated_at": now})
    if incident and (same := same_of_incident(report, incident)):
        join(report, first_of(same), now)
    if incident:
        follow_resolution(report, incident, actor, now)
    report.refresh_from_db()
    note(actor, "link_client_report", report, now, before=before, after=facts_of(report))
    return report


def follow_resolution(report: ClientReport, incident: Incident, actor: audit.Actor, now: datetime) -> None:
    """It was over for the client when the incident was, wherever it had been reported before that."""
    report.refresh_from_db()
    first, at = first_of(report), incident.resolved_at
    if incident.is_open or at is None or at < report.reported_at or first.resolved_at:
        return
    if any(each.at > at for each in log_of(first)):
        return  # something happened afterwards: people decide when it was over
    ReportStep.objects.create(report=first, step=Step.RESOLVED, at=at, author=actor.user, recorded_at=now)
    regroup(members_of(first), now)


@transaction.atomic
def name_failure(
    *,
    report: ClientReport,
    same_as: ClientReport | None,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Say that a report is of the same failure as another one, or that it is a failure of its own.

    Raises ValidationError where they cannot be one: another client's, resolved for more than 24 hours, another cause.
    """
    now = begin(actor, now, report)
    require_standing(report)
    before = facts_of(report)
    if same_as is None:
        leave(report, now)
    elif same_as not in members_of(report):
        same_as.refresh_from_db()
        require_same(report, first_of(same_as))
        join(report, first_of(same_as), now)
    claim_version(report, expected_version, {"updated_at": now})
    note(actor, "name_report_failure", report, now, before=before, after=facts_of(report))
    return report


def agreed(interval: int | None, level: Severity) -> int | None:
    if interval is None:
        return None
    if level != Severity.III:
        raise ValidationError(
            {"agreed_interval": _("Only for Severity III an interval is agreed; others have theirs.")}
        )
    if not 60 <= interval <= LONGEST_INTERVAL:
        raise ValidationError({"agreed_interval": _("Agree on an interval between a minute and 30 days.")})
    return interval
