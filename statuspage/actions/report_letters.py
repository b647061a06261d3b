"""What a client is sent about its report: the number, and why it was declined. Called inside the actions on reports."""

from datetime import datetime

from statuspage import events
from statuspage.models import ClientReport, ReportStep
from statuspage.sla.clocks import Step


def acknowledge(report: ClientReport, now: datetime, *, network: str = "") -> bool:
    """Have the number sent to whoever reported; False where no letter goes out. That it went is no response."""
    is_sent = events.write(letter(report, "report_received", now, network=network))
    if is_sent:
        ReportStep.objects.create(report=report, step=Step.AUTO_ACKNOWLEDGEMENT, at=now, recorded_at=now)
    return is_sent


def letter(report: ClientReport, kind: str, now: datetime, *, reason: str = "", network: str = "") -> events.Letter:
    """`network`: whose form has it written; "" where staff do."""
    return events.Letter(
        kind=kind,
        subject_id=report.pk,
        address=report.contact_email,
        number=report.number,
        reported_at=report.reported_at,
        written_at=now,
        language=report.language,
        reason=reason,
        network=network,
    )
