"""Owns how a program is started and ended: in a process group of its own, with nobody left behind.

Used by `deploy.run` for a site in one terminal and by the tests for theirs. Knows nothing of what the programs do.
"""

import atexit
import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy import guardian as guardian_program


class Guardian:
    """Ends the watched process groups when this process is gone, however it went."""

    def __init__(self, keep_open: Sequence[int] = ()) -> None:
        # `keep_open` are files the guardian holds until the last group has ended, a lock for instance.
        self._process = subprocess.Popen(
            [sys.executable, "-IS", guardian_program.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=keep_open,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """End this group too."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The group has ended; its number may soon be somebody else's."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End what is still watched, and the guardian after it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _tell(self, order: str) -> None:
        assert self._process.stdin
        # A guardian that was killed guards nothing, but its owner's work goes on.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(order.encode())


@functools.cache
def guardian() -> Guardian:
    """The guardian of this process."""
    made = Guardian()
    atexit.register(made.close)
    return made


class Program:
    """A program in a process group of its own, which can be ended, killed, paused and started again."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | os.PathLike[str]],
        *,
        guard: Guardian | None = None,
        **popen_options: Any,
    ) -> None:
        self.name = name
        self.argv = argv
        self.process: subprocess.Popen[bytes] | None = None
        self._guard = guard
        self._options = {"stdin": subprocess.DEVNULL, "start_new_session": True, **popen_options}

    def start(self) -> None:
        """Start it, guarded."""
        self.process = subprocess.Popen(self.argv, **self._options)
        self.guard.watch(self.process.pid)

    @property
    def guard(self) -> Guardian:
        """Whoever ends the group when this process is gone."""
        return self._guard or guardian()

    @property
    def is_alive(self) -> bool:
        """Whether its first process still runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it runs."""
        return self.process.poll() if self.process else None

    def signal(self, number: int) -> None:
        """Send a signal to the first process alone."""
        if self.process and self.is_alive:
            self.process.send_signal(number)

    def signal_group(self, number: int) -> None:
        """Send a signal to every process of the group."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """SIGKILL for the whole group, and wait until the first process is gone."""
        self.signal_group(signal.SIGKILL)
        self._bury()

    def ask_to_end(self) -> None:
        """SIGTERM for the first process alone: a pool loses work when its children are told first."""
        self.signal_group(signal.SIGCONT)
        self.signal(signal.SIGTERM)

    def end(self, patience_seconds: float = 10) -> int | None:
        """Ask it to end; kill the group when it does not, and whatever its first process left behind."""
        self.ask_to_end()
        return self.finish(patience_seconds)

    def finish(self, patience_seconds: float) -> int | None:
        """Wait for the end that was asked for; kill what is left of the group after that."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience_seconds)
        self.kill()
        return self.status

    def _bury(self) -> None:
        if self.process:
            self.process.wait()
            self.guard.forget(self.process.pid)


def poll_until(ready: Callable[[], Any], timeout_seconds: float, what: str) -> Any:
    """The first true answer of `ready`, asked every 20 ms. Raises TimeoutError that names `what`."""
    deadline = time.monotonic() + timeout_seconds
    while not (answer := ready()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_seconds:g} s")
        time.sleep(0.02)
    return answer


def python(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module with this same Python."""
    return [sys.executable, "-m", module, *arguments]


ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project, where its modules are found."""
