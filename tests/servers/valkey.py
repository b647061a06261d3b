"""A Valkey of the tests' own: killed, paused and emptied as they like."""

import os
import signal
from pathlib import Path

import redis

from deploy import valkey
from deploy.processes import Program, poll_until


class Valkey:
    """Valkey on a free port of 127.0.0.1, with its data below `folder`; the port stays over a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = valkey.free_port()
        self.program = Program("valkey", valkey.command(folder, port=self.port))

    @property
    def url(self) -> str:
        """The address as REDIS_URL wants it."""
        return valkey.url(self.port)

    def start(self) -> "Valkey":
        """Start, and wait until it answers."""
        self.program.start()
        with self._client() as client:
            poll_until(lambda: self._answers(client), 10, "Valkey answers")
        return self

    def stop(self) -> None:
        """End it in order."""
        self.program.end()

    def kill(self) -> None:
        """kill -9, with everything it has not written."""
        self.program.kill()

    def pause(self) -> None:
        """Stop answering without closing any connection."""
        self.program.signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        """Answer again."""
        self.program.signal_group(signal.SIGCONT)

    def flush(self) -> None:
        """Forget everything."""
        with self._client() as client:
            client.flushall()

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def _answers(self, client: redis.Redis) -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            if not self.program.is_alive:
                log = (self.folder / "valkey.log").read_text()
                raise RuntimeError(f"Valkey ended with status {self.program.status}:\n{log}") from None
            return False


class Given:
    """The server that REDIS_URL names: nobody here starts or ends it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> "Given":
        """It runs already."""
        return self

    def stop(self) -> None:
        """It goes on."""


def for_tests(folder: Path) -> Valkey | Given:
    """REDIS_URL's server where it is set, else one of our own below `folder`; not started yet."""
    given = os.environ.get("REDIS_URL")
    return Given(given) if given else Valkey(folder)
