"""A site whose pages are measured: a database and a folder of its own, and the programs that serve it.

What runs is the product: the web server as `make run` starts it. Sites with a history are
made by `benchmarks.built`.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from deploy import commands
from deploy.processes import ROOT, Program, poll_until
from deploy.run import answers
from deploy.valkey import free_port

STAFFED = "benchmarks.staffed:application"
"""The product, with a button for staff."""

START_SECONDS = 60
PATIENCE_SECONDS = 60
"""The longest that a publication is waited for."""
LOOK_AGAIN_SECONDS = 0.002


@dataclass(frozen=True)
class Answer:
    """What a reader got: headers by lower-case name, and the bytes as they came."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    """One site; `port` is where its web server listens once it runs."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)

    @property
    def published(self) -> Path:
        """The folder that readers are served from."""
        return self.folder / "public"

    def manage(self, *arguments: str) -> str:
        """What one of Django's commands said. Raises CalledProcessError where it fails."""
        argv = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            argv, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, check=True, text=True
        ).stdout

    @contextmanager
    def followed(self) -> Iterator[None]:
        """The program that keeps a node's copy up to date, beside the web server."""
        argv = [sys.executable, "manage.py", "publish", "--follow"]
        follower = Program("follower", argv, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)
        follower.start()
        try:
            yield
        finally:
            follower.end()

    @contextmanager
    def served(self, application: str = "statuspage.wsgi:application") -> Iterator["Served"]:
        """The web server, as `make run` starts it."""
        argv = [*commands.web(self.port)[:-1], application]
        program = Program("web", argv, cwd=ROOT, env=self.environment)
        with running(program, self.port) as served:
            yield served


@dataclass(frozen=True)
class Published:
    """Seconds from staff's press of the button to their answer, and to the new page: infinite where that never came."""

    answered: float
    visible: float


class Served:
    """A server that answers on a port, with all its processes."""

    def __init__(self, program: Program, port: int) -> None:
        self.program, self.port = program, port

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """What a reader gets; nothing is followed and nothing unpacked."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE_SECONDS)
        try:
            connection.request(method, path, headers={"Accept-Encoding": "identity", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def update(self) -> "Published":
        """Let staff publish an update (`benchmarks.staffed`), and read the front page until it says so."""
        answer = self.get("/benchmark/update", method="POST")
        answered = time.monotonic()
        assert answer.status == 200, answer
        said = json.loads(answer.body)
        words = said["words"].encode()
        while words not in self.get("/").body:
            if time.monotonic() > answered + PATIENCE_SECONDS:
                return Published(answered - said["began"], math.inf)
            time.sleep(LOOK_AGAIN_SECONDS)
        return Published(answered - said["began"], time.monotonic() - said["began"])

    @property
    def cpu_seconds(self) -> float:
        """What its processes took so far."""
        ticks = sum(int(stat[11]) + int(stat[12]) for stat in self._stats())
        return ticks / os.sysconf("SC_CLK_TCK")

    @property
    def peak_bytes(self) -> int:
        """The most memory that its largest process ever had resident."""
        return max(_status(pid, "VmHWM") for pid in self._pids())

    def _stats(self) -> Iterator[list[Any]]:
        """/proc/PID/stat of each process, after its name."""
        for pid in self._pids():
            yield Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()

    def _pids(self) -> list[int]:
        assert self.program.process
        group = self.program.process.pid
        return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and _group(each) == group]


def _group(process: Path) -> int:
    """A process's group; 0 where the process is gone."""
    try:
        return int((process / "stat").read_text().rpartition(") ")[2].split()[2])
    except OSError:
        return 0


def _status(pid: int, name: str) -> int:
    """Bytes of a line of /proc/PID/status."""
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith(name))
    return int(line.split()[1]) * 1024


@contextmanager
def running(program: Program, port: int) -> Iterator[Served]:
    """The program from its first answer on; it is ended afterwards."""
    program.start()
    try:
        poll_until(lambda: answers(port) or not program.is_alive, START_SECONDS, f"{program.name} answers")
        assert program.is_alive, f"{program.name} ended"
        yield Served(program, port)
    finally:
        program.end()
