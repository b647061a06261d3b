"""Mail that a mail server hands on whole, by POST (deploy/README.md): what came, and to which address.

Read by `/hooks/bounce` and `/hooks/mail`. Anybody may post there: the authority is a token in the
address, and nothing is ever answered to a mail.
"""

from collections.abc import Iterator
from email.parser import BytesHeaderParser

from django.http import HttpRequest

LARGEST = 524_288
"""Bytes. A bounce quotes at most the mail it is about, and ours have a tenth of that; a monitor's mail is shorter."""

HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-RcptTo", "To")
"""Where mail servers write the address that a mail came to, when nobody names it beside the mail."""


def is_too_long(request: HttpRequest) -> bool:
    """By the length that is announced; a server reads no more than that."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    return not announced.isdecimal() or int(announced) > LARGEST


def places(request: HttpRequest) -> Iterator[str]:
    """Where the envelope's recipient may stand: beside the mail, or in it."""
    yield request.GET.get("recipient", "").replace(" ", "+")  # a `+` that nobody escaped arrives as a space
    yield request.headers.get("X-Original-To", "")
    yield from header_words(request.body, *HEADERS)


def header_words(raw: bytes, *names: str) -> Iterator[str]:
    """The values of these headers, in the order of their names; the body is not looked at."""
    headers = BytesHeaderParser().parsebytes(raw)
    for name in names:
        yield from map(str, headers.get_all(name, []))
