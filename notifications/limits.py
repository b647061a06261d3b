"""How often the public form may make a message be sent (faults 72 and 74).

Counters stand in the database: they hold when Redis is down and for any number of web
processes. Addresses and networks are counted under a keyed hash, never as themselves.
Called by `subscriptions` inside its transaction. A limit that is hit is never told to
whoever asks: the answer is always the same, only the message does not come.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from statuspage.public.strangers import client_network

from .addresses import Address
from .models import LinkToken, RateCounter, Subscription
from .states import Channel
from .tokens import Purpose

TIME_TO_CONFIRM = timedelta(minutes=5)
"""A text that is younger says nothing yet about whether its link will be used."""

CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of two web servers, or of two waiting requests, may be apart."""

QUARTER_HOUR, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

TEXTS = "texts"
"""The counter of the day's texts that the public form causes: confirmations and links."""

OWNERS_AN_ENDPOINT = 3
"""So many people may have the same endpoint called: each of them costs it a call an update."""

FORM_SHARE = 4
"""Of SMS_DAILY_LIMIT the public form causes a quarter at the most: else strangers could use up an incident's texts."""

BLOCK_DIGITS = 3
"""A thousand neighbouring numbers are one block: whoever sells numbers has them in a row."""


@dataclass(frozen=True)
class Limit:
    """At most `most` in a time of `per` that begins with the first of them."""

    key: str
    most: int
    per: timedelta


# --- Who asks -----------------------------------------------------------------------------


def keyed_hash(kind: str, value: str) -> str:
    """`value` as a counter or a consent record knows it: 64 hex digits, dark without SECRET_KEY."""
    return salted_hmac(f"notifications.limits.{kind}", value, algorithm="sha256").hexdigest()


def network_key(request: HttpRequest) -> str:
    """What stands for the client's network wherever it is stored."""
    return keyed_hash("network", client_network(request))


# --- What is allowed -----------------------------------------------------------------------


def may_request(address: Address, network: str, now: datetime) -> bool:
    """Count one request of a message to `address`; False when there were enough already.

    `network` is whoever asks, by `network_key`.
    """
    limits = [
        *per_address(address),
        Limit(f"network:{network}", settings.SUBSCRIBE_PER_NETWORK_HOUR, HOUR),
        Limit("all", settings.SUBSCRIBE_PER_HOUR, HOUR),
        *(per_text(address) if address.channel == Channel.SMS else ()),
    ]
    # All are asked, whatever the first answers: known and unknown addresses cost the same statements.
    is_fair = [address.channel != Channel.SMS, texts_are_converting(address.value, now), is_confirmed(address)]
    return any(is_fair) and take(limits, now)


def may_write(address: Address, now: datetime, is_owner: bool = False) -> bool:
    """Count one link that a program has sent to `address`; False when there were enough already.

    Each key has a rate of its own. What protects whoever is written to, and the day's texts, holds all the same.
    """
    is_text = address.channel == Channel.SMS
    if is_text and not (texts_are_converting(address.value, now) or is_confirmed(address)):
        return False
    return take(
        [*per_address(address, "owner" if is_owner else "address"), *(per_text(address) if is_text else ())], now
    )


def may_look_up(network: str, now: datetime) -> bool:
    """Count one look at an endpoint's name: strangers' name servers are asked for it, and may be slow."""
    limits = [
        Limit(f"lookup:{network}", settings.SUBSCRIBE_PER_NETWORK_HOUR, HOUR),
        Limit("lookups", settings.SUBSCRIBE_PER_HOUR, HOUR),
    ]
    return take(limits, now)


def may_request_webhook(endpoint: Address, network: str, now: datetime) -> bool:
    """The same for a webhook: mails to its owner are counted, and requests for the endpoint, whoever owns it."""
    assert endpoint.owner
    same = Subscription.objects.filter(channel=Channel.WEBHOOK, address=endpoint.value, unsubscribed_at=None)
    is_crowded = same.exclude(confirmed_at=None).exclude(address_key=endpoint.key).count() >= OWNERS_AN_ENDPOINT
    limits = [
        *per_address(endpoint.owner, "owner"),
        Limit(f"endpoint:{keyed_hash('endpoint', endpoint.value)}", settings.SUBSCRIBE_PER_ADDRESS_DAY, DAY),
        Limit(f"network:{network}", settings.SUBSCRIBE_PER_NETWORK_HOUR, HOUR),
        Limit("all", settings.SUBSCRIBE_PER_HOUR, HOUR),
    ]
    return not is_crowded and take(limits, now)


def is_confirmed(address: Address) -> bool:
    """Whether its owner has used a link: a guard against numbers that never do is not for them."""
    rows = Subscription.objects.filter(channel=address.channel, address_key=address.key, unsubscribed_at=None)
    return rows.filter(confirmed_at__isnull=False).exists()


def per_address(address: Address, kind: str = "address") -> Iterator[Limit]:
    """Nobody is to be flooded by somebody who knows their address.

    Webhooks' owners are counted apart: one form may ask for mails and for a webhook.
    """
    yield Limit(f"{kind}:{address.key}:15m", settings.SUBSCRIBE_PER_ADDRESS_QUARTER_HOUR, QUARTER_HOUR)
    yield Limit(f"{kind}:{address.key}:1d", settings.SUBSCRIBE_PER_ADDRESS_DAY, DAY)


