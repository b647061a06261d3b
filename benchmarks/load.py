"""Readers in numbers: `wrk` where it is installed (Debian's package of that name), else a loop of ours.

Both keep CONNECTIONS open and ask again on each as soon as it has answered.
"""

import json
import selectors
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rounds import Sample
from benchmarks.sites import Served

CONNECTIONS = 64
PATIENCE_SECONDS = 60

SAY = """
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\\n{"count": %d, "seconds": %.6f, "p99": %.6f, "errors": %d}\\n',
        summary.requests, summary.duration / 1e6, latency:percentile(99) / 1e6,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Load(Sample):
    """What readers got in one round; `cpu_seconds` are the server's, all its processes. `p99` is in seconds."""

    p99: float = 0.0


def name() -> str:
    """By what the readers are played."""
    return "wrk" if shutil.which("wrk") else "a loop of ours (no wrk here)"


def asked(
    server: Served, seconds: float, headers: Mapping[str, str] | None = None, connections: int = CONNECTIONS
) -> Load:
    """Ask for the front page for so long. Raises RuntimeError where an answer is an error."""
    play = wrk if shutil.which("wrk") else loop
    before = server.cpu_seconds
    found = play(server.port, seconds, headers or {}, connections)
    cpu = server.cpu_seconds - before
    if found["errors"] or not found["count"]:
        raise RuntimeError(f"{server.program.name}: {found}")
    return Load(int(found["count"]), found["seconds"], cpu, found["p99"])


def wrk(port: int, seconds: float, headers: Mapping[str, str], connections: int) -> dict[str, float]:
    """One thread of it: the other core is the server's."""
    told = [part for name, text in headers.items() for part in ("-H", f"{name}: {text}")]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "say.lua"
        script.write_text(SAY)
        argv = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{round(seconds)}s"]
        argv += ["--timeout", f"{PATIENCE_SECONDS}s", "--latency", "--script", str(script), *told]
        out = subprocess.run([*argv, f"http://127.0.0.1:{port}/"], check=True, capture_output=True, text=True).stdout
    return dict(json.loads(out.strip().splitlines()[-1]))


# --- Loops of ours ---------------------------------------------------------------------------


class Reader:
    """One connection: how long each answer took from the moment it was asked for, or was to be."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request, self.times, self.errors = request, list[float](), 0

    def ask(self, at: float | None = None) -> None:
        self.heard = b""
        self.asked_at = at or time.perf_counter()
        self.socket.sendall(self.request)

    def hear(self) -> bool:
        """Take what is there; whether it was the end."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.heard += data
        head, separator, body = self.heard.partition(b"\r\n\r\n")
        if not separator or len(body) < length_of(head):
            return False
        self.times.append(time.perf_counter() - self.asked_at)
        self.errors += head[9:12] not in {b"200", b"304"}
        return True


def length_of(head: bytes) -> int:
    """The body's, as the head says."""
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 and head[9:12] != b"304" else 0


def loop(port: int, seconds: float, headers: Mapping[str, str], connections: int) -> dict[str, float]:
    """All connections by turns, in this process: what wrk does, on a machine without it."""
    with readers(port, headers, connections) as (everybody, selector):
        for each in everybody:
            each.ask()
        began = time.perf_counter()
        while time.perf_counter() < began + seconds:
            for key, _ in selector.select(1):
                if key.data.hear():
                    key.data.ask()
        return facts(everybody, time.perf_counter() - began)


def paced(server: Served, seconds: float, per_second: float) -> float:
    """The 99th percentile, in seconds, for readers who come one after the other whatever happens.

    Counted from the moment each was to come, so that whoever waits for one that is slow is
    not left out. Raises RuntimeError where an answer is an error.
    """
    with readers(server.port, {}) as (everybody, selector):
        idle, began, sent = list(everybody), time.perf_counter(), 0
        while sent < seconds * per_second or len(idle) < len(everybody):
            due = began + sent / per_second
            wait = due - time.perf_counter() if sent < seconds * per_second else 1
            if wait <= 0 and idle:
                idle.pop().ask(due)
                sent += 1
            else:
                idle += [key.data for key, _ in selector.select(max(wait, 0)) if key.data.hear()]
        found = facts(everybody, time.perf_counter() - began)
    if found["errors"]:
        raise RuntimeError(f"{server.program.name}: {found}")
    return found["p99"]


@contextmanager
def readers(
    port: int, headers: Mapping[str, str], connections: int = CONNECTIONS
) -> Iterator[tuple[list[Reader], selectors.BaseSelector]]:
    """So many of them, with a selector that says who has something to hear."""
    lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode()
    everybody = [Reader(port, request) for _ in range(connections)]
    with closing(selectors.DefaultSelector()) as selector:
        for each in everybody:
            selector.register(each.socket, selectors.EVENT_READ, each)
        yield everybody, selector
    for each in everybody:
        each.socket.close()


def facts(everybody: list[Reader], seconds: float) -> dict[str, float]:
    times = [took for each in everybody for took in each.times]
    p99 = statistics.quantiles(times, n=100)[-1]
    return {"count": len(times), "seconds": seconds, "p99": p99, "errors": sum(each.errors for each in everybody)}
