"""The folder: what it takes, and what it refuses."""

import os
import subprocess

import pytest

from statuspage.publishing import store


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/history", "history.html"),
        ("/history/2026-11", "history/2026-11.html"),
        ("/history.rss", "history.rss"),
        ("/api/v2/status.json", "api/v2/status.json"),
        ("/.stale", ".stale.html"),
    ],
)
def test_a_documents_file_can_be_guessed(path, file):
    assert store.file_of(path) == file


def test_a_file_appears_whole_with_its_compressed_siblings(tmp_path):
    store.write(tmp_path / "a" / "index.html", b"hello " * 100)
    assert sorted(os.listdir(tmp_path / "a")) == ["index.html", "index.html.br", "index.html.gz"]


def test_compression_is_the_same_each_time(tmp_path):
    for name in ("one", "two"):
        store.write(tmp_path / name, b"hello " * 100)
    for suffix in (".gz", ".br"):
        one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
        assert one.read_bytes() == two.read_bytes()


def test_fault_24_a_full_folder_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "ROOM", 2**62)
    with pytest.raises(store.FolderUnusable, match="No space left"):
        store.require_writable(tmp_path)


def test_fault_25_a_folder_that_takes_no_file_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(store.FolderUnusable):
        store.require_writable(tmp_path / "file" / "public")


def test_one_renderer_at_a_time(tmp_path):
    with store.lock(tmp_path):
        taken = subprocess.run(["flock", "-n", tmp_path / "lock", "true"], check=False)
        assert taken.returncode == 1
