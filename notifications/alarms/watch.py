"""Watch: raise an alarm once, repeat it seldom, and say when it is over; any number of watchers at once."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from notifications import health
from notifications.clock import database_now
from notifications.models import Alarm
from statuspage.ports import Trouble

from . import routes, staff
from .routes import Notice, Stage

logger = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=60)
"""After no route took an alarm, and after a watcher died while telling it."""

CALM = timedelta(seconds=60)
"""Trouble that is back within this was never over."""

KEY_LENGTH = 300


@contextmanager
def look_after() -> Iterator[None]:
    """`look` once the work is done, which is not to wait for an alarm's route; all the same where the work failed."""
    try:
        yield
    finally:
        look()


def look() -> None:
    """`watch` for the sweep, which has more to do: a watcher's own trouble stops nobody's messages."""
    try:
        watch(database_now())
    except Exception:
        logger.exception("alarm: the watch failed; the next sweep tries again")


def watch(now: datetime) -> None:
    """One look: note what is wrong and what no longer is, then tell what is to be told."""
    found = health.troubles(health.facts(now))
    for trouble in found:
        note(trouble, now)
    end_others({trouble.key[:KEY_LENGTH] for trouble in found}, now)
    for alarm in Alarm.objects.filter(next_at__lte=now).order_by("opened_at"):
        if may_tell(alarm, now):
            tell(alarm, now)
    if not health.held():
        staff.tell_due(now)


def note(trouble: Trouble, now: datetime) -> None:
    """The row of a trouble, new or as it is now."""
    facts = {"words": trouble.words, "advice": trouble.advice}
    alarm, is_new = Alarm.objects.get_or_create(
        key=trouble.key[:KEY_LENGTH], defaults={**facts, "opened_at": now, "next_at": now}
    )
    if is_new:
        return
    Alarm.objects.filter(pk=alarm.pk).update(**facts)
    # It was about to be called over; its next word is the repetition again.
    again = (alarm.told_at or now) + timedelta(seconds=settings.ALARM_REPEAT_SECONDS)
    Alarm.objects.filter(pk=alarm.pk, ended_at__isnull=False).update(ended_at=None, next_at=again)


def end_others(keys: Iterable[str], now: datetime) -> None:
    """What is no longer found is over; what nobody was told of is forgotten."""
    over = Alarm.objects.filter(ended_at=None).exclude(key__in=list(keys))
    over.filter(told_at=None).delete()
    over.update(ended_at=now, next_at=now + CALM)


def may_tell(alarm: Alarm, now: datetime) -> bool:
    """Whether this watcher is the one to tell it; the others find it told."""
    mine = Alarm.objects.filter(pk=alarm.pk, next_at=alarm.next_at)
    return mine.update(next_at=now + TRY_AGAIN) == 1


def tell(alarm: Alarm, now: datetime) -> None:
    """By every route; where none took it, again in a minute."""
    if not routes.tell(notice_of(alarm)):
        return
    if alarm.ended_at:
        Alarm.objects.filter(pk=alarm.pk, ended_at=alarm.ended_at).delete()
    else:
        again = now + timedelta(seconds=settings.ALARM_REPEAT_SECONDS)
        Alarm.objects.filter(pk=alarm.pk).update(told_at=now, next_at=again)


def notice_of(alarm: Alarm) -> Notice:
    """The row in words: raised, still so, or over."""
    if alarm.ended_at:
        said = _("Over since %(time)s UTC: %(words)s") % {"time": f"{alarm.ended_at:%H:%M}", "words": alarm.words}
        return Notice(alarm.key, Stage.CLEARED, said, "", alarm.opened_at)
    stage = Stage.STILL if alarm.told_at else Stage.RAISED
    return Notice(alarm.key, stage, alarm.words, alarm.advice, alarm.opened_at)
