"""What the actions on clients' reports share: who may, the lock, the moment, reasons, and what the audit log says."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import ClientReport, Publication
from statuspage.roles import CLIENTS_REPORTS
from statuspage.text import clean_text

from .base import require_length

REASON_MAX = 2_000


def begin(actor: audit.Actor, now: datetime | None, report: ClientReport | None = None) -> datetime:
    """Only one whom clients' reports concern, one at a time, on the report as it is stored. The moment it is done."""
    actor.require(*CLIENTS_REPORTS)
    Publication.objects.lock()
    if report is not None:
        report.refresh_from_db()
    return now or selectors.database_now()


def reasoned(text: str, is_needed: bool) -> str:
    why = clean_text(text)
    if is_needed and not why:
        raise ValidationError({"reason": _("Say why.")})
    require_length(why, REASON_MAX, "reason")
    return why


def require_standing(report: ClientReport) -> None:
    if report.declined_at:
        raise ValidationError({"__all__": _("This report was declined.")})


def facts_of(report: ClientReport) -> dict[str, Any]:
    """What the audit log says of a report: all but people and their words."""
    return {
        "number": report.number,
        "contract": report.contract_id,
        "service": report.service,
        "channel": report.channel,
        "reported_at": report.reported_at.isoformat(),
        "since": report.since and report.since.isoformat(),
        "completed_at": report.completed_at and report.completed_at.isoformat(),
        "affected_messages": report.affected_messages,
        "total_messages": report.total_messages,
        "incident": report.incident_id,
        "failure": report.failure_id,
        "severity": report.severity,
        "agreed_interval": report.agreed_interval,
        "provider_caused": report.provider_caused,
    }


def note(actor: audit.Actor, act: str, report: ClientReport, now: datetime, **facts: object) -> None:
    audit.record(actor=actor, action=act, kind="client_report", object_id=report.pk, at=now, **facts)
