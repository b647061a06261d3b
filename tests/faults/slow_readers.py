"""Readers who hold their connections and get nowhere: a program, `python -m tests.faults.slow_readers PORT N`.

Ends when its standard input does, and says as one JSON object how many connections there were, how many the server
refused or cut off, and how many stand.
"""

import asyncio
import json
import socket
import sys
from collections import Counter
from contextlib import suppress

ASKS = b"GET /history HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GREEDY = 50
"""So many ask for megabytes and read none: what the kernel takes in their stead is memory."""
GREEDY_ASKS = 200
ARRIVALS_A_SECOND = 2000


class Slow:
    """One of them, of the kind that its number says."""

    def __init__(self, port: int, number: int, found: Counter[str]) -> None:
        self.port, self.number, self.found = port, number, found

    async def hold(self) -> None:
        await asyncio.sleep(self.number / ARRIVALS_A_SECOND)
        try:
            reader, writer = await asyncio.open_connection(sock=await self.connected(), limit=1024)
        except OSError:
            self.found["refused"] += 1
            return
        self.found["connections"] += 1
        with suppress(OSError):
            await (self.drip(reader, writer) if self.number % 2 else self.never_read(writer))
        self.found["cut off"] += 1

    async def connected(self) -> socket.socket:
        """A connection that takes as little as may be."""
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        return connection

    async def drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A byte a second of a question that never ends; back when the server has had enough."""
        writer.write(ASKS + b"X-Slow: ")
        while not reader.at_eof():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)

    async def never_read(self, writer: asyncio.StreamWriter) -> None:
        """Whole questions, whose answers nobody takes."""
        writer.write((ASKS + b"\r\n") * (GREEDY_ASKS if self.number < 2 * GREEDY else 1))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()


async def hold(port: int, count: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    held = [asyncio.create_task(Slow(port, number, found).hold()) for number in range(count)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    facts = {word: found[word] for word in ("connections", "refused", "cut off")}
    for each in held:
        each.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    return facts | {"standing": facts["connections"] - facts["cut off"]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(hold(*map(int, sys.argv[1:])))))
