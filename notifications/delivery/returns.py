"""Returns: whether the mails that came back from one domain tell of us, or of their recipients alone.

A bounce is the word of whoever has the mail before them: its return address stands in the
head of what they got. So one subscriber's word, true or made up, settles their own delivery
and nobody else's. Where a domain really refuses what we are, a good part of what went there
in the last hour comes back, and that is what holds the domain back.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from notifications.channels.base import Blame, Scope
from notifications.models import Audience, Breaker, Delivery, Subscription
from notifications.states import Channel, State

WITHIN = timedelta(hours=1)
"""A domain that refuses us does so at once: only the last hour's mails say anything about now."""

LEAST = 2
"""Mails that must have come back, however small the domain: one alone may be anybody's word."""

RECIPIENTS = 10
"""Different people whose mails came back. As many mailboxes of one's own, each confirmed and each a subscriber of the
same update, are more than silencing a domain for an hour is worth; a true refusal has them within seconds."""

SHARE = 10
"""And one in so many of the hour's mails to the domain came back: at a large provider ten mailboxes are nobody."""

LOOKED_AT = 1_000
"""Of the hour's mails to a domain no more are looked at, so that a hundred who came back are enough anywhere: a relay
hands on half a million mails for hours, and the rest is not to come back as well."""


def tell_of(domain: str, scope: Scope, now: datetime) -> bool:
    """Whether enough of what went to a mail domain came back, for a reason that is ours.

    A domain with fewer recipients than RECIPIENTS must have returned the mails of all of them. `scope`: what the last
    one's code spoke of; a rule that may be one recipient's own takes a second recipient.
    """
    back = list(came_back(domain, now).values_list("subscription", flat=True)[: LOOKED_AT // SHARE])
    people = len(set(back))
    if len(back) < LEAST or (scope == Scope.SUSPECTED and people < LEAST):
        return False
    if people < count_some(subscribed_at(domain), RECIPIENTS):
        return False
    return len(back) * SHARE >= count_some(handed_over(domain, now), LOOKED_AT)


def are_known_of(scope: str) -> bool:
    """Whether the mails that came back hold a scope back already: then each further one says that it goes on."""
    return Breaker.objects.filter(scope=scope, receipt_at__isnull=False).exists()


def count_some(rows: QuerySet[Any], most: int) -> int:
    """How many there are; more than `most` are not counted."""
    return len(rows.values_list("pk")[:most])


def subscribed_at(domain: str) -> QuerySet[Subscription]:
    """Everybody there who would be told of something."""
    everybody = Subscription.objects.filter(channel=Channel.EMAIL, confirmed_at__isnull=False, unsubscribed_at=None)
    return everybody.filter(address__endswith=f"@{domain}")


def handed_over(domain: str, now: datetime) -> QuerySet[Delivery]:
    """Mails to a domain that the relay took within the hour."""
    return mails_to(domain).filter(accepted_at__gt=now - WITHIN)


def came_back(domain: str, now: datetime) -> QuerySet[Delivery]:
    """Those that were returned for our sake, and soon. In terms of the index `delivery_returned`."""
    returned = mails_to(domain).filter(state=State.UNDELIVERED, blame=Blame.SENDER.value)
    return returned.filter(final_at__gt=now - WITHIN, accepted_at__gte=F("final_at") - WITHIN)


def mails_to(domain: str) -> QuerySet[Delivery]:
    """All but links: anybody may have those sent, and so has their return addresses."""
    mails = Delivery.objects.filter(channel=Channel.EMAIL, subscription__address__endswith=f"@{domain}")
    return mails.exclude(event__audience=Audience.ONE)
