"""Reconcile: before a text is sent again, ask the provider whether it has it already.

A callback may have answered meanwhile (it carries our id); then the row is no longer
queued, and nobody asks.
"""

from notifications.channels.base import Accepted, Message, Unavailable
from notifications.channels.base import Channel as Provider
from notifications.models import Attempt, Delivery
from notifications.states import Channel

from .premise import Ready


def ask(ready: Ready, message: Message, provider: Provider) -> Accepted | Unavailable | None:
    """Accepted where the provider has it; Unavailable where it cannot say; None: send it."""
    tries = Attempt.objects.filter(delivery=ready.id).exclude(number=ready.claimed.fence)
    since = tries.order_by("number").values_list("started_at", flat=True).first()
    if since is None:
        return None
    found = provider.find(message, since)
    if isinstance(found, Unavailable):
        return Unavailable(found.reason, code=found.code, counts=False, may_have_arrived=True)
    ours = [reference for reference in found if not is_anothers(reference, ready)]
    return Accepted(ours[0]) if ours else None


def is_anothers(reference: str, ready: Ready) -> bool:
    """Whether the provider's message belongs to another delivery of the same words."""
    others = Delivery.objects.filter(channel=Channel.SMS, provider_reference=reference)
    return others.exclude(pk=ready.id).exists()
