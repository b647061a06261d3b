"""A relay that takes whatever it is given, as cheaply as Python can: `python -m benchmarks.sink`.

Pinned beside the sender it shares the sender's core, so it must not dominate: it reads no
line by itself, looks only for commands' ends and the final dot, and keeps nothing but a
count. It speaks for well-behaved clients on loopback only.
"""

import contextlib
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

from deploy.processes import ROOT, Program, python

GREETING = b"220 sink\r\n"
HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
OK = b"250 2.0.0 OK\r\n"
LISTENING = b"354 go on\r\n"
GOODBYE = b"221 bye\r\n"
END = b"\r\n.\r\n"


class Client:
    """One connection."""

    def __init__(self, connection: socket.socket, note: Callable[[], None] | None = None) -> None:
        self.note = note
        self.connection = connection
        self.waiting = b""
        self.listens = False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(GREETING)

    def read(self) -> bool:
        """Take what came and answer; False where the client is gone."""
        data = self.connection.recv(65536)
        if data:
            self.waiting += data
            answers = b"".join(self.answers())
            if answers:
                self.connection.sendall(answers)
        return bool(data)

    def answers(self) -> Iterator[bytes]:
        while True:
            end = END if self.listens else b"\r\n"
            if self.listens and self.waiting.startswith(b".\r\n"):
                at, end = 0, b".\r\n"
            else:
                at = self.waiting.find(end)
            if at < 0:
                return
            command, self.waiting = self.waiting[:4].upper(), self.waiting[at + len(end) :]
            yield self.answer(command)

    def answer(self, command: bytes) -> bytes:
        if self.listens:
            self.listens = False
            if self.note:
                self.note()
            return OK
        self.listens = command == b"DATA"
        return {b"EHLO": HELLO, b"DATA": LISTENING, b"QUIT": GOODBYE}.get(command, OK)


def serve(listener: socket.socket, note: Callable[[], None] | None = None) -> None:
    """For ever. `note` is called for each mail."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                connection = listener.accept()[0]
                selector.register(connection, selectors.EVENT_READ, Client(connection, note))
                continue
            with contextlib.suppress(ConnectionError):
                if key.data.read():
                    continue
            selector.unregister(key.data.connection)
            key.data.connection.close()


@contextlib.contextmanager
def sink(core: int | None = None) -> Iterator[int]:
    """A sink of one's own; its port. On one core, where one is named."""
    program = Program("sink", python("benchmarks.sink"), stdout=subprocess.PIPE, cwd=ROOT)
    program.start()
    assert program.process and program.process.stdout
    try:
        port = int(program.process.stdout.readline())
        if core is not None:
            os.sched_setaffinity(program.process.pid, {core})
        yield port
    finally:
        program.kill()
        program.process.stdout.close()


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    sys.exit(serve(listener))
