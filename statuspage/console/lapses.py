"""How a window was kept to: by how many minutes it began late or overran, and whether they count. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from statuspage.models import Maintenance
from statuspage.publishing.times import duration
from statuspage.vocabulary import MaintenanceStatus

MINUTE = timedelta(minutes=1)


def late_by(maintenance: Maintenance, now: datetime) -> timedelta:
    """How long after its announced start the work began, or has not begun yet; less than a minute is nothing."""
    if maintenance.started_at is None and maintenance.status != MaintenanceStatus.SCHEDULED:
        return timedelta()
    return whole(maintenance.begun_at or now, maintenance.scheduled_for)


def overran_by(maintenance: Maintenance, now: datetime) -> timedelta:
    """How long after its announced end the work ended, or goes on; what ended by itself ended then."""
    if maintenance.started_at is None:
        return timedelta()
    return whole(maintenance.ended_at or now, maintenance.scheduled_until)


def whole(at: datetime, announced: datetime) -> timedelta:
    return max(timedelta(), (at - announced) // MINUTE * MINUTE)


def sentences(maintenance: Maintenance, now: datetime) -> Iterator[str]:
    """What staff should know of it. Only the announced window is excluded (docs/service-levels.md, notice)."""
    if late := late_by(maintenance, now):
        words = {"late": duration(late)}
        if maintenance.started_at is None:
            yield _("The work has not begun yet; it is %(late)s late.") % words
        else:
            yield _("The work began %(late)s late; no minute of that counts as downtime.") % words
    if over := overran_by(maintenance, now):
        words = {"over": duration(over)}
        if maintenance.resolved_at is None:
            yield _("The work goes on %(over)s after its announced end: all of that counts as downtime.") % words
        else:
            yield _("The work overran its announced end by %(over)s: all of that counts as downtime.") % words


def help_of(maintenance: Maintenance, step: str, usual: Promise) -> Promise | str:
    """What a step's page says above its form: what begins or ends by itself says so."""
    if step == "start" and not maintenance.auto_start:
        return _("It does not start by itself. Starting earlier makes a new window, from now on, with its own notice.")
    if step == "complete" and not maintenance.auto_complete:
        return _("It does not complete by itself. Components return to what open incidents say of them.")
    return usual
