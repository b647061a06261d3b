"""Windows of a browser on a site in this process: pages as they are published, and Django behind them."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from statuspage.public.serve import Published

MANY_TABS = 40


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Where the site is."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    application = Published(get_wsgi_application())

    def answer(environ: Any, start_response: Any) -> Any:
        try:
            return application(environ, start_response)
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, answer, Server, Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def opened(chromium: Browser, address: str, settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens windows; at the end nothing was complained of, no cookie is there, and nobody else was asked."""
    settings.STATIC_ROOT = tmp_path
    contexts, complaints, hosts = [], [], set()

    def make(**kind: Any) -> Page:
        contexts.append(chromium.new_context(base_url=address, **kind))
        page = contexts[-1].new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        return page

    yield make
    assert [context.cookies() for context in contexts] == [[]] * len(contexts)
    for context in contexts:
        context.close()
    assert [each for each in complaints if "server responded with a status of" not in each] == []
    assert hosts == {urlsplit(address).netloc}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until that has the focus, as somebody without a mouse does."""
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


def press(page: Page, selector: str) -> None:
    """The same, then Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
