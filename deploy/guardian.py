"""Ends process groups whose owner is gone, however it went, kill -9 included.

Started by `processes.Guardian` as a program of its own. Its standard input is the owner's word: `+PGID` to watch a
group, `-PGID` to forget it, end of file when the owner no longer exists. Then every watched group is asked to end,
and killed where it does not. Standard library only, so that it starts in milliseconds.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE_SECONDS = 10
"""As long as a warm shutdown may take before what is left of it is killed."""


def watched_at_end_of(orders: Iterable[str]) -> list[int]:
    """The groups still watched when the owner fell silent, in the order they came."""
    groups: list[int] = []
    for order in orders:
        group = int(order[1:])
        if order[0] == "+":
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    return groups


def is_alive(process: int) -> bool:
    """Whether a process still runs; one that is dead and not yet buried does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{process}/stat")
    with contextlib.suppress(OSError):
        # The name before the last parenthesis may hold anything. A container's first process may bury nobody.
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return not stat.parent.parent.exists()


def end(groups: list[int]) -> None:
    """Ask the leaders to end; kill what outlives the patience, and what a leader left behind."""
    for group in groups:
        # Only the leader: pools such as Celery's end their own children, and lose work when those are told first.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Outlive the owner's signals, then clean up after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = watched_at_end_of(sys.stdin)
    # The first is what the others talk to while they end: a doorbell, a database.
    end(groups[1:])
    end(groups[:1])


if __name__ == "__main__":
    main()
