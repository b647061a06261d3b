"""A worker's process that tells one update and ends: `python -m benchmarks.sender RESULT`.

For what only a process of its own can show: its memory at the most, with all that a
worker has loaded. Writes count, seconds, CPU and bytes to RESULT as JSON.
"""

import json
import resource
import sys
from pathlib import Path

import django

from benchmarks.rounds import timed


def main() -> None:
    django.setup()
    from notifications import delivery, fanout, tasks

    assert tasks.sweep.name
    told = timed(fanout.relay)
    sent = timed(lambda: delivery.work("email", 24 * 3600))
    assert told.count == sent.count, (told, sent)
    facts = {
        "count": sent.count,
        "seconds": told.seconds + sent.seconds,
        "cpu_seconds": told.cpu_seconds + sent.cpu_seconds,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    Path(sys.argv[1]).write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
