"""Text messages as carriers count them: GSM-7, segments, and a cut that fits. Pure.

GSM-7 holds 160 characters, 153 each where a message takes several; one character it lacks
drops that to 70 and 67 (UCS-2), and doubles the bill. 3GPP TS 23.038.
"""

import unicodedata
from enum import StrEnum

SEGMENTS = 2
"""More than two texts for one update is a mail."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each takes two places, which are never parted."""

PLAIN = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "…": "...", "•": "*", "·": "-", "→": "->", "←": "<-", "×": "x", "\t": " ",
}  # fmt: skip
"""What typewriters had: nobody misses the curl of a quote, and it would cost a segment."""


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


CAPACITY = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}
"""Places in a text alone, and in each of several."""


def plain(text: str) -> str:
    """The same text in characters of GSM-7 as far as Latin letters allow: `ë` becomes `e`."""
    return "".join(plain_character(character) for character in unicodedata.normalize("NFC", text))


def plain_character(character: str) -> str:
    if character in BASIC or character in EXTENDED:
        return character
    if character in PLAIN:
        return PLAIN[character]
    if unicodedata.category(character) == "Zs":
        return " "  # a hard space alone would make the whole text UCS-2
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if base.isascii() and base.isalnum() else character


def encoding(text: str) -> Encoding:
    """GSM-7 where every character is in it."""
    return Encoding.GSM_7 if BASIC.union(EXTENDED).issuperset(text) else Encoding.UCS_2


def segments(text: str) -> int:
    """How many texts it takes. No character is parted between two."""
    code = encoding(text)
    alone, each = CAPACITY[code]
    widths = [width(character, code) for character in text]
    if sum(widths) <= alone:
        return 1
    count, used = 1, 0
    for places in widths:
        if used + places > each:
            count, used = count + 1, 0
        used += places
    return count


def width(character: str, code: Encoding) -> int:
    """Places one character takes: septets, or 16-bit units."""
    if code == Encoding.GSM_7:
        return 2 if character in EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def fitted(before: str, title: str, after: str, limit: int = SEGMENTS) -> str | None:
    """`before`, as much of the title as fits, `after`; None where not even the rest fits."""
    title = plain(title)
    for length in range(len(title), 0, -1):
        whole = f"{before}{cut(title, length)}{after}"
        if segments(whole) <= limit:
            return whole
    return None


def cut(title: str, length: int) -> str:
    """The first `length` characters, with dots in place of the rest."""
    if length >= len(title):
        return title
    return f"{title[: max(length - 3, 0)].rstrip()}..."
