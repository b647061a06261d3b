"""A subscription in a line: its channel, its address masked, its pseudonym, and how it stands."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import labels, pseudonyms
from notifications.models import Subscription
from notifications.subscriptions import Reason

ENDED_BY: dict[str, Promise] = {
    Reason.LINK: gettext_lazy("by the link in a message"),
    Reason.ONE_CLICK: gettext_lazy("by the mail program's button"),
    Reason.MANAGED: gettext_lazy("on the page of a link to manage"),
    Reason.STOP: gettext_lazy("by STOP"),
    Reason.ERASED: gettext_lazy("erased on request"),
    Reason.STAFF: gettext_lazy("by staff"),
    Reason.QUARANTINE: gettext_lazy("out of reach for too long"),
    Reason.SILENCE: gettext_lazy("nobody was heard of for too long: asked again"),
    Reason.ELSEWHERE: gettext_lazy("where they were imported from"),
    Reason.OVER: gettext_lazy("what it was about is over"),
    Reason.GONE: gettext_lazy("the endpoint is gone for good"),
}
"""Why a subscription ended, in words for staff."""


def in_short(subscription: Subscription) -> dict[str, Any]:
    """One line of a list; the address is masked there."""
    address = subscription.address
    return {
        "subscription": subscription,
        "by": labels.CHANNEL.get(subscription.channel, subscription.channel),
        "masked": pseudonyms.masked(address) if address else "",
        "recipient": pseudonyms.short(subscription.address_key),
        "state": state_of(subscription),
        "ended_by": ENDED_BY.get(subscription.unsubscribe_reason, subscription.unsubscribe_reason),
    }


def state_of(subscription: Subscription) -> tuple[str, str]:
    """How it stands: a tone and a word."""
    if subscription.unsubscribe_reason == Reason.ERASED:
        return "", _("erased")
    if subscription.unsubscribed_at:
        return "", _("ended")
    return ("work", _("confirmed")) if subscription.confirmed_at else ("open", _("not confirmed"))
