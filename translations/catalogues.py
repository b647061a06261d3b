"""The catalogue files: `statuspage/locale/<code>/LC_MESSAGES/django.po`, and `.mo` beside each.

Nothing in them hangs on the time or the machine, and no line numbers, so that a file
changes only where a text does.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from .extract import COUNTRY, ROOT, countries

LOCALE = ROOT / "statuspage" / "locale"

TWO = "nplurals=2; plural=(n != 1);"
SIX = "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
PLURALS: Mapping[str, str] = {
    "ar": SIX,
    "de": TWO,
    "es": TWO,
    "fr": "nplurals=2; plural=(n > 1);",
    "nl": TWO,
}
"""The languages beside English, in which the texts are written, and how each counts (Unicode CLDR)."""

ONE_NUMBER: Mapping[str, frozenset[int]] = {
    "ar": frozenset({0, 1, 2}),
    "de": frozenset({0}),
    "es": frozenset({0}),
    "fr": frozenset(),
    "nl": frozenset({0}),
}
"""Plural forms that are used for one number alone, so that they may leave the number out: "one day"."""


HEADER = "# How to translate: docs/translations.md. Other lines than msgstr come from the code: make messages."


class Catalogue(Catalog):
    """One language's texts, with a header that says no more than is needed to read them."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        language = str(self.locale_identifier)
        return [
            ("Language", language),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", PLURALS[language]),
        ]


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue as it is; empty where there is none."""
    path = path_of(language)
    if not path.exists():
        return Catalog(language)
    return read_po(BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def renewed(language: str, template: Catalog, known: Catalog) -> Catalogue:
    """Every text of the template, with its translation where there is one; what is no longer used is left out.

    Countries that nobody has named get their names of Unicode's CLDR.
    """
    fresh = Catalogue(language, header_comment=HEADER, charset="utf-8", fuzzy=False)
    names, codes = Locale(language).territories, countries()
    for message in template:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        has_same_shape = old is not None and isinstance(old.string, tuple) == isinstance(message.id, tuple)
        string = old.string if old and has_same_shape else None
        if message.context == COUNTRY and not string:
            string = names.get(codes.get(str(message.id), ""))
        fresh.add(
            message.id,
            string,
            locations=message.locations,
            flags=message.flags | ({"fuzzy"} if old and old.fuzzy else set()),
            auto_comments=message.auto_comments,
            user_comments=old.user_comments if old else (),
            context=message.context,
        )
    return fresh


def as_po(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    return file.getvalue()


def as_mo(language: str, catalogue: Catalog) -> bytes:
    """As the site reads it. What is not translated whole is not in it, so it is shown in English."""
    file, kept = BytesIO(), renewed(language, catalogue, catalogue)
    for message in list(kept):
        if message.id and not is_translated(message):
            kept.delete(message.id, message.context)
    write_mo(file, kept)
    return file.getvalue()


def is_translated(message: Message) -> bool:
    """Whether every plural form has words, and somebody stands by them."""
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings) and not message.fuzzy


def renew(languages: Iterable[str], template: Catalog) -> None:
    """Bring the files up to date with the code, and compile them."""
    for language in languages:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(renewed(language, template, read(language))))
        compile_one(language)


def compile_one(language: str) -> None:
    path_of(language).with_suffix(".mo").write_bytes(as_mo(language, read(language)))
