"""A whole running site for story, chaos and browser tests: real programs, in process groups of their own.

Everything it starts is its own (database, doorbell, mail sink, Twilio stand-in, web, workers, scheduler) and is below
one folder. The sink and the stand-in keep journals there, outside the system under test.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

from deploy import commands
from deploy.processes import ROOT, Program, poll_until
from deploy.run import answers
from deploy.valkey import free_port
from tests import prepared
from tests.environment import OF_THE_SITE
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpSinkProcess
from tests.servers.twilio import SENDER, TwilioStandInProcess
from tests.servers.valkey import Valkey

START_SECONDS = 60
TAIL_LINES = 15


@dataclass(frozen=True)
class Response:
    """What the site answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, decoded."""
        return self.body.decode()

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Server(Protocol):
    """A web server, as whoever asks it knows it: a site's own, or one more of its nodes."""

    port: int
    url: str


def get(server: Server, path: str, **headers: str) -> Response:
    """What a reader of this path gets; no redirect is followed. `Accept_Encoding="gzip"` is a header."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Site:
    """One site. `database` is sqlite or postgres, `postgres` are settings of that server.

    Further keywords are environment variables of all its programs.
    """

    def __init__(
        self,
        folder: Path,
        database: str = "sqlite",
        *,
        workers: int = 1,
        concurrency: int = 2,
        beats: int = 1,
        postgres: Mapping[str, str] | None = None,
        **environment: str,
    ) -> None:
        assert database in {"sqlite", "postgres"}, database
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "logs").mkdir(parents=True)
        self.postgres = Postgres(settings=postgres) if database == "postgres" else None
        self.valkey = Valkey(folder / "valkey")
        self.smtp = SmtpSinkProcess(folder / "smtp.jsonl")
        self.twilio = TwilioStandInProcess(folder / "twilio.jsonl")
        self.environment: dict[str, str] = {}
        self.programs: dict[str, Program] = {}
        self._overrides = environment
        self._worker_names = [f"worker-{number}" for number in range(workers)]
        self._beat_names = [f"beat-{number}" for number in range(beats)]
        self._concurrency = concurrency

    # --- From beginning to end -------------------------------------------------------------------------------

    def start(self) -> "Site":
        """Start the servers, with all tables, then start the programs and wait until the site answers."""
        is_prepared = prepared.postgres(self.postgres) if self.postgres else prepared.sqlite(self._sqlite_file)
        self.start_servers()
        if not is_prepared:
            self.manage("migrate", "--verbosity", "0")
        self.manage("publish")
        self.start_web()
        self.start_workers()
        for name in self._beat_names:
            self.start_beat(name)
        return self

    def start_servers(self) -> None:
        """The servers alone; from then on commands can be run."""
        self.smtp.start()
        self.twilio.start()
        self.valkey.start()
        self.environment = self._environment() | self._overrides

    def stop(self) -> None:
        """End everything, in whatever state it is."""
        for program in reversed(self.programs.values()):
            program.end()
        for server in (self.valkey, self.smtp, self.twilio):
            with contextlib.suppress(ProcessLookupError):
                server.stop()
        if self.postgres:
            self.postgres.remove()

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of Django's commands to its end. Where `check`, a bad end fails the test with its words."""
        argv = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(argv, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"manage.py {arguments[0]}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    # --- Programs --------------------------------------------------------------------------------------------

    def start_program(self, name: str, argv: list[str], **environment: str) -> Program:
        """Start a program with the site's environment, and more; its words go to its own log."""
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            program = Program(name, argv, env=self.environment | environment, cwd=ROOT, stdout=log, stderr=log)
            program.start()
        self.programs[name] = program
        return program

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        web = self.start_program("web", commands.web(self.port))
        self.wait_for(lambda: answers(self.port) or not web.is_alive, START_SECONDS, "the web server answers")
        assert web.is_alive, f"the web server ended:\n{self.logs('web')}"

    def kill_web(self) -> None:
        """kill -9 for the web server, all its processes."""
        self.programs["web"].kill()

    def start_workers(self) -> None:
        """Start every worker; they are not waited for, as nothing else waits for them either."""
        for name in self._worker_names:
            self.start_worker(name)

    def start_worker(self, name: str) -> None:
        """Start one of them."""
        self.start_program(name, commands.worker(name, concurrency=self._concurrency))

    def start_beat(self, name: str) -> None:
        """Start a scheduler; what it remembers outlives it."""
        self.start_program(name, commands.beat(self.folder / f"{name}-schedule"))

    def kill_workers(self) -> None:
        """kill -9 for every worker, its pool and its drain loop."""
        for name in self._worker_names:
            self.programs[name].kill()

    def kill_valkey(self) -> None:
        """kill -9 for the doorbell; `site.valkey.start()` has it back on the same port."""
        self.valkey.kill()

    # --- Looking ---------------------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> Response:
        """The same of this site's web server."""
        return get(self, path, **headers)

    def wait_for(self, predicate: Callable[[], Any], timeout: float = 30, what: str = "") -> Any:
        """The first true answer of the predicate. A TimeoutError carries the ends of all logs."""
        try:
            return poll_until(predicate, timeout, what or getattr(predicate, "__name__", "the predicate"))
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.logs()}") from None

    def logs(self, name: str | None = None) -> str:
        """What one program said; the last lines of each without a name."""
        if name:
            return (self.folder / "logs" / f"{name}.log").read_text()
        tails = []
        for path in sorted((self.folder / "logs").glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-TAIL_LINES:]
            tails.append("\n".join([f"--- {path.stem}", *lines]))
        return "\n".join(tails)

    # --- Environment -----------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if is_inherited(name)}
        return inherited | {
            "DATABASE_URL": self._start_database(),
            "REDIS_URL": self.valkey.url,
            "PUBLISH_ROOT": str(self.folder / "public"),
            "SITE_URL": self.url,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "EMAIL_URL": self.smtp.url,
            "EMAIL_FROM": "Example Status <status@example.com>",
            "TWILIO_ACCOUNT_SID": self.twilio.account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio.auth_token,
            "TWILIO_FROM": SENDER,
            "TWILIO_API_URL": self.twilio.url,
            "SMS_COUNTRIES": "NL,GB,DE,US",
            "UNDO_SECONDS": "0",
            # One to each side: all six of `make run` take a publication three times as long, and the machine is busy.
            "LANGUAGES": "en,ar",
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def _sqlite_file(self) -> Path:
        return self.folder / "site.sqlite3"

    def _start_database(self) -> str:
        if self.postgres is None:
            return f"sqlite:///{self._sqlite_file}"
        begins_anew = not self.postgres.has_data
        self.postgres.start()
        return self.postgres.create_database("site") if begins_anew else self.postgres.url("site")


def is_inherited(name: str) -> bool:
    """Whether a site gets this variable from the test's own environment."""
    return name not in OF_THE_SITE and not name.startswith(("PYTEST_", "DJANGO_"))
