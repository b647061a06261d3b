"""Every text of the program that people read, found in its code and its templates."""

import ast
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("statuspage", "notifications")
TEMPLATES = {".html", ".txt", ".svg"}
COMMENT = "Translators:"
"""A comment that begins so, right above a text, is shown to whoever translates it."""

COUNTRY = "country"
"""The context of countries' names."""

ALONE, COUNTED = (1,), (1, 2)
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "_now", "gettext", "gettext_lazy", "gettext_noop"), ALONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), COUNTED),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
"""The names by which the code calls gettext -> which of their arguments are texts, and which the context."""


def template(root: Path = ROOT) -> Catalog:
    """All texts, in the order of the files and of their places there, without a translation."""
    found = Catalog(charset="utf-8")
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        for line, message, comments, context in texts(path):
            found.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    for name in countries():
        found.add(name, locations=[("notifications/places.py", 1)], context=COUNTRY)
    return found


def countries() -> dict[str, str]:
    """Name -> two letters, of the table that tzdata brings and notifications.places reads where it runs."""
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[1]: row[0] for row in rows}


def sources(root: Path) -> Iterator[Path]:
    """Code without migrations, then templates."""
    for package in PACKAGES:
        yield from (path for path in sorted((root / package).rglob("*.py")) if "migrations" not in path.parts)
    yield from (path for path in sorted((root / "templates").rglob("*")) if path.suffix in TEMPLATES)


def texts(path: Path) -> Iterator[Any]:
    """Line, text or (singular, plural), comments and context of each text of a file.

    Raises ValueError for a text inside an f-string: nobody would find it, so it would stay English everywhere.
    """
    code = path.read_text() if path.suffix == ".py" else as_code(path)
    if path.suffix == ".py" and (lines := sorted(unseen(code))):
        raise ValueError(f"{path}:{lines[0]}: gettext inside an f-string is not found: give the text a name first")
    return extract("python", BytesIO(code.encode()), KEYWORDS, [COMMENT], strip_comment_tags=True)


def unseen(code: str) -> set[int]:
    """Lines that call gettext inside an f-string."""
    literals = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.JoinedStr))
    calls = (node for literal in literals for node in ast.walk(literal) if isinstance(node, ast.Call))
    return {call.lineno for call in calls if name_of(call.func) in KEYWORDS}


def name_of(called: ast.expr) -> str:
    """`_` of `_("...")`, `gettext` of `translation.gettext("...")`."""
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def as_code(path: Path) -> str:
    """A template as calls of gettext. What was around them is filler, whose indents would be read as code's."""
    return "\n".join(line.strip() for line in templatize(path.read_text(), path.name).split("\n"))
