"""The states of a delivery: one word each. Standard library only, so that pure modules may use it."""

from enum import StrEnum


class State(StrEnum):
    """What is known of one delivery. docs/architecture.md draws who leaves which, and by what."""

    QUEUED = "queued"  # promised; next_attempt_at says when
    SENDING = "sending"  # a worker holds it until lease_expires_at
    ACCEPTED = "accepted"  # the provider took it
    DELIVERED = "delivered"  # a receipt says so
    UNDELIVERED = "undelivered"  # a receipt says so, with its code
    UNKNOWN = "unknown"  # every try ended without an answer
    FAILED = "failed"  # refused, or its tries are spent: the dead letter
    EXPIRED = "expired"  # too late to be of use
    SUPERSEDED = "superseded"  # a newer word about the same thing overtook it
    SUPPRESSED = "suppressed"  # the recipient left, said STOP or is in quarantine


UNRESTING = frozenset({State.QUEUED, State.SENDING})
"""Every other state rests: only a receipt, or staff's "try again", leaves it."""

HANDED_OVER = frozenset({State.ACCEPTED, State.DELIVERED, State.UNDELIVERED})
"""The provider certainly took the message."""

TOLD = frozenset({State.ACCEPTED, State.DELIVERED, State.UNKNOWN})
"""The recipient has the message, or may have it: whoever is to hear of a change to it."""

UNSENT = frozenset({State.FAILED, State.EXPIRED, State.SUPERSEDED, State.SUPPRESSED})
"""Given up here. Where `accepted_at` is set all the same, a carrier's receipt for an earlier, unanswered call came
later and says that the person got it; the state stays."""

TRY_AGAIN = frozenset({State.UNKNOWN, State.FAILED})
"""What staff may put back into the queue."""


class Channel(StrEnum):
    """A way to reach somebody. NULL goes nowhere: the canary's, where no CANARY_EMAIL is set."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    NULL = "null"


class Priority:
    """What is sent first within one channel; lower is sooner.

    Even numbers, because a delivery that was tried and must wait takes the odd number
    behind its own: so the claim's index scan never wades through a crowd in backoff.
    """

    PERSON_WAITS = 0  # confirmation and manage links
    URGENT = 2  # Severity I, and the canary that watches the path
    ORDINARY = 4


def after_a_try(priority: int) -> int:
    """The place of a delivery that was tried: behind the untried ones of its own class only."""
    return priority | 1
