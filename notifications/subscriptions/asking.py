"""Somebody asks: a link is sent to the address they name, and nothing else happens.

Whoever asks learns nothing: the same statements run for an address that is known and for
one that is not, and where a limit is hit the caller cannot tell (faults 72 and 73).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from notifications import doorbell, limits, tokens
from notifications.addresses import Address
from notifications.choices import Choices, known_language, known_time_zone
from notifications.models import LinkToken, OutboxEvent, Subscriber, Subscription
from notifications.models.outbox import Audience
from notifications.states import Channel, Priority
from notifications.tokens import Purpose

CONSENT_WORDING = "2026-11"
"""Names the sentence beside the form's button (templates/notifications/subscribe.html).

Raise it with every change of that sentence: it is what a subscriber agreed to.
"""


class Kind(StrEnum):
    """Messages to exactly one subscription; `notifications/messages/` has a template for each."""

    CONFIRMATION = "confirmation"
    ALREADY_SUBSCRIBED = "already_subscribed"
    STILL_YOURS = "still_yours"
    MANAGE_LINK = "manage_link"
    FAREWELL = "farewell"
    WEBHOOK_CONFIRMATION = "webhook_confirmation"
    WEBHOOK_MANAGE_LINK = "webhook_manage_link"
    WEBHOOK_QUARANTINED = "webhook_quarantined"
    WEBHOOK_ENDED = "webhook_ended"
    WEBHOOK_FAREWELL = "webhook_farewell"


@transaction.atomic
def request_subscription(*, address: Address, choices: Choices, network: str, now: datetime | None = None) -> None:
    """Have a link sent to `address` that puts `choices` into force.

    A confirmed subscription stays as it is until then: its owner is told that somebody
    asked. Where a limit is hit nothing is sent, and the caller cannot tell.

    Raises InputRefused where the choices are impossible.
    """
    now = now or timezone.now()
    choices.check()
    if not limits.may_request(address, network, now):
        return
    subscription = find_or_add(address, choices, now)
    payload = {"choices": choices.payload(), "wording": CONSENT_WORDING, "network": network}
    kind = Kind.ALREADY_SUBSCRIBED if subscription.is_confirmed else Kind.CONFIRMATION
    send_link(Purpose.CONFIRM, kind, subscription, payload, now)


def find_or_add(address: Address, choices: Choices, now: datetime) -> Subscription:
    """The address's row, whether or not it was there; four statements in either case.

    The subscriber's id follows from the address, so that nothing is left over where the
    subscription turns out to exist. An erased row gets its address back: its owner is
    asking, and the link must be sent somewhere. Language and zone are those of a new
    subscriber's first message; one who is known keeps theirs.
    """
    person = Subscriber(
        pk=UUID(address.key[:32]),
        language=known_language(choices.language),
        time_zone=known_time_zone(choices.time_zone),
        created_at=now,
    )
    row = Subscription(
        subscriber=person, channel=address.channel, address=address.value, address_key=address.key, created_at=now
    )
    Subscriber.objects.bulk_create([person], ignore_conflicts=True)
    Subscription.objects.bulk_create([row], ignore_conflicts=True)
    same = Subscription.objects.filter(channel=address.channel, address_key=address.key)
    # A spelling that nobody confirmed gives way: the owner's own may differ in its capitals.
    same.filter(Q(address="") | Q(confirmed_at=None)).update(address=address.value)
    return same.get()


@transaction.atomic
def ask_manage_link(subscription: Subscription, *, network: str, now: datetime | None = None) -> None:
    """Send the owner a link to change or end the subscription; it lasts 15 minutes and works once."""
    now = now or timezone.now()
    owner = owner_of(subscription)
    if not (owner and subscription.is_confirmed):
        return
    if limits.may_request(Address(owner.channel, owner.address), network, now):
        send_link_to_manage(subscription, owner, now)


def send_link_to_manage(subscription: Subscription, owner: Subscription, now: datetime) -> LinkToken:
    """Whatever the limits say."""
    kind = Kind.MANAGE_LINK if owner == subscription else Kind.WEBHOOK_MANAGE_LINK
    return send_link(Purpose.MANAGE, kind, subscription, {}, now, to=owner)


def owner_of(subscription: Subscription) -> Subscription | None:
    """Who is written to about it: itself, or a webhook's owner; None where no address is left."""
    if subscription.channel != Channel.WEBHOOK:
        return subscription
    return Subscription.objects.filter(endpoints__subscription=subscription).exclude(address="").first()


@transaction.atomic
def renew(link: LinkToken, *, network: str, now: datetime | None = None) -> None:
    """Send a new link in place of one that is over or was used."""
    now = now or timezone.now()
    subscription = link.subscription
    if subscription.channel == Channel.WEBHOOK and link.purpose == Purpose.CONFIRM and not link.used_at:
        renew_webhook(link, network, now)
    elif subscription.is_confirmed:
        ask_manage_link(subscription, network=network, now=now)
    elif link.purpose == Purpose.CONFIRM and subscription.address and subscription.channel != Channel.WEBHOOK:
        address = Address(subscription.channel, subscription.address)
        if limits.may_request(address, network, now):
            send_link(Purpose.CONFIRM, Kind.CONFIRMATION, subscription, link.payload, now)


def renew_webhook(link: LinkToken, network: str, now: datetime) -> None:
    """Also where it is confirmed: the link may be the one that ends a quarantine."""
    owner = owner_of(link.subscription)
    if owner and limits.may_request(Address(owner.channel, owner.address), network, now):
        send_link(Purpose.CONFIRM, Kind.WEBHOOK_CONFIRMATION, link.subscription, link.payload, now, to=owner)


def send_link(
    purpose: Purpose,
    kind: Kind,
    subscription: Subscription,
    payload: dict[str, Any],
    now: datetime,
    *,
    to: Subscription | None = None,
    priority: int = Priority.PERSON_WAITS,
    **words: str,
) -> LinkToken:
    """A new link's row, and the outbox row that has it sent. Neither holds the token.

    `to`: whose message it is, where that is not the subscription itself. `words`: what the
    message says beside its fixed ones.
    """
    link = LinkToken(purpose=purpose, subscription=subscription, payload=payload, created_at=now)
    link.digest = tokens.first_digest(purpose, link.pk)
    link.expires_at = now + tokens.LIFETIME[purpose]
    link.save(force_insert=True)
    OutboxEvent.objects.create(
        kind=kind,
        subject_kind="subscription",
        subject_id=str(subscription.pk),
        update_id=str(link.pk),
        payload={"link_token_id": str(link.pk), **words},
        audience=Audience.ONE,
        single_subscription=to or subscription,
        priority=priority,
        published_at=now,
        due_at=now,
        expires_at=link.expires_at,
    )
    doorbell.ring_after_commit()
    return link
