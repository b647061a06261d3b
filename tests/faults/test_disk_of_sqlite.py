"""Fault 24 once more: the disk is full that SQLite's file is on. The published pages are on another."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.processes import ROOT
from tests.faults.running import NEW, STAFF, Running
from tests.faults.test_disk import Node, disk, published
from tests.servers.small_disk import SmallDisk
from tests.site import Response

__all__ = ["disk"]

pytestmark = pytest.mark.serial

ASK = "import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
FIRST_PAGE = "from statuspage.publishing import publish; publish.publish()"


class Alone(Node):
    """A site of one web process, with a database of its own on the small disk."""

    def __init__(self, running: Running, disk: SmallDisk, folder: Path) -> None:
        super().__init__(running, folder, disk.prefix)
        self.file = Path(str(disk.seen).partition("/root")[2]) / "site.sqlite3"
        self.own = {"DATABASE_URL": f"sqlite:///{self.file}"}

    def begin(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "-c", f"{STAFF}; {FIRST_PAGE}")
        self.component = self.ask("SELECT id FROM statuspage_component")[0][0]
        self.start_web()

    def start(self, name: str, argv: list[str], **environment: str) -> None:
        super().start(name, argv, **self.own | environment)

    def manage(self, *arguments: str) -> None:
        environment = self.running.site.environment | self.own | {"PUBLISH_ROOT": str(self.folder)}
        subprocess.run([*self.prefix, sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)

    def press(self, name: str) -> Response:
        theirs = f"component_{self.running.component}"
        form = {key: value for key, value in self.running.form(name).items() if key != theirs}
        return self.browser.post(NEW, form | {f"component_{self.component}": "partial_outage"})

    def ask(self, sql: str) -> list[list[str]]:
        """Asked by a program that sees the disk: SQLite, elsewhere, would follow the way to it to another file."""
        argv = [*self.prefix, sys.executable, "-c", ASK, str(self.file), sql]
        return json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)


def test_fault_24_on_a_full_disk_sqlite_stores_nothing_staff_are_told_so_and_all_is_well_when_there_is_room(
    one_site: Running, disk: SmallDisk, tmp_path: Path
) -> None:
    one_site.heal()
    site = Alone(one_site, disk, tmp_path / "public")
    site.begin()
    assert site.press("While there is room").status == 302
    before, files = site.get("/"), published(site.folder)
    disk.fill()
    for _ in range(2):
        refused = site.press("On a full disk")
        assert refused.status == 503 and "The disk of the database is full" in refused.text, refused.text
        assert "send the same form again" in refused.text
    after = site.get("/")
    assert (after.status, after.body, after.headers["etag"]) == (200, before.body, before.headers["etag"])
    assert published(site.folder) == files
    disk.free()
    assert site.ask("SELECT name FROM statuspage_incident") == [["While there is room"]]
    assert site.press("On a full disk").status == 302
    assert "On a full disk" in site.get("/").text
    site.manage("verify_audit")
    one_site.heal()
