"""Subscribers as they stand before a test begins: confirmed, and wanting everything."""

from datetime import timedelta

from django.utils import timezone

from notifications import addresses
from notifications.models import Subscriber, Subscription


def subscribers(*, email: int = 0, sms: int = 0, **wanted: object) -> list[Subscription]:
    """So many of each; their addresses tell them apart, none belongs to anybody."""
    mails = [addresses.email(f"reader-{number}@example.org") for number in range(email)]
    numbers = [addresses.Address("sms", f"+316{number:08d}") for number in range(10_000_000, 10_000_000 + sms)]
    return [subscribed(address, **wanted) for address in [*mails, *numbers]]


def subscribed(address: addresses.Address, **wanted: object) -> Subscription:
    """One person who confirmed an hour ago."""
    then = timezone.now() - timedelta(hours=1)
    return Subscription.objects.create(
        subscriber=Subscriber.objects.create(),
        channel=address.channel,
        address=address.value,
        address_key=address.key,
        created_at=then,
        confirmed_at=then,
        **wanted,
    )
