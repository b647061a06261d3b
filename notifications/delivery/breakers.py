"""Breakers: where a provider refuses us, nothing more is tried for a while (faults 32, 36, 40).

A breaker is a row, so that every process keeps away, and staff see it in the console.
It costs no delivery a try: what it holds back stays queued.

A mail domain's breaker opens at once for a code that speaks of our set-up, since that is
the same for everybody there. A refusal "by policy" may as well be one recipient's rule, and
a domain has thousands of recipients: it is written down as a suspicion, and opens the
breaker when a second recipient is refused with nothing taken there in between.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import phonenumbers
from django.conf import settings

from notifications.channels.base import Refused, Scope, Unavailable
from notifications.models import Breaker, Suspicion
from notifications.retry import breaker_wait
from notifications.states import Channel

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=5)
"""Between two tries of a provider that has long refused: its return is not to go unnoticed."""

STALE_AFTER = timedelta(hours=1)
"""Trouble that receipts told of, and then told of no more for so long, is over."""

FORGOTTEN_AFTER = timedelta(hours=2)
"""Trouble that did not come back for so long after its last try was another trouble.

Longer than the longest wait between two tries of one delivery, an hour and a quarter.
"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not well in one scope. `retry_at`: when that is, or was, tried again."""

    opened_at: datetime
    retry_at: datetime
    receipt_at: datetime | None = None


SCOPE_LENGTH = 255
"""Characters; the longest mail domain is as long, and its channel stands before it."""


def place_of(channel: str, address: str) -> str:
    """The part of a channel an address belongs to: its mail domain, its country, its host."""
    if channel == Channel.SMS:
        try:
            region = phonenumbers.region_code_for_number(phonenumbers.parse(address)) or "?"
        except phonenumbers.NumberParseException:
            region = "?"
        return f"{channel}:{region}"
    if channel == Channel.WEBHOOK:
        return f"{channel}:{urlsplit(address).hostname}"[:SCOPE_LENGTH]
    return f"{channel}:{address.rpartition('@')[2].lower()}"[:SCOPE_LENGTH]


def known() -> dict[str, Trouble]:
    """By scope: everything not known to be well."""
    suspected = {scope: Trouble(since, since) for scope, since in Suspicion.objects.values_list("scope", "since")}
    rows = Breaker.objects.values_list("scope", "opened_at", "retry_at", "receipt_at")
    return suspected | {scope: Trouble(*facts) for scope, *facts in rows}


def reach(answer: object, channel: str, address: str) -> str | None:
    """The scope of the trouble an answer tells of; None: the one message alone, or no trouble."""
    if not isinstance(answer, Refused | Unavailable) or answer.scope == Scope.MESSAGE:
        return None
    return channel if answer.scope == Scope.CHANNEL else place_of(channel, address)


def trip(
    scope: str, answer: Refused | Unavailable, now: datetime, recipient: UUID, *, by_receipt: bool = False
) -> Trouble:
    """Open the breaker, or keep it open for longer; a first suspicion holds nobody back.

    `recipient` is the subscription whose message was refused.
    """
    forget_one(scope, now)
    if answer.scope == Scope.SUSPECTED and not is_borne_out(scope, recipient, now):
        return Trouble(now, now)
    first = first_wait()
    row, is_new = Breaker.objects.get_or_create(
        scope=scope, defaults={"opened_at": now, "retry_at": now + first, "reason": answer.reason[:255]}
    )
    retry_at = now + breaker_wait(now - row.opened_at, first, max(first, LONGEST_WAIT))
    Breaker.objects.filter(pk=row.pk).update(
        retry_at=retry_at, reason=answer.reason[:255], code=answer.code[:64], receipt_at=now if by_receipt else None
    )
    if is_new:
        logger.error("delivery: %s is held back until %s: %s (%s)", scope, retry_at, answer.reason, answer.code)
    return Trouble(row.opened_at, retry_at, now if by_receipt else None)


def hold(scope: str, until: datetime, reason: str, code: str, now: datetime) -> None:
    """Hold a scope back for a reason of our own, in staff's sight as a provider's would be."""
    facts = {"retry_at": until, "reason": reason[:255], "code": code}
    _, is_new = Breaker.objects.get_or_create(scope=scope, defaults={"opened_at": now, **facts})
    if is_new:
        logger.error("delivery: %s is held back until %s: %s", scope, until, reason)


def let_go(scope: str, code: str) -> None:
    """What held a scope back under this code is over."""
    if Breaker.objects.filter(scope=scope, code=code).delete()[0]:
        logger.warning("delivery: %s is open again", scope)


def first_wait() -> timedelta:
    return timedelta(seconds=settings.DELIVERY_BREAKER_SECONDS)


def probe(scope: str, trouble: Trouble, now: datetime) -> Trouble | None:
    """Take the one message that may go to see whether a scope that receipts told of is well again.

    Its answer says nothing, so the others wait for its receipt, or for the next one's turn.
    None: another process has taken it, or all is well.
    """
    retry_at = now + breaker_wait(now - trouble.opened_at, first_wait(), max(first_wait(), LONGEST_WAIT))
    mine = Breaker.objects.filter(scope=scope, retry_at=trouble.retry_at, receipt_at=trouble.receipt_at)
    return Trouble(trouble.opened_at, retry_at, trouble.receipt_at) if mine.update(retry_at=retry_at) else None


def is_borne_out(scope: str, recipient: UUID, now: datetime) -> bool:
    """Whether somebody else there was refused already; else it is written down for the next one."""
    first, _ = Suspicion.objects.get_or_create(scope=scope, defaults={"recipient": recipient, "since": now})
    return first.recipient != recipient or Breaker.objects.filter(scope=scope).exists()


def forget(now: datetime) -> None:
    """Drop what is too old to say anything; one by one, so that no row is kept locked for another."""
    old = now - FORGOTTEN_AFTER
    scopes = set(Suspicion.objects.filter(since__lt=old).values_list("scope", flat=True))
    for scope in sorted(scopes.union(Breaker.objects.filter(retry_at__lt=old).values_list("scope", flat=True))):
        forget_one(scope, now)


def forget_one(scope: str, now: datetime) -> None:
    Suspicion.objects.filter(scope=scope, since__lt=now - FORGOTTEN_AFTER).delete()
    Breaker.objects.filter(scope=scope, retry_at__lt=now - FORGOTTEN_AFTER).delete()


def heal(scope: str) -> None:
    """A message went through: whatever was wrong there is over."""
    Suspicion.objects.filter(scope=scope).delete()
    if Breaker.objects.filter(scope=scope).delete()[0]:
        logger.warning("delivery: %s is open again", scope)


def heal_by_receipt(channel: str, address: str) -> None:
    """A message arrived: what receipts told of is over. The channel before its part: see `premise.hold_back`."""
    for scope in (channel, place_of(channel, address)):
        if Breaker.objects.filter(scope=scope, receipt_at__isnull=False).delete()[0]:
            logger.warning("delivery: %s is open again", scope)
