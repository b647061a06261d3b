"""The hot set's files: all that switches with a publication, and the policy that goes out with every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from . import documents, frozen, html, store
from .documents import Document
from .look import render_key
from .snapshot import Snapshot
from .store import Held, Manifest


def write(
    folder: Path,
    snapshot: Snapshot,
    held: Manifest | None,
    *,
    epoch: str,
    stored_revision: int,
    policy: str,
    unstored: dict[str, str],
) -> tuple[Manifest, Path]:
    """Write a hot set; what did not change keeps its files, its ETag and its time. Nothing is switched yet.

    `stored_revision`, `unstored`: as in `store.Manifest`.
    """
    hot = store.new_hot_folder(folder, snapshot.revision)
    try:
        written = _write_documents(hot, store.current(folder), snapshot, held)
        (hot / frozen.FILE).write_bytes(frozen.to_json(snapshot))
    except Exception:
        store.remove_hot_folder(hot)  # else each try would leave its part on a disk that is full already
        raise
    manifest = Manifest(
        revision=snapshot.revision,
        epoch=epoch,
        render_key=render_key(),
        as_of=snapshot.as_of.astimezone(UTC).isoformat(),
        csp=policy,
        stored_revision=stored_revision,
        unstored=unstored,
        months={each.key: (each.incidents, each.maintenances) for each in snapshot.months},
        documents=written,
        histories={
            each.component_id: each.changed_in
            for each in snapshot.histories
            if each.is_read or whole_histories(held).get(each.component_id) == each.changed_in
        },
    )
    return manifest, hot


def whole_histories(held: Manifest | None) -> Mapping[str, int]:
    """The histories that the folder has whole documents of, in this program's look; others have to be read."""
    return held.histories if held and held.render_key == render_key() else {}


def _write_documents(hot: Path, before: Path | None, snapshot: Snapshot, held: Manifest | None) -> dict[str, Held]:
    """The files of every document; what they are, by path."""
    old = _carried_over(held) if held and before else {}
    return {
        document.path: _write_document(hot, before, document, old.get(document.path), snapshot.as_of)
        for document in documents.hot_documents(snapshot)
    }


def _carried_over(held: Manifest) -> dict[str, Held]:
    """The documents before this one; in another look the same facts do not give the same bytes."""
    if held.render_key == render_key():
        return held.documents
    return {path: replace(each, key=None) for path, each in held.documents.items()}


def _write_document(hot: Path, before: Path | None, document: Document, old: Held | None, as_of: datetime) -> Held:
    if old and before and document.key is not None and document.key == old.key:
        store.link(before / old.file, hot / old.file)
        return old
    body = document.render()
    etag = store.etag_of(body)
    file = store.file_of(document.path)
    if old and before and old.etag == etag:
        store.link(before / old.file, hot / file)
        modified = old.modified
    else:
        store.write(hot / file, body, before=before and before / file)
        modified = int(as_of.timestamp())
    return Held(file, document.content_type, etag, modified, document.key)


def permitted(folder: Path, held: Manifest) -> Manifest:
    """Let readers' policy permit this program's style and script before any page with them appears.

    The same documents under the same revision, switched once; what the folder holds then.
    """
    policy = html.csp(held.csp)
    before = store.current(folder)
    if policy == held.csp or before is None:
        return held
    hot = store.new_hot_folder(folder, held.revision)
    try:
        for each in held.documents.values():
            store.link(before / each.file, hot / each.file)
        if (before / frozen.FILE).exists():
            (hot / frozen.FILE).hardlink_to(before / frozen.FILE)
    except OSError:
        store.remove_hot_folder(hot)
        raise
    manifest = replace(held, csp=policy)
    store.switch(folder, hot, manifest)
    return manifest
