"""What the console says of one report: what it lacks, and its history in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import reported
from statuspage.actions.report_details import lacking
from statuspage.actions.same_failure import members_of
from statuspage.labels import REPORT_CHANNEL, REPORT_STEP, SEVERITY
from statuspage.models import ClientReport, ReportSeverity, ReportStep

LACKING: dict[str, Promise] = {
    "contract": _("It is not known whose it is."),
    "service": _("It is not known which service fails."),
    "what": _("It does not say what fails."),
    "since": _("It does not say since when."),
    "channel": _("It came by a way that the contract does not name for reports."),
}


@dataclass(frozen=True)
class Line:
    """One thing that happened to a failure. `of`: to which of its reports."""

    at: datetime
    label: str
    of: ClientReport
    words: str = ""
    author: str = ""
    recorded_at: datetime | None = None
    """Where it was recorded later than it happened."""
    step: ReportStep | None = None


def lacks(report: ClientReport) -> list[Promise]:
    """Why it is not properly reported, a sentence each."""
    if report.completed_at:
        return []
    return [LACKING[each] for each in lacking(report, reported.version_of(report))]


def history(first: ClientReport) -> list[Line]:
    """All that happened to a failure, to any of its reports, the newest first."""
    members = {each.pk: each for each in members_of(first)}
    found = [line for each in members.values() for line in of_report(each)]
    given = ReportSeverity.objects.filter(report__in=members).select_related("author").order_by("at", "-pk")
    found += [of_severity(each, members) for each in {(each.at, each.severity): each for each in given}.values()]
    steps = ReportStep.objects.filter(report__in=members).select_related("author", "update")
    found += [of_step(each, members) for each in steps]
    return sorted(found, key=lambda line: line.at, reverse=True)


def of_report(report: ClientReport) -> Iterator[Line]:
    by = {"channel": REPORT_CHANNEL[report.channel]}
    taken_by = str(report.author or "")
    yield Line(report.reported_at, _now("Reported: %(channel)s") % by, report, report.what, taken_by, report.created_at)
    if report.completed_at and report.completed_at != report.reported_at:
        yield Line(report.completed_at, _now("Complete: properly reported from here on"), report)
    if report.declined_at:
        yield Line(report.declined_at, _now("Declined"), report, report.declined_reason)


def of_severity(row: ReportSeverity, members: dict[str, ClientReport]) -> Line:
    label = str(SEVERITY[row.severity])
    if row.was_wrongly_low:
        label = _now("%(severity)s; the one before was too low from the beginning") % {"severity": label}
    return Line(row.at, label, members[row.report_id], row.reason, str(row.author or ""))


def of_step(row: ReportStep, members: dict[str, ClientReport]) -> Line:
    words = row.update.body if row.update else row.words
    label, author = str(REPORT_STEP[row.step]), str(row.author or "")
    return Line(row.at, label, members[row.report_id], words, author, row.recorded_at, row)
