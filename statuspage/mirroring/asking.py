"""One GET of a provider's `/api/v2/summary.json`, which is somebody else's machine and never trusted.

To a vetted address, in TLS with the name checked, without a redirect; one deadline for all of it and a cap on what is
read. Conditional where an entity tag is known (RFC 9110, 13.1.2).
"""

import http.client
import os
import ssl
import time
from collections.abc import Collection
from dataclasses import dataclass

from statuspage.outward.addresses import NotAllowed, NotFound, Resolve, Target, target_of, vetted
from statuspage.outward.deadline import TlsSocket, secured, system_context

DEADLINE_SECONDS = 10.0
"""For the name, the connection and the whole answer. Shorter than the shortest interval between two questions."""
SIZE_MAX = 4 * 2**20
"""Bytes. The summary of a page with 300 components has about 200 kB."""
TAG_MAX = 255
SUMMARY = "/api/v2/summary.json"


class NoAnswer(Exception):
    """The page did not answer usably; the message is one line of plain English and names no address."""


@dataclass(frozen=True)
class Answer:
    """What came. `body` None: the same as what the entity tag was given for."""

    body: bytes | None
    tag: str = ""


def base_of(address: str) -> str:
    """A page's address as somebody pasted it -> without what stands below it."""
    plain = address.strip().rstrip("/")
    for ending in (SUMMARY, "/api/v2", "/api"):
        plain = plain.removesuffix(ending)
    return plain.rstrip("/")


def ask(
    page: str,
    *,
    tag: str = "",
    allowed: Collection[str] = (),
    seconds: float | None = None,
    resolve: Resolve | None = None,
) -> Answer:
    """The summary of the page at this address. Raises NoAnswer.

    `allowed`: hosts that the operator exempts from the rules for strangers' addresses.
    `seconds`: DEADLINE_SECONDS where it is not given.
    """
    seconds = DEADLINE_SECONDS if seconds is None else seconds
    deadline = time.monotonic() + seconds
    try:
        target = target_of(base_of(page) + SUMMARY, allowed)
        addresses = vetted(target, allowed, seconds, resolve)
        context = system_context(os.environ.get("SSL_CERT_FILE"))
        return _got(target, secured(addresses, target.port, target.host, deadline, context), tag)
    except (NotAllowed, NotFound) as error:
        raise NoAnswer(str(error)) from None
    except ssl.SSLError:
        raise NoAnswer("no trusted TLS") from None
    except TimeoutError:
        raise NoAnswer(f"no whole answer within {seconds:g} s") from None
    except ConnectionRefusedError:
        raise NoAnswer("the connection was refused") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"the connection broke: {type(error).__name__}") from None


def _got(target: Target, sock: TlsSocket, tag: str) -> Answer:
    connection = http.client.HTTPSConnection(target.host, target.port)
    connection.sock = sock
    connection.auto_open = 0  # it would resolve the name anew
    headers = {"Accept": "application/json", "User-Agent": "status-page-mirror/1", "Connection": "close"}
    if tag:
        headers["If-None-Match"] = tag
    try:
        connection.request("GET", target.path, headers=headers)
        with connection.getresponse() as response:
            return _judged(response, tag)
    finally:
        connection.close()


def _judged(response: http.client.HTTPResponse, tag: str) -> Answer:
    """The body of a 200, or that nothing changed; anything else is no answer."""
    if response.status == http.client.NOT_MODIFIED and tag:
        return Answer(None, tag)
    if 300 <= response.status < 400:
        raise NoAnswer("it redirects elsewhere; give the address that it leads to")
    if response.status != http.client.OK:
        raise NoAnswer(f"it answered {response.status}")
    body = response.read(SIZE_MAX + 1)
    if len(body) > SIZE_MAX:
        raise NoAnswer(f"its answer is larger than {SIZE_MAX // 2**20} MB")
    if response.length:
        raise NoAnswer("its answer broke off")
    return Answer(body, tag_of(response.headers.get("ETag")))


def tag_of(header: str | None) -> str:
    """An entity tag that can be sent back; a careless one is left out."""
    is_usable = header and len(header) <= TAG_MAX and header.isascii() and header.isprintable()
    return header if header and is_usable else ""
