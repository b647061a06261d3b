"""What Twilio's codes and statuses mean, in our words; the only place that knows them.

Apart from the client, whose import costs more memory than a web process should pay.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from .base import Ambiguous, Blame, Outcome, Refused, Scope, Unavailable


def number(reason: str) -> Refused:
    return Refused(reason, permanent=True, blame=Blame.ADDRESS)


def ours(reason: str, scope: Scope) -> Refused:
    return Refused(reason, blame=Blame.SENDER, scope=scope)


def soft(reason: str) -> Refused:
    return Refused(reason, blame=Blame.SOFT)


# Twilio error codes -> our outcome. https://www.twilio.com/docs/api/errors
OUTCOMES: dict[int, Refused | Unavailable] = {
    10001: ours("our account is not active", Scope.CHANNEL),
    20003: ours("our account is not let in", Scope.CHANNEL),
    20404: ours("our account is not there", Scope.CHANNEL),
    20429: Unavailable("too many requests", counts=False),
    21211: number("not a valid phone number"),
    21214: number("the number cannot be reached"),
    21217: number("not a valid phone number"),
    21408: ours("texts to this country are switched off in our account", Scope.PLACE),
    21606: ours("our sender number cannot send texts", Scope.CHANNEL),
    21610: Refused("the recipient replied STOP", permanent=True, blame=Blame.OPTED_OUT),
    21611: Unavailable("our sender's queue is full", retry_after=timedelta(minutes=1), counts=False),
    21612: ours("our sender does not reach this country", Scope.PLACE),
    21614: number("not a mobile number"),
    21635: number("a landline"),
    30001: soft("our sender's queue overflowed"),
    30002: ours("our account was suspended", Scope.CHANNEL),
    30003: soft("the handset cannot be reached"),
    30004: soft("blocked by the carrier or the recipient"),
    30005: number("the number does not exist"),
    30006: number("a landline, or a carrier that takes no texts"),
    30007: ours("filtered by the carrier", Scope.PLACE),
    30008: soft("lost by the carrier without a reason"),
    30022: ours("faster than our registration allows", Scope.PLACE),
    30032: ours("our toll-free number is not verified", Scope.PLACE),
    30034: ours("our sender is not registered", Scope.PLACE),
    30036: soft("not sent in time"),
    30450: ours("held to be fraud by Twilio", Scope.PLACE),
    30453: ours("held to be fraud by Twilio", Scope.PLACE),
}
"""The codes below 30000 answer a request, the others come in a receipt; what comes the other way means the same."""

RECEIPT_RANK = {"undelivered": 2, "failed": 2, "canceled": 2, "delivered": 3, "read": 3}
"""What a message came to; every other status only says that it is on its way (1).
Callbacks come in any order, so the highest rank stands, whatever came last."""
ON_ITS_WAY, NOT_DELIVERED, DELIVERED = 1, 2, 3


def rank_of(status: str) -> int:
    return RECEIPT_RANK.get(status, ON_ITS_WAY)


def verdict_on(code: str) -> Refused | None:
    """What the error code of a receipt means for the address, or for us; None: nothing."""
    found = OUTCOMES.get(int(code)) if code.isdigit() else None
    return replace(found, code=code) if isinstance(found, Refused) else None


def outcome_of(status: int, code: Any) -> Outcome:
    """Twilio's refusal of a request, in our words."""
    number = code if isinstance(code, int) else status
    if number in OUTCOMES:
        return with_code(OUTCOMES[number], str(number))
    if status == 429:
        return with_code(OUTCOMES[20429], "429")
    if status >= 500:
        return server_trouble(status, number)
    if status in {401, 403, 404}:
        return with_code(OUTCOMES[20404 if status == 404 else 20003], str(number))
    return Refused("refused by Twilio", code=str(number))


def server_trouble(status: int, number: int) -> Outcome:
    """5xx. In Twilio's own words it was not taken, but it is asked first; a proxy's word says nothing."""
    in_its_own_words = number >= 10_000
    if in_its_own_words:
        return Unavailable("out of order", code=str(number), may_have_arrived=True)
    return Ambiguous("a proxy's answer", code=str(status))


def with_code(outcome: Refused | Unavailable, code: str) -> Refused | Unavailable:
    return replace(outcome, code=code)
