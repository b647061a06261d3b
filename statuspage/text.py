"""What text may enter: one pure place that cleans what people and machines type."""

import re
import unicodedata

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Not allowed in XML 1.0, or able to forge a header or a log line."""

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u200b\ufeff]")
"""Direction overrides and zero-width marks: they make a text show other than it reads."""

NONCHARACTERS = frozenset(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))


def clean_text(value: str) -> str:
    """Several lines of text: NFC, no control or direction characters, `\\n` line ends."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = BIDI.sub("", CONTROL.sub("", value))
    value = "".join(character for character in value if character not in NONCHARACTERS)
    return unicodedata.normalize("NFC", value).strip()


def clean_line(value: str) -> str:
    """One line of text: as `clean_text`, with line breaks and runs of space folded."""
    return " ".join(clean_text(value).split())


def grouped_name(group: str, name: str) -> str:
    """ "Group - Child" for a component in a group, as Statuspage names it in updates; without one its own name."""
    return f"{group} - {name}" if group else name
