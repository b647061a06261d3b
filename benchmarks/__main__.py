"""`make bench`: every benchmark on every database, then one table.

    ONLY=mail         those whose name contains it
    QUICK=1           smaller sizes: to see that they run
    FULL=1            the million deliveries too
    DATABASE=sqlite   one of the two

A benchmark is a module with `run(database: str, quick: bool) -> list[Row]`, named in
MEASURES. It runs in a process of its own in which Django is set up, on a new, empty,
migrated database of that kind ("postgresql" or "sqlite").
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, table
from deploy.processes import ROOT, Program, python
from tests.environment import OF_THE_SITE
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

MEASURES = (
    "mail_rate",
    "connections",
    "fanout_rate",
    "first_handover",
    "sms_rate",
    "page_rate",
    "page_calm",
    "page_visit",
    "page_history",
    "page_after",
    "lighthouse",
    "statements",
    "million",
)
LONG = ("million",)
"""Only where FULL=1 asks for them, or ONLY names them."""
ONCE = ("page_visit", "lighthouse")
"""What the database makes no difference to: on the first one only."""

DATABASES = ("postgresql", "sqlite")


class Benches:
    """The servers that all benchmarks of this run share."""

    def __init__(self, folder: Path, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self.postgres = Postgres(durable=True)
        self.valkey = Valkey(folder / "valkey")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.postgres.start()
            self.valkey.start()
            yield
        finally:
            self.valkey.stop()
            self.postgres.remove()

    def rows(self, module: str, database: str) -> list[Row]:
        """One benchmark's. Raises RuntimeError where it fails."""
        folder = self.folder / f"{module}-{database}"
        folder.mkdir()
        try:
            return self.rows_below(folder, module, database)
        finally:
            shutil.rmtree(folder)

    def rows_below(self, folder: Path, module: str, database: str) -> list[Row]:
        result = folder / "rows.json"
        argv = python("benchmarks.child", module, database, str(result), *(["--quick"] if self.quick else []))
        child = Program(module, argv, cwd=ROOT, env=self.environment(folder, module, database), stdout=sys.stderr)
        child.start()
        assert child.process
        if child.process.wait():
            raise RuntimeError(f"{module} on {database} ended with status {child.process.returncode}")
        return [Row(**row) for row in json.loads(result.read_text())]

    def environment(self, folder: Path, module: str, database: str) -> dict[str, str]:
        """A site that nobody knows and that tells nobody anything, on an empty database."""
        return {
            **{name: value for name, value in os.environ.items() if name not in OF_THE_SITE},
            "DJANGO_SETTINGS_MODULE": "statuspage.settings",
            "DATABASE_URL": self.database_url(folder, module, database),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "a-key-for-benchmarks-" * 4,
            "SITE_URL": "https://status.example.com",
            "EMAIL_FROM": "Example Status <status@example.com>",
            "PUBLISH_ROOT": str(folder / "public"),
            "BENCHMARK_SITES": str(self.folder / "sites"),
            "LOG_LEVEL": "WARNING",
        }

    def database_url(self, folder: Path, module: str, database: str) -> str:
        """A new empty database."""
        return f"sqlite:///{folder / 'site.sqlite3'}" if database == "sqlite" else self.postgres.create_database(module)


def chosen(only: str, full: bool) -> list[str]:
    """The modules to run."""
    return [name for name in MEASURES if (only in name if only else full or name not in LONG)]


def measured(benches: Benches, module: str, database: str) -> list[Row]:
    """One benchmark's rows, and on stderr how long it took; a failure is a row that says so."""
    started = time.monotonic()
    try:
        rows = benches.rows(module, database)
    except RuntimeError as error:
        rows = [Row(module, "", f"FAILED: {error}", None, "", database)]
    print(f"{module} on {database}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return rows


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    databases = [options.database] if options.database else DATABASES
    pairs = [
        (module, each)
        for module in chosen(options.only, options.full)
        for each in (databases[:1] if module in ONCE else databases)
    ]
    with tempfile.TemporaryDirectory(prefix="status-page-bench-") as folder:
        benches = Benches(Path(folder), options.quick)
        with benches.running():
            rows = [row for module, database in pairs for row in measured(benches, module, database)]
    print(table(rows))
    return any(row.ours.startswith("FAILED") for row in rows)


if __name__ == "__main__":
    sys.exit(main())
