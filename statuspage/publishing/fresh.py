"""Owns `PUBLISH_ROOT/fresh`: how a server that cannot compare times knows that the pages are kept up to date.

One empty file for each ten seconds from now until the pages would be old, named by those
seconds. nginx looks whether there is one for this moment (deploy/nginx.conf). So nobody has to
live for the page to say that it is old: somebody has to live for it not to.
"""

import contextlib
import os
from pathlib import Path

from django.conf import settings

FOLDER = "fresh"
SPAN_SECONDS = 10
"""What one file stands for, and by how much too late the page may say that it is old."""


def names(now: float, seconds: float) -> set[str]:
    """The files' names for this moment, in seconds since the epoch, and for so many seconds from then on."""
    return {str(span) for span in range(int(now // SPAN_SECONDS), int((now + seconds) // SPAN_SECONDS) + 1)}


def keep(folder: Path, now: float) -> None:
    """Make the names that are missing; remove those of the past, and of a future that a wrong clock meant.

    Where the disk takes none, the page is soon called old: it then is.
    """
    place, wanted = folder / FOLDER, names(now, settings.STALE_AFTER_SECONDS)
    with contextlib.suppress(OSError):
        place.mkdir(exist_ok=True)
        there = set(os.listdir(place))
        for name in there - wanted:
            (place / name).unlink(missing_ok=True)
        for name in wanted - there:
            (place / name).touch()
