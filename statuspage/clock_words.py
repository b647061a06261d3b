"""Clocks in words for staff: what is due to whom, by when, and what came late. For alarms and the console."""

from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from .labels import SEVERITY
from .running_clocks import Running
from .sla.deadlines import ClockKind, Deadline, Stage

KIND: dict[ClockKind, Promise] = {
    ClockKind.RESPONSE: _("Response"),
    ClockKind.FIX: _("Fix"),
    ClockKind.PROGRESS: _("Progress report"),
}
RUNS_OUT: dict[ClockKind, Promise] = {
    ClockKind.RESPONSE: _("%(whom)s: a response is due by %(due)s, and 80 percent of the time are used."),
    ClockKind.FIX: _("%(whom)s: the fix is due by %(due)s, and 80 percent of the time are used."),
    ClockKind.PROGRESS: _("%(whom)s: a progress report is due by %(due)s, and 80 percent of the time are used."),
}
IS_LATE: dict[ClockKind, Promise] = {
    ClockKind.RESPONSE: _("%(whom)s: no response yet, and it was due by %(due)s."),
    ClockKind.FIX: _("%(whom)s: not fixed yet, and it was due by %(due)s."),
    ClockKind.PROGRESS: _("%(whom)s: no progress report yet, and one was due by %(due)s."),
}
CAME_LATE: dict[ClockKind, Promise] = {
    ClockKind.RESPONSE: _("%(whom)s: the response was due by %(due)s and came at %(at)s."),
    ClockKind.FIX: _("%(whom)s: the fix was due by %(due)s and came at %(at)s."),
    ClockKind.PROGRESS: _("%(whom)s: a progress report was due by %(due)s and came at %(at)s."),
}


def sentence(running: Running, deadline: Deadline, stage: Stage) -> str:
    """What has passed of one limit, true at any time it is read: times are whole, in UTC."""
    kinds = RUNS_OUT if stage == Stage.WARNING else CAME_LATE if deadline.ended_at else IS_LATE
    facts = {"whom": whom(running), "due": moment(deadline.due_at)}
    return str(kinds[deadline.kind]) % {**facts, "at": moment(deadline.ended_at) if deadline.ended_at else ""}


def whom(running: Running) -> str:
    """ "Acme, R-1234567, Severity I"; of our own clock the incident's title."""
    if running.report is None:
        title = running.incident.name if running.incident else ""
        return _now("%(title)s, %(severity)s, not reported by any client") % {
            "title": title,
            "severity": SEVERITY[running.run.severity],
        }
    return _now("%(client)s, report %(number)s, %(severity)s") % {
        "client": running.client,
        "number": running.report.number,
        "severity": severity(running),
    }


def severity(running: Running) -> str:
    if running.run.is_assumed:
        return _now("not judged yet, so as %(severity)s") % {"severity": SEVERITY[running.run.severity]}
    return str(SEVERITY[running.run.severity])


def moment(at: datetime) -> str:
    """ "2026-11-10 14:32:05 UTC"; the second only where there is one: limits hold to the second."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC" if utc.second else f"{utc:%Y-%m-%d %H:%M} UTC"
