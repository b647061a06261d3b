"""Where messages go when no relay or no Twilio account is set: into files, never silently nowhere.

`<folder>/mail/<time>-<delivery>.eml` opens in any mail program; texts are `.txt`. The console
shows both. Also the channel that goes nowhere at all, for the canary without an address.
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from .base import Accepted, Mail, Message, Outcome, Text, Unavailable


class OutgoingChannel:
    """Messages as files below one folder."""

    provider = "outgoing"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> Outcome:
        """Write the message. A full disk is trouble of the whole channel, and passes."""
        kind, suffix, content = ("mail", "eml", as_file(message)) if isinstance(message, Mail) else (
            "sms", "txt", as_file(message)
        )  # fmt: skip
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{message.delivery_id}.{suffix}"
        try:
            write(self._folder / kind / name, content)
        except OSError as error:
            return Unavailable(str(error.strerror or error), code="disk", counts=False)
        return Accepted(f"{kind}/{name}")

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        """Files that bear the delivery's name."""
        return [path.name for path in self._folder.glob(f"*/*-{message.delivery_id}.*")]

    def close(self) -> None:
        """Nothing is held open."""


class NullChannel:
    """Takes everything, sends nothing."""

    provider = "null"

    def send(self, message: Message) -> Outcome:
        return Accepted("")

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        return []

    def close(self) -> None:
        """Nothing is held open."""


def as_file(message: Message) -> bytes:
    """A mail as it would go over the wire; a text with its number above it."""
    if isinstance(message, Mail):
        return message.content
    assert isinstance(message, Text)
    return f"To: {message.to}\n\n{message.text}\n".encode()


def write(path: Path, content: bytes) -> None:
    """A whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
