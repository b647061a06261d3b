"""Alarms that concern a promise to somebody, to each of staff by the way they chose, else by the site's routes.

`record` writes them inside the transaction of whoever raises them; `tell_due` tells them in every sweep. The right
to tell is taken by one conditional statement, so two sweeps at once tell one; a sweep that dies while telling leaves
the alarm to the next one, a minute later.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from notifications import addresses, providers
from notifications.addresses import Address
from notifications.channels.base import Accepted, Mail, Post, Text
from notifications.channels.base import Channel as Provider
from notifications.clock import database_now
from notifications.models import StaffAlarm, StaffRoute
from notifications.states import Channel
from statuspage import audit, events
from statuspage.roles import Ability, abilities_of
from statuspage.text import clean_line

from . import routes
from .routes import Notice, Stage

logger = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=60)
MOST_TRIES = 10
"""After so many minutes a way that takes nothing is left, and the site's routes are told instead."""
KEPT = timedelta(days=90)
LATEST = timedelta(hours=24)
"""An alarm that could not be told for so long (a held site) alarms nobody."""
TEXT_LENGTH = 300
"""Characters: two text messages."""


# --- The choice -------------------------------------------------------------------------------


@transaction.atomic
def choose(*, user: User, way: str, typed: str, actor: audit.Actor, now: datetime | None = None) -> StaffRoute | None:
    """By what `user` hears alarms from now on; "" leaves it to the site's routes.

    Raises addresses.InputRefused where the address cannot be used for that.
    """
    actor.require(Ability.VIEW)
    at = now or database_now()
    address = read(way, typed) if way else ""
    audit.record(
        actor=actor, action="choose_alarms", kind="user", object_id=str(user.pk), at=at, after={"way": way or "site"}
    )
    if not way:
        StaffRoute.objects.filter(user=user).delete()
        return None
    columns = {"way": way, "address": address, "changed_at": at}
    return StaffRoute.objects.update_or_create(user=user, defaults=columns)[0]


def read(way: str, typed: str) -> str:
    """The address of a way in its one spelling."""
    if way == StaffRoute.Way.EMAIL:
        return addresses.email(typed).value
    if way == StaffRoute.Way.SMS:
        return addresses.phone(typed, settings.SMS_COUNTRIES[0] if settings.SMS_COUNTRIES else "").value
    return addresses.endpoint(typed, Address(Channel.EMAIL, "")).value


# --- Raised -----------------------------------------------------------------------------------


def record(alarm: events.StaffAlarm) -> None:
    """One row a listener, inside the transaction of whoever raises it; a second raising adds none."""
    now = database_now()
    listeners = [each.user for each in StaffRoute.objects.select_related("user") if hears(each.user)]
    for user in listeners or [None]:
        columns = {"words": alarm.words, "advice": alarm.advice, "path": alarm.path, "since": alarm.since}
        StaffAlarm.objects.get_or_create(
            key=alarm.key, user=user, defaults={**columns, "recorded_at": now, "next_at": now}
        )


def hears(user: User) -> bool:
    """Whoever lost the right to look at the console hears nothing of it."""
    return Ability.VIEW in abilities_of(user)


# --- Told -------------------------------------------------------------------------------------


def tell_due(now: datetime) -> int:
    """Tell what is to be told; how many were."""
    StaffAlarm.objects.filter(next_at__isnull=False, recorded_at__lte=now - LATEST).update(next_at=None)
    StaffAlarm.objects.filter(recorded_at__lte=now - KEPT).delete()
    due = StaffAlarm.objects.filter(next_at__lte=now).select_related("user").order_by("recorded_at", "pk")
    return sum(tell(alarm, now) for alarm in due if may_tell(alarm, now))


def may_tell(alarm: StaffAlarm, now: datetime) -> bool:
    """Whether this sweep is the one to tell it."""
    mine = StaffAlarm.objects.filter(pk=alarm.pk, next_at=alarm.next_at)
    return mine.update(next_at=now + TRY_AGAIN, tries=alarm.tries + 1) == 1


def tell(alarm: StaffAlarm, now: datetime) -> bool:
    route = StaffRoute.objects.filter(user=alarm.user).first() if alarm.user and hears(alarm.user) else None
    notice = notice_of(alarm)
    took = by(route, notice, alarm) if route else routes.tell(notice)
    row = StaffAlarm.objects.filter(pk=alarm.pk)
    if took:
        row.update(told_at=now, next_at=None)
    elif alarm.tries + 1 >= MOST_TRIES:
        row.update(next_at=None)
        leave_to_site(alarm, now)
    return took


def leave_to_site(alarm: StaffAlarm, now: datetime) -> None:
    """Nobody took it by their own way: the site's routes are told, once."""
    logger.error("alarm: %s was not taken in %s tries", alarm.key, MOST_TRIES)
    if alarm.user is None:
        return
    columns = {name: getattr(alarm, name) for name in ("words", "advice", "path", "since", "recorded_at")}
    StaffAlarm.objects.get_or_create(key=alarm.key, user=None, defaults={**columns, "next_at": now})


def notice_of(alarm: StaffAlarm) -> Notice:
    return Notice(alarm.key, Stage.RAISED, alarm.words, alarm.advice, alarm.since, alarm.path)


def by(route: StaffRoute, notice: Notice, alarm: StaffAlarm) -> bool:
    """Whether somebody's own way took it. Its own name is in every copy: a second one is known as such."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/{alarm.pk}/{alarm.key}"))
    channel, message = MESSAGES[route.way](route.address, notice, name)
    try:
        outcome = channel.send(message)
    except Exception as error:
        # Without the exception's own words: they may hold the address.
        logger.error("alarm: by %s failed: %s", route.way, type(error).__name__)
        return False
    finally:
        channel.close()
    if not isinstance(outcome, Accepted):
        logger.error("alarm: %s did not take it: %s", route.way, outcome.reason)
    return isinstance(outcome, Accepted)


def as_mail(address: str, notice: Notice, name: str) -> tuple[Provider, Mail]:
    return providers.alarm_relay(routes.DEADLINE_SECONDS), Mail(name, address, routes.as_mail(notice, name, address))


def as_text(address: str, notice: Notice, name: str) -> tuple[Provider, Text]:
    """Past the ledger and its budget: a text to staff about a promise that is about to be broken."""
    link = f"{settings.SITE_URL}{notice.path}"
    words = clean_line(f"{settings.SITE_NAME}: {notice.words}")
    room = TEXT_LENGTH - len(link) - 1
    cut = words if len(words) <= room else f"{words[: room - 3]}..."
    valid_until = database_now() + timedelta(hours=1)
    return providers.provider_for(Channel.SMS), Text(name, address, f"{cut} {link}", "", valid_until)


def as_post(address: str, notice: Notice, name: str) -> tuple[Provider, Post]:
    """To a public https address only (docs/webhooks.md): unlike ALARM_URL it is not the operator's own word."""
    return providers.webhook(), Post(name, address, routes.as_json(notice)[0], "")


MESSAGES = {StaffRoute.Way.EMAIL: as_mail, StaffRoute.Way.SMS: as_text, StaffRoute.Way.WEBHOOK: as_post}
