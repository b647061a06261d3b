"""The database's clock: the one that all processes share (fault 51).

Leases and due times are compared inside the database wherever that is possible. Where a
moment must be computed here, it is the database's own, carried on by a clock that only
ever goes forward.
"""

import time
from datetime import UTC, datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Value
from django.db.models.functions import Now

from statuspage.selectors import database_now

__all__ = ["Clock", "database_now", "later"]


SLOW_ANSWER = timedelta(milliseconds=250)
"""What the database says is no older when it is here; where it seems to be, somebody has set its clock back."""


def later(span: timedelta) -> ExpressionWrapper:
    """The database's now and `span`, as an expression."""
    return ExpressionWrapper(Now() + Value(span), output_field=DateTimeField())


class Clock:
    """The database's time without asking it again: right to about a round trip."""

    def __init__(self) -> None:
        self._start(datetime.now(UTC))

    def set(self, database_time: datetime) -> None:
        """Take over what the database just said.

        Its answer took a while, and now and then a commit's longer: taken as it is, two calls' clocks would differ
        by that, and the calls be nearer to each other than they seem. So a slow answer does not set the clock back.
        """
        if not timedelta() <= self.now() - database_time <= SLOW_ANSWER:
            self._start(database_time)

    def _start(self, moment: datetime) -> None:
        self._base, self._at = moment, time.monotonic()

    def now(self) -> datetime:
        return self.at(time.monotonic())

    def at(self, monotonic: float) -> datetime:
        """The database's time at a moment of time.monotonic()."""
        return self._base + timedelta(seconds=monotonic - self._at)

    def sleep_until(self, moment: datetime) -> None:
        """Wait until then, not at all where it has passed."""
        time.sleep(max(0.0, (moment - self.now()).total_seconds()))