def per_text(address: Address) -> Iterator[Limit]:
    """Texts cost money, and some carriers share it with whoever makes them be sent."""
    block = keyed_hash("block", address.value[:-BLOCK_DIGITS])
    yield Limit(f"block:{block}", settings.SUBSCRIBE_SMS_PER_BLOCK_DAY, DAY)
    yield Limit(TEXTS, share_of_the_form(), DAY)


def share_of_the_form() -> int:
    """Of the day's texts: the rest is for those who want to be told."""
    return -(-settings.SMS_DAILY_LIMIT // FORM_SHARE)


def take(limits: Sequence[Limit], now: datetime) -> bool:
    """Count one under every limit, or under none when one of them is full.

    A refused request must not use up what others share, or one flooder would close the
    form for everybody. Inside a transaction: the rows stay locked until it ends. They are
    locked in the order of their keys, so two requests cannot wait for each other.
    """
    rows = locked([limit.key for limit in limits], now)
    for limit in limits:
        begin_anew_if_over(rows[limit.key], limit, now)
    if any(rows[limit.key].count >= limit.most for limit in limits):
        return False
    for row in rows.values():
        row.count += 1
    RateCounter.objects.bulk_update(rows.values(), ["window_started_at", "count"])
    return True


@transaction.atomic
def allot(limit: Limit, wanted: int, now: datetime) -> int:
    """Count up to `wanted` under one limit; how many there was room for."""
    row = locked([limit.key], now)[limit.key]
    begin_anew_if_over(row, limit, now)
    room = max(0, min(wanted, limit.most - row.count))
    row.count += room
    row.save(update_fields=["window_started_at", "count"])
    return room


def give_back(key: str, count: int) -> None:
    """What was counted and did not happen; a window that began since then knows nothing of it."""
    RateCounter.objects.filter(key=key, count__gte=count).update(count=F("count") - count)


def left(limit: Limit, now: datetime) -> int:
    """How many more there is room for now; changes nothing."""
    row = RateCounter.objects.filter(key=limit.key, window_started_at__gt=now - limit.per).first()
    return max(0, limit.most - row.count) if row else limit.most


def ends_at(limit: Limit, now: datetime) -> datetime:
    """When the present window is over."""
    row = RateCounter.objects.filter(key=limit.key).first()
    return (row.window_started_at if row else now) + limit.per


def texts_are_converting(number: str, now: datetime) -> bool:
    """Whether people in this number's country use the links they are texted.

    Numbers that ask and never confirm are somebody's income, not readers: then no more
    links are texted to that country until the share is fair again.
    """
    if not number.startswith("+"):
        return True
    asked = LinkToken.objects.filter(
        purpose=Purpose.CONFIRM,
        subscription__channel=Channel.SMS,
        subscription__address__startswith=f"+{phonenumbers.parse(number).country_code}",
        created_at__gt=now - DAY,
        created_at__lte=now - TIME_TO_CONFIRM,
    )
    counted = asked.aggregate(all=Count("pk"), used=Count("used_at"))
    if counted["all"] < settings.SUBSCRIBE_SMS_SAMPLE:
        return True
    return counted["used"] * 100 >= counted["all"] * settings.SUBSCRIBE_SMS_CONVERSION_PERCENT


def locked(keys: Iterable[str], now: datetime) -> dict[str, RateCounter]:
    """The counters, made where they are missing, locked until the transaction ends."""
    wanted = sorted(set(keys))
    fresh = [RateCounter(key=key, window_started_at=now, count=0) for key in wanted]
    RateCounter.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = RateCounter.objects.select_for_update().filter(key__in=wanted).order_by("key")
    return {row.key: row for row in rows}


def begin_anew_if_over(row: RateCounter, limit: Limit, now: datetime) -> None:
    """Start the next window; also when the clock went back far behind this one's start.

    A little behind is nothing unusual: whoever waited for the lock read the clock before
    whoever had it.
    """
    if not row.window_started_at - CLOCK_SLACK <= now < row.window_started_at + limit.per:
        row.window_started_at, row.count = now, 0


def forget_old(now: datetime) -> int:
    """Delete counters whose window is long over; returns how many."""
    return RateCounter.objects.filter(window_started_at__lt=now - 2 * DAY).delete()[0]


# --- Turns -----------------------------------------------------------------------------------


def is_turn(name: str, per: timedelta, now: datetime) -> bool:
    """True once in a time of `per`, for the first of all processes that asks."""
    key = turn_key(name)
    if RateCounter.objects.filter(key=key, window_started_at__gt=now - per, window_started_at__lte=now).exists():
        return False
    with transaction.atomic():
        return take([Limit(key, 1, per)], now)


def give_turn_back(name: str) -> None:
    """Let the next one who asks have it."""
    RateCounter.objects.filter(key=turn_key(name)).delete()


def turn_key(name: str) -> str:
    return f"turn:{name}"
