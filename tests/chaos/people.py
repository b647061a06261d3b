"""The people of a storm: who they are, and how the site comes to know them.

A person's address, subscription id and wishes follow from the seed, so that the checks know who must be told what
without asking the system under test.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

COMPONENTS = ("API", "Billing", "Console", "Mail", "Search", "Storage")
DOMAINS = ("example.org", "example.net", "example.com", "status.example")
OF_USE_SECONDS = 8
STAFF, PASSPHRASE = "alice", "a long enough passphrase"


class Kind(StrEnum):
    """What a person is to the site."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    QUARANTINED = "quarantined"
    LEAVER = "leaver"  # confirmed, and gone before the end
    MORTAL = "mortal"  # confirmed, and one day their mailbox does not exist any more


@dataclass(frozen=True)
class Crowd:
    """How many of each."""

    mails: int = 2_000
    texts: int = 500
    unconfirmed: int = 100
    quarantined: int = 50
    leavers: int = 20
    mortals: int = 5


@dataclass(frozen=True)
class Person:
    """One subscription. `wish` is a component's name, or empty for everything."""

    subscription: uuid.UUID
    channel: str
    address: str
    kind: Kind
    wish: str = ""

    @property
    def is_member(self) -> bool:
        """Whether they had confirmed before the storm."""
        return self.kind != Kind.UNCONFIRMED


def people(seed: int, crowd: Crowd) -> list[Person]:
    """Everybody, the same for the same seed. Every fifth of the minor kinds has a telephone."""
    chance = random.Random(f"people {seed}")
    kinds = [(Kind.CONFIRMED, "email")] * crowd.mails + [(Kind.CONFIRMED, "sms")] * crowd.texts
    kinds += [(Kind.MORTAL, "email")] * crowd.mortals
    for kind, count in (
        (Kind.UNCONFIRMED, crowd.unconfirmed),
        (Kind.QUARANTINED, crowd.quarantined),
        (Kind.LEAVER, crowd.leavers),
    ):
        kinds += [(kind, "sms" if number % 4 == 3 else "email") for number in range(count)]
    return [person(number, kind, channel, chance) for number, (kind, channel) in enumerate(kinds)]


def person(number: int, kind: Kind, channel: str, chance: random.Random) -> Person:
    """Whoever is to leave, or to vanish, wants everything: there must be something to stop."""
    address = f"+316{10_000_000 + number}" if channel == "sms" else f"reader-{number}@{DOMAINS[number % len(DOMAINS)]}"
    wish = chance.choice(["", *COMPONENTS]) if kind == Kind.CONFIRMED else ""
    return Person(uuid.UUID(int=chance.getrandbits(128), version=4), channel, address, kind, wish)


# --- Inside the site: `manage.py shell -c "from tests.chaos import people; people.settle(...)"` -------------------


def settle(seed: int, **crowd: int) -> None:
    """Store staff, components and everybody; print what the harness cannot know beforehand."""
    import json

    from notifications import tokens
    from notifications.models import Subscription
    from statuspage.models import Component

    everybody = people(seed, Crowd(**crowd))
    store_staff_and_components()
    store_people(everybody)
    tell_yesterdays_word()
    leaving = [each.subscription for each in everybody if each.kind == Kind.LEAVER]
    facts = {
        "components": dict(Component.objects.values_list("name", "pk")),
        "tokens": {str(row.pk): tokens.unsubscribe_token(row) for row in Subscription.objects.filter(pk__in=leaving)},
    }
    print(json.dumps(facts))


def store_staff_and_components() -> None:
    from django.contrib.auth.models import Group, User

    from statuspage import audit
    from statuspage.actions import components

    for name in COMPONENTS:
        components.create_component(name=name, actor=audit.SYSTEM)
    alice = User.objects.create_user(STAFF, password=PASSPHRASE, is_staff=True)
    alice.groups.add(Group.objects.get_or_create(name="publisher")[0])


def tell_yesterdays_word() -> None:
    """It is of use for a few seconds more: some are still told, the others rightly not."""
    from django.utils import timezone

    from statuspage import audit
    from statuspage.actions import incidents

    then = timezone.now() - timedelta(days=1) + timedelta(seconds=OF_USE_SECONDS)
    incidents.open_incident(name="Yesterday", body="This was yesterday.", actor=audit.SYSTEM, now=then)


def store_people(everybody: Sequence[Person]) -> None:
    from django.utils import timezone

    from notifications.models import Subscriber, Subscription, Suppression
    from statuspage.models import Component

    then = timezone.now() - timedelta(days=2)
    persons = Subscriber.objects.bulk_create([Subscriber() for _ in everybody], batch_size=500)
    pairs = zip(everybody, persons, strict=True)
    rows = [Subscription(subscriber=owner, **columns(each, then)) for each, owner in pairs]
    Subscription.objects.bulk_create(rows, batch_size=500)
    components = dict(Component.objects.values_list("name", "pk"))
    through = Subscription.components.through
    through.objects.bulk_create(through(**wish) for wish in wishes(everybody, components))
    stopped = {each.subscription for each in everybody if each.kind == Kind.QUARANTINED}
    Suppression.objects.bulk_create(
        Suppression(address_key=row.address_key, reason="quarantine", code="550 5.1.1", since=then)
        for row in rows
        if row.pk in stopped
    )


def columns(each: Person, then: Any) -> dict[str, Any]:
    """A subscription as it stands before the storm."""
    from notifications.pseudonyms import address_key

    return {
        "id": each.subscription,
        "channel": each.channel,
        "address": each.address,
        "address_key": address_key(each.address.casefold()),
        "all_components": not each.wish,
        "created_at": then,
        "confirmed_at": then if each.is_member else None,
    }


def wishes(everybody: Sequence[Person], components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in everybody:
        if each.wish:
            yield {"subscription_id": each.subscription, "component_id": components[each.wish]}
