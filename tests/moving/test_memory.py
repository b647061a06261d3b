"""A ledger of any length is moved in the same memory: what a command took at most, as the kernel counted it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.processes import ROOT
from tests import prepared
from tests.servers.postgres import Postgres

EVENTS, RECIPIENTS = 100, 1_000
MORE = 48 * 1024
"""KiB that 100,000 deliveries with their attempts may take beyond what an empty site takes: 300 MB all at once."""


COUNTED = """
import re, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:], "--verbosity", "0"])
print(re.search(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())[1])
"""
"""A command, and what it took. Not as its parent counts it: that one's own memory is part of the count."""


def took(environment: dict[str, str], *arguments: str) -> int:
    """The most memory that a command had, in KiB."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    most = int(done.stdout)
    print(f"{arguments[0]}: {most / 1024:.0f} MB, {time.monotonic() - began:.1f} s")
    return most


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_hundred_thousand_deliveries_take_no_more_memory_than_none(database: str, tmp_path: Path) -> None:
    server = Postgres().start() if database == "postgres" else None

    def site(name: str) -> dict[str, str]:
        url = server.create_database(name) if server else f"sqlite:///{tmp_path / name}.sqlite3"
        made = os.environ | {"DATABASE_URL": url, "PUBLISH_ROOT": str(tmp_path / name)}
        if server:
            prepared.migrate(url)
        else:
            assert prepared.sqlite(tmp_path / f"{name}.sqlite3")
        return made

    try:
        old, new = site("old"), site("new")
        least = took(old, "export_site", str(tmp_path / "none"))
        argv = [sys.executable, "-m", "tests.moving.ledger", str(EVENTS), str(RECIPIENTS)]
        subprocess.run(argv, cwd=ROOT, env=old, check=True)
        assert took(old, "export_site", str(tmp_path / "out")) - least < MORE
        assert took(new, "import_site", str(tmp_path / "out")) - least < MORE
        took(new, "export_site", str(tmp_path / "again"))
        assert (tmp_path / "again/manifest.json").read_bytes() == (tmp_path / "out/manifest.json").read_bytes()
        assert (tmp_path / "out/data/notifications.delivery.jsonl").read_bytes().count(b"\n") == EVENTS * RECIPIENTS
    finally:
        if server:
            server.remove()
