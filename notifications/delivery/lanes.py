"""Lanes: one channel's work in one process, batch after batch.

    claim a batch -> group by group: wait for a place, let the courier deliver it

Stops between groups when its time is up or the provider is in trouble, and gives back what
it did not open. Any number of processes may work on one channel at once.
"""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connections

from notifications import doorbell, providers
from notifications.clock import database_now

from . import breakers, claim, hold, pace
from .budget import Budget
from .claim import Claimed
from .courier import Courier
from .record import GROUP

FIRST_BATCH = 20
LARGEST_BATCH = 500
BATCH_SECONDS = 1.0
"""A batch is as much as is sent in about this time: so long may something urgent wait behind it."""

LONGEST_LEAD_SECONDS = 0.02
"""So long before its place a message is opened at the earliest: whoever leaves after that may still get it."""

TASK_SECONDS = 2.0
"""After so long a task ends and rings for another: so long may a text's task wait for a worker that mails."""

STOPPED_SECONDS = 2.0
"""A task that nothing could be sent in, by a breaker, the day's limit or the pace, comes again after so long: at
once would keep every worker busy with looking for as long as a relay is away."""

SWEEP_SECONDS = 5.0
"""The same for a sweep, which must see to other things too. Without a doorbell it does all the sending."""


ASIDE_SECONDS = 30.0
"""The same for a lane that works aside; the next sweep begins another."""


def work(channel: str, seconds: float = TASK_SECONDS) -> int:
    """Send what is due on one channel until nothing is, or the time is up; how many calls."""
    return Lane(channel, time.monotonic() + seconds).run()


def work_and_go_on(channel: str) -> None:
    """`work`, and another ring where there is more: no task holds its worker for long."""
    if channel not in providers.channels():
        return  # an old ring of a channel that was switched off
    if providers.is_slow(channel):
        work_aside(channel)
        return
    until = time.monotonic() + TASK_SECONDS
    is_stopped = Lane(channel, until).run() == 0 and time.monotonic() < until
    if has_work(channel):
        doorbell.ring(doorbell.DELIVER, channel, delay_seconds=STOPPED_SECONDS if is_stopped else 0)


def has_work(channel: str) -> bool:
    return claim.due(channel).exists() and hold.may_send()


def work_on_all(seconds: float = SWEEP_SECONDS) -> None:
    """Every channel that has work, side by side: texts do not wait for a mass mail."""
    due = [channel for channel in providers.channels() if has_work(channel)]
    for channel in filter(providers.is_slow, due):
        work_aside(channel)
    channels = [channel for channel in due if not providers.is_slow(channel)]
    threads = [threading.Thread(target=work_apart, args=(channel, seconds)) for channel in channels[1:]]
    for thread in threads:
        thread.start()
    try:
        for channel in channels[:1]:
            work(channel, seconds)
    finally:
        # Whatever went wrong here: this process's next task is not to share their connections.
        for thread in threads:
            thread.join()


def work_apart(channel: str, seconds: float) -> None:
    """In a thread of its own, on a database connection of its own."""
    try:
        work(channel, seconds)
    finally:
        connections.close_all()


_aside: dict[str, threading.Thread] = {}
"""Lanes that nobody waits for, at most one a channel in this process."""


def work_aside(channel: str) -> None:
    """Begin a lane whose calls may take long, and come back: nothing urgent waits for an endpoint's 30 seconds.

    What a process that ends leaves behind is found by the sweep, as after a kill.
    """
    before = _aside.get(channel)
    if before is None or not before.is_alive():
        _aside[channel] = threading.Thread(target=work_apart, args=(channel, ASIDE_SECONDS), daemon=True)
        _aside[channel].start()


