"""Owns the search for a Chromium: the one the user names, one on PATH, Debian's package, Playwright's download."""

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NOT_RUN = "browser: NOT RUN (no Chromium)"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    # Nothing leaves the machine, and nothing is looked up outside it.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALL_SECONDS = 300


def is_required() -> bool:
    """Whether a missing browser is a failure."""
    return os.environ.get("BROWSER") == "required"


def present() -> Path | None:
    """A Chromium that is on this machine already and starts."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in [*found, downloaded()] if path and starts(str(path))), None)


@functools.cache
def found_or_installed() -> Path | None:
    """A Chromium, installed now where there is none; None where that can't be done."""
    with one_at_a_time():
        return present() or installed(lambda: from_debian("chromium")) or installed(from_playwright)


def installed(install: Callable[[], bool]) -> Path | None:
    """What is present after this installation."""
    return present() if install() else None


def from_debian(*packages: str) -> bool:
    """Install Debian's packages; needs root."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    print(f"installing Debian's {' and '.join(packages)} for the tests", file=sys.stderr)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    return succeeds(["apt-get", "update"]) and succeeds(install)


def from_playwright() -> bool:
    """Let Playwright download its own build."""
    return succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


@functools.cache
def downloaded() -> str | None:
    """Where Playwright's own build is or would be."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


@functools.cache
def starts(path: str) -> bool:
    """Whether the program runs at all; a download may lack libraries."""
    return succeeds([path, "--version"])


def succeeds(argv: list[str]) -> bool:
    """Whether a command ends well, and within its time."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(argv, capture_output=True, env=environment, timeout=INSTALL_SECONDS, check=False)
        return done.returncode == 0
    return False


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two workers must not install at once."""
    with open(Path(tempfile.gettempdir()) / f"status-page-browser-{os.geteuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def launched(path: Path) -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        yield browser
        browser.close()
