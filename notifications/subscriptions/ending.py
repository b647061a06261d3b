"""Somebody leaves: by a link, by one click in their mail program, by STOP, or for good.

Nothing is told once the transaction is through: delivery looks at the subscription and
the suppressions before every call (I5).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from notifications import pseudonyms, tokens
from notifications.models import Endpoint, Following, LinkToken, Subscriber, Subscription, Suppression
from notifications.states import Channel


class Reason(StrEnum):
    """Why a subscription ended."""

    LINK = "link"
    ONE_CLICK = "one_click"
    MANAGED = "managed"
    STOP = "stop"
    ERASED = "erased"
    STAFF = "staff"
    QUARANTINE = "quarantine"
    GONE = "gone"
    SILENCE = "silence"
    OVER = "over"
    ELSEWHERE = "elsewhere"


def subscription_of(token: str) -> Subscription | None:
    """Whose unsubscribe token this is; None where it is nobody's, or the address is gone."""
    subscription_id = tokens.subscription_id(token)
    if subscription_id is None:
        return None
    subscription = Subscription.objects.select_related("subscriber").filter(pk=subscription_id).first()
    is_theirs = subscription is not None and tokens.is_unsubscribe_token(token, subscription)
    return subscription if is_theirs else None


def unsubscribe(subscription: Subscription, *, reason: Reason, now: datetime | None = None) -> bool:
    """End the subscription; False when it had ended before. What is queued is not sent.

    The address version stays: a mail program that asks twice gets the same answer, and
    the links in older messages still stop whatever is subscribed later.
    """
    active = Subscription.objects.filter(pk=subscription.pk, unsubscribed_at=None)
    return bool(active.update(unsubscribed_at=now or timezone.now(), unsubscribe_reason=reason))


@transaction.atomic
def stop_by_sms(number: str, *, now: datetime | None = None) -> bool:
    """STOP: end what is subscribed at `number` (E.164) and text it no more, known or not.

    Only START lifts that, as at Twilio. True where a subscription ended.
    """
    now = now or timezone.now()
    key = pseudonyms.address_key(number)
    stop = Suppression(address_key=key, reason=Suppression.Reason.STOP, since=now)
    Suppression.objects.bulk_create([stop], ignore_conflicts=True)
    found = Subscription.objects.filter(channel=Channel.SMS, address_key=key).first()
    return found is not None and unsubscribe(found, reason=Reason.STOP, now=now)


@transaction.atomic
def start_by_sms(number: str, *, now: datetime | None = None) -> bool:
    """START: undo a STOP, or a long silence's end. True where a subscription that had ended so goes on.

    Nothing that was never confirmed begins, and nothing erased comes back.
    """
    key = pseudonyms.address_key(number)
    Suppression.objects.filter(address_key=key, reason=Suppression.Reason.STOP).delete()
    theirs = Subscription.objects.filter(channel=Channel.SMS, address_key=key)
    ended = theirs.filter(unsubscribe_reason__in=[Reason.STOP, Reason.SILENCE])
    confirmed = ended.exclude(confirmed_at=None).exclude(address="")
    return bool(confirmed.update(confirmed_at=now or timezone.now(), unsubscribed_at=None, unsubscribe_reason=""))


@transaction.atomic
def erase(subscription: Subscription, *, now: datetime | None = None) -> None:
    """Forget the person (GDPR 17). What remains is the ledger's pseudonym and a suppression.

    The suppression keeps an import from subscribing them again; they themselves may. The
    client's name stays with the ledger: it says whom a contract's notices went to.
    """
    now = now or timezone.now()
    unsubscribe(subscription, reason=Reason.ERASED, now=now)
    pseudonymise([subscription.pk])
    Subscription.objects.filter(pk=subscription.pk).update(
        address_version=F("address_version") + 1, unsubscribe_reason=Reason.ERASED, consent_wording_version=""
    )
    erased = Suppression(address_key=subscription.address_key, reason=Suppression.Reason.ERASED, since=now)
    Suppression.objects.bulk_create([erased], ignore_conflicts=True)
    for each in list(going_with(subscription)):
        erase(each, now=now)


def going_with(subscription: Subscription) -> Iterator[Subscription]:
    """What an owner's webhooks are without them, and a webhook's owner who is nothing else here."""
    there = Subscription.objects.exclude(address="")
    yield from there.filter(endpoint__owner=subscription)
    owned = there.filter(endpoint__owner=OuterRef("pk"))
    yield from there.filter(~Exists(owned), endpoints__subscription=subscription, confirmed_at=None)


@transaction.atomic
def pseudonymise(ids: Sequence[UUID]) -> int:
    """Take the addresses, choices and links of these subscriptions away; how many there were.

    Of a person, language and zone too, once no address of theirs is left. The rows stay, under
    the HMAC of their address, for as long as the ledger speaks of them.
    """
    Subscription.components.through.objects.filter(subscription__in=ids).delete()
    Subscription.groups.through.objects.filter(subscription__in=ids).delete()
    LinkToken.objects.filter(subscription__in=ids).delete()
    Following.objects.filter(subscription__in=ids).delete()
    Endpoint.objects.filter(subscription__in=ids).update(secret=b"")
    count = Subscription.objects.filter(pk__in=ids).update(address="", consent_network_key="")
    reachable = Subscription.objects.filter(subscriber=OuterRef("pk")).exclude(address="")
    nameless = Subscriber.objects.filter(~Exists(reachable), subscriptions__in=ids)
    fresh = Subscriber()
    Subscriber.objects.filter(pk__in=nameless.values("pk")).update(language=fresh.language, time_zone=fresh.time_zone)
    return count
