"""The folder readers are served from: files, compression and the atomic switch; no models.

    PUBLISH_ROOT/
      current -> hot/17-1           one symlink: the newest publication
      hot/17-1/index.html           `/`, with index.html.gz and index.html.br beside it
      hot/17-1/api/v2/status.json
      hot/17-1/manifest.json        what is in it: revision, times, ETags, content types
      pages/incidents/<id>.html     incident and month pages, and their JSON, replaced one by one
      heartbeat                     touched while somebody keeps the page up to date
      fresh/176382173               the same for a server that cannot compare times (`fresh`)
      look.json                     which pages still have an older look (`look`)
      lock                          one renderer at a time

A page is written before the hot set that links to it switches, so a reader never sees a
headline newer than the page behind it.
"""

import ctypes
import errno
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO

import brotli
from django.conf import settings
from django.utils.translation import gettext as _

from . import fresh

BROTLI_QUALITY = 5
"""Above 5 the last percents cost ten times the time, and staff wait for it."""

SUFFIXES = {"": "", "gzip": ".gz", "br": ".br"}
"""Of a document's files, by content encoding; "" is the plain one."""

KEPT = 3
"""Hot sets that stay after a switch: a server may still be reading the one before."""

ROOM = 8 * 1024 * 1024
"""Bytes that must be free before anything is stored: some publications' worth."""


BURST_SECONDS = 60
"""How far the times of files written in a burst may run ahead of the clock."""

LOCK_SECONDS = 10.0
"""As long as somebody at a form may wait for another's rendering; the sweep renders what they had to leave."""

LOCK_POLL_SECONDS = 0.005


class FolderUnusable(Exception):
    """The published folder takes no files; make room or mend its rights, then publish again."""


@dataclass(frozen=True)
class Held:
    """One document of the hot set as it stands in the folder."""

    file: str
    content_type: str
    etag: str
    modified: int
    key: str | None = None


@dataclass(frozen=True)
class Manifest:
    """What the hot set is: its revision, when it was rendered, and its documents by path.

    `stored_revision` is the database's that it was rendered from: less than `revision` where
    something was added without the database. `unstored` is what the database did not have, each
    incident's id and the month it is in. `csp` permits every page of the folder its style and script.
    """

    revision: int
    epoch: str
    render_key: str
    as_of: str
    csp: str
    stored_revision: int = -1
    unstored: dict[str, str] = field(default_factory=dict)
    months: dict[str, tuple[int, int]] = field(default_factory=dict)
    documents: dict[str, Held] = field(default_factory=dict)
    histories: dict[str, int] = field(default_factory=dict)
    """Component id -> the revision in which what its feeds hold last changed, where they hold all of it."""


def root() -> Path:
    """The folder named by PUBLISH_ROOT."""
    return Path(settings.PUBLISH_ROOT)


def require_writable(folder: Path) -> None:
    """Write and remove one small file; raises FolderUnusable in words for staff."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".test-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
    except OSError as error:
        raise FolderUnusable(
            _("The published folder cannot be written (%(why)s). Nothing was stored and nobody was told.")
            % {"why": error.strerror}
        ) from error


@contextmanager
def lock(folder: Path, *, patience: float | None = None) -> Iterator[None]:
    """One renderer a folder; others wait, then find their revision rendered.

    Raises TimeoutError, an OSError, where another keeps it for `patience` seconds (LOCK_SECONDS):
    a process that was stopped amid its work must not hold up staff who publish (fault 5).
    """
    patience = LOCK_SECONDS if patience is None else patience
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as handle:
        deadline = time.monotonic() + patience
        while not is_ours(handle):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{folder}: another process has been publishing for {patience:g} s")
            time.sleep(LOCK_POLL_SECONDS)
        yield


def is_ours(handle: IO[str]) -> bool:
    """Whether the lock on this file could be had."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def file_of(path: str) -> str:
    """Where a document's bytes are below its folder: `/history` -> history.html."""
    name = path.strip("/") or "index"
    return name if "." in Path(name).name.lstrip(".") else f"{name}.html"


def etag_of(body: bytes) -> str:
    """A strong ETag's inside: 128 bits of the bytes' hash."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def write(path: Path, body: bytes, *, before: Path | None = None) -> None:
    """The file and its compressed siblings, each appearing whole or not at all; of a later second than `before`'s."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = second_after(before, time.time())
    for suffix, data in (
        (".br", brotli.compress(body, quality=BROTLI_QUALITY)),
        (".gz", gzip.compress(body, compresslevel=6, mtime=0)),
        ("", body),
    ):
        target = path.with_name(path.name + suffix)
        temporary = target.with_name(f".{target.name}.new")
        temporary.write_bytes(data)
        os.utime(temporary, (at, at))
        os.replace(temporary, target)


