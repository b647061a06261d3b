"""How a test server is told what to do when it is a process of its own: `POST /_control`, one JSON object.

`{"call": "script", "with": {...}}` calls a method that the server lists in its `CONTROLS`; the answer is
`{"answer": ...}`, or `{"error": ...}` with status 400.
"""

import json
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from deploy.processes import ROOT, Program, python


class Controlled(Protocol):
    """A server that can be told what to do."""

    CONTROLS: ClassVar[frozenset[str]]

    def start(self) -> Any:
        """Begin to serve."""

    def stop(self) -> None:
        """Serve no more."""

    def facts(self) -> dict[str, Any]:
        """What somebody who talks to it has to know: addresses, ports, keys."""


def perform(target: Controlled, body: bytes) -> tuple[int, bytes]:
    """Do what one control request asks; its HTTP status and answer."""
    try:
        order = json.loads(body)
        if order["call"] not in target.CONTROLS:
            raise ValueError(f"no such control: {order['call']!r}")
        answer = getattr(target, order["call"])(**order.get("with", {}))
    except (KeyError, TypeError, ValueError) as error:
        return 400, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
    return 200, json.dumps({"answer": answer}).encode()


class ControlHandler(BaseHTTPRequestHandler):
    """Takes control requests for `target`."""

    protocol_version = "HTTP/1.1"
    # A head and a body in two packets would each wait 40 ms for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    target: ClassVar[Controlled]

    def do_POST(self) -> None:
        """Perform one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.reply(*perform(self.target, body))

    def reply(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Send a whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the journal has it all."""


class HttpServer(ThreadingHTTPServer):
    """An HTTP server in threads of its own, on a port of 127.0.0.1."""

    daemon_threads = True
    block_on_close = False  # a stalled answer must not keep the server from ending
    request_queue_size = 256

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more; the port is free again."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server."""


def handler_for(target: Controlled) -> type[ControlHandler]:
    """A handler class that controls this server."""
    return type("Handler", (ControlHandler,), {"target": target})


def serve(server: Controlled) -> None:
    """Be that server's process: say its facts on stdout, serve until SIGTERM."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the first thread, which inherits it
    control = HttpServer(handler_for(server))
    server.start()
    control.start()
    print(json.dumps({"control": control.url, **server.facts()}), flush=True)
    signal.sigwait(ends)
    server.stop()
    control.stop()


class ServerProcess:
    """A test server in a process of its own, with the methods it lists as controls and its facts as attributes."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.program = Program(module, python(module, *arguments), stdout=subprocess.PIPE, cwd=ROOT)
        self._facts: dict[str, Any] = {}

    def start(self) -> "ServerProcess":
        """Start, and wait for its facts."""
        self.program.start()
        assert self.program.process and self.program.process.stdout
        line = self.program.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.program.name} ended with status {self.program.end()}")
        self._facts = json.loads(line)
        return self

    def stop(self) -> None:
        """End the process."""
        self.program.end()
        if self.program.process and self.program.process.stdout:
            self.program.process.stdout.close()

    def call(self, control: str, **arguments: Any) -> Any:
        """Call one of its controls."""
        body = json.dumps({"call": control, "with": arguments}).encode()
        request = Request(f"{self._facts['control']}/_control", body, method="POST")
        try:
            with urlopen(request, timeout=60) as response:
                return json.load(response)["answer"]
        except HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._facts:
            return self._facts[name]
        return lambda **arguments: self.call(name, **arguments)
