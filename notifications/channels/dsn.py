"""Bounces: what a relay reports later of a mail that it took (RFC 3464).

Reads a mail that anybody may have written, so nothing in it is believed but two facts: that
a mail was given up, and the code. Words and addresses in it are passed on to nobody. An
automatic reply (RFC 3834) is no report, whatever its subject says, and so is nothing.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

from . import mail_codes

REPORT = "multipart/report"
STATUS = "message/delivery-status"
NUMBER = re.compile(r"(?<![\d.])([245]\d\d)(?![\d.])")
"""The three digits of a reply, not a part of a network address."""


def failure_in(raw: bytes) -> str | None:
    """The code with which a mail was given up, as `550 5.1.1`, `5.4.7` or `4.4.1`; None: it was not.

    A report of delay says that the relay goes on trying; one of success, or of a list's
    expansion, is not asked for and changes nothing. Of several recipients behind one
    address all must have failed.
    """
    try:
        blocks = list(recipients_of(message_from_bytes(raw)))
        codes = [code_of(block) for block in blocks if is_failure(block)]
    except RecursionError:  # parts within parts, hundreds deep: no relay writes that
        return None
    return codes[0] if codes and len(codes) == len(blocks) else None


def recipients_of(message: Message) -> Iterator[Message]:
    """The fields of each recipient in a report; nothing where the mail is none.

    Only the report itself counts: one that somebody quotes or attaches is another mail's.
    """
    if message.get_content_type() != REPORT or not message.is_multipart():
        return
    for part in message.get_payload():
        if isinstance(part, Message) and part.get_content_type() == STATUS and part.is_multipart():
            yield from (block for block in part.get_payload() if isinstance(block, Message) and block["Action"])


def is_failure(block: Message) -> bool:
    """Given up, with a status of failure (RFC 3463): 5.y.z, or a 4.y.z that outlasted the relay's patience."""
    status = mail_codes.ENHANCED.search(str(block["Status"] or ""))
    return first_word(block["Action"]) == mail_codes.FAILED and status is not None and status[1] in "45"


def first_word(value: object) -> str:
    """A field's word without the comment that may follow it."""
    return (str(value).replace("(", " ").split() or [""])[0].lower()


def code_of(block: Message) -> str:
    """The reply's number, where one is quoted, and the x.y.z.

    The receiving server's own x.y.z, quoted in Diagnostic-Code, is more exact than `Status`,
    in which some relays write a bare 5.0.0; unless it is of another class: then a reply
    "later" was given up, and `Status` says so.
    """
    status = mail_codes.ENHANCED.search(str(block["Status"]))
    assert status
    quoted = diagnostic(block)
    found = mail_codes.enhanced_in(quoted)
    exact = found[0] if found and found[1] == status[1] else status[0]
    number = NUMBER.search(quoted)
    return f"{number[1]} {exact}" if number and number[1][0] == exact[0] else exact


def diagnostic(block: Message) -> str:
    """What the receiving server said, where it was a mail server."""
    kind, _, words = str(block["Diagnostic-Code"] or "").partition(";")
    return words if kind.strip().lower() == "smtp" else ""
