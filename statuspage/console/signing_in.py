"""Signing in: only so many passwords are checked at once (fault 94).

A check takes a tenth of a second of a processor and much memory, on purpose. In a flood of
them whoever is signed in must still be answered, so whoever comes too many is turned away
before Django sees the request, by bytes that are there already.
"""

import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

LOGIN = "/admin/login/"

CHECKS_AT_ONCE = 2
"""Of each web process, which has a few threads for everybody."""

RETRY_AFTER_SECONDS = 2


class InTurn:
    """A WSGI application around Django's: 503 in words where too many passwords are being checked."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.places = threading.BoundedSemaphore(CHECKS_AT_ONCE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != LOGIN:
            return self.application(environ, start_response)
        if not self.places.acquire(blocking=False):
            return refuse(start_response)
        try:
            return self.application(environ, start_response)
        finally:
            self.places.release()


def refuse(start_response: Callable[..., Any]) -> list[bytes]:
    """Later, please."""
    words = crowded()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(words))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Retry-After", str(RETRY_AFTER_SECONDS)),
    ]
    start_response("503 Service Unavailable", headers)
    return [words]


@cache
def crowded() -> bytes:
    """The page that says so, in the site's own language."""
    with override(settings.LANGUAGE_CODE):  # whoever this thread served before may have read another
        return render_to_string("console/crowded.html").encode()
