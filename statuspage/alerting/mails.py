"""Pure: what a monitor's mail says of a component, by its head alone: UP or DOWN in the subject.

Mail that no monitor wrote is nothing: what a program answered by itself (RFC 3834), what came
back, and what this site wrote itself. So no two programs keep writing to each other.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from statuspage.text import clean_line

SHOUTED = re.compile(r"(?<![A-Za-z])(UP|DOWN)(?![A-Za-z])")
SPOKEN = re.compile(SHOUTED.pattern, re.IGNORECASE)
OWN_MARK = "X-Delivery-ID"
"""On every mail of ours."""
ANSWERS = re.compile("auto-replied|auto_reply|autoreply", re.IGNORECASE)


@dataclass(frozen=True)
class Mail:
    """`is_down` None: the subject says neither, or both. `is_answer`: no monitor wrote it. `written_at`: its Date."""

    subject: str
    is_down: bool | None
    is_answer: bool
    written_at: datetime | None


def read(raw: bytes) -> Mail:
    """The head of a mail, whoever wrote it and however badly."""
    head = BytesHeaderParser().parsebytes(raw)
    subject = _decoded(str(head["Subject"] or ""))
    return Mail(subject, _is_down(subject), _is_answer(head), _date(head))


def _is_down(subject: str) -> bool | None:
    """A word in capitals counts before the same in small letters, which is also a word of every language."""
    words = {each.upper() for each in SHOUTED.findall(subject) or SPOKEN.findall(subject)}
    return words == {"DOWN"} if len(words) == 1 else None


def _is_answer(head: Message) -> bool:
    kinds = " ".join(str(head[name] or "") for name in ("Auto-Submitted", "Precedence", "X-Autoreply"))
    comes_back = str(head["Return-Path"] or "x").strip() == "<>" or head.get_content_type() == "multipart/report"
    return bool(ANSWERS.search(kinds)) or comes_back or head["X-Autoreply"] is not None or head[OWN_MARK] is not None


def _date(head: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(head["Date"]))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _decoded(text: str) -> str:
    try:
        return clean_line(str(make_header(decode_header(text))))
    except (LookupError, ValueError):
        return clean_line(text)
