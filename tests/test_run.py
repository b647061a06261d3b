"""`make run` in a fresh copy of the project: it starts, says where, keeps its data and leaves nobody behind."""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from deploy.processes import ROOT, poll_until
from deploy.valkey import free_port
from tests.site import is_inherited

pytestmark = pytest.mark.serial
WARM_SECONDS = 30
"""Alone on its machine it takes under 10; beside other tests it is slower."""


def copy_project(folder: Path) -> Path:
    """The project as a fresh clone has it, but for uv, which needs no test."""
    made = shutil.ignore_patterns(".*", "var", "__pycache__", "tests")
    shutil.copytree(ROOT, folder, ignore=made)
    if (ROOT / ".tools").exists():
        (folder / ".tools").symlink_to(ROOT / ".tools")
    return folder


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make run` installs, and nothing that only tests need."""
    folder = copy_project(tmp_path_factory.mktemp("run") / "clone")
    subprocess.run(["make", ".venv/.installed"], cwd=folder, env=environment(), check=True)
    return folder / ".venv"


@pytest.fixture
def clone(tmp_path: Path, packages: Path) -> Path:
    """A copy of the project with its packages, where nothing ever ran."""
    folder = copy_project(tmp_path / "clone")
    (folder / ".venv").symlink_to(packages)
    return folder


def environment() -> dict[str, str]:
    """A user's environment, without what the tests' own site has."""
    inherited = {name: value for name, value in os.environ.items() if is_inherited(name)}
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL", "PUBLISH_ROOT", "MAKEFLAGS", "MAKELEVEL"):
        inherited.pop(name, None)
    return {**inherited, "PYTHON": getattr(sys, "_base_executable", sys.executable)}


class Run:
    """A `make run` in the background."""

    def __init__(self, clone: Path, **overrides: str) -> None:
        self.port = free_port()
        self.log = clone.parent / "run.log"
        self.clone = clone
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["make", "--silent", "run"],
                cwd=clone,
                env={**environment(), "PORT": str(self.port), **overrides},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def supervisor(self) -> int:
        """The process that make started."""
        return int((self.clone / "var" / "run.lock").read_text())

    def lines(self) -> list[str]:
        """What it printed, without make's own last word."""
        return [line for line in self.log.read_text().splitlines() if not line.startswith("make:")]

    def wait_for_page(self) -> str:
        """The page, once it is served."""
        page: str = poll_until(self._page, WARM_SECONDS, f"the page is served\n{self.log.read_text()}")
        return page

    def wait_for_end(self) -> int:
        """The exit status; by then none of its processes is left."""
        status = self.process.wait(WARM_SECONDS)
        poll_until(lambda: not self.left(), WARM_SECONDS, f"every process ends: {self.left()}")
        return status

    def left(self) -> list[str]:
        """The command lines of living processes that belong to the copy."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_ours = os.readlink(path / "cwd").startswith(str(self.clone))
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line and (is_ours or str(self.clone) in line):
                    found.append(line)
        return found

    def _page(self) -> str | None:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return str(answer.read().decode())
        return None


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Ends every run that a test adds here."""
    started: list[Run] = []
    yield started
    for run in started:
        run.process.kill()
        run.wait_for_end()


def components(clone: Path) -> int:
    """How many components the site knows."""
    with contextlib.closing(sqlite3.connect(clone / "var" / "statuspage.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM statuspage_component").fetchone()[0])


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_it_starts_from_nothing_survives_kill_9_with_its_data_and_ends_on_request(clone, runs):
    runs.append(first := Run(clone))
    page = first.wait_for_page()
    seeded = components(clone)
    assert seeded and "<title>" in page
    poll_until(lambda: f"http://127.0.0.1:{first.port}/ " in first.log.read_text(), 10, "it says where it is")
    assert len(re.findall("passphrase", first.log.read_text())) == 1
    assert (clone / "var" / "secret_key").stat().st_mode & 0o777 == 0o600

    os.kill(first.supervisor, signal.SIGKILL)
    first.wait_for_end()

    started_at = time.monotonic()
    runs.append(second := Run(clone))
    second.wait_for_page()
    assert time.monotonic() - started_at < WARM_SECONDS
    assert components(clone) == seeded
    assert len(re.findall("passphrase", second.log.read_text())) == 1, "the sign-in is shown once in a site's life"
    assert "Traceback" not in second.log.read_text()

    os.kill(second.supervisor, signal.SIGINT)
    assert second.wait_for_end() == 0


def test_it_ends_with_the_make_that_started_it(clone, runs):
    runs.append(run := Run(clone, SEED="no"))
    run.wait_for_page()
    run.process.kill()
    assert run.wait_for_end() == -signal.SIGKILL


def test_without_seed_the_page_is_empty_and_staff_can_sign_in(clone, runs):
    runs.append(run := Run(clone, SEED="no"))
    run.wait_for_page()
    assert components(clone) == 0
    assert "passphrase" in run.log.read_text()


def test_a_taken_port_is_one_line_that_says_what_to_do(clone):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = Run(clone, PORT=port)
        assert run.wait_for_end() == 2
    (line,) = run.lines()
    assert f"PORT: {port}" in line and "make run PORT=" in line
    assert not (clone / "var" / "statuspage.sqlite3").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "８０"])
def test_an_impossible_port_is_refused(clone, port):
    run = Run(clone, PORT=port)
    assert run.wait_for_end() == 2
    (line,) = run.lines()
    assert "PORT" in line and port in line


def test_a_wrong_database_is_one_line_that_says_what_to_do(clone):
    run = Run(clone, DATABASE_URL="oracle://here/there", SECRET_KEY="k" * 50, SITE_URL="http://127.0.0.1")
    assert run.wait_for_end() == 2
    (line,) = run.lines()
    assert "DATABASE_URL" in line


def test_a_second_site_on_the_same_data_is_refused(clone, runs):
    runs.append(first := Run(clone, SEED="no"))
    first.wait_for_page()
    second = Run(clone)
    assert second.process.wait(WARM_SECONDS) == 2
    assert f"process {first.supervisor}" in second.log.read_text()
