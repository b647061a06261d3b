"""One benchmark in a process of its own: `python -m benchmarks.child MODULE DATABASE RESULT [--quick]`.

The environment names an empty database of that kind. Writes the rows as JSON to RESULT.
"""

import argparse
import dataclasses
import importlib
import json
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("database")
    parser.add_argument("result", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    django.setup()
    call_command("migrate", verbosity=0)
    rows = importlib.import_module(f"benchmarks.{options.module}").run(options.database, options.quick)
    options.result.write_text(json.dumps([dataclasses.asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
