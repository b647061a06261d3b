"""People who are subscribed elsewhere come along: as they are, and without a word to them.

Who confirmed there is confirmed here, who didn't is not and is sent nothing; who left stays away, and who couldn't
be reached is not tried before somebody says so. What this site knows of an address itself outweighs what is
imported: a subscription, STOP, an erasure. Writes no outbox row.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from notifications import addresses
from notifications.addresses import Address, InputRefused
from notifications.models import Endpoint, Subscriber, Subscription, Suppression
from notifications.states import Channel
from statuspage import selectors
from statuspage.ports import Counts, IncomingSubscriber

from .ending import Reason

WORDING = "imported"
"""Stands for the sentence they agreed to elsewhere."""
CODE = "imported"


@dataclass(frozen=True)
class Found:
    """Somebody, with the address as this site spells it."""

    address: Address
    said: IncomingSubscriber


@transaction.atomic
def take_subscribers(incoming: Sequence[IncomingSubscriber], now: datetime) -> Counts:
    """Store whom this site doesn't know, and follow what became of those it has from there; how many, by what."""
    counts: Counter[str] = Counter()
    people = dict(spelled(incoming, counts))
    stored = known(people)
    refused = unwanted(people)
    for key in refused - stored.keys():
        counts["suppressed here"] += 1
        del people[key]
    for key, row in stored.items():
        counts[follow(row, people.pop(key).said, now)] += 1
    add(list(people.values()), now)
    counts.update(each.said.state for each in people.values())
    return dict(counts)


def spelled(incoming: Sequence[IncomingSubscriber], counts: Counter[str]) -> Iterator[tuple[str, Found]]:
    """Each address once, by its key; what can't be one is counted by what it is."""
    seen: set[str] = set()
    for each in incoming:
        try:
            address = address_of(each)
        except InputRefused as error:
            counts[f"refused: {error.message}"] += 1
            continue
        if address is None:
            counts[f"not told here: {each.channel[:32] or 'unknown'}"] += 1
        elif address.key in seen:
            counts["twice"] += 1
        else:
            seen.add(address.key)
            yield address.key, Found(address, each)


def address_of(said: IncomingSubscriber) -> Address | None:
    """None for a channel that is not known here. Raises InputRefused."""
    match said.channel:
        case Channel.EMAIL:
            return addresses.email(said.address)
        case Channel.SMS:
            return addresses.phone(said.address, said.country)
        case Channel.WEBHOOK:
            return addresses.endpoint(said.address, addresses.email(said.owner))
    return None


def known(people: Collection[str]) -> dict[str, Subscription]:
    """Those that have a row here, locked."""
    rows = Subscription.objects.select_for_update().filter(address_key__in=list(people))
    return {row.address_key: row for row in rows}


def unwanted(people: Collection[str]) -> set[str]:
    """Addresses that said STOP here, or had themselves erased."""
    said_no = [Suppression.Reason.STOP, Suppression.Reason.ERASED]
    rows = Suppression.objects.filter(address_key__in=list(people), reason__in=said_no)
    return set(rows.values_list("address_key", flat=True))


def follow(row: Subscription, said: IncomingSubscriber, now: datetime) -> str:
    """What became there of somebody who came from there; whoever subscribed here is left alone."""
    if row.consent_wording_version != WORDING or row.unsubscribed_at:
        return "here already"
    mine = Subscription.objects.filter(pk=row.pk)
    if said.state == "unsubscribed":
        mine.update(unsubscribed_at=now, unsubscribe_reason=Reason.ELSEWHERE)
        return "left meanwhile"
    if said.state == "quarantined" and quarantine([Found(Address(row.channel, row.address), said)], [row], now):
        return "quarantined meanwhile"
    if said.state == "active" and row.confirmed_at is None:
        mine.update(confirmed_at=now)
        return "confirmed meanwhile"
    return "here already"


# --- New ones -----------------------------------------------------------------------------------------------------


def add(people: Sequence[Found], now: datetime) -> None:
    """Rows of those whom nobody knows yet, all at once."""
    rows = [row_of(each, now) for each in people]
    Subscriber.objects.bulk_create([row.subscriber for row in rows], ignore_conflicts=True)
    Subscription.objects.bulk_create(rows)
    choose(people, rows)
    own(people, rows, now)
    pairs = [(each, row) for each, row in zip(people, rows, strict=True) if each.said.state == "quarantined"]
    quarantine([each for each, _ in pairs], [row for _, row in pairs], now)


def row_of(each: Found, now: datetime) -> Subscription:
    """Confirmed as of now, so that nothing that was published before is told; known since they subscribed there.

    Who has not confirmed has the whole time to, or their address would be forgotten within the hour.
    """
    state = each.said.state
    since = now if state == "unconfirmed" else each.said.created_at or now
    has_left = state == "unsubscribed"
    return Subscription(
        subscriber=Subscriber(
            pk=UUID(each.address.key[:32]),
            language=settings.LANGUAGE_CODE,
            time_zone=settings.PAGE_TIME_ZONE,
            created_at=since,
        ),
        channel=each.address.channel,
        address=each.address.value,
        address_key=each.address.key,
        all_components=each.said.component_ids is None,
        created_at=min(since, now),
        confirmed_at=None if state == "unconfirmed" else now,
        unsubscribed_at=now if has_left else None,
        unsubscribe_reason=Reason.ELSEWHERE if has_left else "",
        consent_wording_version=WORDING,
    )


def choose(people: Sequence[Found], rows: Sequence[Subscription]) -> None:
    """Their components and groups, as far as these are here."""
    for name, known_rows in (("components", selectors.components()), ("groups", selectors.groups())):
        through = getattr(Subscription, name).through
        column = f"{name.removesuffix('s')}_id" if name == "components" else "componentgroup_id"
        ids = set(known_rows.values_list("pk", flat=True))
        links = [
            through(subscription_id=row.pk, **{column: chosen})
            for each, row in zip(people, rows, strict=True)
            for chosen in dict.fromkeys(each.said.component_ids or ())
            if chosen in ids
        ]
        through._default_manager.bulk_create(links, ignore_conflicts=True)


def own(people: Sequence[Found], rows: Sequence[Subscription], now: datetime) -> None:
    """A webhook's endpoint, and its owner's own row, which is told nothing."""
    for each, row in zip(people, rows, strict=True):
        if each.address.owner:
            owner = owner_row(each.address.owner, now)
            Endpoint.objects.get_or_create(subscription=row, defaults={"owner": owner})


def owner_row(address: Address, now: datetime) -> Subscription:
    stored = known([address.key]).get(address.key)
    if stored:
        return stored
    row = row_of(Found(address, IncomingSubscriber(address.channel, address.value, state="unconfirmed")), now)
    Subscriber.objects.bulk_create([row.subscriber], ignore_conflicts=True)
    row.consent_wording_version = ""
    row.save(force_insert=True)
    return row


def quarantine(people: Sequence[Found], rows: Sequence[Subscription], now: datetime) -> bool:
    """Use these addresses no more until somebody lifts it; whether that is new."""
    held = [
        Suppression(
            address_key=row.address_key,
            reason=Suppression.Reason.QUARANTINE,
            code=CODE,
            since=min(each.said.since or now, now),
        )
        for each, row in zip(people, rows, strict=True)
    ]
    keys = [each.address_key for each in held]
    is_new = not Suppression.objects.filter(address_key__in=keys, reason=Suppression.Reason.QUARANTINE).exists()
    Suppression.objects.bulk_create(held, ignore_conflicts=True)
    return is_new
