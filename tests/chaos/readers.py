"""Three hundred readers who look again every few seconds: a program of its own, `python -m tests.chaos.readers PORT N`.

Ends when its standard input does, and says as one JSON object how often it asked, what went wrong, and whether
anybody was shown an older revision after a newer one.
"""

import asyncio
import json
import random
import sys
from typing import Any

PATHS = ("/", "/api/v2/summary.json", "/history.atom", "/history", "/api/v2/incidents.json")
PAUSE_SECONDS = (2.0, 4.0)
ANSWER_SECONDS = 10.0


class Reader:
    """One reader with one connection, opened again where the server closed it between two looks."""

    def __init__(self, port: int, number: int, found: dict[str, Any]) -> None:
        self.port, self.found = port, found
        self.chance = random.Random(number)
        self.revision = 0
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def look_again_and_again(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, PAUSE_SECONDS[1]))
        while True:
            path = self.chance.choice(PATHS)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    status, revision = await self.look(path)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self.streams = None
                self.found["errors"].append(f"{path}: {type(error).__name__} {error}")
            else:
                self.note(path, status, revision)
            await asyncio.sleep(self.chance.uniform(*PAUSE_SECONDS))

    def note(self, path: str, status: int, revision: int) -> None:
        self.found["looks"] += 1
        if status != 200:
            self.found["errors"].append(f"{path}: {status}")
        if revision < self.revision:
            self.found["backwards"].append(f"{path}: {revision} after {self.revision}")
        self.revision = max(self.revision, revision)

    async def look(self, path: str) -> tuple[int, int]:
        """Status and revision of one answer, read to its end."""
        if self.streams is None or self.streams[0].at_eof():
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(fields["content-length"]))
        return int(head[0].split()[1]), int(fields.get("x-revision", 0))


async def read(port: int, count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"looks": 0, "errors": [], "backwards": []}
    readers = [asyncio.create_task(Reader(port, number, found).look_again_and_again()) for number in range(count)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for each in readers:
        each.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return found


def main() -> None:
    port, count = map(int, sys.argv[1:])
    print(json.dumps(asyncio.run(read(port, count))))


if __name__ == "__main__":
    main()
