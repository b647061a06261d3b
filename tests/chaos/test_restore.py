"""Last night's backup comes back, or a server is cloned: real programs, a real dump (fault 27)."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import binaries
from tests.site import Site

pytestmark = pytest.mark.serial

MAILS, TEXTS = 12, 3
SUBSCRIBE = f"""
from tests.notifications.given import subscribers
subscribers(email={MAILS}, sms={TEXTS})
"""
OPEN = """
from statuspage import audit
from statuspage.actions import incidents
incidents.open_incident(name="{name}", body="Requests fail.", actor=audit.SYSTEM)
"""


def publish(site: Site, name: str) -> None:
    site.manage("shell", "-c", OPEN.format(name=name))


def told(site: Site, name: str) -> Counter[str]:
    """How often each address was told of it, by the sinks' own journals."""
    mails = [recipient for mail in site.smtp.messages() if name in mail.subject for recipient in mail.recipients]
    return Counter([*mails, *(text["to"] for text in site.twilio.messages() if name in text["body"])])


def all_told(site: Site, name: str) -> Callable[[], bool]:
    return lambda: len(told(site, name)) == MAILS + TEXTS


def stop_programs(site: Site) -> None:
    for program in site.programs.values():
        program.end()


def start_programs(site: Site) -> None:
    site.start_web()
    site.start_workers()


def database(site: Site) -> str:
    return site.environment["DATABASE_URL"]


def backup(site: Site, path: Path) -> None:
    """As an operator would: pg_dump, or a copy of SQLite's file taken by SQLite."""
    if site.postgres:
        run("pg_dump", "--format=custom", f"--file={path}", database(site))
    else:
        source = database(site).removeprefix("sqlite:///")
        subprocess.run(["python3", "-c", COPY, source, str(path)], check=True)


COPY = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))"


def restore(site: Site, path: Path) -> None:
    if site.postgres:
        name = "restored"
        with psycopg.connect(site.postgres.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
        site.environment["DATABASE_URL"] = site.postgres.create_database(name)
        run("pg_restore", f"--dbname={database(site)}", str(path))
    else:
        file = Path(database(site).removeprefix("sqlite:///"))
        for each in file.parent.glob(f"{file.name}*"):
            each.unlink()
        shutil.copy(path, file)


def run(program: str, *arguments: str) -> None:
    subprocess.run([binaries() / program, *arguments], check=True, capture_output=True)


@pytest.fixture
def site(request, make_site: Callable[..., Site]) -> Site:
    # The workers' drain loops do what a scheduler would.
    return make_site(request.param, beats=0, concurrency=1, SWEEP_SECONDS="1", CANARY_SECONDS="0")


@pytest.fixture
def overtaken(site: Site, tmp_path: Path) -> Path:
    """A backup with a message in its queue that went out after it was taken."""
    site.wait_for(lambda: (site.folder / "public" / "instance").exists(), 120, "the site is at work")
    site.kill_workers()
    site.manage("shell", "-c", SUBSCRIBE + OPEN.format(name="During"))
    path = tmp_path / "backup"
    backup(site, path)
    site.start_workers()
    site.wait_for(all_told(site, "During"), 120, "everyone was told")
    publish(site, "After")
    site.wait_for(all_told(site, "After"), 120, "everyone was told")
    stop_programs(site)
    return path


def sending(site: Site) -> str:
    return site.get("/readyz").json()["sending"]


@pytest.mark.parametrize("site", ["postgres", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True)
def test_fault_27_a_restored_backup_sends_nothing_twice(site, overtaken):
    restore(site, overtaken)
    start_programs(site)
    site.wait_for(lambda: sending(site).startswith("held: this database is older"), 120, "the site says it is held")
    assert site.get("/readyz").status == 503
    publish(site, "Since")
    asked = site.manage("release", check=False)
    assert asked.returncode == 1 and "add --confirm" in asked.stderr
    assert told(site, "Since") == Counter()
    site.manage("release", "--confirm")
    site.wait_for(all_told(site, "Since"), 120, "everyone was told what is new")
    assert sending(site) == "ok"
    for name in ("During", "After", "Since"):
        assert set(told(site, name).values()) == {1}, name


@pytest.mark.long
@pytest.mark.parametrize("site", ["postgres"], indirect=True)
def test_fault_27_a_cloned_server_sends_nothing(site, overtaken, tmp_path):
    """Another machine: the database is a copy, the disk is empty, and the first site may still be alive."""
    restore(site, overtaken)
    site.environment["PUBLISH_ROOT"] = str(tmp_path / "clone")
    start_programs(site)
    site.wait_for(lambda: sending(site).startswith("held: no machine that knows"), 120, "the clone says it is held")
    publish(site, "Since")
    assert told(site, "During").total() == MAILS + TEXTS and told(site, "Since") == Counter()
    site.manage("release", "--confirm")
    site.wait_for(all_told(site, "Since"), 120, "everyone was told what is new")
    assert told(site, "During").total() == MAILS + TEXTS
