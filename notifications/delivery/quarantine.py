"""What an answer means beyond its own delivery: an address that is used no more.

Called by `record` and by `receipts`, inside their transactions. What is our own fault
(reputation, account, configuration) is never held against a recipient: see `breakers`.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Count, Max, Min

from notifications.channels.base import Blame, Refused
from notifications.models import Delivery, Subscription, Suppression
from notifications.states import State

CANARY = "canary"
"""The reserved key of delivery.canary's subscription."""

logger = logging.getLogger(__name__)

SOFT_EVENTS = 3
SOFT_SPAN = timedelta(hours=72)
"""A full mailbox or a switched-off handset is given up after so many different events, so far apart."""


class Recipient(Protocol):
    """Whose message it was."""

    @property
    def subscription_id(self) -> UUID: ...

    @property
    def address_key(self) -> str: ...


def follow(recipient: Recipient, answer: Any, at: datetime) -> None:
    """Suppress the address, end the subscription or count the soft failure, by whose fault it was."""
    if not isinstance(answer, Refused):
        return
    if answer.blame == Blame.ADDRESS:
        suppress(recipient, Suppression.Reason.QUARANTINE, answer.code, at)
    elif answer.blame == Blame.OPTED_OUT:
        suppress(recipient, Suppression.Reason.STOP, answer.code, at)
        active = Subscription.objects.filter(pk=recipient.subscription_id, unsubscribed_at=None)
        active.update(unsubscribed_at=at, unsubscribe_reason="stop")
    elif answer.blame == Blame.SOFT and has_failed_for_long(recipient.subscription_id):
        suppress(recipient, Suppression.Reason.QUARANTINE, answer.code, at)


def suppress(recipient: Recipient, reason: str, code: str, at: datetime) -> bool:
    """Use the address no more; True where it was used until now.

    The canary's is staff's own: they mend it, and it must sing again.
    """
    if recipient.address_key == CANARY:
        return False
    _row, is_new = Suppression.objects.get_or_create(
        address_key=recipient.address_key, reason=reason, defaults={"code": code[:64], "since": at}
    )
    if is_new:
        logger.warning("delivery: subscription %s is suppressed: %s (%s)", recipient.subscription_id, reason, code)
    return is_new


def has_failed_for_long(subscription_id: UUID) -> bool:
    """Whether its last failures, with nothing taken in between, are many and far enough apart."""
    mine = Delivery.objects.filter(subscription=subscription_id)
    went_well = mine.filter(state__in=[State.DELIVERED, State.ACCEPTED]).aggregate(last=Max("final_at"))["last"]
    soft = mine.filter(blame=Blame.SOFT, state__in=[State.FAILED, State.UNDELIVERED])
    if went_well:
        soft = soft.filter(final_at__gt=went_well)
    facts = soft.aggregate(events=Count("event", distinct=True), first=Min("final_at"), last=Max("final_at"))
    return bool(facts["events"] >= SOFT_EVENTS and facts["last"] - facts["first"] >= SOFT_SPAN)
