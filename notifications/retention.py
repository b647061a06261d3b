"""Retention: what is no longer needed is forgotten, a little at a time, and the ledger stays whole.

An address goes; the subscription, its client and the address's HMAC stay behind for as long
as the ledger does, so that "was this client told?" can still be answered (docs/ledger.md).
Called by the sweep. Never touches what is not settled.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from statuspage import selectors

from . import limits
from .delivery.canary import KIND as CANARY
from .models import Attempt, Delivery, Following, LinkToken, OutboxEvent, Receipt, Subscriber, Subscription, Suppression
from .states import UNRESTING
from .subscriptions import Reason, ask_the_silent, end_with, pseudonymise

logger = logging.getLogger(__name__)

TURN = "retention"
EVERY = timedelta(hours=1)
ROUND_SECONDS = 5.0
"""Longer than this the sweep is not kept from its other work; what is left is the next sweep's."""

FOLLOWED_AFTERWARDS = timedelta(days=7)
"""So long a thing that is over is still followed: it may be taken up again, or have its postmortem."""

CHUNK = 1_000
"""Rows one transaction changes: short enough that nobody waits for its locks."""


def tend(now: datetime) -> None:
    """One round an hour, whichever copy of the sweep comes first; at once again where it was cut short."""
    if limits.is_turn(TURN, EVERY, now) and not forget(now, ROUND_SECONDS):
        limits.give_turn_back(TURN)


def forget(now: datetime, seconds: float) -> bool:
    """Forget what is over, rule by rule; False where `seconds` were not enough for all of it."""
    end, counts = time.monotonic() + seconds, Counter[str]()
    for rule in RULES:
        for count in rule(now):
            counts[rule.__name__] += count
            if time.monotonic() >= end:
                return told(counts, is_complete=False)
    return told(counts, is_complete=True)


def told(counts: Counter[str], *, is_complete: bool) -> bool:
    if counts.total():
        logger.info("retention: %s", ", ".join(f"{count} {name}" for name, count in counts.items() if count))
    return is_complete


# --- Addresses ------------------------------------------------------------------------------


def unconfirmed(now: datetime) -> Iterator[int]:
    """Nobody used the link: whoever asked may not have been the address's owner."""
    since = now - days(settings.RETAIN_UNCONFIRMED_DAYS)
    asked_again = LinkToken.objects.filter(subscription=OuterRef("pk"), created_at__gte=since)
    rows = with_address().filter(~Exists(asked_again), confirmed_at=None, created_at__lt=since)
    yield from each_part(rows, forget_addresses)


def quarantined(now: datetime) -> Iterator[int]:
    """Unreachable for so long: the subscription ends. Its owner may begin another."""
    over = Suppression.objects.filter(
        reason=Suppression.Reason.QUARANTINE, since__lt=now - days(settings.RETAIN_ADDRESS_DAYS)
    )
    waiting = Delivery.objects.filter(subscription__address_key=OuterRef("address_key"), state__in=sorted(UNRESTING))
    yield from each_part(over.exclude(Exists(waiting)), lambda part: release(part, now))


def release(part: QuerySet[Suppression], now: datetime) -> int:
    """End the subscriptions of these addresses, forget them, and lift the quarantine."""
    keys = list(part.select_for_update().values_list("address_key", flat=True))
    theirs = Subscription.objects.filter(address_key__in=keys)
    theirs.filter(unsubscribed_at=None).update(unsubscribed_at=now, unsubscribe_reason=Reason.QUARANTINE)
    pseudonymise(list(theirs.values_list("pk", flat=True)))
    Suppression.objects.filter(reason=Suppression.Reason.QUARANTINE, address_key__in=keys).delete()
    return len(keys)


def silent(now: datetime) -> Iterator[int]:
    """Numbers that may have changed hands: they are told no more, unless their owner says so."""
    # Nothing is said of a round without any: it would end there where it is cut short, and go no further.
    if count := ask_the_silent(now):
        yield count


def followings(now: datetime) -> Iterator[int]:
    """What somebody followed alone is over, for so long that nothing more will be said of it."""
    followed = set(Following.objects.values_list("subject_id", flat=True))
    if over := followed and followed - selectors.still_told(followed, now - FOLLOWED_AFTERWARDS):
        yield end_with(over, now)


def departed(now: datetime) -> Iterator[int]:
    """They left; the address was kept for questions about what it was told."""
    rows = with_address().filter(unsubscribed_at__lt=now - days(settings.RETAIN_ADDRESS_DAYS))
    yield from each_part(rows, forget_addresses)


def with_address() -> QuerySet[Subscription]:
    """Subscriptions that name an address, wait for no message and answer for no webhook."""
    waiting = Delivery.objects.filter(subscription=OuterRef("pk"), state__in=sorted(UNRESTING))
    owned = Subscription.objects.filter(endpoint__owner=OuterRef("pk")).exclude(address="")
    rows = Subscription.objects.exclude(address="").exclude(address_key=CANARY)
    return rows.exclude(Exists(waiting)).exclude(Exists(owned))


