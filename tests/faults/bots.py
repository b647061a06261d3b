"""Robots who ask, without a rest, for what nobody published: a program, `python -m tests.faults.bots PORT N`.

What they found is told as readers tell it. An address with a query has the face of the address without, and all that
nobody published has one face: whatever else comes is `torn`.
"""

import asyncio
import json
import sys

from tests.chaos.readers import Answer, Manner, Reader, read

UNCACHED = ("/?x={}", "/history?page={}", "/history.atom?{}", "/wp-{}.php", "/incidents/{}", "/history/{}", "/.{}/x")


class Bot(Reader):
    """One of them."""

    def path(self) -> str:
        return self.chance.choice(UNCACHED).format(self.chance.randrange(10**11))

    def note(self, path: str, answer: Answer) -> None:
        asked, question, _ = path.partition("?")
        self.found.looks += 1
        self.found.statuses[answer.status] += 1
        self.found.faces[asked if question else "nothing", answer.revision].add(answer.tag)
        if answer.status != (200 if question else 404):
            self.found.errors.append(f"{path}: {answer.status}")


if __name__ == "__main__":
    port, count = map(int, sys.argv[1:])
    print(json.dumps(asyncio.run(read(port, count, Manner(pause=(0.0, 0.1), spread=1.0), Bot))))
