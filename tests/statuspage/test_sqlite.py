"""SQLite has one lock for all writers: they wait for each other, and nobody sees an error (fault 23)."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.chaos import database

pytestmark = pytest.mark.serial

WRITERS, WORDS = 8, 3

WRITE = f"""
import os
from django.db import connections
from statuspage import audit
from statuspage.actions import incidents

def write(number):
    for word in range({WORDS}):
        incidents.open_incident(name=f"{{number}}-{{word}}", body="Requests fail.", actor=audit.SYSTEM)

connections.close_all()
children = []
for number in range({WRITERS}):
    child = os.fork()
    if not child:
        status = 1
        try:
            write(number)
            status = 0
        finally:
            os._exit(status)
    children.append(child)
print("statuses", [os.waitpid(child, 0)[1] for child in children])
"""


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """A site of its own on a file."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    url = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    return inherited | {"DATABASE_URL": url, "PUBLISH_ROOT": str(tmp_path / "public")}


def test_fault_23_eight_processes_write_at_once_and_none_finds_the_database_locked(environment):
    for arguments in (["migrate", "--verbosity", "0"], ["shell", "-c", WRITE]):
        argv = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            argv, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
    assert f"statuses {[0] * WRITERS}" in done.stdout, done.stderr
    assert "locked" not in done.stderr
    counts = "SELECT count(*), (SELECT count(*) FROM notifications_outboxevent) FROM statuspage_incident"
    assert database.ask(environment["DATABASE_URL"], counts) == [(WRITERS * WORDS, WRITERS * WORDS)]