def forget_addresses(part: QuerySet[Subscription]) -> int:
    """Asked again under a lock: somebody may have come back meanwhile."""
    return pseudonymise(list(part.select_for_update(of=("self",)).values_list("pk", flat=True)))


def consents(now: datetime) -> Iterator[int]:
    """Where consent came from; that it was given, when and to which words, stays."""
    rows = Subscription.objects.exclude(consent_network_key="")
    over = rows.filter(confirmed_at__lt=now - days(settings.RETAIN_ADDRESS_DAYS))
    yield from each_part(over, lambda part: part.update(consent_network_key=""))


def links(now: datetime) -> Iterator[int]:
    """Links that are over; kept for a while, because their page offers a new one."""
    over = LinkToken.objects.filter(expires_at__lt=now - days(settings.RETAIN_UNCONFIRMED_DAYS))
    yield from each_part(over, deleted)


# --- The ledger -------------------------------------------------------------------------------


def references(now: datetime) -> Iterator[int]:
    """The providers' own ids of messages, by which they could be looked up there."""
    before = now - days(settings.RETAIN_REFERENCE_DAYS)
    over = OutboxEvent.objects.filter(expires_at__lt=before, settled_at__isnull=False, references_forgotten_at=None)
    for events in parts(over):
        for event in list(events):
            named = Delivery.objects.filter(event=event).exclude(provider_reference="")
            yield from each_part(named, forget_references, "subscription")
        events.update(references_forgotten_at=now)
    yield from each_part(Receipt.objects.filter(delivery=None, received_at__lt=before), deleted)


def forget_references(part: QuerySet[Delivery]) -> int:
    """Receipts keep a stand-in, since two of them must still differ."""
    ids = list(part.values_list("pk", flat=True))
    Receipt.objects.filter(delivery__in=ids).update(provider_reference=Cast(F("pk"), CharField()))
    return Delivery.objects.filter(pk__in=ids).update(provider_reference="")


def ledger(now: datetime) -> Iterator[int]:
    """Events whose time is over, with their deliveries, attempts and receipts."""
    over = OutboxEvent.objects.filter(expires_at__lt=now - ledger_age(), settled_at__isnull=False)
    for events in parts(over):
        ids = list(events.values_list("pk", flat=True))
        for event in ids:
            yield from each_part(Delivery.objects.filter(event=event), forget_deliveries, "subscription")
        # What an older event that is not settled was overtaken by stays with it.
        overtook = Delivery.objects.filter(superseded_by=OuterRef("pk"))
        yield deleted(OutboxEvent.objects.filter(~Exists(overtook), pk__in=ids))


def forget_deliveries(part: QuerySet[Delivery]) -> int:
    """Deliveries with all that belongs to them; how many."""
    ids = list(part.values_list("pk", flat=True))
    Attempt.objects.filter(delivery__in=ids).delete()
    Receipt.objects.filter(delivery__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def strangers(now: datetime) -> Iterator[int]:
    """Subscriptions without an address of which the ledger no longer speaks, and who had them."""
    told = Delivery.objects.filter(subscription=OuterRef("pk"))
    asked = OutboxEvent.objects.filter(single_subscription=OuterRef("pk"))
    before = now - ledger_age()
    is_over = Q(unsubscribed_at__lt=before) | Q(confirmed_at=None, created_at__lt=before)
    rows = Subscription.objects.filter(~Exists(told), ~Exists(asked), is_over, address="")
    yield from each_part(rows.exclude(address_key=CANARY), forget_people)


def forget_people(part: QuerySet[Subscription]) -> int:
    ids = list(part.values_list("pk", "subscriber"))
    Subscription.objects.filter(pk__in=[pk for pk, _ in ids]).delete()
    Subscriber.objects.filter(pk__in=[person for _, person in ids], subscriptions=None).delete()
    return len(ids)


# --- Little by little ---------------------------------------------------------------------------


def parts(rows: QuerySet[Any], key: str = "pk") -> Iterator[QuerySet[Any]]:
    """`rows` in parts, by `key`: each a question of its own. A row that stays is passed by once."""
    last: Any = None
    while True:
        rest = rows if last is None else rows.filter(**{f"{key}__gt": last})
        keys = list(rest.order_by(key).values_list(key, flat=True)[:CHUNK])
        if not keys:
            return
        last = keys[-1]
        yield rest.filter(**{f"{key}__lte": last})
        if len(keys) < CHUNK:
            return


def each_part(rows: QuerySet[Any], act: Callable[[QuerySet[Any]], int], key: str = "pk") -> Iterator[int]:
    """Do it to every part in a transaction of its own; how many rows each time."""
    for part in parts(rows, key):
        with transaction.atomic():
            count = act(part)
        yield count


def deleted(rows: QuerySet[Any]) -> int:
    return int(rows.delete()[0])


def days(count: int) -> timedelta:
    return timedelta(days=count)


def ledger_age() -> timedelta:
    return days(settings.RETAIN_LEDGER_DAYS)


RULES = (unconfirmed, quarantined, silent, followings, departed, consents, links, references, ledger, strangers)
"""In this order: a subscription is forgotten when nothing speaks of it any more."""
