"""Headers that every answer of Django carries (docs/security.md 3 and 4); the console's language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The console's. Published pages bring their own, with hashes of what they inline."""

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class Headers:
    """Add what a view did not set itself; nothing of Django's may be stored by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class StaffLanguage:
    """The console speaks what a staff member chose, else what their browser asks for; the page hangs on neither."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
