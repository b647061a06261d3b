"""How long after a publication the first mail reaches the relay, with 100 and with 100,000 subscribers.

A real worker with two processes, rung by the doorbell, and a relay in this process that
looks at its clock. Between two publications what is left of the last one is thrown away.
"""

import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from django.conf import settings
from django.utils import timezone

from benchmarks import people, sink
from benchmarks.events import event
from benchmarks.table import Row
from deploy import commands
from deploy.processes import ROOT, Program, poll_until
from notifications import doorbell
from notifications.models import Attempt, Delivery, OutboxEvent
from notifications.states import UNRESTING

FEW, MANY = 100, 100_000
PUBLICATIONS = 20
LONGEST_SECONDS = 2.0

arrived: SimpleQueue[float] = SimpleQueue()


def run(database: str, quick: bool) -> list[Row]:
    many, times = (MANY // 10, PUBLICATIONS // 4) if quick else (MANY, PUBLICATIONS)
    with relay() as port, worker(port):
        people.subscribe(1, FEW)
        first_arrival()  # the worker has started, and has its connections
        few = [first_arrival() for _ in range(times)]
        people.subscribe(FEW + 1, many)
        late = [first_arrival() for _ in range(times)]
    what = f"first mail at the relay after publication, {many:,} subscribers"
    theirs, ours = statistics.median(few), statistics.median(late)
    last = percentile(late)
    return [
        Row(what, f"{FEW}: {theirs * 1e3:,.0f} ms", f"{ours * 1e3:,.0f} ms", ours / theirs, "<= 1.5", database),
        Row(what, "2 s", f"p95 {last * 1e3:,.0f} ms", last / LONGEST_SECONDS, "<= 1", database),
    ]


def percentile(seconds: list[float]) -> float:
    """The 95th."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def first_arrival() -> float:
    """Publish once, wait for the first mail; then take the rest back."""
    while not arrived.empty():
        arrived.get()
    published_at = time.monotonic()
    row = event()
    doorbell.ring(doorbell.RELAY)
    seconds = arrived.get(timeout=60) - published_at
    forget(row)
    return seconds


def forget(row: OutboxEvent) -> None:
    """No more of it: rows nobody has claimed go at once, the others when their workers are done."""
    OutboxEvent.objects.filter(pk=row.pk).update(voided_at=timezone.now(), fanned_out_at=timezone.now())
    poll_until(lambda: rests(row), 120, "the workers are done")
    Attempt.objects.filter(delivery__event=row)._raw_delete("default")
    Delivery.objects.filter(event=row)._raw_delete("default")
    people.analyse()


def rests(row: OutboxEvent) -> bool:
    Delivery.objects.filter(event=row, state="queued")._raw_delete("default")
    return not Delivery.objects.filter(event=row, state__in=sorted(UNRESTING)).exists()


@contextmanager
def relay() -> Iterator[int]:
    """A sink in a thread of this process, which notes when each mail was there."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=sink.serve, args=(listener, note_arrival), daemon=True).start()
    yield listener.getsockname()[1]


def note_arrival() -> None:
    arrived.put(time.monotonic())


@contextmanager
def worker(port: int) -> Iterator[None]:
    """Two processes, as in `make run`."""
    settings.CANARY_SECONDS = 0
    environment = {
        **os.environ,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}/?tls=none",
        "CANARY_SECONDS": "0",
        "SWEEP_SECONDS": "5",
    }
    program = Program("worker", commands.worker(), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    program.start()
    try:
        yield
    finally:
        program.end()
