"""Become, for PostgreSQL, somebody who is not root, then run the command line that follows.

PostgreSQL refuses to run as root. In a user namespace where number 1000 stands for root nobody notices a difference:
files stay root's, and no user has to exist. Run as a script: a namespace can only be entered by a process with one
thread, and the caller may have more.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
INSIDE = 1000


def enter_user_namespace() -> None:
    """Be user 1000 inside a namespace, which is the caller outside. Raises OSError where that is forbidden."""
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    process = Path("/proc/self")
    (process / "setgroups").write_text("deny")
    (process / "uid_map").write_text(f"{INSIDE} {user} 1")
    (process / "gid_map").write_text(f"{INSIDE} {group} 1")


if __name__ == "__main__":
    enter_user_namespace()
    if sys.argv[1:]:
        os.execv(sys.argv[1], sys.argv[1:])
