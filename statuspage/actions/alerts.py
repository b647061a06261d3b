"""Alerts of monitoring systems: take what they report, and let incidents follow, or drafts of them.

What is called for is judged without a database (`alerting.groups`); here it is stored, published
or drafted. Everything happens under the writers' lock, so that the same report from any number
of callers at once makes one incident.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from statuspage import audit, selectors
from statuspage.alerting.facts import Course, Pace, Report
from statuspage.alerting.groups import decide, heard
from statuspage.alerting.kept import as_data, from_data
from statuspage.models import AlertGroup, CallSource, IncomingHook, Publication
from statuspage.roles import Ability

from . import alert_steps
from .alert_steps import Outcome

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
"""A group of which nothing fires; its incident stays."""

ABILITIES = frozenset({Ability.VIEW, Ability.DRAFT, Ability.PUBLISH})


@dataclass(frozen=True)
class Source:
    """Where a report comes from: the door, the group's key there, and how its words are published."""

    kind: CallSource
    key: str
    hook: IncomingHook | None = None
    is_draft_first: bool = False

    @property
    def digest(self) -> str:
        where = f"{self.kind}\n{self.hook.pk if self.hook else ''}\n{self.key}"
        return hashlib.sha256(where.encode("utf-8", "surrogatepass")).hexdigest()


def pace() -> Pace:
    return Pace(
        order=timedelta(seconds=settings.ALERT_ORDER_SECONDS),
        quiet=timedelta(seconds=settings.ALERT_FLAP_SECONDS),
    )


@transaction.atomic
def take(*, source: Source, report: Report, actor: audit.Actor, now: datetime | None = None) -> Outcome:
    """Take one report of a group, and publish, draft or note what follows from it.

    An alert that fires in another of Alertmanager's groups already is that group's: two routes
    that lead here tell of one failure. What becomes of it counts there, whichever route says so.
    """
    actor.require(Ability.PUBLISH)
    Publication.objects.lock()
    now = now or selectors.database_now()
    report = alert_steps.placed(report)
    group = _group_of(source, actor, now)
    own = _without(report, _shared(group, report, actor, now))
    course = heard(from_data(group.course), own, now, pace())
    group.heard_at, group.is_draft_first, group.actor_name = now, source.is_draft_first, actor.name
    return _follow(group, course, actor, now)


def settle_due(now: datetime) -> int:
    """Say what waited to be said; how many groups were looked at. One that fails holds up no other."""
    due = AlertGroup.objects.filter(settle_at__lte=now).order_by("settle_at")
    return sum(_settle(pk, now) for pk in due.values_list("pk", flat=True))


def forget_old(now: datetime) -> int:
    """How many groups were forgotten of which nothing was heard, nor noted, for long, and of which nothing fires."""
    old = AlertGroup.objects.filter(firing=0, heard_at__lt=now - KEPT_FOR, draft_key="", notes=None)
    return old.delete()[0]


def _settle(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            Publication.objects.lock()
            group = AlertGroup.objects.select_related("incident").get(pk=pk)
            if group.settle_at is None or group.settle_at > now:
                return False
            actor = audit.Actor(name=group.actor_name, source="api", abilities=ABILITIES)
            _follow(group, from_data(group.course), actor, now)
    except Exception:
        logger.exception("alerts: group %s is tried again", pk)
        return False
    return True


def _follow(group: AlertGroup, course: Course, actor: audit.Actor, now: datetime) -> Outcome:
    """What is called for, done; the group stored as it then is."""
    course = alert_steps.caught_up(group, course)
    decided, step = decide(course, alert_steps.hands_of(group, course), now, pace())
    kept, outcome = alert_steps.take_step(group, course, decided, step, actor, now)
    group.course, group.firing, group.settle_at = as_data(kept), len(kept.firing), step.again_at
    group.save()
    return outcome


def _group_of(source: Source, actor: audit.Actor, now: datetime) -> AlertGroup:
    group = AlertGroup.objects.select_related("incident").filter(digest=source.digest).first()
    return group or AlertGroup.objects.create(
        digest=source.digest,
        source=source.kind,
        hook=source.hook,
        key=source.key.replace("\x00", ""),
        actor_name=actor.name,
        heard_at=now,
        created_at=now,
    )


# --- One alert in two groups --------------------------------------------------------------------


def _shared(group: AlertGroup, report: Report, actor: audit.Actor, now: datetime) -> set[str]:
    """The alerts that are other groups'; those are told of them, and what follows there is done."""
    if group.source != CallSource.ALERTMANAGER:
        return set()
    own = {each.fingerprint for each in from_data(group.course).firing}
    found: set[str] = set()
    others = AlertGroup.objects.select_related("incident").filter(source=group.source, firing__gt=0)
    for other in others.exclude(pk=group.pk):
        course = from_data(other.course)
        theirs = {each.fingerprint for each in course.firing} - own
        told = tuple(each for each in report.alerts if each.fingerprint in theirs)
        if told:
            found |= theirs
            _follow(other, heard(course, Report(alerts=told, is_whole=False), now, pace()), actor, now)
    return found


def _without(report: Report, fingerprints: Iterable[str]) -> Report:
    left = tuple(each for each in report.alerts if each.fingerprint not in set(fingerprints))
    return replace(report, alerts=left)
