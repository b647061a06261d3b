"""Reads the SMTP sink's journal: the mails it saw, parsed."""

import base64
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.servers.journal import entries


@dataclass(frozen=True)
class Mail:
    """One message as the sink saw it. `reply` is None where its sender never got an answer."""

    at: float
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    reply: str | None
    used_tls: bool
    user: str | None

    @cached_property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"the message has no {kind} part"
        return str(part.get_content()).replace("\r\n", "\n")


def read(journal: Path, to: str | None = None) -> list[Mail]:
    """Every mail that the sink saw to its end, oldest first; only those to one address where it is given."""
    mails = [mail_from(entry) for entry in entries(journal, "message")]
    return [mail for mail in mails if to is None or to in mail.recipients]


def mail_from(entry: dict[str, Any]) -> Mail:
    """A journal's entry as a mail."""
    return Mail(
        at=entry["at"],
        mail_from=entry["mail_from"],
        recipients=tuple(entry["rcpt_to"]),
        raw=base64.b64decode(entry["raw"]),
        reply=entry["reply"],
        used_tls=entry["tls"],
        user=entry["user"],
    )
