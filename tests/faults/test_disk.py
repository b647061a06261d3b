"""Faults 24 and 25: the disk of the published folder is full, or takes no files: a web node with one of its own."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy import commands
from deploy.run import answers
from deploy.valkey import free_port
from tests.chaos.staff import Browser
from tests.faults.running import NEW, Running
from tests.notifications.pager import Pager
from tests.servers.postgres import namespace_prefix, user_namespaces_work
from tests.servers.small_disk import MEGABYTE, SmallDisk
from tests.site import Response, get

pytestmark = pytest.mark.serial


class Node:
    """One more web node of the site: its programs begin with `prefix`, and keep their pages in `folder`."""

    def __init__(self, running: Running, folder: Path, prefix: list[str]) -> None:
        self.running, self.folder, self.prefix = running, folder, prefix
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, name: str, argv: list[str], **environment: str) -> None:
        own = {"PUBLISH_ROOT": str(self.folder), "SITE_URL": self.url} | environment
        self.running.site.start_program(f"extra-{name}", [*self.prefix, *argv], **own)

    def start_web(self) -> None:
        self.start("web", commands.web(self.port))
        self.running.wait(lambda: answers(self.port), 60, "the node answers")
        self.browser = Browser(self)
        self.browser.sign_in()

    def get(self, path: str) -> Response:
        return get(self, path)

    def press(self, name: str) -> Response:
        return self.browser.post(NEW, self.running.form(name))


# --- Full ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        small = SmallDisk(tmp_path / "disk", 32 * MEGABYTE)
    except OSError as error:
        pytest.skip(str(error))
    yield small
    small.remove()


def test_fault_24_on_a_full_disk_nothing_is_stored_nothing_is_lost_and_all_is_well_when_there_is_room(publishing, disk):
    node = Node(publishing, Path(str(disk.seen).partition("/root")[2]) / "public", disk.prefix)
    node.start_web()
    assert node.press("While there is room").status == 302
    before, files = node.get("/"), published(disk.seen / "public")
    disk.fill()
    for _ in range(2):
        refused = node.press("On a full disk")
        assert refused.status == 503 and "The published folder cannot be written" in refused.text
        assert "Requests fail." in refused.text, "what was typed"
    assert not publishing.is_stored("On a full disk")
    after = node.get("/")
    assert (after.status, after.body, after.headers["etag"]) == (200, before.body, before.headers["etag"])
    assert published(disk.seen / "public") == files
    disk.free()
    assert node.press("On a full disk").status == 302
    assert "On a full disk" in node.get("/").text
    publishing.wait_for_rest(updates=2)


def published(folder: Path) -> dict[str, bytes]:
    """Every file, whole."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# --- Read-only -------------------------------------------------------------------------------------------------------


@pytest.fixture
def node(publishing: Running, tmp_path: Path) -> Node:
    """A node whose programs nobody mistakes for root: what is read-only is so for them."""
    if os.geteuid() == 0 and not user_namespaces_work():
        pytest.skip("root may write everywhere, and this machine lets it be nobody else")
    return Node(publishing, tmp_path / "public", namespace_prefix() if os.geteuid() == 0 else [])


def test_fault_25_in_a_read_only_folder_a_press_is_refused_and_a_rendering_tried_again_until_staff_make_room(node):
    """Seen before anything is stored it is refused; where it shows only afterwards, the word stands."""
    node.start_web()
    assert node.press("While it may be written").status == 302
    before = node.get("/").body
    with read_only(node.folder):
        refused = node.press("Refused")
        assert refused.status == 503 and "Nothing was stored" in refused.text
        assert node.get("/").body == before
    assert not node.running.is_stored("Refused")
    with Pager() as pager:
        stored_and_not_shown(node, pager, before)
        node.running.wait(lambda: "Not rendered" in node.get("/").text, 30, "it is rendered again")
    assert node.press("Not rendered").status == 302
    node.running.heal()
    node.running.wait_for_rest(updates=2)


def stored_and_not_shown(node: Node, pager: Pager, before: bytes) -> None:
    """Only where hot sets go; the site's other workers rest, so that nobody else renders it."""
    node.running.site.kill_workers()
    node.running.site.programs["beat-0"].kill()
    alarm = {"ALARM_URL": pager.url, "ALARM_PAGE_SECONDS": "1"}
    node.start("worker", commands.worker("node"), **alarm)
    with read_only(node.folder / "hot"):
        stored = node.press("Not rendered")
        assert stored.status == 302
        assert "the page was not regenerated yet" in node.browser.get(stored.headers["location"]).text
        assert node.running.is_stored("Not rendered")
        assert node.get("/").body == before
        told = "The page is not regenerated"
        node.running.wait(lambda: any(told in body for _, body in pager.heard), 90, "staff are paged")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder takes no new files for so long."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(mode)
