"""Alarm staff of limits that run out or have passed: the sweep's door. Any number of copies may run.

Each crossing is one row, inserted if there is none; whoever inserts it raises the alarm, in the same transaction.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage import clock_words, events, running_clocks, selectors
from statuspage.models import ClockAlarm
from statuspage.running_clocks import Running
from statuspage.sla.clocks import Standing
from statuspage.sla.deadlines import Crossing, Stage

logger = logging.getLogger(__name__)

Key = tuple[str, str, str, datetime]


def look(now: datetime) -> None:
    """`alarm_due` for the sweep, which has more to do: its trouble keeps no page from readers."""
    try:
        alarm_due(now)
    except Exception:
        logger.exception("clocks: the look failed; the next sweep tries again")


def alarm_due(now: datetime | None = None) -> int:
    """Note what has passed since the last round, and tell staff of it; how many alarms were raised.

    Whoever looks after hours raises one alarm a failure, which says how it stands then: what was answered in time
    meanwhile is no news, nor is 80 % of a limit that was missed.
    """
    now = now or selectors.database_now()
    found = running_clocks.watched(now)
    known = keys_of(found)
    return sum(alarm_of(each, new, now) for each in found if (new := fresh(each, known, now)))


def keys_of(found: Iterable[Running]) -> set[Key]:
    """What was noted of these."""
    subjects = list(found)
    reports = [each.report.pk for each in subjects if each.report]
    own = [each.incident.pk for each in subjects if each.report is None and each.incident]
    if not subjects:
        return set()
    rows = ClockAlarm.objects.filter(report__in=reports) | ClockAlarm.objects.filter(incident__in=own)
    return {(each.report_id or each.incident_id or "", each.kind, each.stage, each.at) for each in rows}


def fresh(running: Running, known: set[Key], now: datetime) -> list[Crossing]:
    """What nobody noted yet."""
    subject = subject_of(running)
    crossings = running.crossings(now)
    return [each for each in crossings if (subject, each.deadline.kind, each.stage, each.at) not in known]


@transaction.atomic
def alarm_of(running: Running, new: Iterable[Crossing], now: datetime) -> int:
    """Note them and raise one alarm for all that is news; 0 where another copy noted them first."""
    noted = [each for each in new if note(running, each, now)]
    news = [each for each in noted if is_news(each)]
    if not news:
        return 0
    newest = {each.deadline.kind: each for each in news}
    said = [clock_words.sentence(running, each.deadline, each.stage) for each in newest.values()]
    events.alarm_staff(
        events.StaffAlarm(
            key=key_of(running, news[-1]),
            words="\n".join(said),
            advice=_("Answer, or publish an update on its incident: that is recorded and stops the clock."),
            path=path_of(running),
            since=news[0].at,
        )
    )
    return 1


def note(running: Running, crossing: Crossing, now: datetime) -> bool:
    """Whether this call inserted the row."""
    deadline = crossing.deadline
    return ClockAlarm.objects.get_or_create(
        **owner(running),
        kind=deadline.kind.value,
        stage=crossing.stage.value,
        at=crossing.at,
        defaults={"noted_at": now, "was_told": is_news(crossing)},
    )[1]


def is_news(crossing: Crossing) -> bool:
    """A breach always is; 80 % only as long as something can be done about it."""
    deadline = crossing.deadline
    return crossing.stage == Stage.BREACH or (deadline.is_owed and deadline.standing == Standing.OPEN)


# --- Names --------------------------------------------------------------------------------------


def owner(running: Running) -> dict[str, Any]:
    """Whose row it is."""
    if running.report is not None:
        return {"report": running.report, "incident": None}
    return {"report": None, "incident": running.incident}


def subject_of(running: Running) -> str:
    return str(running.report.pk if running.report else running.incident.pk if running.incident else "")


def key_of(running: Running, crossing: Crossing) -> str:
    parts = (subject_of(running), crossing.deadline.kind, crossing.stage, crossing.at.isoformat())
    return ":".join(["clock", *parts])


def path_of(running: Running) -> str:
    """Where staff answer: the incident's room, else the report's."""
    if running.incident is not None:
        return reverse("admin:incident", args=[running.incident.pk])
    return reverse("admin:report", args=[subject_of(running)])