class Lane:
    """One channel, while there is work and time."""

    def __init__(self, channel: str, until: float) -> None:
        self.channel = channel
        self.until = until
        self.courier = Courier(channel)
        self.per_second = providers.per_second(channel)
        self.places = pace.Places(channel, self.per_second, self.courier.clock) if self.per_second else None
        self.budget = Budget(channel)
        self.batch = FIRST_BATCH

    def run(self) -> int:
        """Batch after batch; how many calls."""
        calls = 0
        while not self.is_over() and hold.may_send():
            self.look_round()
            if self.courier.stops_until or self.must_wait_too_long():
                break
            made = self.work_once()
            if made is None:
                break
            calls += made
        return calls

    def work_once(self) -> int | None:
        """One batch, as far as the day's budget goes; how many calls, None where there was nothing to do."""
        allowed = self.budget.take(self.batch_size(), self.courier.clock.now())
        before = self.courier.calls
        try:
            rows = claim.take(self.channel, allowed, self.courier.lease) if allowed else []
            if rows:
                self.work_through(rows)
        finally:
            # By what was called, also where this ends in an error: what was sent is paid for.
            self.budget.give_back(allowed - (self.courier.calls - before))
        return self.courier.calls - before if rows else None

    def is_over(self) -> bool:
        return bool(self.courier.stops_until) or time.monotonic() >= self.until

    def look_round(self) -> None:
        """What the database's clock says, and which breakers hold."""
        if self.courier.is_too_fast and self.places:
            self.places.give_up()
        self.courier.is_too_fast = False
        self.courier.clock.set(database_now())
        self.courier.troubles = breakers.known()
        if self.courier.stops_until:
            self.budget.review(self.courier.clock.now())
            self.courier.troubles = breakers.known()

    def must_wait_too_long(self) -> bool:
        """Whether the next place comes when this lane's time is over: then nothing is leased and slept on."""
        free_at = pace.free_at(self.channel, self.courier.clock.now()) if self.per_second else None
        if free_at is None:
            return False
        return free_at > self.ends_at()

    def ends_at(self) -> datetime:
        """When this lane's time is over, by the database's clock."""
        return self.courier.clock.at(max(self.until, time.monotonic()))

    def batch_size(self) -> int:
        """As much as fits a batch's time, as far as that is known."""
        if self.per_second:
            return max(1, min(self.batch, int(self.per_second * BATCH_SECONDS)))
        return self.batch

    def work_through(self, rows: list[Claimed]) -> None:
        """One batch. Whatever goes wrong, what was not opened is given back."""
        started, left = time.monotonic(), rows
        renewed = started
        try:
            while left and not self.is_over() and not self.courier.is_too_fast:
                place = self.wait_for_place()
                if self.places and place is None:
                    break
                group, behind = left[: self.courier.group_size], left[self.courier.group_size :]
                self.deliver(group, place)
                left = behind
                renewed = self.renew_in_time(left, renewed)
        finally:
            try:
                self.courier.finish()
            finally:
                if left:
                    claim.release(left, self.pause())
        self.adapt(len(rows) - len(left), time.monotonic() - started)

    def wait_for_place(self) -> datetime | None:
        """Wait until it is nearly time for the next message, so that it is looked at just before it goes.

        None: the provider sets no limit, or its next place comes when this lane's time is over.
        """
        place = self.places.next(self.ends_at()) if self.places else None
        if place is None:
            return None
        begin = place - timedelta(seconds=min(2 * self.courier.opening_seconds, LONGEST_LEAD_SECONDS))
        if begin > self.courier.clock.now():
            self.courier.finish()
            self.courier.clock.sleep_until(begin)
        return place

    def deliver(self, group: Sequence[Claimed], place: datetime | None) -> None:
        """Hand a group to the courier; a place that was not used is there for the next."""
        calls = self.courier.deliver(group, place)
        if calls and self.places:
            self.places.use(self.courier.started, self.courier.answered)

    def renew_in_time(self, left: Sequence[Claimed], renewed: float) -> float:
        """Renew the lease of what is left once half of it has passed; when it was renewed last."""
        if not left or time.monotonic() - renewed < self.courier.lease.total_seconds() / 2:
            return renewed
        claim.renew(left, self.courier.lease)
        return time.monotonic()

    def adapt(self, done: int, seconds: float) -> None:
        """Let the next batch take about BATCH_SECONDS."""
        wanted = int(done * BATCH_SECONDS / max(seconds, 0.001))
        self.batch = max(GROUP, min(LARGEST_BATCH, wanted, self.batch * 4))

    def pause(self) -> timedelta | None:
        """How long what is given back stays away: until the provider is tried again."""
        until = self.courier.stops_until
        return max(until - self.courier.clock.now(), timedelta(0)) if until else None
