"""What the page says by itself, where nobody types: stored in DEFAULT_LANGUAGE, read in the reader's.

A body is a text like any other once it is stored: in the ledger, the API and webhooks it
stays as it is. Where it is shown to people it is known again by its words.
"""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STARTED = _("The planned work has begun.")
COMPLETED = _("The planned work is done.")
DELAYED = _("The planned work has not begun yet.")
OVERRAN = _("The planned work takes longer than announced.")
OWN = (STARTED, COMPLETED, DELAYED, OVERRAN)


def as_stored(words: Promise) -> str:
    """The words in DEFAULT_LANGUAGE, whoever is at the console."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(words)


def as_read(body: str) -> str:
    """A stored body in the language that is active: translated where it is the page's own, else as typed."""
    words = known(tuple(code for code, _name in settings.LANGUAGES)).get(body)
    return body if words is None else str(words)


def is_own(body: str) -> bool:
    """Whether the page said this by itself, so that it stands in the reader's language."""
    return body in known(tuple(code for code, _name in settings.LANGUAGES))


@cache
def known(languages: tuple[str, ...]) -> Mapping[str, Promise]:
    """Text in each of these languages -> the words. In each, since DEFAULT_LANGUAGE may have been another."""
    found: dict[str, Promise] = {}
    for code in languages:
        with translation.override(code):
            found |= {str(words): words for words in OWN}
    return found
