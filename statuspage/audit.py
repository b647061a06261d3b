"""The audit log: one hash-chained row for each act of staff or of an API key.

`record` is called inside the transaction of the act, so neither exists without the
other. Each hash covers the one before: a changed or removed row breaks the chain from
there on, which `manage.py verify_audit` finds.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from .models import AuditEntry, Publication
from .roles import Ability, abilities_of

FIRST_HASH = "0" * 64
BATCH = 1_000
"""Rows read at a time when the chain is checked: memory stays flat."""


@dataclass(frozen=True)
class Actor:
    """Who acts, by which door, and what that one may do (`roles.Ability` values)."""

    name: str
    source: str
    abilities: frozenset[Ability]
    user: AbstractBaseUser | None = None

    def require(self, ability: Ability, *others: Ability) -> None:
        """Raise PermissionDenied where this one may not do that; of several abilities any one is enough."""
        if self.abilities.isdisjoint({ability, *others}):
            raise PermissionDenied(
                _("%(who)s may not do this: it takes the right to %(ability)s.")
                % {"who": self.name, "ability": ability.label}
            )


SYSTEM = Actor(name="system", source="system", abilities=frozenset(Ability))
"""The program itself: windows that come due, imports by an operator at the command line."""


def staff(user: AbstractBaseUser) -> Actor:
    """The actor for somebody signed in to the console."""
    return Actor(name=user.get_username(), source="console", abilities=abilities_of(user), user=user)


def record(
    *,
    actor: Actor,
    action: str,
    kind: str,
    object_id: str,
    at: datetime,
    before: Any = None,
    after: Any = None,
) -> AuditEntry:
    """Append one act to the chain; call inside the transaction of the act.

    Takes the publication's row lock, so that two acts cannot claim the same place.
    """
    publication = Publication.objects.lock()
    entry = AuditEntry(
        at=at,
        actor=actor.user,
        actor_name=actor.name,
        source=actor.source,
        action=action,
        object_kind=kind,
        object_id=object_id,
        before=before,
        after=after,
        previous_hash=publication.audit_head or FIRST_HASH,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    publication.audit_count, publication.audit_head = publication.audit_count + 1, entry.hash
    publication.save(update_fields=["audit_count", "audit_head"])
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the hash before and the row's canonical JSON, as 64 hex digits."""
    facts = {
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_name,
        "source": entry.source,
        "action": entry.action,
        "kind": entry.object_kind,
        "id": entry.object_id,
        "before": entry.before,
        "after": entry.after,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{entry.previous_hash}{canonical}".encode()).hexdigest()


def broken_entries() -> Iterator[AuditEntry]:
    """The entries whose hash, or whose link to the entry before, does not hold."""
    previous = FIRST_HASH
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=BATCH):
        if entry.previous_hash != previous or entry.hash != digest(entry):
            yield entry
        previous = entry.hash


def missing_entries() -> int:
    """How many entries were cut off the end of the chain; entries in the middle break it instead."""
    publication = Publication.objects.current()
    return publication.audit_count - AuditEntry.objects.count()
