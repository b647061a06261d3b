"""Brings a site's data up to date: the database, an example page in an empty one, and the pages on the disk.

Three of `manage.py`'s commands in one process, because starting Django takes as long as all three.
"""

import sys

import manage


def main() -> int:
    """Run the commands, and stop at the first that fails; its exit status. `--staff-only`: no example page."""
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["seed_example", *sys.argv[1:]],
        ["publish"],
    ):
        sys.argv = ["manage.py", *arguments]
        if status := manage.main():
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
