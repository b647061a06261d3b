"""A first visit in each language: how many requests a browser makes, and how many bytes they are.

The requests are counted by Chromium, the bytes on the wire: the whole answer, headers too,
compressed with gzip, which every client takes (with brotli they are fewer).
"""

from benchmarks import sites
from benchmarks.sites import Served
from benchmarks.table import Row
from statuspage.publishing import languages
from tests import browsers

FIRST_FLIGHT = 14_336
"""What TCP sends before the client has said a word: ten segments."""


def run(database: str, quick: bool) -> list[Row]:
    site = sites.site("page", 10)
    with site.served() as served:
        return rows_of(served, "30 components", database)


def rows_of(served: Served, what: str, database: str) -> list[Row]:
    """Two rows a language."""
    return [row for each in languages.published() for row in visit(served, each, what, database)]


def visit(served: Served, language: languages.Language, what: str, database: str) -> list[Row]:
    visited = f"first visit, {what}, {language.name}"
    sizes = {name: on_the_wire(served, language.home, name) for name in ("gzip", "br")}
    said = f"{sizes['gzip']:,} bytes (brotli: {sizes['br']:,})"
    share = sizes["gzip"] / FIRST_FLIGHT
    size = Row(f"{visited}: compressed", f"{FIRST_FLIGHT:,} bytes", said, share, "<= 1", database)
    return [requests(served, language, visited, database), size]


def on_the_wire(served: Served, path: str, encoding: str) -> int:
    """Bytes of the whole answer."""
    answer = served.get(path, {"Accept-Encoding": encoding})
    assert answer.headers["content-encoding"] == encoding, answer
    head = sum(len(name) + len(text) + len(": \r\n") for name, text in answer.headers.items())
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + len(answer.body)


def requests(served: Served, language: languages.Language, visited: str, database: str) -> Row:
    """What a browser asks for until nothing happens on the network any more."""
    found = browsers.present()
    if found is None:
        return Row(f"{visited}: requests", "1", "not measured: no Chromium here", None, "<= 1", database)
    asked: list[str] = []
    with browsers.launched(found) as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url) if request.url.startswith("http") else None)
        page.goto(f"http://127.0.0.1:{served.port}{language.home}", wait_until="networkidle")
    return Row(f"{visited}: requests", "1", f"{len(asked)}", float(len(asked)), "<= 1", database)
