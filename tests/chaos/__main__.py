"""`make chaos`: ten storms, one more on SQLite with one worker, and one with each mutant, which must be noticed.

    make chaos                        seeds 1 to 10
    make chaos SEEDS="17 23"          these; a storm of the same seed has the same plan, not the same interleaving

Prints one line a storm and, under it, what was done. A storm with a breach keeps its folder. Exit status 1 where a
promise was broken, or a mutant was not noticed.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import seeds, table
from tests.chaos.mutants import MUTANTS
from tests.chaos.run import storm
from tests.chaos.storm import SQUALL, Weather
from tests.chaos.table import Line
from tests.environment import OF_THE_SITE

MUTANT_SEED = 1


def main() -> int:
    for name in OF_THE_SITE:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="status-page-chaos-"))
    chosen = [int(each) for each in os.environ.get("SEEDS", "").split()] or [*seeds.ORDINARY, *seeds.BROKE_SOMETHING]
    print(table.head(), flush=True)
    lines = [blow(folder / f"postgres-{seed}", seed) for seed in chosen]
    lines.append(blow(folder / f"sqlite-{chosen[0]}", chosen[0], database="sqlite"))
    broken = [
        blow(folder / f"mutant-{number}", MUTANT_SEED, SQUALL, mutant=name) for number, name in enumerate(MUTANTS)
    ]
    print(table.summary(lines, broken))
    return 0 if all(not line.breaches for line in lines) and all(line.breaches for line in broken) else 1


def blow(
    folder: Path, seed: int, weather: Weather | None = None, *, database: str = "postgres", mutant: str = ""
) -> Line:
    """One storm, said at once; its folder is kept where something broke that should not have."""
    line = storm(folder, seed, weather=weather, database=database, mutant=mutant)
    print(table.said(line), flush=True)
    if line.breaches and not mutant:
        print(f"    kept: {folder}", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
