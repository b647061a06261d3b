"""A disk that can be filled, and nobody else's: a tmpfs in a mount namespace of its own.

Run as a script it is the keeper of such a disk, `small_disk.py FOLDER BYTES`: it says `ready` and keeps the disk until
its standard input ends. `small_disk.py --enter PID COMMAND...` runs a command where that disk is mounted. A namespace
can only be entered by a process with one thread, so both are programs, and import nothing of ours.
"""

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_PRIVATE_ALL = 0x4000 | (1 << 18)
MEGABYTE = 1 << 20


class SmallDisk:
    """`folder`, empty, is a disk of so many bytes for all programs whose command line begins with `prefix`."""

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir(parents=True)
        argv = [*script(), str(folder), str(size)]
        self._keeper = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._keeper.stdout
        if self._keeper.stdout.readline() != b"ready\n":
            raise OSError(errno.EPERM, "this machine lets nobody mount")
        self.prefix = [*script(), "--enter", str(self._keeper.pid)]
        self.seen = Path(f"/proc/{self._keeper.pid}/root{folder}")
        """The disk, as it is seen from outside."""

    def fill(self) -> None:
        """Until not a byte is left."""
        with (self.seen / "filler").open("ab", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                while write(file.fileno(), b"x" * size):
                    pass

    def free(self) -> None:
        """As empty as before `fill`."""
        (self.seen / "filler").unlink()

    def remove(self) -> None:
        """End the keeper; the disk is gone with the last program that is on it."""
        self._keeper.communicate()


def write(file: int, data: bytes) -> int:
    """How much there was room for."""
    try:
        return os.write(file, data)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return 0


def script() -> list[str]:
    """The command line of this file as a program."""
    return [sys.executable, "-IS", __file__]


# --- The programs ----------------------------------------------------------------------------------------------------


def call(name: str, *arguments: object) -> None:
    """A function of the C library. Raises OSError where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


def keep(folder: str, size: str) -> None:
    """Mount, say so, and stay until somebody closes the input."""
    try:
        call("unshare", CLONE_NEWNS)
    except PermissionError:
        become_root_of_a_namespace()
    call("mount", b"none", b"/", None, MS_PRIVATE_ALL, None)
    call("mount", b"small-disk", folder.encode(), b"tmpfs", 0, f"size={size},mode=755".encode())
    print("ready", flush=True)
    sys.stdin.read()


def become_root_of_a_namespace() -> None:
    """Whoever may not mount may do so in a user namespace of his own."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", CLONE_NEWUSER | CLONE_NEWNS)
    process = Path("/proc/self")
    (process / "setgroups").write_text("deny")
    (process / "uid_map").write_text(f"{user} {user} 1")
    (process / "gid_map").write_text(f"{group} {group} 1")


def enter(keeper: str, argv: list[str]) -> None:
    """Be where the keeper's disk is, in the same folder as before, then be that command."""
    folder = os.getcwd()
    for kind in ("user", "mnt"):
        with open(f"/proc/{keeper}/ns/{kind}") as theirs:
            if os.fstat(theirs.fileno()).st_ino != os.stat(f"/proc/self/ns/{kind}").st_ino:
                call("setns", theirs.fileno(), 0)
    os.chdir(folder)
    os.execv(argv[0], argv)


if __name__ == "__main__":
    if sys.argv[1] == "--enter":
        enter(sys.argv[2], sys.argv[3:])
    else:
        keep(*sys.argv[1:])
