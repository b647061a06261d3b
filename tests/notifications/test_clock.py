"""The database's clock, carried on: answers that come late do not make it jump, a clock that was set does."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications import clock
from notifications.clock import SLOW_ANSWER, Clock

THEN = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def passed(monkeypatch) -> list[float]:
    """The seconds that have passed by the clock that only ever goes forward."""
    seconds = [0.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: seconds[0])
    return seconds


def test_it_goes_on_by_itself(passed):
    mine = Clock()
    mine.set(THEN)
    passed[0] = 1.5
    assert mine.now() == THEN + 1.5 * SECOND


@pytest.mark.parametrize(
    ("late", "shown"),
    [
        (0 * SECOND, 0 * SECOND),
        (30 * MILLISECOND, 0 * SECOND),
        (SLOW_ANSWER, 0 * SECOND),
        (-5 * MILLISECOND, 5 * MILLISECOND),
        (SLOW_ANSWER + MILLISECOND, -SLOW_ANSWER - MILLISECOND),
        (3_600 * SECOND, -3_600 * SECOND),
        (-3_600 * SECOND, 3_600 * SECOND),
    ],
)
def test_fault_51_an_answer_that_was_slow_leaves_it_and_a_clock_that_was_set_is_followed(passed, late, shown):
    """`late`: how far what the database says lies behind; `shown`: how far the clock then moves."""
    mine = Clock()
    mine.set(THEN)
    passed[0] = 1.0
    mine.set(THEN + SECOND - late)
    assert mine.now() == THEN + SECOND + shown
