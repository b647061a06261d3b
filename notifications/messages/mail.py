"""Mails: built once for an event, a language and a zone, as bytes with gaps for the recipient.

Building MIME is thirty times as dear as sending it, so nothing of it happens for each
recipient: ids and links are ASCII, never folded and never encoded, and go into the gaps as
they are. Standards: RFC 5322, 2369 and 8058 (List-*), 3834 (Auto-Submitted), 3282
(Content-Language). The relay signs (DKIM).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from django.conf import settings
from django.utils import translation

from statuspage.publishing import languages
from statuspage.text import clean_line

from .invitation import ATTENDEE, attendee, method_in

GAP = "https://unsubscribe-link-goes-here.invalid"
"""Stands in both bodies where the recipient's own link will be."""

LONGEST_LINE = 800
"""Bytes. SMTP takes 998, and a filled gap makes a line longer."""

UNSAFE = re.compile(r"[^!-;=?-~]+")
"""Nothing of this gets into a header, whatever the address column holds (fault 65)."""


@dataclass(frozen=True)
class Recipient:
    """What of a mail is one recipient's own. `thread` is empty for a mail that stands alone."""

    delivery_id: str
    to: str
    unsubscribe_url: str
    thread: str = ""


class MailTemplate:
    """One mail with gaps. The same recipient always gets the same bytes."""

    def __init__(self, subject: str, text: str, html: str, at: datetime, invitation: bytes = b"") -> None:
        content = whole(subject, text, html, at, invitation.decode())
        # The last such line: the invitation is the last part, and whatever stands before it is only text.
        words, _gap, self._rest = content.rpartition(ATTENDEE) if invitation else (content, b"", b"")
        self._pieces = words.split(GAP.encode())
        self._domain = mail_domain()

    def fill(self, recipient: Recipient) -> bytes:
        """The mail for one recipient, all of it in CRLF lines."""
        link = recipient.unsubscribe_url.encode("ascii")
        words = self._head(recipient).encode("ascii") + link.join(self._pieces)
        return b"\r\n".join([words, attendee(recipient.to), self._rest]) if self._rest else words

    def _head(self, recipient: Recipient) -> str:
        lines = [
            f"To: {UNSAFE.sub('', recipient.to)}",
            f"Message-ID: <{recipient.delivery_id}@{self._domain}>",
            f"X-Delivery-ID: {recipient.delivery_id}",
            f"List-Unsubscribe: <{recipient.unsubscribe_url}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]
        if recipient.thread:
            # Never sent itself: what all mails of one incident to one person have in common.
            lines += [f"{name}: <{recipient.thread}@{self._domain}>" for name in ("References", "In-Reply-To")]
        return "".join(f"{line}\r\n" for line in lines)


def whole(subject: str, text: str, html: str, at: datetime, invitation: str = "") -> bytes:
    """All that is the same for everybody. `at` is fixed by the event: copies must not differ."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.EMAIL_FROM
    message["Subject"] = clean_line(subject)
    message["Date"] = format_datetime(at)
    message["List-Id"] = f"<updates.{mail_domain()}>"
    message["List-Help"] = f"<{settings.SITE_URL}{languages.current().place('/subscribe')}>"
    message["List-Archive"] = f"<{settings.SITE_URL}{languages.current().place('/history')}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(folded(text), cte=encoding_of(text))
    message.add_alternative(folded(html), subtype="html", cte=encoding_of(html))
    if invitation:
        method = {"method": method_in(invitation)}
        message.add_alternative(invitation, subtype="calendar", cte=encoding_of(invitation), params=method)
    message["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE  # of the whole, so set last
    message.set_boundary(f"=_{sha256((text + html + invitation).encode()).hexdigest()[:32]}")
    return message.as_bytes()


def encoding_of(text: str) -> str:
    """Never quoted-printable or base64: there a gap could not be filled."""
    return "7bit" if text.isascii() else "8bit"


def folded(text: str) -> str:
    """No line longer than SMTP takes, whatever was typed; broken at spaces where there are any."""
    return "\n".join(part for line in text.split("\n") for part in parts_of(line))


def parts_of(line: str) -> list[str]:
    parts = []
    while len(line.encode()) > LONGEST_LINE:
        head = line.encode()[:LONGEST_LINE].decode(errors="ignore")
        at = head.rfind(" ") + 1 or len(head)
        parts.append(line[:at])
        line = line[at:]
    return [*parts, line]


def mail_domain() -> str:
    """The domain that mails come from."""
    return parseaddr(settings.EMAIL_FROM)[1].rpartition("@")[2] or "localhost"
