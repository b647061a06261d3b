"""What an answer means for a delivery: when to try again, or that it rests. Pure.

Knows no provider and no database: `channels` classifies, `delivery` writes. Every rule
about how often and how long stands here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .channels.base import Accepted, Ambiguous, Blame, Outcome, Refused, Scope, Unavailable
from .states import State

MAX_ATTEMPTS = 30
"""With waits that double up to an hour this outlasts the day in which an update is of use."""

MAX_OUR_FAULTS = 8
"""Refusals of ours that a delivery counts: enough for the waits to grow from a minute to an hour."""

MAX_DEFECTS = 3
"""A message that cannot be built is no better an hour later; but a deploy may have cured it."""

MAX_UNANSWERED = 2
"""Where the provider cannot be asked: one repetition, whose copy may be a second one, then `unknown`."""

MAX_LOST_LEASES = 5
"""A killed worker says little about the message, unless it is the message that kills them."""

RECEIPT_SPAN = timedelta(hours=36)
"""Twilio keeps a text for ten hours, carriers for a day or so: whoever said nothing by then never will."""

JITTER = 0.25
"""Waits grow by up to so much, at random, so that a crowd does not come back as one."""


@dataclass(frozen=True)
class Policy:
    """One channel's schedule. `can_ask`: the provider tells what it took.

    `receipt_after`: what it took and said no more of is asked about then; None: nothing more is said there.
    `unanswered`: after so many calls without an answer it rests as unknown, where it cannot.
    """

    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(hours=1)
    ask_after: timedelta = timedelta(seconds=30)
    can_ask: bool = False
    receipt_after: timedelta | None = None
    unanswered: int = MAX_UNANSWERED


@dataclass(frozen=True)
class Tries:
    """What was spent on a delivery so far."""

    attempts: int = 0
    ambiguous: int = 0
    ask_first: bool = False


@dataclass(frozen=True)
class Step:
    """What becomes of the delivery; `at` is the next attempt's time, or when its receipt is asked for."""

    state: State
    tries: Tries
    at: datetime | None = None


@dataclass(frozen=True)
class Defect:
    """The message could not be built: no call was made."""

    reason: str


@dataclass(frozen=True)
class LostLease:
    """Its worker was never heard of again. `opened`: a call may have been made."""

    opened: bool


Answer = Outcome | Defect | LostLease


def next_step(answer: Answer, tries: Tries, now: datetime, policy: Policy, chance: float = 0.0) -> Step:
    """What follows from one answer. `chance` is a random number from 0 to 1, for the jitter."""
    match answer:
        case Accepted():
            return Step(State.ACCEPTED, counted(tries), now + policy.receipt_after if policy.receipt_after else None)
        case Refused(blame=Blame.SENDER) | Unavailable(blame=Blame.SENDER, counts=True):
            return after_our_fault(answer.scope, tries, now, policy, chance)
        case Refused():
            return Step(State.FAILED, counted(tries))
        case Unavailable():
            return after_unavailable(answer, tries, now, policy, chance)
        case Ambiguous():
            return after_silence(tries, now, policy, chance)
        case LostLease():
            return after_lost_lease(answer.opened, tries, now, policy)
        case Defect():
            spent = counted(tries)
            return again_or_rest(spent, now + wait(spent.attempts, policy, chance), MAX_DEFECTS)
    raise TypeError(answer)


def after_unavailable(answer: Unavailable, tries: Tries, now: datetime, policy: Policy, chance: float) -> Step:
    """Later: after what the provider asks for, or the schedule's wait, whichever is longer."""
    spent = counted(tries) if answer.counts else tries
    pause = wait(spent.attempts, policy, chance)
    if answer.retry_after:
        pause = max(answer.retry_after, pause)
    ask_first = policy.can_ask and (tries.ask_first or answer.may_have_arrived)
    if answer.may_have_arrived:
        pause = max(pause, policy.ask_after)
    return again_or_rest(Tries(spent.attempts, spent.ambiguous, ask_first), now + pause, MAX_ATTEMPTS)


def after_our_fault(scope: Scope, tries: Tries, now: datetime, policy: Policy, chance: float) -> Step:
    """Later, and each time later still.

    Where the provider refuses us whoever we write to, no number of tries ends a message:
    our set-up is mended in an hour or in three days, and the recipient is not to pay for
    it. What may be one recipient's own rule is given up like any other refusal.
    """
    spent = counted(tries)
    pause = wait(spent.attempts, policy, chance)
    if scope in {Scope.PLACE, Scope.CHANNEL}:
        kept = max(tries.attempts, min(spent.attempts, MAX_OUR_FAULTS))
        return Step(State.QUEUED, Tries(kept, tries.ambiguous), now + pause)
    return again_or_rest(spent, now + pause, MAX_ATTEMPTS)


def after_silence(tries: Tries, now: datetime, policy: Policy, chance: float) -> Step:
    """No answer. Ask before the next call where that is possible; else repeat once."""
    spent = Tries(tries.attempts + 1, tries.ambiguous + 1, ask_first=policy.can_ask)
    if not policy.can_ask and spent.ambiguous >= policy.unanswered:
        return Step(State.UNKNOWN, spent)
    pause = policy.ask_after if policy.can_ask else wait(spent.attempts, policy, chance)
    return again_or_rest(spent, now + pause, MAX_ATTEMPTS)


def after_lost_lease(opened: bool, tries: Tries, now: datetime, policy: Policy) -> Step:
    """At once: a lease's length has passed already."""
    if not opened:
        return Step(State.QUEUED, tries, now)
    spent = Tries(tries.attempts + 1, tries.ambiguous + 1, ask_first=policy.can_ask)
    if spent.ambiguous >= MAX_LOST_LEASES:
        return Step(State.UNKNOWN, spent)
    return again_or_rest(spent, now, MAX_ATTEMPTS)


def again_or_rest(tries: Tries, at: datetime, limit: int) -> Step:
    """Queue it again, or rest when its tries are spent: unknown where one may have arrived."""
    if tries.attempts < limit:
        return Step(State.QUEUED, tries, at)
    return Step(State.UNKNOWN if tries.ambiguous else State.FAILED, tries)


def counted(tries: Tries) -> Tries:
    return Tries(tries.attempts + 1, tries.ambiguous, ask_first=False)


def wait(attempts: int, policy: Policy, chance: float) -> timedelta:
    """Doubling from the first wait to the longest, never shorter, a little longer at random."""
    doublings = min(max(attempts - 1, 0), 20)
    doubled: timedelta = policy.first_wait * (1 << doublings)
    return min(doubled, policy.longest_wait) * (1 + JITTER * chance)


def next_question(accepted_at: datetime, now: datetime, first_wait: timedelta) -> datetime | None:
    """When a receipt that is still missing is asked for again: after as long as it was missing; None: no more.

    From five minutes on that is nine questions a text at the most.
    """
    age = now - accepted_at
    return now + max(age, first_wait) if age < RECEIPT_SPAN else None


def breaker_wait(open_for: timedelta, first_wait: timedelta, longest_wait: timedelta) -> timedelta:
    """How long a refused sender stays away: longer, the longer it has been refused."""
    return min(max(first_wait, open_for / 2), longest_wait)
