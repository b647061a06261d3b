"""Mail: one persistent SMTP connection, one recipient a transaction, prebuilt bytes.

One recipient each, so that a refusal is that recipient's alone. Reply codes become
outcomes here and nowhere else: RFC 5321 (codes), RFC 3463 (the x.y.z behind them).
"""

import re
import ssl
import time
from datetime import datetime

from .base import Accepted, Ambiguous, Blame, Mail, Message, Outcome, Refused, Scope, Unavailable
from .smtp import Broken, Connection, Relay, Reply, Stage

DEADLINE_SECONDS = 60.0
ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
"""Printable ASCII without spaces and angle brackets: nothing that could end a command or a header (fault 65)."""

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
QUEUED_AS = re.compile(r"queued as ([\w.-]{4,64})", re.IGNORECASE)

# RFC 3463 codes of a permanent refusal -> whose fault it is.
GONE = Refused("no such mailbox", permanent=True, blame=Blame.ADDRESS)
FULL = Refused("mailbox full", blame=Blame.SOFT)
OURS = Refused("refused by policy: our reputation or authentication", blame=Blame.SENDER, scope=Scope.PLACE)
BY_CODE = {
    "5.1.0": GONE,
    "5.1.1": GONE,
    "5.1.2": GONE,
    "5.1.3": GONE,
    "5.1.6": GONE,
    "5.1.10": GONE,
    "5.2.1": GONE,
    "5.2.2": FULL,
    "5.2.3": Refused("message longer than the mailbox takes"),
    "5.4.4": Refused("no route to the host", blame=Blame.SOFT),
}
BY_SUBJECT = {"7": OURS}
"""5.7.x as a whole: Gmail 5.7.26, Yahoo 5.7.9, Microsoft 5.7.515 speak of us, not of the recipient."""

BARE = {
    552: FULL,
    550: Refused("refused without a reason", blame=Blame.SOFT),
    551: Refused("refused without a reason", blame=Blame.SOFT),
    553: Refused("refused without a reason", blame=Blame.SOFT),
}
"""No x.y.z: a 550 may be a missing mailbox or a filter, so it is only counted."""


class EmailChannel:
    """Mail through one relay."""

    provider = "smtp"

    def __init__(
        self,
        relay: Relay,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        sender: str,
        context: ssl.SSLContext | None = None,
        name: str = "localhost",
    ) -> None:
        self._connection = Connection(relay, context, name)
        self._deadline_seconds = deadline_seconds
        self._sender = sender

    def send(self, message: Message) -> Outcome:
        """Hand one mail to the relay; the sum of all steps ends by the deadline."""
        assert isinstance(message, Mail)
        if not ADDRESS.fullmatch(message.to):
            return Refused("not an address mail can be sent to", code="address")
        deadline = time.monotonic() + self._deadline_seconds
        try:
            reply = self._connection.transact(self._sender, message.to, message.content, deadline)
        except Broken as broken:
            return outcome_of_break(broken)
        return outcome_of(reply)

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        """A relay keeps no list: a mail in doubt is sent again, under the same Message-ID."""
        return Unavailable("mail cannot be looked up")

    def close(self) -> None:
        self._connection.close()


def outcome_of(reply: Reply) -> Outcome:
    """What a relay's last word on one message means."""
    if reply.code == 250 and reply.stage == Stage.MESSAGE:
        return Accepted(reference(reply.text))
    found = ENHANCED.search(reply.text)
    code = f"{reply.code} {found[0]}" if found else str(reply.code)
    if reply.stage in {Stage.OPENING, Stage.SENDER}:
        return trouble_with_relay(reply, code)
    if reply.code // 100 == 4:
        return temporary(found, code)
    if reply.code // 100 == 5:
        return permanent(reply.code, found, code)
    return Ambiguous("an answer no relay should give", code=code)


def temporary(found: re.Match[str] | None, code: str) -> Unavailable:
    """4xx: later. 4.7.x speaks of us again, but of one recipient's greylisting too: no breaker for it."""
    is_ours = bool(found and found[2] == "7" and found[3] in {"26", "32", "515"})
    return Unavailable(
        "put off by the relay",
        code=code,
        blame=Blame.SENDER if is_ours else Blame.PROVIDER,
        scope=Scope.PLACE if is_ours else Scope.MESSAGE,
    )


def permanent(number: int, found: re.Match[str] | None, code: str) -> Refused:
    """5xx: never this message, and perhaps never this address."""
    template = Refused("refused by the relay")
    if found:
        template = BY_CODE.get(found[0]) or BY_SUBJECT.get(found[2]) or template
    elif number in BARE:
        template = BARE[number]
    return Refused(template.reason, template.permanent, code, template.blame, template.scope)


def trouble_with_relay(reply: Reply, code: str) -> Outcome:
    """Refused before a recipient was named: it would be the same for everybody."""
    if reply.stage == Stage.SENDER and reply.code == 552:
        return Refused("message too long for the relay", code=code)
    is_ours = reply.code // 100 == 5
    return Unavailable(
        f"the relay refuses at {reply.stage}",
        code=code,
        blame=Blame.SENDER if is_ours else Blame.PROVIDER,
        scope=Scope.CHANNEL,
        counts=False,
    )


def outcome_of_break(broken: Broken) -> Outcome:
    """What the end of a connection, or of time, means for one message."""
    if broken.stage == Stage.MESSAGE:
        return Ambiguous(broken.reason, code="no answer")
    if broken.stage in {Stage.RECIPIENT, Stage.DATA}:
        return Unavailable(broken.reason, code="no answer")
    return Unavailable(broken.reason, code="no answer", scope=Scope.CHANNEL, counts=False)


def reference(text: str) -> str:
    """The relay's own name for the mail, where it says one: it finds the mail in the relay's log."""
    found = QUEUED_AS.search(text)
    return found[1] if found else ""
