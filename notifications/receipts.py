"""Receipts: what a provider says of a message later moves its delivery forward, never back.

Callbacks come late, twice and in any order; the state they lead to is a function of the
set of them (I8): the highest rank stands. A callback may also come before the answer to
the call that it belongs to, or instead of it: it carries our own id, so it settles a call
that ended without an answer. A relay's word comes as a bounce, and says only the worst.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from . import providers
from .channels import mail_codes, twilio_codes
from .channels.base import Refused, Report, Scope
from .delivery import breakers, quarantine, returns
from .models import Audience, Delivery, Receipt
from .states import UNSENT, State

logger = logging.getLogger(__name__)

CODES: dict[str, Any] = {"twilio": twilio_codes, "smtp": mail_codes}
"""Whose words those are: `rank_of` a status, `verdict_on` a code."""

MOST = 50
"""Words kept of one delivery. Whoever holds a mail's return address could otherwise fill the table."""

FORWARD = {
    twilio_codes.ON_ITS_WAY: State.ACCEPTED,
    twilio_codes.NOT_DELIVERED: State.UNDELIVERED,
    twilio_codes.DELIVERED: State.DELIVERED,
}

UNANSWERED = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})
"""Nobody knew that the provider has it."""

LEAVES = {
    State.ACCEPTED: UNANSWERED,
    State.UNDELIVERED: UNANSWERED | {State.ACCEPTED},
    State.DELIVERED: UNANSWERED | {State.ACCEPTED, State.UNDELIVERED},
}
"""What a delivery may be now, for a receipt to move it there."""


@dataclass(frozen=True)
class Word:
    """One callback, read. `digest` stands for everything in it: the same word twice is one."""

    provider: str
    reference: str
    status: str
    code: str
    digest: str


PERSONAL = frozenset({"To", "From"})
"""Left out of the digest: a number can be guessed back from a hash in a minute."""


def twilio_word(parameters: Mapping[str, str]) -> Word:
    """A status callback of Twilio's."""
    said = "\n".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name not in PERSONAL)
    digest = sha256(said.encode()).hexdigest()
    return Word(
        provider="twilio",
        reference=parameters.get("MessageSid", "")[:128],
        status=parameters.get("MessageStatus", "")[:24],
        code=parameters.get("ErrorCode", "")[:16],
        digest=digest,
    )


def twilio_report(report: Report) -> Word:
    """What Twilio answered when asked; the same answer twice is one word, as with callbacks."""
    said = f"asked: {report.status} {report.code}"
    return Word("twilio", report.reference, report.status[:24], report.code[:16], sha256(said.encode()).hexdigest())


def bounce_word(delivery_id: UUID, code: str) -> Word:
    """A relay gave up a mail. Reports of it differ in their words; the code is what counts."""
    digest = sha256(f"{delivery_id} {code}".encode()).hexdigest()
    return Word("smtp", str(delivery_id), mail_codes.FAILED, code[:16], digest)


@transaction.atomic
def receive(delivery_id: UUID, word: Word, now: datetime | None = None) -> bool:
    """Store one word and follow it; True where it moved the delivery.

    Twilio's word for a delivery that is not there is kept, and moves nothing.
    """
    now = now or timezone.now()
    rows = Delivery.objects.select_related("subscription")
    delivery = rows.select_for_update(of=("self",)).filter(pk=delivery_id).first()
    if is_enough(delivery, word):
        return False
    receipt = Receipt(
        delivery=delivery,
        provider=word.provider,
        provider_reference=word.reference,
        status=word.status,
        code=word.code,
        digest=word.digest,
        received_at=now,
    )
    Receipt.objects.bulk_create([receipt], ignore_conflicts=True)
    if delivery is None:
        return False
    adopt(delivery, word)
    return follow(delivery, now)


def is_enough(delivery: Delivery | None, word: Word) -> bool:
    """Whether one more word is not kept; a bounce of what the ledger has forgotten is of no use to anybody."""
    if delivery is None:
        return word.provider == "smtp"
    return delivery.receipts.count() >= MOST


