"""What must hold once everything rests: docs/chaos.md's invariants, asked of the ledger and the provider's journal."""

from collections import Counter, defaultdict
from uuid import UUID

from notifications.models import Attempt, Audience, Delivery, OutboxEvent
from notifications.retry import MAX_ATTEMPTS
from notifications.states import TOLD, UNRESTING, State

from .provider import Violation, World


def check(world: World) -> None:
    """Raises Violation for the first that does not hold."""
    rows = list(Delivery.objects.select_related("event"))
    copies = Counter(copy.delivery_id for copy in world.journal)
    everyone_has_one_row(world, rows)
    nothing_is_lost(rows, copies)
    copies_are_bounded(world, rows, copies)
    copies_are_the_same(world)
    tries_are_bounded(rows, copies)
    world.check_rate()


def must(holds: bool, words: str) -> None:
    if not holds:
        raise Violation(words)


def everyone_has_one_row(world: World, rows: list[Delivery]) -> None:
    """I1: for each member of each event, and for nobody else. Of a voided one perhaps not all."""
    by_event: dict[int, list[UUID]] = defaultdict(list)
    for row in rows:
        by_event[row.event_id].append(row.subscription_id)
    for event in OutboxEvent.objects.all():
        have, members = by_event[event.pk], world.members[event.pk]
        must(len(have) == len(set(have)), f"I1: two rows for one subscription, {event.audience}")
        may = members if event.audience == Audience.MEMBERS else members | may_have_been_told(event, rows)
        must(set(have) <= may, f"I1: a row for somebody else, {event.audience}")
        if event.voided_at is None:
            wanted = members if event.audience != Audience.TOLD else set()
            wanted = wanted | (told(world, event, rows) if event.audience != Audience.MEMBERS else set())
            must(wanted <= set(have), f"I1: somebody has no row, {event.audience}")


def earlier(event: OutboxEvent, rows: list[Delivery]) -> list[Delivery]:
    return [row for row in rows if row.event.subject_id == event.subject_id and row.event_id < event.pk]


def may_have_been_told(event: OutboxEvent, rows: list[Delivery]) -> set[UUID]:
    others = [row for row in rows if row.event.subject_id == event.subject_id and row.event_id != event.pk]
    return {row.subscription_id for row in others if row.state in TOLD or row.ambiguous}


def told(world: World, event: OutboxEvent, rows: list[Delivery]) -> set[UUID]:
    """Whoever had an earlier word about the same thing, by the provider's journal, and had not left."""
    seen = {copy.delivery_id for copy in world.journal}
    left = {each for each, at in world.left.items() if at <= event.published_at}
    return {row.subscription_id for row in earlier(event, rows) if str(row.pk) in seen} - left


def nothing_is_lost(rows: list[Delivery], copies: Counter[str]) -> None:
    """I2: everything rests; what is called accepted was seen; what time overtook was not in time to be sent."""
    for row in rows:
        must(row.state not in UNRESTING, f"I2: {row.state}, and nobody comes for it")
        must(row.state != State.ACCEPTED or copies[str(row.pk)] >= 1, "I2: accepted, and never seen")
        must(row.state != State.FAILED or bool(row.attempts), "I2: failed, and never tried")


def copies_are_bounded(world: World, rows: list[Delivery], copies: Counter[str]) -> None:
    """I3: for each row, and in all."""
    for row in rows:
        must(copies[str(row.pk)] <= 1 + row.ambiguous, "I3: more copies of a row than answers that were lost")
    duplicates = sum(count - 1 for count in copies.values())
    must(duplicates <= world.in_doubt, f"I3: {duplicates} duplicates, {world.in_doubt} in doubt")


def copies_are_the_same(world: World) -> None:
    """I4."""
    contents = defaultdict(set)
    for copy in world.journal:
        contents[copy.delivery_id].add((copy.to, copy.content))
    must(all(len(each) == 1 for each in contents.values()), "I4: two copies of a row differ")


def tries_are_bounded(rows: list[Delivery], copies: Counter[str]) -> None:
    """I9, and no copy that the ledger does not know of."""
    must(max((row.attempts for row in rows), default=0) <= MAX_ATTEMPTS, "I9: too many tries")
    attempts = Counter(str(pk) for pk in Attempt.objects.values_list("delivery", flat=True))
    must(all(count <= attempts[each] for each, count in copies.items()), "I9: a copy without an attempt")
