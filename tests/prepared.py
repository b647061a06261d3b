"""Owns the empty databases that whole sites begin with: every migration is applied once a run, then copied."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.processes import ROOT
from tests.servers.postgres import Postgres


def sqlite(target: Path) -> bool:
    """Copy a SQLite file with all tables to `target`; False where no run of the tests keeps one."""
    with folder_of("sqlite") as folder:
        if folder is None:
            return False
        made = folder / "site.sqlite3"
        if not made.exists():
            migrate(f"sqlite:///{made}")
    shutil.copy(made, target)
    return True


def postgres(server: Postgres) -> bool:
    """Let a server that never ran begin with a database `site` that has all tables; False where it can't be copied."""
    with folder_of("postgres") as folder:
        if folder is None or server.has_account:
            return False
        if not (folder / "data").exists():
            make_data(folder / "data")
    server.begin_with(folder / "data")
    return True


def make_data(target: Path) -> None:
    """The data folder of a server that ended well."""
    server = Postgres().start()
    try:
        migrate(server.create_database("site"))
        server.stop()
        shutil.copytree(server.folder / "data", target)
    finally:
        server.remove()


def migrate(url: str) -> None:
    argv = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(argv, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)


@contextmanager
def folder_of(name: str) -> Iterator[Path | None]:
    """Where this run keeps it, for one worker at a time; None outside of a run."""
    run = os.environ.get("TEST_FOLDER")
    if not run:
        yield None
        return
    folder = Path(run) / "prepared" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
