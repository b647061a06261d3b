"""`/robots.txt` and `/sitemap.xml`: what a search engine may show, and where it is."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from .api_v2 import time
from .documents import TEXT, XML, Document, register_hot
from .snapshot import Snapshot

PRIVATE = ("/admin/", "/statements/", "/subscriptions/", "/unsubscribe/")
"""Links of one person each, and the console; they say `noindex` themselves as well."""


@register_hot
def documents(snapshot: Snapshot) -> Iterator[Document]:
    yield Document("/robots.txt", TEXT, lambda: robots(snapshot), key=snapshot.page.url)
    yield Document("/sitemap.xml", XML, lambda: sitemap(snapshot), key=str(snapshot.revision))


def robots(snapshot: Snapshot) -> bytes:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    return "\n".join([*lines, f"Sitemap: {snapshot.page.url}/sitemap.xml", ""]).encode()


def sitemap(snapshot: Snapshot) -> bytes:
    """The page, every month of history, and the newest incidents and maintenances."""
    entries = [(each.path, time(each.updated_at)) for each in (*snapshot.incidents, *snapshot.maintenances)]
    months = [(f"/history/{month.key}", None) for month in snapshot.months]
    urls = [("/", time(snapshot.page.updated_at)), ("/history", None), *entries, *months]
    body = "".join(url(f"{snapshot.page.url}{path}", changed) for path, changed in urls)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{body}</urlset>\n".encode()


def url(address: str, changed: str | None) -> str:
    dated = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{dated}</url>\n"
