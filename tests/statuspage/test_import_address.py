"""Importing from a page's address: a real HTTP server, well behaved and not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from statuspage.importing import parse, source
from statuspage.importing.fields import Unusable
from statuspage.models import Incident
from tests.histories import everyday, incident, said
from tests.servers.control import HttpServer

Answer = Callable[[BaseHTTPRequestHandler], None]


def body(data: bytes, status: int = 200, **headers: str) -> Answer:
    """An ordinary answer."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def elsewhere(address: str) -> Answer:
    """A redirect."""
    return body(b"", 302, Location=address)


class Page(HttpServer):
    """Answers each path as told, and others with 404; `asked` has the paths in order."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page.asked.append(self.path)
                page.answers.get(self.path, body(b"", 404))(self)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        super().__init__(Handler)

    def hold(self, found: dict[str, Any], below: str = "/api/v2/") -> None:
        """Serve these documents."""
        self.answers |= {f"{below}{name}": body(json.dumps(data).encode()) for name, data in found.items()}


@pytest.fixture
def page() -> Iterator[Page]:
    server = Page()
    server.start()
    server.hold(everyday())
    yield server
    server.stop()


@pytest.mark.django_db
def test_a_page_is_imported_by_its_address(page: Page, capsys) -> None:
    call_command("import_statuspage", page.url)
    assert Incident.objects.count() == 1
    call_command("import_statuspage", page.url)
    assert "nothing changed" in capsys.readouterr().out


@pytest.mark.django_db
def test_an_answer_that_is_no_json_is_one_line_and_nothing_is_written(page: Page) -> None:
    page.answers["/api/v2/scheduled-maintenances.json"] = body(b"<html>busy</html>")
    with pytest.raises(CommandError, match=r"^scheduled-maintenances\.json: not JSON: [^\n]*$") as refused:
        call_command("import_statuspage", page.url)
    assert refused.value.returncode == 2
    assert not Incident.objects.exists()


@pytest.mark.parametrize("ending", ["", "/", "/api/v2", "/api/v2/"])
def test_the_address_may_end_as_people_copy_it(page: Page, ending: str) -> None:
    assert source.read(page.url + ending) == everyday()


def test_what_is_still_open_but_old_is_asked_for_too(page: Page) -> None:
    about = everyday()["incidents.json"]["page"]
    old = incident("old", said("01:00", "investigating"))
    page.hold({"incidents/unresolved.json": {"page": about, "incidents": [old]}})
    assert len(parse.history(source.read(page.url)).incidents) == 2


def test_a_redirect_on_the_same_host_is_followed(page: Page) -> None:
    page.hold(everyday(), below="/moved/")
    page.answers["/api/v2/incidents.json"] = elsewhere("/moved/incidents.json")
    assert source.read(page.url) == everyday()


@pytest.mark.parametrize(
    "target", ["https://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "//x/"]
)
def test_a_redirect_elsewhere_is_not_followed(page: Page, target: str) -> None:
    page.answers["/api/v2/components.json"] = elsewhere(target)
    with pytest.raises(Unusable, match=r"components\.json: (redirects to .*; give|answered 302 .* not allowed)"):
        source.read(page.url)
    assert page.asked == ["/api/v2/components.json"]


def test_redirects_in_a_circle_end(page: Page) -> None:
    page.answers["/api/v2/components.json"] = elsewhere("/api/v2/components.json")
    with pytest.raises(Unusable, match=r"components\.json: answered 302"):
        source.read(page.url)
    assert len(page.asked) < 20


@pytest.mark.parametrize(
    ("status", "said"), [(500, "answered 500 Internal"), (401, "answered 401"), (304, "answered 304")]
)
def test_an_error_is_named_by_its_status(page: Page, status: int, said: str) -> None:
    page.answers["/api/v2/incidents.json"] = body(b"", status)
    with pytest.raises(Unusable, match=rf"incidents\.json: {said}"):
        source.read(page.url)


def test_a_page_without_the_document_is_named(page: Page) -> None:
    del page.answers["/api/v2/scheduled-maintenances.json"]
    with pytest.raises(Unusable, match=r"there is no scheduled-maintenances\.json"):
        source.read(page.url)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(page: Page, monkeypatch) -> None:
    monkeypatch.setattr(source, "SIZE_MAX", 2**20)
    page.answers["/api/v2/components.json"] = body(b"[" + b" " * 2**21)
    with pytest.raises(Unusable, match=r"components\.json: larger than 1 MB"):
        source.read(page.url)


def test_a_server_that_says_nothing_is_not_waited_for(page: Page, monkeypatch) -> None:
    monkeypatch.setattr(source, "TIMEOUT_SECONDS", 0.2)
    silence = threading.Event()
    page.answers["/api/v2/components.json"] = lambda handler: silence.wait(5) and None
    with pytest.raises(Unusable, match=r"components\.json: timed out"):
        source.read(page.url)
    silence.set()


def test_a_server_that_drips_is_not_waited_for(page: Page, monkeypatch) -> None:
    monkeypatch.setattr(source, "DEADLINE_SECONDS", 0.2)
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b" ")

    page.answers["/api/v2/components.json"] = drip
    with pytest.raises(Unusable, match=r"components\.json: took longer than 0\.2 s"):
        source.read(page.url)
    stop.set()


def test_an_answer_that_breaks_off_is_refused(page: Page) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"page": {}}')

    page.answers["/api/v2/components.json"] = broken
    with pytest.raises(Unusable, match=r"components\.json: broke off, 988 bytes short"):
        source.read(page.url)


def test_an_answer_that_is_no_http_is_refused(page: Page) -> None:
    page.answers["/api/v2/components.json"] = lambda handler: handler.wfile.write(b"nonsense\r\n\r\n") and None
    with pytest.raises(Unusable, match=r"components\.json: "):
        source.read(page.url)


def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unusable, match=rf"http://127\.0\.0\.1:{port}/api/v2/components\.json: .*refused"):
        source.read(f"http://127.0.0.1:{port}")
