"""Readers who look again every few seconds: a program of its own, `python -m tests.chaos.readers PORT N [MANNER]`.

Ends when its standard input does, and says as one JSON object how often it asked, what went wrong, how long answers
took, whether anybody was shown an older revision after a newer one, and where one revision had two faces. MANNER is
JSON too: `Manner`'s fields.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

PATHS = ("/", "/api/v2/summary.json", "/history.atom", "/history", "/api/v2/incidents.json")
PAUSE_SECONDS = (2.0, 4.0)
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Manner:
    """How they look: which paths, how long they rest, over how many seconds they arrive, and what they know already."""

    paths: tuple[str, ...] = PATHS
    pause: tuple[float, float] = PAUSE_SECONDS
    spread: float = PAUSE_SECONDS[1]
    tags: dict[str, str] = field(default_factory=dict)
    """Path -> the ETag that they bring from an earlier visit."""


class Found:
    """What all of them met, and how many of them were ever answered."""

    def __init__(self) -> None:
        self.looks = 0
        self.answered: set[int] = set()
        self.errors: list[str] = []
        self.backwards: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.faces: defaultdict[tuple[str, int], set[str]] = defaultdict(set)

    def told(self) -> dict[str, Any]:
        """As JSON has it; seconds are those within which half, and 99 of 100 looks were answered, and the slowest."""
        ordered = sorted(self.seconds) or [0.0]
        half, most = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        return {
            "looks": self.looks,
            "answered": len(self.answered),
            "errors": self.errors,
            "backwards": self.backwards,
            "statuses": self.statuses,
            "seconds": [half, most, ordered[-1]],
            "torn": [f"{path} at {revision}" for (path, revision), tags in self.faces.items() if len(tags) > 1],
        }


@dataclass(frozen=True)
class Answer:
    """One answer's head; its body was read."""

    status: int
    revision: int
    tag: str


class Reader:
    """One reader with one connection, opened again where the server closed it between two looks."""

    def __init__(self, port: int, number: int, found: Found, manner: Manner) -> None:
        self.port, self.number, self.found, self.manner = port, number, found, manner
        self.chance = random.Random(number)
        self.revision = 0
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def look_again_and_again(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, self.manner.spread))
        while True:
            path = self.path()
            began = time.monotonic()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self.look(path)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self.streams = None
                self.found.errors.append(f"{path}: {type(error).__name__} {error}")
            else:
                self.found.seconds.append(time.monotonic() - began)
                self.found.answered.add(self.number)
                self.note(path, answer)
            await asyncio.sleep(self.chance.uniform(*self.manner.pause))

    def path(self) -> str:
        """Where to look next."""
        return self.chance.choice(self.manner.paths)

    def note(self, path: str, answer: Answer) -> None:
        self.found.looks += 1
        self.found.statuses[answer.status] += 1
        self.found.faces[path, answer.revision].add(answer.tag)
        if answer.status not in {200, 304}:
            self.found.errors.append(f"{path}: {answer.status}")
        if answer.revision < self.revision:
            self.found.backwards.append(f"{path}: {answer.revision} after {self.revision}")
        self.revision = max(self.revision, answer.revision)

    async def look(self, path: str) -> Answer:
        """One answer, read to its end."""
        if self.streams is None or self.streams[0].at_eof():
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        known = f"If-None-Match: {self.manner.tags[path]}\r\n" if path in self.manner.tags else ""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept-Encoding: gzip\r\n{known}\r\n"
        writer.write(head.encode())
        said = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in said[1:] if line)
        status = int(said[0].split()[1])
        if status != 304:
            await reader.readexactly(int(fields["content-length"]))
        return Answer(status, int(fields.get("x-revision", 0)), fields.get("etag", ""))


async def read(port: int, count: int, manner: Manner, kind: type[Reader] = Reader) -> dict[str, Any]:
    found = Found()
    readers = [asyncio.create_task(kind(port, each, found, manner).look_again_and_again()) for each in range(count)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for each in readers:
        each.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return found.told()


def main() -> None:
    port, count, *manner = sys.argv[1:]
    print(json.dumps(asyncio.run(read(int(port), int(count), Manner(**json.loads(*manner or ["{}"]))))))


if __name__ == "__main__":
    main()
