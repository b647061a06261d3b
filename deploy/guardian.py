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

PATIENCE_SECONDS = 10
"""As long as a warm shutdown may take before what is left of it is killed."""


def watched_at_end_of(orders: Iterable[str]) -> set[int]:
    """The groups still watched when the owner fell silent."""
    groups: set[int] = set()
    for order in orders:
        group = int(order[1:])
        if order[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def exists(group: int) -> bool:
    """Whether any process of the group is left, a zombie included."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: set[int]) -> None:
    """Ask the leaders to end, then kill whatever outlives the patience."""
    for group in groups:
        # Only the leader: pools such as Celery's end their own children, and lose work when those are told first.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(exists, groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Outlive the owner's signals, then clean up after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(watched_at_end_of(sys.stdin))


if __name__ == "__main__":
    main()
