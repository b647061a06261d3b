"""How long the slowest of a hundred readers waits while staff publish every second, against when nobody does.

Staff publish in the web process itself, as the console does: rendering takes its turns with
the readers. Once with readers who ask as fast as they are answered, which keeps both cores
busy; and once with readers who come at a steady pace, whom each pause meets.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import load, sites
from benchmarks.rounds import ROUNDS
from benchmarks.sites import Served
from benchmarks.table import Row

SECONDS = 5
EVERY_SECONDS = 1.0
PER_SECOND = 200


def run(database: str, quick: bool) -> list[Row]:
    seconds = 2 if quick else SECONDS
    site = sites.site("page", 10)
    with site.served(sites.STAFFED) as served:
        served.update()
        return [
            row_of(f"{load.CONNECTIONS} readers", served, lambda: load.asked(served, seconds).p99, database),
            row_of(f"{PER_SECOND} readers a second", served, lambda: load.paced(served, seconds, PER_SECOND), database),
        ]


def row_of(readers: str, served: Served, measure: Callable[[], float], database: str) -> Row:
    """One kind of readers, at rest and not, by turns; `measure` answers seconds."""
    rounds = [(measure(), while_publishing(served, measure)) for _ in range(ROUNDS)]
    rest, busy = (statistics.median(column) * 1e3 for column in zip(*rounds, strict=True))
    share = statistics.median(second / first for first, second in rounds)
    what = f"page, 99th percentile, {readers}, a publication every second"
    return Row(what, f"none: {rest:,.1f} ms", f"{busy:,.1f} ms", share, "<= 2", database)


def while_publishing(served: Served, measure: Callable[[], float]) -> float:
    with publishing(served):
        return measure()


@contextmanager
def publishing(served: Served) -> Iterator[None]:
    """Staff who publish an update every second, until the end."""
    over = threading.Event()

    def go_on() -> None:
        due = time.monotonic()
        while not over.wait(due - time.monotonic()):
            served.update()
            due += EVERY_SECONDS

    staff = threading.Thread(target=go_on)
    staff.start()
    try:
        yield
    finally:
        over.set()
        staff.join()
