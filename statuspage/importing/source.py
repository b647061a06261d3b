"""Where a history comes from: a folder, or a page's address. Gives parsed JSON by name.

An address is somebody else's machine: every answer has a time limit and a size limit, and
a redirect is followed only on the same host. Errors are `Unusable`, one line each.
"""

import json
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .fields import Unusable, shown
from .parse import OPTIONAL, REQUIRED

TIMEOUT_SECONDS = 10
"""For connecting, and for each wait for bytes."""
DEADLINE_SECONDS = 60
"""For one whole document: a server that sends a byte now and then is not waited for."""
SIZE_MAX = 64 * 2**20
"""Bytes of one document. Ten years of a busy page are about 40 MB."""
CHUNK = 2**16
API = "api/v2"
MISSING = 404


def read(source: str) -> dict[str, Any]:
    """The documents of `source`; those that a page may leave out are left out."""
    fetch = _page(source) if source.startswith(("http://", "https://")) else _folder(source)
    found = {name: fetch(name) for name in REQUIRED}
    found |= {name: data for name in OPTIONAL if (data := fetch(name)) is not None}
    for name in REQUIRED:
        if found[name] is None:
            raise Unusable(f"{source}: there is no {name}")
    return {name: parsed(data, name) for name, data in found.items() if data is not None}


def parsed(data: bytes, name: str) -> Any:
    """JSON, as RFC 8259 has it: no NaN, UTF-8 with or without a mark."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise Unusable(f"{name}: nested too deeply") from None
    except ValueError as error:
        raise Unusable(f"{name}: not JSON: {error}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


Fetch = Callable[[str], bytes | None]


def _folder(source: str) -> Fetch:
    """Reads below a folder, which may have the address's own layout."""
    folder = Path(source)
    if not folder.is_dir():
        raise Unusable(f"SOURCE: {shown(source)} is neither a folder nor an http:// or https:// address")
    if not (folder / REQUIRED[0]).exists() and (folder / API).is_dir():
        folder = folder / API

    def fetch(name: str) -> bytes | None:
        path = folder / name
        try:
            with path.open("rb") as file:
                return limited(file, str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unusable(f"{path}: {error.strerror}") from None

    return fetch


def _page(source: str) -> Fetch:
    """Reads below a page's address; its `/api/v2` may be part of what was given."""
    if not is_address(source):
        raise Unusable(f"SOURCE: {shown(source)} is not a page's address such as https://status.example.com")
    base = source.rstrip("/").removesuffix(f"/{API}")
    opener = build_opener(SameHost())

    def fetch(name: str) -> bytes | None:
        address = f"{base}/{API}/{name}"
        request = Request(address, headers={"Accept": "application/json", "User-Agent": "status-page-import"})
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                data = limited(answer, address)
                if answer.length:
                    raise Unusable(f"{address}: broke off, {answer.length} bytes short")
                return data
        except HTTPError as error:
            error.close()
            if error.code == MISSING:
                return None
            raise Unusable(f"{address}: answered {error.code} {error.reason}") from None
        except URLError as error:
            raise Unusable(f"{address}: {error.reason}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise Unusable(f"{address}: {error or type(error).__name__}") from None

    return fetch


def is_address(source: str) -> bool:
    """A host, perhaps a port and a path; a password does not belong on a command line."""
    try:
        parts = urlsplit(source)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not (parts.username or parts.query or parts.fragment)


class SameHost(HTTPRedirectHandler):
    """Follows a redirect on the same scheme, host and port only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The next request; a redirect elsewhere is refused by name."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise Unusable(f"{req.full_url}: redirects to {shown(newurl)}; give that address if it is the page")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def limited(stream: Any, name: str) -> bytes:
    """All bytes, unless they are too many or take too long."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    read = bytearray()
    while chunk := stream.read1(CHUNK):
        read += chunk
        if len(read) > SIZE_MAX:
            raise Unusable(f"{name}: larger than {SIZE_MAX // 2**20} MB")
        if time.monotonic() > deadline:
            raise Unusable(f"{name}: took longer than {DEADLINE_SECONDS} s")
    return bytes(read)