def second_after(before: Path | None, now: float) -> float:
    """The time of a file that replaces that one: now, unless nginx could not tell the two apart.

    It knows a file by its second and its size, and who publishes twice in a second may write as many bytes both times.
    """
    try:
        next_second = int(before.stat().st_mtime) + 1 if before else 0
    except FileNotFoundError:
        return now
    return next_second if now < next_second < now + BURST_SECONDS else now


def link(source: Path, target: Path) -> None:
    """Carry an unchanged document over: the same files under the new folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in SUFFIXES.values():
        os.link(source.with_name(source.name + suffix), target.with_name(target.name + suffix))


def write_page(folder: Path, path: str, body: bytes) -> None:
    """Replace one page outside the hot set, unless its bytes are the same already."""
    target = folder / "pages" / file_of(path)
    if not (target.is_file() and target.read_bytes() == body):
        write(target, body, before=target)


def remove_page(folder: Path, path: str) -> None:
    """Take a page away: its address answers 404 from now on."""
    for suffix in SUFFIXES.values():
        (folder / "pages" / (file_of(path) + suffix)).unlink(missing_ok=True)


def page_files(folder: Path) -> set[str]:
    """The files of all pages outside the hot set, as `file_of` names them."""
    pages = folder / "pages"
    return {str(file.relative_to(pages)) for file in pages.rglob("*") if file.suffix in {".html", ".json"}}


def current(folder: Path) -> Path | None:
    """The hot set that readers have, None before the first publication."""
    try:
        return folder / os.readlink(folder / "current")
    except FileNotFoundError:
        return None


def read_manifest(folder: Path) -> Manifest | None:
    """What the folder holds; None where there is nothing, or nothing that can be read."""
    hot = current(folder)
    try:
        return manifest_in(hot) if hot else None
    except (FileNotFoundError, ValueError):
        return None


def manifest_in(hot: Path) -> Manifest:
    """The manifest of one hot set.

    Raises FileNotFoundError where that set is gone, ValueError where another version of the
    program wrote it and something is missing: a server keeps what it has, a renderer starts anew.
    """
    data = json.loads((hot / "manifest.json").read_bytes())
    try:
        data["documents"] = {path: Held(**held) for path, held in data["documents"].items()}
        data["months"] = {key: (each[0], each[1]) for key, each in data["months"].items()}
        return Manifest(**{each.name: data[each.name] for each in fields(Manifest) if each.name in data})
    except (TypeError, KeyError) as error:
        raise ValueError(f"{hot}: {error}") from error


def new_hot_folder(folder: Path, revision: int) -> Path:
    """An empty folder for the next hot set."""
    (folder / "hot").mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=folder / "hot", prefix=f"{revision}-"))


def remove_hot_folder(hot: Path) -> None:
    """A hot set that nobody is to get."""
    shutil.rmtree(hot, ignore_errors=True)


def switch(folder: Path, hot: Path, manifest: Manifest) -> None:
    """Make `hot` what readers get: everything on disk first, then one rename, then tidy up."""
    write_manifest(hot, manifest)
    hot.chmod(0o755)
    sync(folder)
    temporary = folder / ".current.new"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(hot.relative_to(folder))
    os.replace(temporary, folder / "current")
    olds = sorted((folder / "hot").iterdir(), key=lambda each: each.stat().st_mtime_ns)
    for old in olds[:-KEPT]:
        if old != hot:
            shutil.rmtree(old, ignore_errors=True)


def write_manifest(hot: Path, manifest: Manifest) -> None:
    """The manifest as canonical JSON."""
    (hot / "manifest.json").write_text(json.dumps(asdict(manifest), sort_keys=True))


def sync(folder: Path) -> None:
    """One sync of the folder's file system, cheaper than one for each file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "syncfs") or libc.syncfs(handle) != 0:
            os.sync()
    finally:
        os.close(handle)


def beat(folder: Path) -> None:
    """Say that somebody keeps this folder up to date."""
    (folder / "heartbeat").touch()
    fresh.keep(folder, time.time())


def heartbeat_age(folder: Path) -> float:
    """Seconds since somebody said that the folder is kept up to date; infinite where nobody did."""
    try:
        return time.time() - (folder / "heartbeat").stat().st_mtime
    except OSError:
        return float("inf")
