"""How fast each channel goes, by its settings and by what the ledger shows. Reads only.

Asked by the reports' port for the console, and by the outbox when a window is announced.
"""

from datetime import timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from . import audience, estimate, providers
from .estimate import Rate
from .models import Audience, Delivery, OutboxEvent
from .ratelimit import SHARE
from .states import Channel

MAIL_SECONDS = 0.02
"""What a relay over a network takes for one mail: a round trip, and its own disk. The 1,700 mails a second of
docs/performance.md went to a relay that answers at once; none that keeps its mail does."""

TEXT_PER_SECOND = 100.0
"""Where texts go to a folder or no limit is known: docs/performance.md, four processes."""

WEBHOOK_SECONDS = 1.0
"""An endpoint of somebody else's."""

LOOKED_AT = 20
"""So many of the newest publications are looked at for a fan-out that was large enough to measure by."""

SAMPLE = 10_000
"""Mails of it that are looked at, by the key they are sent by: those that were sent first."""

ENOUGH = 500
"""Fewer mails say more about the moment than about the relay."""

RECENT = timedelta(days=90)


def time_to_tell(row: OutboxEvent) -> timedelta:
    """How long the fan-out of an outbox row, stored or not, will take, from when it may begin."""
    told = audience.of(row).exclude(audience.is_suppressed(row)).values("channel").annotate(count=Count("pk"))
    people = {each["channel"]: each["count"] for each in told}
    return estimate.fan_out(people, {channel: rate(channel) for channel in people})


def rate(channel: str) -> Rate:
    """What one channel does as this site is set up."""
    if channel == Channel.SMS:
        return Rate((providers.per_second(channel) or TEXT_PER_SECOND) * SHARE, providers.daily_limit(channel))
    if channel == Channel.WEBHOOK:
        return Rate(providers.connections(channel) / WEBHOOK_SECONDS)
    return Rate(measured() or providers.connections(channel) / MAIL_SECONDS)


def measured() -> float | None:
    """Mails a second in the newest large fan-out; None where none was large enough.

    Mails that were put off and tried again are left out: they say how long their
    recipients' hosts took.
    """
    for event in newest():
        first = Delivery.objects.filter(event=event).order_by("subscription")[:SAMPLE].values("pk")
        mails = Delivery.objects.filter(pk__in=first, channel=Channel.EMAIL, attempts=1, accepted_at__isnull=False)
        seen = mails.aggregate(count=Count("pk"), begun=Min("accepted_at"), ended=Max("accepted_at"))
        if seen["count"] >= ENOUGH and seen["ended"] > seen["begun"]:
            return float(seen["count"] / (seen["ended"] - seen["begun"]).total_seconds())
    return None


def newest() -> QuerySet[OutboxEvent]:
    """Publications that were told to their end, the newest first."""
    recent = OutboxEvent.objects.exclude(audience=Audience.ONE).filter(published_at__gt=timezone.now() - RECENT)
    return recent.filter(settled_at__isnull=False, voided_at=None).order_by("-pk")[:LOOKED_AT]
