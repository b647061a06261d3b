"""Sites with a history, built once a run and copied for each benchmark that wants one.

A short history and a real one are imported and published as anybody would. Of a long one
the newest incidents are; the others are stored by the same import, but not rendered one by
one, which would take minutes: their pages are hard links to those of others, as many files
but not as many bytes (`benchmarks.older`).
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from benchmarks.histories import History, documents
from benchmarks.sites import Site
from deploy.processes import ROOT, python
from tests.histories import Json, written

FOLDER = "BENCHMARK_SITES"
"""Names the folder that all benchmarks of a run share."""
RENDERED = 200
"""Incidents of a long history whose pages are rendered."""
LONG_SECONDS = 24 * 3600
"""Nobody refreshes these pages, and they must not be called old for it."""
SITE_URL = "http://127.0.0.1:8000"
"""Wherever a copy is served: what is rendered must not depend on it."""


def site(history: History) -> Site:
    """A new site of this benchmark's own that has published this history."""
    source = Built(history)
    if not source.is_there:
        source.build()
    return source.copy()


@dataclass(frozen=True)
class Built:
    """A site that is only ever copied."""

    history: History

    @property
    def folder(self) -> Path:
        return Path(os.environ[FOLDER], f"{connection.vendor}-{self.history.key}")

    @property
    def is_there(self) -> bool:
        return self.folder.is_dir()

    def build(self) -> None:
        """Store and publish it. It gets its name when it is whole."""
        folder = self.folder.with_suffix(".new")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = Site(folder, environment(folder, self.new_database(folder)))
        made.manage("migrate", "--verbosity", "0")
        if self.history.count > RENDERED:
            self.publish_long(made)
        else:
            source = self.history.folder or written(folder / "history", documents(self.history.count))
            made.manage("import_statuspage", "--quiet", str(source))
        folder.rename(self.folder)
        os.sync()  # else the first publication that is measured would wait for all of it

    def publish_long(self, made: Site) -> None:
        """The newest incidents as anybody would, then the others."""
        found = documents(self.history.count)
        made.manage("import_statuspage", "--quiet", str(written(made.folder / "newest", newest(found))))
        everything = written(made.folder / "everything", found)
        subprocess.run(python("benchmarks.older", str(everything)), cwd=ROOT, env=made.environment, check=True)

    def copy(self) -> Site:
        """A site like it below this benchmark's own folder."""
        folder = Path(settings.PUBLISH_ROOT).with_name(self.history.key)
        folder.mkdir()
        subprocess.run(["cp", "-al", str(self.folder / "public"), str(folder / "public")], check=True)
        (folder / "public" / "lock").unlink()  # one and the same file is one and the same lock
        return Site(folder, environment(folder, self.copied_database(folder)))

    # --- The database --------------------------------------------------------------------------

    @property
    def database(self) -> str:
        """What it is called in PostgreSQL."""
        return f"built_{self.history.key}"

    def new_database(self, folder: Path) -> str:
        """The address of an empty one."""
        if connection.vendor == "sqlite":
            return sqlite_url(folder)
        execute(f"DROP DATABASE IF EXISTS {quoted(self.database)}")
        execute(f"CREATE DATABASE {quoted(self.database)}")
        return postgresql_url(self.database)

    def copied_database(self, folder: Path) -> str:
        """The address of one with the same rows."""
        if connection.vendor == "sqlite":
            shutil.copy(self.folder / "site.sqlite3", folder)
            return sqlite_url(folder)
        name = f"{urlsplit(os.environ['DATABASE_URL']).path[1:]}_{self.history.key}"
        execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(self.database)}")
        return postgresql_url(name)


def newest(found: dict[str, Json]) -> dict[str, Json]:
    """The same page with its newest incidents alone."""
    incidents = found["incidents.json"]
    return {**found, "incidents.json": {**incidents, "incidents": incidents["incidents"][:RENDERED]}}


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """A site's; the same for all but for where it stands."""
    return os.environ | {
        "DATABASE_URL": database_url,
        "PUBLISH_ROOT": str(folder / "public"),
        "SITE_URL": SITE_URL,
        "STALE_AFTER_SECONDS": str(LONG_SECONDS),
    }


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'site.sqlite3'}"


def postgresql_url(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
