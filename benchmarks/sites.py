"""Sites whose pages are measured: each a database, a folder and a history of its own, and programs that serve it.

What runs is the product: `manage.py migrate` and `import_statuspage`, then the web server as
`make run` starts it. The history is made up (`benchmarks.histories`) or a folder of /api/v2.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from benchmarks.histories import documents
from deploy import commands
from deploy.processes import ROOT, Program, poll_until
from deploy.run import answers
from deploy.valkey import free_port
from tests.histories import written

STAFFED = "benchmarks.staffed:application"
"""The product, with a button for staff."""

START_SECONDS = 60
LONG_SECONDS = 24 * 3600
"""Nobody refreshes these pages, and they must not be called old for it."""


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
    def served(self, application: str = "statuspage.wsgi:application") -> Iterator["Served"]:
        """The web server, as `make run` starts it."""
        argv = [*commands.web(self.port)[:-1], application]
        program = Program("web", argv, cwd=ROOT, env=self.environment)
        with running(program, self.port) as served:
            yield served


def site(name: str, history: int | Path, **environment: str) -> Site:
    """A new site that has published so many made-up incidents, or what the folder tells."""
    folder = Path(settings.PUBLISH_ROOT).with_name(name)
    folder.mkdir()
    made = Site(folder, dict(os.environ))
    made.environment.update(
        DATABASE_URL=database_url(folder, name),
        PUBLISH_ROOT=str(made.published),
        SITE_URL=f"http://127.0.0.1:{made.port}",
        STALE_AFTER_SECONDS=str(LONG_SECONDS),
        **environment,
    )
    source = history if isinstance(history, Path) else written(folder / "history", documents(history))
    made.manage("migrate", "--verbosity", "0")
    made.manage("import_statuspage", "--quiet", str(source))
    return made


def database_url(folder: Path, name: str) -> str:
    """A new empty database of this benchmark's kind."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{folder / 'site.sqlite3'}"
    url = urlsplit(os.environ["DATABASE_URL"])
    own = f"{url.path[1:]}_{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(own)}")
    return url._replace(path=f"/{own}").geturl()


class Served:
    """A server that answers on a port, with all its processes."""

    def __init__(self, program: Program, port: int) -> None:
        self.program, self.port = program, port

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """What a reader gets; nothing is followed and nothing unpacked."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, headers={"Accept-Encoding": "identity", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def update(self) -> tuple[float, str]:
        """Let staff publish an update (`benchmarks.staffed`): when they pressed the button, and its revision."""
        answer = self.get("/benchmark/update", method="POST")
        assert answer.status == 200, answer
        said = json.loads(answer.body)
        return said["began"], str(said["revision"])

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
