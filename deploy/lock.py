"""Owns the rule that one folder of data has one running site."""

import fcntl
import os
import time
from pathlib import Path

PATIENCE_SECONDS = 15
"""What the parts of a killed site may take to end; the guardian holds the lock for them until then."""


class AlreadyRunning(Exception):
    """Another process runs the site of this folder; its number is the argument."""


def hold(path: Path) -> int:
    """Take the lock, for as long as the answered file descriptor is open in any process.

    Raises AlreadyRunning at once when its holder lives; waits when only the rest of a dead one is in the way.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _taken(descriptor):
        holder = _holder(descriptor)
        if _lives(holder) or time.monotonic() > deadline:
            raise AlreadyRunning(holder)
        time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> int:
    return int(os.pread(descriptor, 20, 0) or b"0")


def _lives(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
