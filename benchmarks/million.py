"""One update to a million subscribers: what a message costs, and the memory of the process that tells and sends.

Fan-out and sending, by a process of its own, pinned with the relay to one core; against the
same for ten thousand.
"""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.db import connections

from benchmarks import people
from benchmarks.events import event
from benchmarks.rounds import ROUNDS, pinned
from benchmarks.sink import sink
from benchmarks.table import Row
from deploy.processes import ROOT, python

CORE = 0
FEW, MANY = 10_000, 1_000_000
LARGEST_BYTES = 150_000_000


@dataclass(frozen=True)
class Run:
    """One update told to all."""

    count: int
    seconds: float
    cpu_seconds: float
    bytes: int

    @property
    def micros(self) -> float:
        return self.seconds / self.count * 1e6


def run(database: str, quick: bool) -> list[Row]:
    many = MANY // 20 if quick else MANY
    with sink(CORE) as port, pinned(CORE):
        people.subscribe(1, FEW)
        few = [told(port) for _ in range(ROUNDS)]
        people.subscribe(FEW + 1, many)
        last = told(port)
    micros, size = median(each.micros for each in few), median(each.bytes for each in few)
    cost = (f"{FEW:,}: {micros:,.0f} us", f"{last.micros:,.0f} us, {last.count / last.seconds:,.0f}/s")
    memory = (f"{FEW:,}: {size / 1e6:,.0f} MB", f"{last.bytes / 1e6:,.0f} MB")
    share = last.bytes / LARGEST_BYTES
    return [
        Row(f"{many:,} deliveries: cost of one", *cost, last.micros / micros, "<= 1.1", database),
        Row(f"{many:,} deliveries: memory of the process", *memory, last.bytes / size, "<= 1.2", database),
        Row(f"{many:,} deliveries: memory of the process", "150 MB", memory[1], share, "<= 1", database),
    ]


def told(port: int) -> Run:
    """One update, in a new process."""
    event()
    connections.close_all()
    environment = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}/?tls=none", "DELIVERY_CONNECTIONS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "facts.json"
        subprocess.run(python("benchmarks.sender", str(result)), cwd=ROOT, env=environment, check=True)
        return Run(**json.loads(result.read_text()))
