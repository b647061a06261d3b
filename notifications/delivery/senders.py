"""Senders: a process's connections to one provider, kept from one batch to the next.

Answers come back in the order in which they are there. A relay that answers within a
millisecond is served over one connection: to hand a call to a thread takes longer than to
make it. A slower one is spoken to over all of them, by threads that touch no database.
"""

import logging
import os
import queue
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import zip_longest
from typing import cast

from notifications import providers
from notifications.channels.base import Ambiguous, Foresighted, Message, Outcome
from notifications.channels.base import Channel as Provider

from .premise import Ready

logger = logging.getLogger(__name__)

QUICK_SECONDS = 0.001
"""Where half of a group's calls take longer, each is worth a thread."""

SLOW_GROUPS = 3
"""So many in a row: one alone may be the machine's own doing."""

SPREAD_SECONDS = 60.0
"""How long all connections are used before one is tried again: it may hold a group up for ten calls' time."""


@dataclass(frozen=True, slots=True)
class Call:
    """One message and how its call went. `outcome` None: no call was made. Times are monotonic."""

    ready: Ready
    outcome: Outcome | None
    started: float
    ended: float


Job = tuple[Ready, Message]


class Senders:
    """`size` connections, each used by one thread at a time; all of them always where calls may be `slow`."""

    def __init__(self, make: Callable[[], Provider], size: int, *, slow: bool = False) -> None:
        self._idle: queue.LifoQueue[Provider] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(make())
        self.provider = self._idle.queue[0].provider
        self._foresees = isinstance(self.one(), Foresighted)
        self._slow_groups = 0
        self._spread_until = float("inf") if slow else 0.0
        self._threads = ThreadPoolExecutor(size, "sender") if size > 1 else None

    def send(self, jobs: Sequence[Job], may_start: Callable[[], bool], silence: float) -> Iterator[Call | None]:
        """Hand every message over; `may_start` is asked before each call.

        None after so many seconds without an answer, where threads make the calls: time to write down what is known.
        """
        if self._threads and time.monotonic() < self._spread_until:
            return self._at_once(self._threads, jobs, may_start, silence)
        return self._in_turn(jobs, may_start)

    def _in_turn(self, jobs: Sequence[Job], may_start: Callable[[], bool]) -> Iterator[Call | None]:
        """Over one connection, which is told what comes next; the others are used where that is slow."""
        following = [message for _, message in jobs[1:]] if self._foresees else []
        seconds = []
        for job, after in zip_longest(jobs, following):
            done = call(self.one(), job, may_start, after)
            seconds.append(done.ended - done.started)
            yield done
        is_slow = bool(seconds) and sorted(seconds)[len(seconds) // 2] > QUICK_SECONDS
        self._slow_groups = self._slow_groups + 1 if is_slow else 0
        if self._slow_groups >= SLOW_GROUPS:
            self._spread_until = time.monotonic() + SPREAD_SECONDS

    def _at_once(
        self, threads: ThreadPoolExecutor, jobs: Sequence[Job], may_start: Callable[[], bool], silence: float
    ) -> Iterator[Call | None]:
        """Over all connections."""
        left = {threads.submit(self._call, job, may_start) for job in jobs}
        while left:
            done, left = wait(left, timeout=silence, return_when=FIRST_COMPLETED)
            if not done:
                yield None
            yield from sorted((each.result() for each in done), key=lambda each: each.ended)

    def one(self) -> Provider:
        """A connection for a question, where nobody sends at the same time."""
        return self._idle.queue[0]

    def close(self) -> None:
        if self._threads:
            self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().close()

    def _call(self, job: Job, may_start: Callable[[], bool]) -> Call:
        provider = self._idle.get()
        try:
            return call(provider, job, may_start)
        finally:
            self._idle.put(provider)


def call(provider: Provider, job: Job, may_start: Callable[[], bool], following: Message | None = None) -> Call:
    """Hand one message over, if that may still begin."""
    ready, message = job
    started = time.monotonic()
    outcome = guarded(provider, message, following) if may_start() else None
    return Call(ready, outcome, started, time.monotonic())


def guarded(provider: Provider, message: Message, following: Message | None) -> Outcome:
    """A channel that raises has a defect of its own; what it did before that nobody knows."""
    try:
        return cast(Foresighted, provider).send_before(message, following) if following else provider.send(message)
    except Exception as error:
        # Without the exception's own words: they may hold the recipient's address.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("delivery: %s failed: %s\n%s", message.delivery_id, type(error).__name__, where)
        return Ambiguous(type(error).__name__, code="defect")


_kept: dict[tuple[object, ...], Senders] = {}


def senders_for(channel: str) -> Senders:
    """This process's connections for a channel; new ones after a fork, and when settings changed."""
    size = providers.connections(channel)
    key = (os.getpid(), channel, size, providers.fingerprint(channel))
    if key not in _kept:
        for old in [other for other in _kept if other[1] == channel]:
            forget(old)
        _kept[key] = Senders(lambda: providers.provider_for(channel), size, slow=providers.is_slow(channel))
    return _kept[key]


def forget(key: tuple[object, ...]) -> None:
    """Drop connections; those of the process this one was forked from are the parent's to close."""
    senders = _kept.pop(key)
    if key[0] == os.getpid():
        senders.close()
