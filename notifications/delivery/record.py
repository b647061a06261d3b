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

from django.db import connection, transaction

from notifications import providers
from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Unavailable
from notifications.retry import Answer, Defect, LostLease, Policy, Step, next_step
from notifications.states import Channel, State, after_a_try

from . import endpoints, quarantine
from .look import adapted
from .premise import Ready
from .statements import execute_many

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
    ours = update([delivery_row(result, step) for result, step in zip(results, steps, strict=True)])
    note_attempts([attempt_row(result) for result in results])
    follow = endpoints.follow if results[0].ready.claimed.channel == Channel.WEBHOOK else quarantine.follow
    for result in results:
        follow(result.ready, result.answer, result.ended_at)
    if ours < len(results):
        logger.warning("delivery: %s outcomes came after their lease", len(results) - ours)
    return ours


def step_of(result: Result, policy: Policy) -> Step:
    tries = result.ready.claimed.tries
    return next_step(result.answer, tries, result.ended_at, policy, random.random())  # nosec B311


def delivery_row(result: Result, step: Step) -> tuple[Any, ...]:
    """The values of UPDATE, in its order."""
    claimed, at = result.ready.claimed, result.ended_at
    is_queued = step.state == State.QUEUED
    is_accepted = step.state == State.ACCEPTED
    return (
        step.state.value,
        step.tries.attempts,
        step.tries.ambiguous,
        step.tries.ask_first,
        moment(step.at or at),
        after_a_try(claimed.priority) if is_queued else claimed.priority,
        result.provider,
        getattr(result.answer, "reference", "")[:128],
        code_of(result.answer),
        blame_of(result.answer),
        moment(at) if is_accepted else None,
        None if is_queued else moment(at),
        adapted(claimed.id),
        claimed.fence,
    )


UPDATE = """
    UPDATE notifications_delivery
       SET state = %s, attempts = %s, ambiguous = %s, ask_first = %s, next_attempt_at = %s, priority = %s,
           provider = %s, provider_reference = %s, last_code = %s, blame = %s, accepted_at = %s, final_at = %s,
           lease_expires_at = NULL, opened_at = NULL
     WHERE id = %s AND fence = %s AND state = 'sending'
"""
ATTEMPT = """
    INSERT INTO notifications_attempt (delivery_id, number, started_at, ended_at, outcome, code)
    VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (delivery_id, number)
        DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, code = excluded.code
"""


def update(rows: Sequence[tuple[Any, ...]]) -> int:
    """Statements prepared once and run for each row: the ORM takes longer to write one than to send a mail."""
    return execute_many(UPDATE, rows)


def attempt_row(result: Result) -> tuple[Any, ...]:
    """The values of ATTEMPT, in its order."""
    claimed = result.ready.claimed
    times = (moment(result.started_at), moment(result.ended_at))
    return (adapted(claimed.id), claimed.fence, *times, OUTCOMES[type(result.answer)], code_of(result.answer))


def note_attempts(rows: Sequence[tuple[Any, ...]]) -> None:
    """One row a call. A text's was opened before it, and now gets its end."""
    execute_many(ATTEMPT, rows)


def code_of(answer: Answer) -> str:
    """What staff look for: the provider's code, or in words where there is none."""
    code = getattr(answer, "code", "") or getattr(answer, "reason", "")
    return str(code)[:LONGEST_CODE]


def blame_of(answer: Answer) -> str:
    blame = getattr(answer, "blame", "")
    return blame.value if isinstance(blame, Blame) else ""


def moment(at: datetime) -> Any:
    """A time as this database takes it in plain SQL."""
    return connection.ops.adapt_datetimefield_value(at)
