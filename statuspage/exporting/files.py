"""The folder of an export: a file a table, twice, and a manifest that is written last.

    manifest.json                       format, version, by table: file, rows, columns, digest; what is left out and why
    data/statuspage.incident.jsonl      an object a line, exact: this is what is imported
    csv/statuspage.incident.csv         the same for people

No file says when it was written, so two exports of one state have the same bytes. Everything is readable by its
owner alone: subscribers' addresses are in it.
"""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statuspage.importing.fields import Unusable, shown

from . import rows
from .tables import Table, exported, left_out, marks

FORMAT, VERSION = "status-page-export", 1
MANIFEST = "manifest.json"
MANIFEST_MAX = 2**20
LINE_MAX = 16 * 2**20
"""Bytes: a statement's figures are the longest there are, and far below that."""
CHUNK = 2**20

Report = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """What a manifest says of one table."""

    table: str
    file: str
    rows: int
    sha256: str
    columns: tuple[str, ...]


# --- Writing ------------------------------------------------------------------------------------------------


def write(folder: Path, report: Report) -> int:
    """Write everything the site knows into a new folder; how many rows. Call within `one_instant`.

    Raises Unusable where the folder holds something, and OSError.
    """
    prepare(folder)
    entries = []
    for table in exported():
        entries.append(write_table(folder, table))
        if count := entries[-1]["rows"]:
            report(f"{table.label}: {count:,} rows")
    write_manifest(folder, entries)
    return sum(each["rows"] for each in entries)


def prepare(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise Unusable(f"FOLDER: {shown(str(folder))} is there already, and not an empty folder")
    for each in (folder, folder / "data", folder / "csv"):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
        each.chmod(0o700)


def write_table(folder: Path, table: Table) -> dict[str, Any]:
    """Both files of a table, in one reading of it; its entry in the manifest."""
    names = [each.name for each in table.columns]
    file = f"data/{table.label}.jsonl"
    digest, count = hashlib.sha256(), 0
    with ExitStack() as stack:
        exact = stack.enter_context(private(folder / file, "wb"))
        people = csv.writer(stack.enter_context(private(folder / f"csv/{table.label}.csv", "w")))
        people.writerow(names)
        for row in rows.of(table):
            line = rows.as_line(names, row)
            count += 1
            digest.update(line)
            exact.write(line)
            people.writerow(rows.as_cells(row))
    return {"table": table.label, "file": file, "rows": count, "sha256": digest.hexdigest(), "columns": names}


def private(path: Path, mode: str) -> Any:
    """A new file for its owner alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, mode) if "b" in mode else os.fdopen(handle, mode, encoding="utf-8", newline="")


def write_manifest(folder: Path, entries: list[dict[str, Any]]) -> None:
    columns = {table.label: dict(table.without) for table in exported() if table.without}
    said = {
        "format": FORMAT,
        "version": VERSION,
        "tables": entries,
        "left_out": left_out(),
        "columns_left_out": columns,
        "must_be_the_same": marks(),
    }
    with private(folder / MANIFEST, "w") as file:
        json.dump(said, file, indent=1, sort_keys=True, ensure_ascii=False)
        file.write("\n")


# --- Reading ------------------------------------------------------------------------------------------------


def read_manifest(folder: Path) -> dict[str, Entry]:
    """By table what an export holds. Raises Unusable."""
    said = _manifest(folder)
    if said.get("format") != FORMAT:
        raise Unusable(f"{MANIFEST}: format: {shown(said.get('format'))} is not {FORMAT}")
    if said.get("version") != VERSION:
        raise Unusable(f"{MANIFEST}: version: {shown(said.get('version'))}; this version reads {VERSION}")
    require_marks(said.get("must_be_the_same"))
    try:
        found = [
            Entry(each["table"], each["file"], each["rows"], each["sha256"], tuple(each["columns"]))
            for each in said["tables"]
        ]
    except (KeyError, TypeError):
        raise Unusable(f"{MANIFEST}: tables: not as `export_site` writes them") from None
    known = {table.label for table in exported()}
    for each in found:
        if each.table not in known or each.file != f"data/{each.table}.jsonl":
            raise Unusable(f"{MANIFEST}: tables: {shown(each.table)} is no table of this version")
    return {each.table: each for each in found}


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        with (folder / MANIFEST).open("rb") as file:
            said = json.loads(file.read(MANIFEST_MAX).decode())
    except FileNotFoundError:
        raise Unusable(
            f"FOLDER: {shown(str(folder))} holds no {MANIFEST}, so it is no export, or not a whole one"
        ) from None
    except OSError as error:
        raise Unusable(f"{MANIFEST}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{MANIFEST}: not JSON: {error}") from None
    if not isinstance(said, dict):
        raise Unusable(f"{MANIFEST}: {shown(said)} is not an object")
    return said


def require_marks(said: object) -> None:
    """Refuse an export whose rows would mean nothing here."""
    held = said if isinstance(said, dict) else {}
    for name, value in marks().items():
        if held.get(name, value) != value:
            raise Unusable(f"{MANIFEST}: must_be_the_same: {name} is another here; see docs/moving.md")


def check(folder: Path, entry: Entry) -> None:
    """Whether a file is as its manifest says. Raises Unusable."""
    digest = hashlib.sha256()
    try:
        with (folder / entry.file).open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise Unusable(f"{entry.file}: {error.strerror}") from None
    if digest.hexdigest() != entry.sha256:
        raise Unusable(f"{entry.file}: sha256: {digest.hexdigest()} is not {entry.sha256} as in {MANIFEST}")


def lines(folder: Path, entry: Entry) -> Iterator[tuple[int, bytes]]:
    """A file's lines with their numbers. Raises Unusable where there are not as many as its manifest says."""
    number = 0
    with (folder / entry.file).open("rb") as file:
        while line := file.readline(LINE_MAX):
            number += 1
            if not line.endswith(b"\n"):
                raise Unusable(f"{entry.file}: line {number}: does not end, or is longer than {LINE_MAX // 2**20} MB")
            yield number, line
    if number != entry.rows:
        raise Unusable(f"{entry.file}: {number} lines; {MANIFEST} says {shown(entry.rows)}")
