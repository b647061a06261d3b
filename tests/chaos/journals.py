"""What the sinks saw: their journals as copies of deliveries, whole or as they grow."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.servers.journal import entries

DELIVERY_ID = re.compile(rb"^X-Delivery-ID: (\S+)\r?$", re.MULTILINE)
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)\r?$", re.MULTILINE)
CALLBACK = re.compile(r"/hooks/twilio/status/([0-9a-f-]{36})")


@dataclass(frozen=True)
class Copy:
    """One message that a sink took. `at`: seconds since the epoch, once it was on the disk."""

    delivery: str
    channel: str
    address: str
    at: float
    content: str
    message_id: str = ""


def mails(journal: Path) -> Iterator[Copy]:
    """Every mail that the relay saw to its end, answered or not."""
    for entry in entries(journal, "message"):
        raw = base64.b64decode(entry["raw"])
        head = raw[: raw.index(b"\r\n\r\n") + 2]
        found, name = DELIVERY_ID.search(head), MESSAGE_ID.search(head)
        assert found and name, "a mail without its ids"
        yield Copy(found[1].decode(), "email", entry["rcpt_to"][0], entry["at"], digest(raw), name[1].decode())


def texts(journal: Path) -> Iterator[Copy]:
    """Every text that Twilio took, answered or not."""
    for entry in entries(journal, "message"):
        form = entry["form"]
        found = CALLBACK.search(form["StatusCallback"])
        assert found, "a text without its id"
        yield Copy(found[1], "sms", form["To"], entry["at"], digest(form["Body"].encode()))


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


class Tail:
    """What is written to a journal from now on, or from its beginning."""

    def __init__(self, path: Path, *, from_now: bool = False) -> None:
        self.path = path
        self.offset = path.stat().st_size if from_now and path.exists() else 0

    def entries(self, holding: str) -> Iterator[dict[str, Any]]:
        """The new entries whose line holds these characters."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self.offset += len(line)
                if holding.encode() in line:
                    yield json.loads(line)
