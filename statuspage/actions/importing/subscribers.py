"""Subscribers of an imported page: handed over, a batch at a time, to whoever tells people."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import transaction

from statuspage import audit, ports, selectors
from statuspage.ports import IncomingSubscriber
from statuspage.roles import Ability

NEW = ("active", "unconfirmed", "quarantined", "unsubscribed")
MEANWHILE = ("confirmed meanwhile", "left meanwhile", "quarantined meanwhile")


def import_subscribers(*, batches: Iterable[Sequence[IncomingSubscriber]], actor: audit.Actor) -> Counter[str] | None:
    """Take over all of them, each batch in a transaction of its own; how many, by what became of them.

    None: nobody tells people. The audit log has one entry, without addresses, and none where nothing changed.
    """
    actor.require(Ability.OWN)
    counts: Counter[str] = Counter()
    for batch in batches:
        taken = ports.take_subscribers(batch, selectors.database_now())
        if taken is None:
            return None
        counts.update(taken)
    if any(counts[word] for word in (*NEW, *MEANWHILE)):
        note(counts, actor)
    return counts


def note(counts: Counter[str], actor: audit.Actor) -> None:
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="import_subscribers",
            kind="import",
            object_id="subscribers",
            at=selectors.database_now(),
            after=dict(sorted(counts.items())),
        )
