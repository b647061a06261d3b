"""The languages the page is published in, and where each stands: `/` is DEFAULT_LANGUAGE, the others `/de/`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

ISOLATE, POP = "\u2068", "\u2069"
"""Unicode's brackets for what must not take its direction from the words around it; `<bdi>` in HTML."""


@dataclass(frozen=True)
class Language:
    """One language: its code, its own name for itself, and what stands before its paths."""

    code: str
    name: str
    prefix: str

    @property
    def home(self) -> str:
        return self.prefix or "/"

    def place(self, path: str) -> str:
        """Where a page is in this language: `/` -> `/de`, `/history` -> `/de/history`."""
        return f"{self.prefix}{path}".rstrip("/") or "/"

    def speaking(self, render: Callable[[], bytes]) -> Callable[[], bytes]:
        """`render` in this language, whatever language the thread was in."""

        def run() -> bytes:
            with translation.override(self.code):
                return render()

        return run


def isolated(text: str) -> str:
    """A time or a number in brackets of its own direction where words run from right to left; elsewhere as it is."""
    return f"{ISOLATE}{text}{POP}" if translation.get_language_bidi() else text


def lang_of_site() -> SafeString:
    """The `lang` attribute of what staff wrote, where the page around it speaks another language than the site's."""
    return format_html(' lang="{}"', settings.LANGUAGE_CODE) if is_foreign() else SafeString("")


def is_foreign() -> bool:
    """Whether the page speaks another language than its staff."""
    return translation.get_language() != settings.LANGUAGE_CODE


def published() -> Iterator[Language]:
    """All of them, DEFAULT_LANGUAGE first."""
    default = settings.LANGUAGE_CODE
    for code, name in sorted(settings.LANGUAGES, key=lambda each: each[0] != default):
        yield Language(code, name, "" if code == default else f"/{code}")


def current() -> Language:
    """The language of this thread, or DEFAULT_LANGUAGE where the page is not published in that."""
    known = list(published())
    return next((each for each in known if each.code == translation.get_language()), known[0])
