"""Owns the programs that others wrote: whether they could be had, and how they are run.

The locks name every package's version and hash and no address, so they come from wherever this machine has its
packages from. Where they cannot be had their tests are skipped and say why; NODE=required makes that a failure.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.processes import ROOT
from tests import browsers

HERE = Path(__file__).parent
FOLDER = ROOT / ".strangers"
NODE_LOCK = HERE / "package-lock.json"
FETCH_SECONDS = 300
RUN_SECONDS = 60
OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")


class NotToBeHad(Exception):
    """These programs are not on this machine and cannot be fetched; why."""


def is_required() -> bool:
    """Whether their absence is a failure."""
    return os.environ.get("NODE") == "required"


def or_skip(what: str, error: NotToBeHad) -> None:
    """End a test that needs them."""
    if is_required():
        pytest.fail(f"NODE=required, and {what} cannot be had: {error}", pytrace=False)
    pytest.skip(f"{what}: {error}")


# --- Getting them --------------------------------------------------------------------------------------------------


def python() -> Path:
    """The interpreter of an environment with the Python clients."""
    with browsers.one_at_a_time():
        make("python")
    return FOLDER / "python" / "bin" / "python"


def node_modules() -> Path:
    """The folder with the npm packages."""
    with browsers.one_at_a_time():
        if not has_node() and not browsers.from_debian("nodejs", "npm"):
            raise NotToBeHad("no Node")
        make("node")
    return FOLDER / "node" / "node_modules"


def has_node() -> bool:
    """Whether Node and npm are there and run."""
    found = [shutil.which(name) for name in ("node", "npm")]
    return all(path and browsers.starts(path) for path in found)


def make(which: str) -> None:
    """Fetch them, unless the lock's are there already; raises NotToBeHad."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    argv = ["make", "--silent", f".strangers/{which}/.installed"]
    try:
        done = subprocess.run(
            argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotToBeHad(str(error)) from None
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()]
        raise NotToBeHad(words[0] if words else f"make ended with {done.returncode}")


def node_not_run() -> str | None:
    """Why the clients in JavaScript were not tried; None where they were, or can be."""
    stamp = FOLDER / "node" / ".installed"
    if not has_node():
        return "no Node"
    if not stamp.exists() or stamp.stat().st_mtime < NODE_LOCK.stat().st_mtime:
        return "its packages are not fetched"
    return None


# --- Running them --------------------------------------------------------------------------------------------------


def run(argv: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a program prints that is to end well; its working folder is the test's own."""
    done = subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{argv[0]}: status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
