"""Rounds: references and ours by turns, so that whatever slows the machine slows both; then medians."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Sample:
    """So many of something, in so many seconds; `cpu_seconds` are this process's own, all threads."""

    count: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_micros(self) -> float:
        """Microseconds of this process's CPU for one."""
        return self.cpu_seconds / self.count * 1e6


def timed(work: Callable[[], int]) -> Sample:
    """Run `work`, which answers how many it did."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    return Sample(count, time.perf_counter() - wall, time.process_time() - cpu)


def interleaved(measures: Sequence[Callable[[], Sample]], rounds: int = ROUNDS) -> list[list[Sample]]:
    """Each measure's samples, one a round; every round runs all of them in order."""
    found = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(column) for column in zip(*found, strict=True)]


def ratio(ours: Sequence[Sample], reference: Sequence[Sample]) -> float:
    """The median of the rounds' own ratios of rates."""
    return statistics.median(a.per_second / b.per_second for a, b in zip(ours, reference, strict=True))


def figure(samples: Sequence[Sample], unit: str = "/s") -> str:
    """The median rate and CPU time, in words."""
    rate = statistics.median(sample.per_second for sample in samples)
    cpu = statistics.median(sample.cpu_micros for sample in samples)
    return f"{rate:,.0f}{unit}, {cpu:,.0f} us CPU"


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keep this process, and whatever it starts meanwhile, on one core: idle wake-ups swing the rest sevenfold."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
