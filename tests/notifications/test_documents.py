"""What this package adds to the publication, as readers get it: with no query, and rendered only when it changed."""

import os

import pytest
from django.db import connection
from lxml import etree

from notifications import feeds
from statuspage.public.serve import Published
from statuspage.publishing import store
from statuspage.publishing.publish import publish
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(publish_root):
    """Two components, an incident on the first, published."""
    api, web = given.component("API"), given.component("Web")
    given.incident({api: "major_outage"})
    publish()
    return api, web


def get(path, **environ):
    """What a reader gets: status, headers, body."""
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, **environ}
    body = b"".join(Published(pytest.fail)(environ, lambda status, headers: said.extend([status, dict(headers)])))
    return said[0], said[1], body


def file_of(path):
    return os.stat(store.root() / "current" / store.file_of(path)).st_ino


@pytest.mark.parametrize("path", ["/subscribe", "/subscribe/sent", "/history.rss", "/history.atom"])
def test_fault_19_documents_are_answered_without_a_query(site, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        status, headers, body = get(path)
    assert status == "200 OK"
    assert body
    assert "Set-Cookie" not in headers


def test_fault_92_an_unchanged_feed_is_not_sent_again(site):
    _status, headers, _body = get("/history.rss")
    assert headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    status, _headers, body = get("/history.rss", HTTP_IF_NONE_MATCH=headers["ETag"])
    assert (status, body) == ("304 Not Modified", b"")


def test_an_update_renders_again_only_the_feeds_it_touches(site, monkeypatch):
    api, web = site
    before = {
        path: file_of(path)
        for path in ("/subscribe", f"/components/{web.pk}/history.rss", f"/components/{api.pk}/history.rss")
    }
    rendered = []
    monkeypatch.setattr(feeds.formats, "rss", lambda channel: rendered.append(channel.path) or b"<rss/>")
    given.incident({api: "partial_outage"}, name="API again")
    publish()
    assert sorted(rendered) == sorted(["/history", f"/components/{api.pk}/history"])
    assert [path for path in before if file_of(path) != before[path]] == [f"/components/{api.pk}/history.rss"]


def test_the_feeds_show_what_was_published_at_once(site):
    api, _web = site
    given.incident({api: "partial_outage"}, name="API again")
    publish()
    for path in ("/history.rss", "/history.atom", f"/components/{api.pk}/history.atom"):
        assert b"API again" in get(path)[2]
        etree.fromstring(get(path)[2])


def test_everything_is_read_with_the_database_down(site):
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "connect", pytest.fail)
        assert [get(path)[0] for path in ("/subscribe", "/history.rss")] == ["200 OK", "200 OK"]
