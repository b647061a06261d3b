"""The schedule: what an answer means for a delivery. No database, no clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Scope, Unavailable
from notifications.retry import (
    MAX_ATTEMPTS,
    MAX_LOST_LEASES,
    Defect,
    LostLease,
    Policy,
    Tries,
    breaker_wait,
    next_step,
    wait,
)
from notifications.states import State

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MAIL = Policy()
TEXT = Policy(first_wait=timedelta(seconds=10), can_ask=True)
MINUTE = timedelta(minutes=1)
OURS = Refused("unauthenticated", blame=Blame.SENDER, scope=Scope.PLACE)
OURS_FOR_NOW = Unavailable("not aligned", blame=Blame.SENDER, scope=Scope.PLACE)
PERHAPS = Refused("policy", blame=Blame.SENDER, scope=Scope.SUSPECTED)

RESTS = {
    "accepted": (Accepted("x"), Tries(), State.ACCEPTED),
    "refused for good": (Refused("gone", permanent=True, blame=Blame.ADDRESS), Tries(), State.FAILED),
    "refused this once": (Refused("too long"), Tries(), State.FAILED),
    "full mailbox": (Refused("full", blame=Blame.SOFT), Tries(), State.FAILED),
    "tries spent": (Unavailable("later"), Tries(attempts=MAX_ATTEMPTS - 1), State.FAILED),
    "tries spent, one of them unanswered": (
        Unavailable("later"),
        Tries(attempts=MAX_ATTEMPTS - 1, ambiguous=1),
        State.UNKNOWN,
    ),
    "one recipient's policy, tries spent": (PERHAPS, Tries(attempts=MAX_ATTEMPTS - 1), State.FAILED),
    "second silence of a relay": (Ambiguous("reset"), Tries(attempts=1, ambiguous=1), State.UNKNOWN),
    "leases lost again and again": (LostLease(True), Tries(ambiguous=MAX_LOST_LEASES - 1), State.UNKNOWN),
    "cannot be built, thrice": (Defect("KeyError"), Tries(attempts=2), State.FAILED),
}


@pytest.mark.parametrize(("answer", "tries", "state"), RESTS.values(), ids=RESTS.keys())
def test_these_answers_lay_a_delivery_to_rest(answer, tries, state):
    step = next_step(answer, tries, NOON, MAIL)
    assert (step.state, step.at) == (state, None)


AGAIN = {
    "put off": (Unavailable("later"), Tries(), Tries(attempts=1), MINUTE),
    "put off once more": (Unavailable("later"), Tries(attempts=1), Tries(attempts=2), 2 * MINUTE),
    "told when": (Unavailable("later", retry_after=timedelta(hours=2)), Tries(), Tries(attempts=1), timedelta(hours=2)),
    "too many a second": (Unavailable("slow down", counts=False), Tries(), Tries(), MINUTE),
    "our own reputation": (OURS, Tries(), Tries(attempts=1), MINUTE),
    "our own reputation, again": (OURS, Tries(attempts=3), Tries(attempts=4), 8 * MINUTE),
    "our own reputation, for long": (OURS, Tries(attempts=8), Tries(attempts=8), 60 * MINUTE),
    "our own reputation, after many other tries": (OURS, Tries(attempts=20), Tries(attempts=20), 60 * MINUTE),
    "our own alignment, put off": (OURS_FOR_NOW, Tries(attempts=8), Tries(attempts=8), 60 * MINUTE),
    "policy, perhaps the recipient's own": (PERHAPS, Tries(attempts=8), Tries(attempts=9), 60 * MINUTE),
    "first silence": (Ambiguous("reset"), Tries(), Tries(attempts=1, ambiguous=1), MINUTE),
    "a lease lost before anything was sent": (LostLease(False), Tries(), Tries(), timedelta(0)),
    "a lease lost on the way": (LostLease(True), Tries(), Tries(attempts=1, ambiguous=1), timedelta(0)),
}


@pytest.mark.parametrize(("answer", "before", "after", "pause"), AGAIN.values(), ids=AGAIN.keys())
def test_after_these_answers_it_is_tried_again(answer, before, after, pause):
    step = next_step(answer, before, NOON, MAIL)
    assert (step.state, step.tries, step.at) == (State.QUEUED, after, NOON + pause)


def test_where_the_provider_can_be_asked_silence_never_ends_in_a_blind_repetition():
    step = next_step(Ambiguous("timeout"), Tries(), NOON, TEXT)
    assert step.tries.ask_first and step.at == NOON + TEXT.ask_after


def test_a_clean_server_error_is_asked_about_but_is_no_ambiguity():
    step = next_step(Unavailable("out of order", may_have_arrived=True), Tries(), NOON, TEXT)
    assert step.tries == Tries(attempts=1, ambiguous=0, ask_first=True)
    assert step.at == NOON + TEXT.ask_after


def test_what_may_have_arrived_is_still_asked_about_after_the_provider_was_busy():
    step = next_step(Unavailable("429", counts=False), Tries(1, 1, ask_first=True), NOON, TEXT)
    assert step.tries.ask_first


@given(st.integers(0, 100), st.floats(0, 1))
def test_waits_never_fall_below_the_first_nor_far_above_the_longest(attempts, chance):
    pause = wait(attempts, MAIL, chance)
    assert MAIL.first_wait <= pause <= MAIL.longest_wait * 1.25


@given(st.integers(0, 30), st.floats(0, 1), st.floats(0, 1))
def test_waits_grow(attempts, chance, other):
    assert wait(attempts + 2, MAIL, chance) >= min(wait(attempts, MAIL, other), MAIL.longest_wait)


answers = st.one_of(
    st.builds(Accepted, st.just("x")),
    st.builds(Refused, st.just("no"), blame=st.sampled_from(Blame)),
    st.builds(Unavailable, st.just("later"), counts=st.booleans(), may_have_arrived=st.booleans()),
    st.builds(Ambiguous, st.just("silence")),
    st.builds(LostLease, st.booleans()),
    st.builds(Defect, st.just("bug")),
)


@given(st.lists(answers, max_size=80), st.booleans())
def test_no_history_exceeds_the_limits_or_forgets_an_unanswered_call(history, can_ask):
    """I9, and the half of I3 that the schedule answers for."""
    policy = Policy(can_ask=can_ask)
    tries, silences = Tries(), 0
    for answer in history:
        step = next_step(answer, tries, NOON, policy)
        silences += isinstance(answer, Ambiguous) or answer == LostLease(True)
        assert step.tries.attempts <= MAX_ATTEMPTS
        assert step.tries.ambiguous == silences
        assert (step.at is not None) == (step.state == State.QUEUED)
        assert step.at is None or step.at >= NOON
        tries = step.tries
        if step.state != State.QUEUED:
            break


def test_a_breaker_stays_open_longer_the_longer_it_has_been():
    first, longest = MINUTE, 5 * MINUTE
    waits = [breaker_wait(timedelta(minutes=open_for), first, longest) for open_for in (0, 4, 60)]
    assert waits == [MINUTE, 2 * MINUTE, longest]
