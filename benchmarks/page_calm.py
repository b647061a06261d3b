"""How long the slowest of a hundred readers waits while staff publish every second, against when nobody does.

Staff publish in the web process itself, as the console does: rendering takes its turns with
the readers. Once with readers who ask as fast as they are answered, which keeps both cores
busy; and once with readers who come at a steady pace, whom each pause meets. With 10
incidents, with 10,000 and with the real history.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import histories, load
from benchmarks.built import site
from benchmarks.histories import History
from benchmarks.sites import STAFFED, Served
from benchmarks.table import Row

SECONDS = 5
ROUNDS = 3
EVERY_SECONDS = 1.0
PER_SECOND = 200


def run(database: str, quick: bool) -> list[Row]:
    seconds = 2 if quick else SECONDS
    return [row for each in histories.all_of(quick) for row in rows_of(each, seconds, database)]


def rows_of(history: History, seconds: float, database: str) -> list[Row]:
    """One row for each kind of readers."""
    with site(history).served(STAFFED) as served:
        kinds = {
            f"{load.CONNECTIONS} readers": lambda: load.asked(served, seconds).p99,
            f"{PER_SECOND} readers a second": lambda: load.paced(served, seconds, PER_SECOND),
        }
        served.update()
        return [row_of(f"{history.words}, {who}", served, measure, database) for who, measure in kinds.items()]


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
