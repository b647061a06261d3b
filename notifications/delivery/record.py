"""Record: what came of the calls, written by whoever still holds the row.

One transaction for at most ten mails or 50 ms of them: a commit per mail would cost
PostgreSQL more than the sending, and this many are in doubt when a process is killed.
A text, which costs money, is written at once.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from notifications import providers
from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Unavailable
from notifications.retry import Answer, Defect, LostLease, Policy, Step, next_step
from notifications.states import Channel, State, after_a_try

from . import endpoints, quarantine, statements
from .premise import Ready

logger = logging.getLogger(__name__)

GROUP = 10
"""Mails opened and recorded together, and so at most in doubt after a kill (I3)."""

GROUP_SECONDS = 0.05
"""A slow relay's outcomes are not kept waiting for the rest of their group."""

LONGEST_CODE = 64
"""Characters, as wide as the column."""

OUTCOMES = {
    Accepted: "accepted",
    Refused: "refused",
    Unavailable: "unavailable",
    Ambiguous: "ambiguous",
    Defect: "defect",
    LostLease: "lost",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One call and its answer. Times are the database's."""

    ready: Ready
    provider: str
    answer: Answer
    started_at: datetime
    ended_at: datetime


@transaction.atomic(savepoint=False)
def record(results: Sequence[Result]) -> int:
    """Write the outcomes of calls on one channel, at least one; how many rows were still ours.

    An outcome that comes after its lease leaves the row alone, which another worker has
    by now, but not the attempt: that call was made.
    """
    policy = providers.policy(results[0].ready.claimed.channel)
    steps = [step_of(result, policy) for result in results]
    ids = statements.adapted(result.ready.id for result in results)
    started = statements.moments(result.started_at for result in results)
    ended = statements.moments(result.ended_at for result in results)
    again = statements.moments(step.at or result.ended_at for step, result in zip(steps, results, strict=True))
    rows = [delivery_row(*each) for each in zip(results, steps, ids, ended, again, strict=True)]
    ours = statements.write(UPDATE, rows)
    statements.write(ATTEMPT, [attempt_row(*each) for each in zip(results, ids, started, ended, strict=True)])
    follow = endpoints.follow if results[0].ready.claimed.channel == Channel.WEBHOOK else quarantine.follow
    # In one order: two workers with mails to the same people must not wait for each other's rows.
    for result in sorted(results, key=lambda each: each.ready.subscription_id):
        follow(result.ready, result.answer, result.ended_at)
    if ours < len(results):
        logger.warning("delivery: %s outcomes came after their lease", len(results) - ours)
    return ours


def step_of(result: Result, policy: Policy) -> Step:
    tries = result.ready.claimed.tries
    return next_step(result.answer, tries, result.ended_at, policy, random.random())  # nosec B311


def delivery_row(result: Result, step: Step, id: Any, ended: Any, again: Any) -> tuple[Any, ...]:
    """The values of UPDATE, in its order."""
    claimed = result.ready.claimed
    is_queued = step.state == State.QUEUED
    return (
        id,
        claimed.fence,
        step.state.value,
        step.tries.attempts,
        step.tries.ambiguous,
        step.tries.ask_first,
        again,
        after_a_try(claimed.priority) if is_queued else claimed.priority,
        result.provider,
        getattr(result.answer, "reference", "")[:128],
        code_of(result.answer),
        blame_of(result.answer),
        ended,
        not is_queued,
    )


UPDATE = """
    UPDATE notifications_delivery
       SET state = column3, attempts = column4, ambiguous = column5, ask_first = column6, next_attempt_at = column7,
           priority = column8, provider = column9, provider_reference = column10, last_code = column11,
           blame = column12, accepted_at = CASE WHEN column3 = 'accepted' THEN column13 END,
           final_at = CASE WHEN column14 THEN column13 END, lease_expires_at = NULL, opened_at = NULL
      FROM (VALUES {rows}) AS outcomes
     WHERE id = column1 AND fence = column2 AND state = 'sending'
"""
"""Both databases call the columns of VALUES so."""

ATTEMPT = """
    INSERT INTO notifications_attempt (delivery_id, number, started_at, ended_at, outcome, code)
    VALUES {rows}
        ON CONFLICT (delivery_id, number)
        DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, code = excluded.code
"""


def attempt_row(result: Result, id: Any, started: Any, ended: Any) -> tuple[Any, ...]:
    """The values of ATTEMPT, in its order. A text's was opened before its call, and now gets its end."""
    return (id, result.ready.claimed.fence, started, ended, OUTCOMES[type(result.answer)], code_of(result.answer))


def code_of(answer: Answer) -> str:
    """What staff look for: the provider's code, or in words where there is none."""
    code = getattr(answer, "code", "") or getattr(answer, "reason", "")
    return str(code)[:LONGEST_CODE]


def blame_of(answer: Answer) -> str:
    blame = getattr(answer, "blame", "")
    return blame.value if isinstance(blame, Blame) else ""