def adopt(delivery: Delivery, word: Word) -> None:
    """A word that came before under an id nobody knew is this delivery's; what is another's stays there."""
    same = {"provider": word.provider, "provider_reference": word.reference, "status": word.status}
    Receipt.objects.filter(**same, digest=word.digest, delivery=None).update(delivery=delivery)


def follow(delivery: Delivery, now: datetime) -> bool:
    """Move a delivery to where the set of its receipts says, if that is forward."""
    best = max(delivery.receipts.all(), key=weight, default=None)
    if best is None:
        return False
    codes = CODES[best.provider]
    state = FORWARD[codes.rank_of(best.status)]
    if delivery.state not in LEAVES[state]:
        if state == State.DELIVERED:
            arrived_all_the_same(delivery, now)
        return False
    verdict = codes.verdict_on(best.code) if state == State.UNDELIVERED else None
    Delivery.objects.filter(pk=delivery.pk).update(**changes(delivery, best, state, verdict, now))
    if verdict:
        heed(delivery, verdict, best.provider, now)
    if state == State.DELIVERED:
        breakers.heal_by_receipt(delivery.channel, delivery.subscription.address)
    return True


def arrived_all_the_same(delivery: Delivery, now: datetime) -> None:
    """What was given up here had been taken there, and has arrived: it rests where it is, but its person was told."""
    Delivery.objects.filter(pk=delivery.pk, state__in=sorted(UNSENT), accepted_at=None).update(accepted_at=now)


def weight(receipt: Receipt) -> tuple[int, str, str]:
    """By rank; between equals by anything that does not depend on their order."""
    return (CODES[receipt.provider].rank_of(receipt.status), receipt.status, receipt.code)


def changes(delivery: Delivery, best: Receipt, state: State, verdict: Refused | None, now: datetime) -> dict[str, Any]:
    """The columns that a move sets. The fence stays: a worker that still waits for its answer writes nothing."""
    was_open = delivery.state == State.SENDING and delivery.opened_at is not None
    return {
        "state": state,
        "final_at": now,
        "lease_expires_at": None,
        "opened_at": None,
        "ask_first": False,
        "attempts": delivery.attempts + (1 if was_open else 0),
        "accepted_at": delivery.accepted_at or now,
        "next_attempt_at": now + (providers.receipt_after(delivery.channel) or timedelta()),
        "provider": best.provider,
        "provider_reference": delivery.provider_reference or best.provider_reference,
        "last_code": best.code or (delivery.last_code if state == State.ACCEPTED else ""),
        "blame": verdict.blame.value if verdict else "",
    }


def heed(delivery: Delivery, verdict: Refused, provider: str, now: datetime) -> None:
    """What the code of a failure means beyond this message: for the address, or for us.

    Twilio signs what it says. What a single bounce says of us is written down, and told to staff, only.
    """
    subscription = delivery.subscription
    quarantine.follow(Recipient(subscription.pk, subscription.address_key), verdict, now)
    scope = breakers.reach(verdict, delivery.channel, subscription.address)
    if not scope:
        return
    if provider != "smtp":
        breakers.trip(scope, verdict, now, subscription.pk, by_receipt=True)
    elif tells_of_its_place(delivery, scope, verdict, now):
        breakers.trip(scope, replace(verdict, scope=Scope.PLACE), now, subscription.pk, by_receipt=True)
    else:
        logger.warning(
            "receipts: delivery %s came back for our sake (%s); if more do, %s is held back",
            delivery.pk,
            verdict.code,
            scope,
        )


def tells_of_its_place(delivery: Delivery, scope: str, verdict: Refused, now: datetime) -> bool:
    """Whether a bounce may hold back others too: not the word of one who never confirmed, or who kept an old mail,
    and not that of a few."""
    is_recent = delivery.accepted_at is not None and now - delivery.accepted_at <= returns.WITHIN
    if not is_recent or delivery.event.audience == Audience.ONE:
        return False
    domain = delivery.subscription.address.rpartition("@")[2]
    return returns.are_known_of(scope) or returns.tell_of(domain, verdict.scope, now)


@dataclass(frozen=True)
class Recipient:
    """Whose message it was, as `quarantine` wants to know it."""

    subscription_id: UUID
    address_key: str
