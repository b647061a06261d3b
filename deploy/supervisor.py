"""Owns the parts of a site in one terminal: starting them, printing what they say, starting again what dies, ending.

Called by `deploy.run`. Knows no part by name.
"""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping
from typing import IO, cast

from deploy.processes import ROOT, Guardian, Program

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
"""Between the death of a part and its next start; doubled each time."""
STEADY_SECONDS = 60
"""After this long a part's next start is no longer the next of a series."""
PATIENCE_SECONDS = 10
"""What a part may take to end before it is killed: the ledger stands either way."""
FALSE_STARTS = 3
"""A part that died this often before the site ever answered will not be cured by trying again."""
NAME_WIDTH = len("worker")


class DoesNotStart(Exception):
    """A part keeps dying before the site has ever answered."""


class Part:
    """One program of the site, and when to start it again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.deaths = 0
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self._started_at = 0.0
        self._start_again_at: float | None = None

    def start(self) -> IO[bytes]:
        """Start it and answer with the stream of what it says."""
        self.program.start()
        self._started_at, self._start_again_at = time.monotonic(), None
        assert self.program.process and self.program.process.stdout
        return self.program.process.stdout

    def has_died(self) -> bool:
        """Whether it ended since this was last asked; its next start is planned with that."""
        if self.program.is_alive or self._start_again_at is not None:
            return False
        self.program.kill()  # what its first process left behind would hold the port
        is_steady = time.monotonic() - self._started_at > STEADY_SECONDS
        self.deaths = 1 if is_steady else self.deaths + 1
        self.pause_seconds = min(FIRST_PAUSE_SECONDS * 2 ** (self.deaths - 1), LONGEST_PAUSE_SECONDS)
        self._start_again_at = time.monotonic() + self.pause_seconds
        return True

    @property
    def is_due(self) -> bool:
        """Whether its pause is over."""
        return self._start_again_at is not None and time.monotonic() >= self._start_again_at


class Terminal:
    """What the parts say, whole lines, each with the name of its part."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def listen(self, name: str, stream: IO[bytes]) -> None:
        """Print what comes out of this stream from now on."""
        os.set_blocking(stream.fileno(), False)
        self._selector.register(stream, selectors.EVENT_READ, (name, bytearray()))

    def relay(self, seconds: float) -> None:
        """Print what is said; wait for it for so long, no longer than until somebody speaks."""
        for key, _ in self._selector.select(seconds):
            stream = cast(IO[bytes], key.fileobj)
            name, unfinished = key.data
            chunk = os.read(stream.fileno(), 65536)
            if not chunk:
                self._selector.unregister(stream)
                stream.close()
            *lines, unfinished[:] = (bytes(unfinished) + chunk).split(b"\n")
            for line in lines:
                self.say(name, line.decode(errors="replace"))

    def say(self, name: str, text: str) -> None:
        """Print one line."""
        print(f"{name:<{NAME_WIDTH}} | {text}", flush=True)


class Parts:
    """The running parts, in the order they were started in."""

    def __init__(self, environment: Mapping[str, str], guard: Guardian) -> None:
        self.terminal = Terminal()
        self.may_give_up = True
        self._environment = environment
        self._guard = guard
        self._parts: list[Part] = []

    def add(self, name: str, argv: list[str]) -> None:
        """Start a program, and keep it running."""
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "bufsize": 0}
        program = Program(name, argv, env=self._environment, cwd=ROOT, guard=self._guard, **output)
        part = Part(program)
        self._parts.append(part)
        self.terminal.listen(name, part.start())

    def tend(self) -> None:
        """One round, about a fifth of a second: print what was said, start again what died."""
        self.terminal.relay(0.2)
        for part in self._parts:
            if part.has_died():
                self._tell_of_death(part)
            if part.is_due:
                self.terminal.listen(part.program.name, part.start())

    def end(self) -> None:
        """End all at once, but the first started last: the others still talk to it while they end."""
        for batch in (self._parts[1:], self._parts[:1]):
            for part in batch:
                part.program.ask_to_end()
            for part in batch:
                part.program.finish(PATIENCE_SECONDS)
        self.terminal.relay(0)

    def _tell_of_death(self, part: Part) -> None:
        name, status = part.program.name, part.program.status
        if self.may_give_up and part.deaths >= FALSE_STARTS:
            raise DoesNotStart(f"{name} does not start (status {status}); its own words are above")
        self.terminal.say("run", f"{name} ended with status {status}; starts again in {part.pause_seconds:g} s")
