"""The reader's path: stored bytes before Django, whatever else is down."""

import gzip
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import brotli
import pytest

from statuspage.public.answers import EMPTY, newest
from statuspage.public.serve import Published
from statuspage.publishing import publish, store

from .given import component, incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]


class Reader:
    """Asks the application as a server would; keeps what came back."""

    def __init__(self) -> None:
        self.application = Published(self.django)
        self.passed_on: list[str] = []

    def django(self, environ, start_response):
        self.passed_on.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"django"]

    def ask(self, path: str, method: str = "GET", *, query: str = "", **headers: str):
        said = {}

        def start_response(status, answered):
            said["status"], said["headers"] = int(status[:3]), dict(answered)

        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        body = b"".join(self.application(environ, start_response))
        return said["status"], said["headers"], body


@pytest.fixture
def opened():
    return incident({component(): "major_outage"}, name="Cables were cut")


@pytest.fixture
def reader(opened):
    return Reader()


def test_a_page_is_answered_without_django_and_without_a_query(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        status, headers, body = reader.ask("/")
    assert status == 200
    assert b"Cables were cut" in body
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Set-Cookie" not in headers
    assert reader.passed_on == []


@pytest.mark.parametrize("path", ["/", "/history", "/api/v2/summary.json", "/history/2026-11"])
def test_what_did_not_change_is_304(reader, path):
    _, headers, _ = reader.ask(path)
    status, again, body = reader.ask(path, if_none_match=headers["ETag"])
    assert (status, body) == (304, b"")
    assert again["ETag"] == headers["ETag"]


def test_a_tag_of_another_encoding_is_the_same_document(reader):
    _, headers, _ = reader.ask("/", accept_encoding="br")
    assert reader.ask("/", if_none_match=headers["ETag"])[0] == 304
    assert reader.ask("/", if_none_match='"other", *')[0] == 200


def test_compressed_bytes_are_the_same_page(reader):
    plain = reader.ask("/")[2]
    status, headers, body = reader.ask("/", accept_encoding="gzip, deflate")
    assert (headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", plain)
    status, headers, body = reader.ask("/", accept_encoding="gzip, br")
    assert (headers["Content-Encoding"], brotli.decompress(body)) == ("br", plain)
    assert "Content-Encoding" not in reader.ask("/", accept_encoding="gzip;q=0, identity")[1]


def test_a_reader_that_knows_the_time_only_gets_304_too(reader):
    _, headers, _ = reader.ask("/history.rss")
    assert reader.ask("/history.rss", if_modified_since=headers["Last-Modified"])[0] == 304
    assert reader.ask("/history.rss", if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT")[0] == 200
    assert reader.ask("/history.rss", if_modified_since="yesterday")[0] == 200
    both = {"if_modified_since": headers["Last-Modified"], "if_none_match": '"other"'}
    assert reader.ask("/history.rss", **both)[0] == 200


def test_head_has_the_headers_and_no_body(reader):
    status, headers, body = reader.ask("/", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(reader.ask("/")[2])


def test_fault_93_unknown_paths_are_a_stored_404(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        for path in ("/wp-login.php", "/incidents/nonesuch0000", "/incidents/../../x", "/.stale"):
            assert reader.ask(path)[0] == 404
    assert reader.passed_on == []


def test_a_slash_at_the_end_finds_the_same_page(reader):
    assert reader.ask("/history/") == reader.ask("/history")


def test_what_belongs_to_django_is_passed_on(reader):
    for path in ("/admin/", "/healthz", "/static/console/console.css"):
        assert reader.ask(path)[2] == b"django"
    assert reader.ask("/subscribe", "POST")[2] == b"django"


def test_a_published_page_is_only_read(reader):
    status, headers, body = reader.ask("/", "POST")
    assert (status, headers["Allow"], body) == (405, "GET, HEAD, OPTIONS", b"")
    status, headers, _ = reader.ask("/api/v2/status.json", "OPTIONS")
    assert (status, headers["Access-Control-Allow-Headers"]) == (204, "If-None-Match")


def test_a_new_publication_is_seen_by_the_next_request(reader):
    before = int(reader.ask("/")[1]["X-Revision"])
    incident(name="The second")
    status, headers, body = reader.ask("/")
    assert int(headers["X-Revision"]) == before + 1
    assert b"The second" in body


def test_what_a_publication_left_alone_is_not_read_again_but_says_its_revision(opened):
    link = store.root() / "current"
    before = newest(link, EMPTY)
    incident(name="The second")
    for file in Path(link.resolve()).glob("robots.txt*"):
        file.unlink()
    after = newest(link, before)
    assert after.target != before.target
    assert after.answers["/robots.txt"].replies["br"].body is before.answers["/robots.txt"].replies["br"].body
    assert ("X-Revision", after.revision) in after.answers["/robots.txt"].replies[""].headers


def test_a_publication_that_is_tidied_away_while_it_is_read_leaves_what_was_loaded(opened):
    link = store.root() / "current"
    before = newest(link, EMPTY)
    publish.publish(refresh=True)
    shutil.rmtree(link.resolve())
    assert newest(link, before) is before


def test_of_many_readers_at_once_none_gets_an_older_revision_than_one_before(opened):
    reader, over, seen = Reader(), threading.Event(), []

    def read() -> None:
        mine = []
        while not over.is_set() or not mine:
            mine.append(int(reader.ask("/api/v2/status.json")[1]["X-Revision"]))
        seen.append(mine)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for each in readers:
        each.start()
    for number in range(5):
        incident(name=f"Number {number}")
    newest_revision = store.read_manifest(store.root()).revision
    assert int(reader.ask("/")[1]["X-Revision"]) == newest_revision
    over.set()
    for each in readers:
        each.join()
    assert all(mine == sorted(mine) for mine in seen)


def test_fault_19_with_the_folder_gone_the_loaded_page_is_still_served(reader):
    reader.ask("/")
    os.unlink(store.root() / "current")
    assert reader.ask("/")[0] == 200


def test_once_the_heartbeat_is_old_the_page_says_so(reader, settings):
    fresh = reader.ask("/")[2]
    long_ago = time.time() - settings.STALE_AFTER_SECONDS - 1
    os.utime(store.root() / "heartbeat", (long_ago, long_ago))
    reader.application.checked_at = float("-inf")
    stale = reader.ask("/")[2]
    assert stale != fresh
    assert b"has not been" in stale or b"not been refreshed" in stale


def test_json_and_feeds_may_be_read_from_anywhere_and_pages_not_framed(reader):
    assert reader.ask("/api/v2/status.json")[1]["Access-Control-Allow-Origin"] == "*"
    headers = reader.ask("/")[1]
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "sha256-" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_fault_91_whoever_saw_a_revision_is_shown_no_older_one_by_another_thread(tmp_path, settings):
    """Eight threads of one process, and a publication every few milliseconds: each goes by its own look."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    settings.PUBLISH_ROOT = tmp_path
    application, over, backwards = Published(None), threading.Event(), []

    def look() -> None:
        seen = 0
        while not over.is_set():
            revision = int(application.load().revision)
            if revision < seen:
                backwards.append((revision, seen))
            seen = revision

    publish_empty(tmp_path, 1)
    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for revision in range(2, 150):
        publish_empty(tmp_path, revision)
    over.set()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)
    assert backwards == []


def publish_empty(root, revision: int) -> None:
    """A publication without a document."""
    facts = {"epoch": "e", "render_key": "k", "as_of": "2026-11-02T12:00:00+00:00", "csp": ""}
    hot = store.new_hot_folder(root, revision)
    store.write_manifest(hot, store.Manifest(revision=revision, **facts))
    (root / "next").symlink_to(hot.relative_to(root))
    os.replace(root / "next", root / "current")
