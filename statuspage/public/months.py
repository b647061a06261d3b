"""`/history.json?page=N`: three months of the page's history, put together of the months' own documents.

Not published as it is, because with each new month all of its pages would change. No query and no rendering either: a
month that holds nothing is made here, the others are read from the folder.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs

from statuspage.publishing import api_entries, documents, store
from statuspage.publishing.times import Clock, zone_of

from .answers import Answer, HotSet, answer, headers_of

PATH = "/history.json"
STATUS = "/api/v2/status.json"
A_PAGE = 3
"""Months, as Statuspage has it; fewer are the last page."""
DIGITS = 4
"""Of a page's number; a longer one is the first page's, as whatever is no number."""
ENCODED = {"": bytes, "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0)}


def history(root: Path, hot: HotSet, query: str, encoding: str) -> Answer | None:
    """One page of months, in that encoding alone; None before anything is published."""
    status = hot.answers.get(STATUS)
    if status is None:
        return None
    number = page_number(query)
    wanted = hot.months[A_PAGE * (number - 1) : A_PAGE * number]
    body = together(status.replies[""].body, [month(root, key) for key in wanted])
    headers = headers_of(documents.JSON, hot.csp, status.modified)
    return answer({encoding: ENCODED[encoding](body)}, store.etag_of(body), status.modified, headers, hot.revision)


def page_number(query: str) -> int:
    """The page that is asked for, from 1."""
    said = parse_qs(query).get("page", [""])[-1]
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) <= DIGITS else 1


def together(status: bytes, months: Sequence[bytes]) -> bytes:
    """The documents as they stand, one in the other."""
    return b'{"page_status":' + status + b',"months":[' + b",".join(months) + b"]}"


def month(root: Path, key: str) -> bytes:
    """A month's document; an empty month has none."""
    try:
        return (root / "pages" / store.file_of(f"/history/{key}.json")).read_bytes()
    except FileNotFoundError:
        return api_entries.month_bytes(key, (), Clock(zone_of("UTC")))
