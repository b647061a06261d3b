"""The commands, the locks and the documents about them say the same."""

import contextlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy import guardian
from deploy.lock import AlreadyRunning, hold
from deploy.processes import ROOT, Program, poll_until
from tests.strangers import packages

LOCKS = sorted(ROOT.glob("requirements*.lock"))
SOURCES = sorted(ROOT.glob("requirements*.in"))
COMMANDS = ("run", "test", "test-all", "check", "bench", "chaos", "help")


def make(*arguments: str) -> str:
    """What make prints."""
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_a_line_for_every_command(command):
    assert re.search(rf"^make {command} +\S.*\.$", make("help"), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock):
    text = lock.read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert packages
    assert all("==" in package and "--hash=sha256:" in package for package in packages)
    assert "://" not in text


def names(path):
    """The packages that an .in file asks for."""
    lines = path.read_text().splitlines()
    return {match[0].lower() for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def test_the_lock_of_npm_has_a_hash_for_every_package_and_no_address():
    text = packages.NODE_LOCK.read_text()
    locked = {path: each for path, each in json.loads(text)["packages"].items() if path}
    assert all(each["integrity"].startswith("sha512-") and each["version"] for each in locked.values())
    assert "://" not in text and '"resolved"' not in text
    asked = json.loads((packages.HERE / "package.json").read_text())["dependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    assert all(f"| {name} |" in reasons for name in asked)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_package_that_is_asked_for_is_justified(source):
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    assert names(source) - set(re.findall(r"^\| ([\w.-]+) \|", reasons, re.MULTILINE)) == set()


def test_the_tests_run_on_the_versions_that_the_site_runs_on():
    def pins(name):
        return set(re.findall(r"^[a-z0-9].*==[^ ]+", (ROOT / name).read_text(), re.MULTILINE | re.IGNORECASE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


# --- Documents -----------------------------------------------------------------------------------------------------

PACKAGES = ("statuspage", "notifications", "deploy", "translations", "tests", "benchmarks")
PAGE = re.compile(r"[\w/-]+\.md\b")
RULE = re.compile(r"security\.md (\d+)(?: (?:and|to) (\d+))?")


def code():
    """The whole of it, by path."""
    return {path: path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


def test_every_page_that_the_code_cites_is_there():
    cited = {page: path for path, text in code().items() for page in PAGE.findall(text)}
    assert "docs/security.md" in cited
    assert {page: path for page, path in cited.items() if not is_page(page)} == {}


def is_page(name):
    return any((folder / name).is_file() for folder in (ROOT, ROOT / "docs"))


def test_every_rule_of_security_that_the_code_cites_is_told_once():
    cited = {number for text in code().values() for rule in RULE.findall(text) for number in rule if number}
    told = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE)
    assert cited and cited <= set(told)
    assert len(told) == len(set(told))


# --- Processes -----------------------------------------------------------------------------------------------------

OWNER = """
import subprocess, sys, time
from deploy.processes import Program
program = Program("child", ["sh", "-c", {script!r}])
program.start()
print(program.process.pid, flush=True)
time.sleep(60)
"""


def living(group):
    """The processes of a group that still run."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                members.append(int(stat.parent.name))
    return [process for process in members if guardian.is_alive(process)]


@pytest.mark.parametrize(
    "script",
    ["sleep 60", "sleep 60 & sleep 60", "trap '' TERM; sleep 60 & wait"],
    ids=["a program", "a program with children", "a program that will not end"],
)
def test_nobody_outlives_an_owner_that_was_killed(script, monkeypatch):
    owner = Program("owner", [sys.executable, "-c", OWNER.format(script=script)], stdout=subprocess.PIPE, cwd=ROOT)
    owner.start()
    with owner.process.stdout as output:
        group = int(output.readline())
    assert living(group)
    owner.kill()
    poll_until(lambda: not living(group), guardian.PATIENCE_SECONDS + 5, "the group ends")


def test_a_program_that_will_not_end_is_killed_with_its_children():
    program = Program("stubborn", ["sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait"], stdout=subprocess.PIPE)
    program.start()
    with program.process.stdout as output:
        output.readline()
    started_at = time.monotonic()
    program.end(patience_seconds=0.2)
    assert time.monotonic() - started_at < 5
    poll_until(lambda: not living(program.process.pid), 5, "the group ends")


def test_one_folder_has_one_site(tmp_path):
    holder = Program(
        "holder",
        [sys.executable, "-c", HOLDER.format(path=str(tmp_path / "lock"))],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    holder.start()
    with holder.process.stdout as output:
        output.readline()
    with pytest.raises(AlreadyRunning, match=str(holder.process.pid)):
        hold(tmp_path / "lock")
    holder.kill()
    assert hold(tmp_path / "lock")


HOLDER = """
import time
from pathlib import Path
from deploy.lock import hold
hold(Path({path!r}))
print("held", flush=True)
time.sleep(60)
"""
