"""Owns where a run of the tests keeps its files: in memory, where this machine has the room.

Every publication waits until its file system has written all it holds (`store.sync`): on a disk, what every other
test just wrote as well, and most of a run would be spent on that.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that must be free there and in memory: a run takes less than a third of it, two at once go well."""


def make_folder() -> Path:
    """A folder for this run, gone with this process. Where it is in memory, all temporary files are in it too.

    TEST_FILES names another place, on a disk for instance; there pytest keeps what failing tests wrote.
    """
    chosen = os.environ.get("TEST_FILES")
    parent = Path(chosen) if chosen else MEMORY if has_room(MEMORY) else None
    folder = Path(tempfile.mkdtemp(prefix="status-page-tests-", dir=parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if parent:
        # Not closed to others: PostgreSQL's own account may have to reach what is below.
        folder.chmod(0o711)
        keep_temporary_files_in(parent if chosen else folder)
    return folder


def keep_temporary_files_in(folder: Path) -> None:
    """For this process and all that it starts."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def has_room(folder: Path) -> bool:
    """Whether programs can be run from there, and a run's files find room."""
    try:
        there = os.statvfs(folder)
    except OSError:
        return False
    is_usable = os.access(folder, os.W_OK) and not there.f_flag & os.ST_NOEXEC
    return is_usable and min(there.f_bavail * there.f_frsize, available_memory()) >= ROOM


def available_memory() -> int:
    """Bytes that programs could still have; 0 where the kernel does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
