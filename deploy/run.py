"""`make run`: a whole site in one terminal, from an empty folder or from yesterday's data.

Owns what is started, in which order and with which environment; everything is kept below var/. The programs are the
ones that production runs: nothing here knows a rule of the status page.
"""

import argparse
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from deploy import commands, valkey
from deploy.lock import AlreadyRunning, hold
from deploy.processes import ROOT, Guardian, Program, python
from deploy.supervisor import DoesNotStart, Parts

VAR = ROOT / "var"


UNUSABLE = 2
"""Exit status for unusable input."""


class Unusable(Exception):
    """What was asked for can't be done; the message says what to do instead."""


class Broken(Exception):
    """A step that should have worked did not."""


class Ending(Exception):
    """Somebody asked for the end."""


class Wishes:
    """Whether somebody asked for the end: a signal, or the end of the process that waits for this one."""

    def __init__(self, *, end_with_parent: bool) -> None:
        self._parent = os.getppid() if end_with_parent else None
        self._is_signalled = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raise Ending where the end was asked for."""
        if self._is_signalled or (self._parent and os.getppid() != self._parent):
            raise Ending

    def _note(self, number: int, frame: object) -> None:
        self._is_signalled = True


def main() -> int:
    """Run the site until somebody asks for the end."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--end-with-parent", action="store_true", help="end when the starting process ends")
    wishes = Wishes(end_with_parent=parser.parse_args().end_with_parent)
    (VAR / "static").mkdir(parents=True, exist_ok=True)
    try:
        port = port_from(os.environ)
        lock = hold(VAR / "run.lock")
        refuse_taken(port)
        run(port, lock, wishes)
    except Ending:
        return 0
    except AlreadyRunning as error:
        return refused(f"the site of this folder already runs, as process {error}: end that one first")
    except Unusable as error:
        return refused(str(error))
    except (Broken, DoesNotStart) as error:
        return refused(str(error), status=1)
    return 0


def refused(reason: str, status: int = UNUSABLE) -> int:
    """One line on stderr; the exit status."""
    print(f"error: {reason}", file=sys.stderr)
    return status


def run(port: int, lock: int, wishes: Wishes) -> None:
    """Prepare the data, start the parts, watch them; whatever happens, end them."""
    environment = site_environment(port, os.environ)
    guard = Guardian(keep_open=[lock])
    parts = Parts(environment, guard)
    try:
        add_doorbell(parts, environment)
        prepare(environment, guard, wishes)
        parts.add("web", commands.web(port))
        wait_for_answer(port, parts, wishes)
        add_workers(parts)
        print(f"\n  Status Page is on {environment['SITE_URL']}/ (Ctrl-C ends it)\n", flush=True)
        while True:
            parts.tend()
            wishes.check()
    finally:
        parts.end()
        guard.close()


def site_environment(port: int, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of every part: what was given, and what follows from the port.

    Database, key and published pages are left to settings.py, which has them below var/ where nothing is given, so
    that `manage.py` in another terminal means the same site.
    """
    return {"SITE_URL": f"http://127.0.0.1:{port}", "PYTHONUNBUFFERED": "1", **given}


def add_doorbell(parts: Parts, environment: dict[str, str]) -> None:
    """An embedded Valkey, unless REDIS_URL names one."""
    if environment.get("REDIS_URL"):
        return
    port, password = valkey.free_port(), secrets.token_urlsafe(16)
    environment["REDIS_URL"] = valkey.url(port, password)
    parts.add("valkey", valkey.command(VAR / "valkey", port=port, password=password))


def prepare(environment: Mapping[str, str], guard: Guardian, wishes: Wishes) -> None:
    """Bring the data up to date. What that says goes straight to the terminal."""
    is_unwanted = environment.get("SEED", "").lower() in {"no", "0", "false", "off"}
    argv = python("deploy.prepare", *(["--staff-only"] if is_unwanted else []))
    program = Program("prepare", argv, env=environment, cwd=ROOT, guard=guard)
    program.start()
    try:
        while program.is_alive:
            time.sleep(0.02)
            wishes.check()
    finally:
        program.end()
    if program.status == UNUSABLE:
        raise SystemExit(UNUSABLE)  # it has said in one line what to do
    if program.status:
        raise Broken(f"preparing the data ended with status {program.status}; what failed is said above")


def add_workers(parts: Parts) -> None:
    """Worker and scheduler; after the page is there, since they would fight it for the processor until then."""
    parts.add("worker", commands.worker())
    parts.add("beat", commands.beat(VAR / "beat-schedule"))


def wait_for_answer(port: int, parts: Parts, wishes: Wishes) -> None:
    """Watch the parts until the site answers; from then on a dying part is always started again."""
    while not answers(port):
        parts.tend()
        wishes.check()
    parts.may_give_up = False


def answers(port: int) -> bool:
    """Whether the web server says that it is alive."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def port_from(environment: Mapping[str, str]) -> int:
    """PORT, 8000 when unset."""
    value = environment.get("PORT") or "8000"
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise Unusable(f"PORT: {value!r} is not a number from 1 to 65535")
    return int(value)


def refuse_taken(port: int) -> None:
    """Raise Unusable when somebody listens on the port, or when it isn't ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError as error:
            advice = f"choose another, such as: make run PORT={port % 65535 + 1}"
            raise Unusable(f"PORT: {port} can't be used, {error.strerror}; {advice}") from None


if __name__ == "__main__":
    sys.exit(main())
