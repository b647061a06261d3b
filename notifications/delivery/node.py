"""Node: what this machine remembers of the database, in a file of its own beside the pages.

    PUBLISH_ROOT/instance     {"instance": "q8...", "pulse": 4711, "seen_at": "...", "machine": "..."}

One file for all processes of a machine. It lies outside the database on purpose, and is
worth nothing on another machine: a copied disk is a stranger's disk.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)

MACHINE_ID = Path("/etc/machine-id")
"""Different on every installation (machine-id(5)); empty or missing in most containers."""


@dataclass(frozen=True)
class Known:
    """An instance, and the last pulse of it that this machine saw."""

    instance: str
    pulse: int
    seen_at: datetime


def path() -> Path:
    return Path(settings.PUBLISH_ROOT) / "instance"


def machine() -> str:
    """A name for this place that tells nobody which machine it is: of the machine's id and the file's path."""
    try:
        own = MACHINE_ID.read_text().strip()
    except OSError:
        own = ""
    return hashlib.sha256(f"status-page {own} {path().resolve()}".encode()).hexdigest()[:16]


def read() -> Known | None:
    """What this machine knows; None where it knows nothing, or the file came from elsewhere."""
    try:
        held = json.loads(path().read_text())
        known = Known(held["instance"], held["pulse"], datetime.fromisoformat(held["seen_at"]))
        is_own = held["machine"] == machine()
    except (OSError, ValueError, KeyError, TypeError):
        return from_environment(None)
    return from_environment(known if is_own else None)


def from_environment(known: Known | None) -> Known | None:
    """INSTANCE_ID is for machines whose disk does not last; what it names, this machine knows."""
    name = settings.INSTANCE_ID
    if not name or (known and known.instance == name):
        return known
    return Known(name, 0, datetime.fromisoformat("2000-01-01T00:00:00+00:00"))


def write(known: Known) -> None:
    """Remember, whole or not at all. A disk that takes no file costs protection, not messages."""
    before = read()
    if before and before.instance == known.instance and before.pulse > known.pulse:
        return
    held = {"instance": known.instance, "pulse": known.pulse, "seen_at": known.seen_at.isoformat()}
    try:
        replace(path(), json.dumps(held | {"machine": machine()}))
    except OSError as error:
        logger.warning("hold: %s cannot be written: %s", path().name, error.strerror)


def replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".instance-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(temporary, target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


# --- A stranger's patience ----------------------------------------------------------------------

_watched: dict[tuple[str, str], int] = {}
"""(file, instance) -> the pulse at this process's first look."""


def has_seen_pulse(instance: str, pulse: int) -> bool:
    """Whether the pulse of this instance went on since this process first looked at it."""
    return pulse > _watched.setdefault((str(path()), instance), pulse)


@contextmanager
def durable() -> Iterator[None]:
    """What is committed within survives a power cut, on SQLite too: the file must never outlive its database."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")
