"""The folder: what it takes, and what it refuses."""

import os
import subprocess

import pytest

from statuspage.publishing import fresh, store


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


def test_what_replaces_a_file_is_of_a_later_second_also_in_a_burst(tmp_path):
    seconds = []
    for number in range(3):
        store.write(tmp_path / f"{number}", b"as long", before=tmp_path / f"{number - 1}")
        seconds += {int((tmp_path / f"{number}{suffix}").stat().st_mtime) for suffix in ("", ".gz", ".br")}
    assert len(seconds) == 3 and seconds == sorted(set(seconds))


def test_files_of_a_wrong_clocks_future_are_not_followed_there(tmp_path):
    (tmp_path / "old").write_bytes(b"")
    os.utime(tmp_path / "old", (9e9, 9e9))
    assert store.second_after(tmp_path / "old", 1_000_000.5) == 1_000_000.5


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


def test_a_sign_of_life_has_a_name_for_each_ten_seconds_until_the_page_is_old():
    assert fresh.names(1_000_009.9, 25) == {"100000", "100001", "100002", "100003"}


def test_names_of_the_past_and_of_a_wrong_clocks_future_are_removed(tmp_path, settings):
    settings.STALE_AFTER_SECONDS = 30
    for now in (1_000_000, 9_000_000, 1_000_020):
        fresh.keep(tmp_path, now)
    assert sorted(os.listdir(tmp_path / "fresh")) == ["100002", "100003", "100004", "100005"]


def test_fault_24_a_folder_that_takes_no_sign_of_life_keeps_nobody_from_publishing(tmp_path):
    (tmp_path / "fresh").write_text("not a folder")
    fresh.keep(tmp_path, 1_000_000)
    store.beat(tmp_path)
    assert (tmp_path / "heartbeat").exists()
