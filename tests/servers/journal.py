"""What a server saw, in a file outside the system under test: one JSON object a line, on the disk before the answer."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """Append-only and safe against a kill at any instant: a line is whole or it is not there."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        self._lock = threading.Lock()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, kind: str, **facts: Any) -> None:
        """Append one entry with its time; it is on the disk when this returns."""
        line = json.dumps({"kind": kind, "at": time.time(), **facts}) + "\n"
        with self._lock:
            os.write(self._descriptor, line.encode())
        if self._durable:
            os.fsync(self._descriptor)

    def close(self) -> None:
        """No more entries."""
        os.close(self._descriptor)


def entries(path: Path, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """The entries so far, of one kind or of all; a last line that is still being written is left out."""
    if not path.exists():
        return
    with path.open() as lines:
        for line in lines:
            if not line.endswith("\n"):
                return
            entry = json.loads(line)
            if kind is None or entry["kind"] == kind:
                yield entry
