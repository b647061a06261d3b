"""What the contacts of contracts had of a window's notice, out of the ledger: many contracts at the price of one.

Answers a port of the status page. Reads only, and no clock. A contact is found by the
mail address or the number that the contract names, or because its subscriber carries the
client's reference; each of its subscriptions is a recipient (docs/service-levels.md).
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from statuspage.ports import Asked, Contact, ContactNotice, ContactNotices, Contacts, ContactTold

from . import addresses, noticed, pseudonyms
from .models import OutboxEvent, Subscription
from .states import Channel

AT_ONCE = 5_000
"""Keys of one query: SQLite takes 32,766."""

NOT_SUBSCRIBED = "not_subscribed"
T = TypeVar("T", str, UUID)


@dataclass(frozen=True)
class Known:
    """One subscription of a contact; `named` None: it only carries the client's reference."""

    row: Subscription
    named: Contact | None = None

    def was_there(self, at: datetime) -> bool:
        """Confirmed by then, and not gone; as `audience.there_at`."""
        gone = self.row.unsubscribed_at
        return bool(self.row.confirmed_at and self.row.confirmed_at <= at) and (gone is None or gone > at)


@dataclass
class Group:
    """The contacts of one contract: their subscriptions, and who has none."""

    known: dict[UUID, Known] = field(default_factory=dict)
    missing: list[Contact] = field(default_factory=list)


def contact_notices(asked: Asked, groups: Mapping[Hashable, Contacts]) -> ContactNotices:
    """What became of each announcement among each group that it is asked for; as `statuspage.ports` says."""
    wanted = {key for keys in asked.values() for key in keys}
    found = grouped({key: groups[key] for key in wanted})
    announced = noticed.by_revision({maintenance_id for maintenance_id, _revision in asked})
    return {
        key: of_revision(announced[key], {each: found[each] for each in asked[key]})
        for key in asked
        if key in announced
    }


def of_revision(events: Sequence[OutboxEvent], groups: Mapping[Hashable, Group]) -> dict[Hashable, ContactNotice]:
    """Of one announcement, each group's; the ledger is read once for all of them."""
    first = noticed.first_of(events)
    if first is None:
        return {key: ContactNotice(None, None, False, ()) for key in groups}
    rows = rows_of(events, first, {pk for group in groups.values() for pk in group.known})
    return {key: notice_of(events, first, group, rows) for key, group in groups.items()}


def rows_of(
    events: Iterable[OutboxEvent], first: OutboxEvent, subscriptions: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Subscription -> how its deliveries stand, of those that have any."""
    people = noticed.recipients(events, first)
    found = (people.filter(subscription__in=some) for some in portions(subscriptions))
    return {row["subscription"]: row for rows in found for row in rows}


def notice_of(
    events: Sequence[OutboxEvent], first: OutboxEvent, group: Group, rows: Mapping[UUID, dict[str, Any]]
) -> ContactNotice:
    """One group's. Complete when the last who could be reached of those has it who were subscribed then."""
    people = tuple(told(group, rows))
    if first.fanned_out_at is None:
        is_awaited = any(each.was_there(first.published_at) for each in group.known.values())
        return ContactNotice(None, noticed.due_at(events) if is_awaited else None, not is_awaited, people)
    members = [each for each in people if each.was_subscribed]
    counts = {how: sum(each.standing == how for each in members) for how in noticed.HOW}
    if not members or not noticed.is_complete(counts):
        due_at = noticed.due_at(events, has_begun=counts["waiting"] > 0) if members else None
        return ContactNotice(None, due_at, not members, people)
    had_it = max((each.told_at for each in members if each.told_at), default=first.published_at)
    return ContactNotice(max(first.published_at, had_it), None, False, people)


def told(group: Group, rows: Mapping[UUID, dict[str, Any]]) -> Iterator[ContactTold]:
    """A row a recipient, and one for each contact who is none."""
    reached = {pk: known for pk, known in group.known.items() if pk in rows}
    for pk, known in reached.items():
        yield standing(rows[pk], known.named)
    there = {known.named for known in reached.values()}
    named = [*(known.named for known in group.known.values()), *group.missing]
    for contact in dict.fromkeys(each for each in named if each not in there):
        if contact:
            yield ContactTold(contact.name, contact.email or contact.phone, "", "", NOT_SUBSCRIBED)


def standing(row: dict[str, Any], named: Contact | None) -> ContactTold:
    """One recipient."""
    by_channel = {Channel.EMAIL: named.email, Channel.SMS: named.phone} if named else {}
    return ContactTold(
        name=named.name if named else "",
        address=by_channel.get(row["channel"], ""),
        recipient=pseudonyms.short(row["address_key"]),
        channel=row["channel"],
        standing=how(row),
        state=str(noticed.state_of(row)),
        code=row["code"],
        told_at=row["told_at"],
        was_subscribed=row["of_the_first"] > 0,
    )


def how(row: dict[str, Any]) -> str:
    """As `noticed.HOW` says it to the database."""
    if row["told_at"]:
        return "told"
    if row["waiting"]:
        return "waiting"
    return "missed" if row["cut_off"] and not row["in_trouble"] else "unreached"


# --- Whose subscriptions ----------------------------------------------------------------------------


def grouped(groups: Mapping[Hashable, Contacts]) -> dict[Hashable, Group]:
    """Each group with its subscriptions, looked up for all of them together."""
    keys = {contact: keys_of(contact) for contacts in groups.values() for contact in contacts.named}
    by_key = subscriptions("address_key", {key for each in keys.values() for key in each})
    references = {contacts.reference for contacts in groups.values()} - {""}
    by_reference = subscriptions("subscriber__client_reference", references)
    return {key: group_of(contacts, keys, by_key, by_reference) for key, contacts in groups.items()}


def group_of(
    contacts: Contacts,
    keys: Mapping[Contact, Sequence[str]],
    by_key: Mapping[str, Sequence[Subscription]],
    by_reference: Mapping[str, Sequence[Subscription]],
) -> Group:
    group = Group()
    for row in by_reference.get(contacts.reference, ()):
        group.known[row.pk] = Known(row)
    for contact in contacts.named:
        own = [row for key in keys[contact] for row in by_key.get(key, ())]
        group.known.update({row.pk: Known(row, contact) for row in own})
        if not own:
            group.missing.append(contact)
    return group


def keys_of(contact: Contact) -> list[str]:
    """Under which keys the ledger has a contact's addresses; none of one that no mail can be sent to."""
    found = [addresses.Address(Channel.SMS, contact.phone).key] if contact.phone else []
    with suppress(addresses.InputRefused):
        found += [addresses.email(contact.email).key] if contact.email else []
    return found


def subscriptions(column: str, values: Collection[str]) -> dict[str, list[Subscription]]:
    """Value of that column -> the subscriptions that were ever confirmed."""
    found = defaultdict(list)
    names = ("pk", "channel", "address_key", "confirmed_at", "unsubscribed_at", "subscriber__client_reference")
    rows = Subscription.objects.filter(confirmed_at__isnull=False).select_related("subscriber").only(*names)
    for some in portions(values):
        for row in rows.filter(**{f"{column}__in": some}):
            is_by_key = column == "address_key"
            found[row.address_key if is_by_key else row.subscriber.client_reference].append(row)
    return found


def portions(values: Collection[T]) -> Iterator[list[T]]:
    """As many as one query takes, in one order."""
    ordered = sorted(values)
    return (ordered[first : first + AT_ONCE] for first in range(0, len(ordered), AT_ONCE))
