"""Crowds of readers beside a running site, and how many of them this machine has open files for."""

import json
import resource
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from deploy.processes import ROOT, Program, python

LEAST = 500
SPARE = 400
"""Open files that everything else needs."""


def as_many_as(wanted: int) -> int:
    """So many connections, or as many as the limit of open files allows; it is printed."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(wanted, soft - SPARE)
    assert count >= LEAST, f"ulimit -n is {soft}: too few for {LEAST} connections"
    print(f"{count} connections of {wanted}")
    return count


class Crowd:
    """A program with many connections, at work; once it has gone, what they met is in `found`."""

    def __init__(self, program: Program, count: int) -> None:
        self.program, self.count = program, count
        self.found: dict[str, Any] = {}

    def go(self) -> None:
        assert self.program.process
        said, _ = self.program.process.communicate(timeout=120)
        self.found = json.loads(said)
        print({name: fact if name != "errors" else len(fact) for name, fact in self.found.items()})

    def assert_content(self, within: float) -> None:
        """All were answered, 99 of 100 within so many seconds, and nobody was shown an older page after a newer one."""
        assert not self.found["errors"], self.found["errors"][:5]
        assert self.found["answered"] == self.count, self.found["answered"]
        assert not self.found["backwards"], self.found["backwards"][:5]
        assert not self.found["torn"], self.found["torn"][:5]
        assert self.found["seconds"][1] < within, self.found["seconds"]


@dataclass(frozen=True)
class Look:
    """What one reader of one node gets: the revision, and the text. Revision 0: nothing yet."""

    revision: int = 0
    text: str = ""


def look(port: int, path: str) -> Look:
    """One request to the node at this port."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        return Look(int(answer.headers["X-Revision"]), text) if answer.status == 200 else Look()
    except OSError:
        return Look()
    finally:
        connection.close()


@contextmanager
def beside(module: str, port: int, count: int, *arguments: str) -> Iterator[Crowd]:
    """A program with so many connections, for as long as the block lasts."""
    argv = python(module, str(port), str(count), *arguments)
    program = Program(module, argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    program.start()
    crowd = Crowd(program, count)
    try:
        yield crowd
        crowd.go()
    finally:
        program.kill()


def readers(port: int, count: int, **manner: Any) -> AbstractContextManager[Crowd]:
    """So many. `manner` are the fields of `Manner`."""
    return beside("tests.chaos.readers", port, count, json.dumps(manner))


def slow_readers(port: int, count: int) -> AbstractContextManager[Crowd]:
    """So many who get nowhere."""
    return beside("tests.faults.slow_readers", port, count)


def bots(port: int, count: int) -> AbstractContextManager[Crowd]:
    """So many who ask, without a rest, for what nobody published."""
    return beside("tests.faults.bots", port, count)


def sign_ins(port: int, count: int) -> AbstractContextManager[Crowd]:
    """So many who guess passwords."""
    return beside("tests.faults.flood", port, count)
