"""What would go wrong with a translation on somebody's screen, found before it gets there."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog, Message

from . import catalogues
from .catalogues import ONE_NUMBER

PLACE = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w+\}")
"""`%(name)s`, `%s`, `{time}`: what is filled in when the text is shown."""
TAG = re.compile(r"</?[a-z][^>]*>")
DATE_FORMAT = "date format"
"""The context of texts that are formats of Django's `date`."""


def problems(language: str, template: Catalog) -> Iterator[str]:
    """A line for each fault of a language's files; none where it can be switched on."""
    known = catalogues.read(language)
    yield from unlike_code(language, template, known)
    for message in known:
        if message.id:
            yield from (f"{language}: {text_of(message)!r}: {fault}" for fault in faults(message, language))
    compiled = catalogues.path_of(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogues.as_mo(language, known):
        yield f"{language}: the compiled file is another: make messages"


def unlike_code(language: str, template: Catalog, known: Catalog) -> Iterator[str]:
    """Whether `make messages` would change the file."""
    wanted = catalogues.as_po(catalogues.renewed(language, template, known))
    path = catalogues.path_of(language)
    if not path.exists() or path.read_bytes() != wanted:
        yield f"{language}: not as the code has it: make messages"


def text_of(message: Message) -> str:
    """The text as the code has it, its singular where it counts."""
    return message.id[0] if isinstance(message.id, tuple) else message.id


def faults(message: Message, language: str) -> Iterator[str]:
    """What is wrong with one translation."""
    if message.fuzzy:
        yield "is marked as fuzzy"
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(strings):
        yield "is not translated"
        return
    originals = message.id if isinstance(message.id, tuple) else (message.id,)
    for form, string in enumerate(strings):
        lenient = isinstance(message.id, tuple) and form in ONE_NUMBER[language]
        yield from unlike(originals, string, may_drop_number=lenient)
    if message.context == DATE_FORMAT and letters(strings[0]) != letters(originals[0]):
        yield f"{strings[0]!r} shows other parts of the date"


def unlike(originals: Iterable[str], string: str, *, may_drop_number: bool) -> Iterator[str]:
    """What a translation has that its original has not, or the other way round."""
    original = list(originals)[-1]
    wanted, found = Counter(PLACE.findall(original)), Counter(PLACE.findall(string))
    missing, added = set(wanted) - set(found), set(found) - set(wanted)
    if added or len(missing) > may_drop_number:
        yield f"{string!r} has other places to fill in than {original!r}"
    if Counter(TAG.findall(original)) != Counter(TAG.findall(string)):
        yield f"{string!r} has other tags"
    if edges(original) != edges(string):
        yield f"{string!r} begins or ends with other spaces"


def edges(text: str) -> tuple[str, str]:
    """The white space before and after a text."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def letters(pattern: str) -> set[str]:
    """The parts of a date that a format shows; what is escaped with a backslash stands for itself."""
    return set(re.findall("[A-Za-z]", re.sub(r"\\.", "", pattern)))
