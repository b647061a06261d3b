"""A number that heard nothing for a year may be somebody else's by now: its owner is asked again (fault 49).

Nobody says when a number changes hands, and its new owner's telephone takes texts as well.
Whoever was texted within the year could have said STOP; whoever was not is a stranger to
us. So the subscription ends, and one text offers to go on with it: the link, or START.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from notifications import choices
from notifications.models import Delivery, Subscription, Suppression
from notifications.states import UNRESTING, Channel, Priority
from notifications.tokens import Purpose

from .asking import CONSENT_WORDING, Kind, send_link
from .ending import Reason, unsubscribe

A_ROUND = 100
"""Asked in a round: a crowd that fell silent together uses up no day's texts, which incidents need."""


@transaction.atomic
def ask_the_silent(now: datetime) -> int:
    """End what nobody heard of for SMS_SILENCE_DAYS, and ask each number once; how many.

    At most A_ROUND, the longest silent first. With 0 days nobody is asked.
    """
    rows = silent(now).order_by("confirmed_at")[:A_ROUND] if settings.SMS_SILENCE_DAYS else []
    asked = 0
    for subscription in rows:
        # Of two rounds at once the second finds it ended.
        if unsubscribe(subscription, reason=Reason.SILENCE, now=now):
            ask_again(subscription, now)
            asked += 1
    return asked


def silent(now: datetime) -> QuerySet[Subscription]:
    """Numbers in force that were neither confirmed nor texted within the time, and are not in quarantine."""
    since = now - timedelta(days=settings.SMS_SILENCE_DAYS)
    theirs = Delivery.objects.filter(subscription=OuterRef("pk"))
    heard = theirs.filter(accepted_at__gte=since) | theirs.filter(state__in=sorted(UNRESTING))
    stopped = Suppression.objects.filter(address_key=OuterRef("address_key"))
    rows = Subscription.objects.filter(channel=Channel.SMS, unsubscribed_at=None, confirmed_at__lt=since)
    return rows.exclude(address="").filter(~Exists(heard), ~Exists(stopped)).select_related("subscriber")


def ask_again(subscription: Subscription, now: datetime) -> None:
    """A link that puts into force again what was chosen. Goes behind people who wait for theirs."""
    payload = {"choices": choices.of(subscription).payload(), "wording": CONSENT_WORDING, "network": ""}
    send_link(Purpose.CONFIRM, Kind.STILL_YOURS, subscription, payload, now, priority=Priority.ORDINARY)
