"""A subscription in a line: its channel, its address masked, its pseudonym, and how it stands."""

from typing import Any

from django.utils.translation import gettext as _

from notifications import labels, pseudonyms
from notifications.models import Subscription
from notifications.subscriptions import Reason


def in_short(subscription: Subscription) -> dict[str, Any]:
    """One line of a list; the address is masked there."""
    address = subscription.address
    return {
        "subscription": subscription,
        "by": labels.CHANNEL.get(subscription.channel, subscription.channel),
        "masked": pseudonyms.masked(address) if address else "",
        "recipient": pseudonyms.short(subscription.address_key),
        "state": state_of(subscription),
    }


def state_of(subscription: Subscription) -> tuple[str, str]:
    """How it stands: a tone and a word."""
    if subscription.unsubscribe_reason == Reason.ERASED:
        return "", _("erased")
    if subscription.unsubscribed_at:
        return "", _("ended")
    return ("work", _("confirmed")) if subscription.confirmed_at else ("open", _("not confirmed"))
