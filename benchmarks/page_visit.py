"""A first visit in each language: how many requests a browser makes, and how many bytes they are.

The requests are counted by Chromium, the bytes on the wire: the whole answer, headers too,
compressed with gzip, which every client takes (with brotli they are fewer). With 10
incidents, with 10,000 and with the real history; the database makes no difference.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from benchmarks import histories
from benchmarks.built import site
from benchmarks.sites import Served
from benchmarks.table import Row
from statuspage.publishing import languages
from tests import browsers

FIRST_FLIGHT = 14_336
"""What TCP sends before the client has said a word: ten segments."""


def run(database: str, quick: bool) -> list[Row]:
    sites = {each.words: site(each) for each in histories.all_of(quick)}
    rows = []
    with a_browser() as browser:
        for what, made in sites.items():
            with made.served() as served:
                for each in languages.published():
                    rows += visit(served, browser, each, what, database)
    return rows


@contextmanager
def a_browser() -> Iterator[Browser | None]:
    """One for all visits, if there is any; each visit has a page and a cache of its own."""
    found = browsers.present()
    if found is None:
        yield None
        return
    with browsers.launched(found) as browser:
        yield browser


def visit(served: Served, browser: Browser | None, language: languages.Language, what: str, database: str) -> list[Row]:
    """Two rows."""
    visited = f"first visit, {what}, {language.name}"
    sizes = {name: on_the_wire(served, language.home, name) for name in ("gzip", "br")}
    said = f"{sizes['gzip']:,} bytes (brotli: {sizes['br']:,})"
    share = sizes["gzip"] / FIRST_FLIGHT
    size = Row(f"{visited}: compressed", f"{FIRST_FLIGHT:,} bytes", said, share, "<= 1", database)
    return [requests(served, browser, language, visited, database), size]


def on_the_wire(served: Served, path: str, encoding: str) -> int:
    """Bytes of the whole answer."""
    answer = served.get(path, {"Accept-Encoding": encoding})
    assert answer.headers["content-encoding"] == encoding, answer
    head = sum(len(name) + len(text) + len(": \r\n") for name, text in answer.headers.items())
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + len(answer.body)


def requests(served: Served, browser: Browser | None, language: languages.Language, visited: str, database: str) -> Row:
    """What a browser asks for until nothing happens on the network any more."""
    if browser is None:
        return Row(f"{visited}: requests", "1", "not measured: no Chromium here", None, "<= 1", database)
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith("http") else None)
    page.goto(f"http://127.0.0.1:{served.port}{language.home}", wait_until="networkidle")
    page.close()
    return Row(f"{visited}: requests", "1", f"{len(asked)}", float(len(asked)), "<= 1", database)
