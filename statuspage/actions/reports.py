"""Failure reports of readers: taken, counted against limits, and kept for staff.

Not published and no act of staff: no revision, no audit row, and not behind the writers'
lock, so that a crowd of readers cannot keep staff from publishing.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from statuspage.models import FailureReport, Incident
from statuspage.text import clean_text
from statuspage.vocabulary import OPEN_INCIDENT

from .base import known_components, require_length

WHAT_MAX = 2_000
"""Characters of a reader's own words."""
HOUR = timedelta(hours=1)
PER_NETWORK_HOUR = 20
"""An office behind one address may have many people; more tell staff nothing new."""
PER_HOUR = 2_000
"""In all: a flood must not fill the disk."""


KEPT = timedelta(days=90)
"""Readers may write what names somebody, and the network is a pseudonym: neither is of use for longer."""


class TooMany(Exception):
    """There are enough reports already; nothing was stored."""


@transaction.atomic
def report_failure(
    *, what: str, network: str, now: datetime, component: str = "", since: datetime | None = None
) -> FailureReport:
    """Keep what a reader says fails. The same words from the same network within the hour are one report.

    Raises ValidationError naming the field, TooMany beyond the limits.
    """
    words = clean_text(what)
    if not words:
        raise ValidationError({"what": _("Say in a sentence what does not work.")})
    require_length(words, WHAT_MAX, "what")
    place = known_components([component], "component")[component] if component else None
    return kept(network, now, what=words, component=place, incident=None, defaults={"since": since})


@transaction.atomic
def confirm_failure(*, incident: str, network: str, now: datetime) -> FailureReport:
    """ "This is it": a reader has the failure that the page already shows; counted once an hour for a network."""
    known = Incident.objects.filter(pk=incident, status__in=OPEN_INCIDENT).first()
    if known is None:
        raise ValidationError({"incident": _("This incident is over. If it still fails for you, please say so below.")})
    return kept(network, now, what="", component=None, incident=known, defaults={})


def kept(network: str, now: datetime, *, defaults: dict[str, object], **said: object) -> FailureReport:
    """The report, or the same one of before; within the limits."""
    key = salted_hmac("statuspage.reports.network", network, algorithm="sha256").hexdigest()
    recent = FailureReport.objects.filter(created_at__gt=now - HOUR)
    if known := recent.filter(network_key=key, **said).first():
        return known
    if recent.filter(network_key=key).count() >= PER_NETWORK_HOUR or recent.count() >= PER_HOUR:
        raise TooMany(_("We have your reports, and are looking at them."))
    return FailureReport.objects.create(network_key=key, created_at=now, **said, **defaults)


def forget_old(now: datetime) -> int:
    """Delete what was reported longer ago than `KEPT`; how many."""
    over = FailureReport.objects.filter(created_at__lt=now - KEPT)
    # Asked first: SQLite would take its one lock for nothing, with every sweep.
    return over.delete()[0] if over.exists() else 0
