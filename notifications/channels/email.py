"""Mail: one persistent SMTP connection, one recipient a transaction, prebuilt bytes.

One recipient each, so that a refusal is that recipient's alone. Reply codes become
outcomes here, by the meanings in `mail_codes`.
"""

import re
import ssl
import time
from dataclasses import replace
from datetime import datetime

from . import mail_codes
from .base import Accepted, Ambiguous, Blame, Mail, Message, Outcome, Refused, Scope, Unavailable
from .relay import Relay
from .smtp import Broken, Connection, Letter, Reply, Stage

DEADLINE_SECONDS = 60.0
ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
"""Printable ASCII without spaces and angle brackets: nothing that could end a command or a header (fault 65)."""

QUEUED_AS = re.compile(r"queued as ([\w.-]{4,64})", re.IGNORECASE)


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
        return self.send_before(message, None)

    def send_before(self, message: Message, following: Message | None) -> Outcome:
        """The same, where it is known what is sent next."""
        if not ADDRESS.fullmatch(message.to):
            return Refused("not an address mail can be sent to", code="address")
        deadline = time.monotonic() + self._deadline_seconds
        after = self._letter(following) if following and ADDRESS.fullmatch(following.to) else None
        try:
            reply = self._connection.transact(self._letter(message), deadline, after)
        except Broken as broken:
            return outcome_of_break(broken)
        return outcome_of(reply)

    def _letter(self, message: Message) -> Letter:
        assert isinstance(message, Mail)
        return Letter(message.sender or self._sender, message.to, message.content)

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        """A relay keeps no list: a mail in doubt is sent again, under the same Message-ID."""
        return Unavailable("mail cannot be looked up")

    def close(self) -> None:
        self._connection.close()


def outcome_of(reply: Reply) -> Outcome:
    """What a relay's last word on one message means."""
    if reply.code == 250 and reply.stage == Stage.MESSAGE:
        return Accepted(reference(reply.text))
    said = mail_codes.ENHANCED.search(reply.text)
    code = f"{reply.code} {said[0]}" if said else str(reply.code)
    if reply.stage in {Stage.OPENING, Stage.SENDER}:
        return trouble_with_relay(reply, code)
    found = mail_codes.enhanced_in(reply.text)
    if reply.code // 100 == 4:
        return temporary(found, code)
    if reply.code // 100 == 5:
        return replace(mail_codes.refusal(reply.code, found), code=code)
    return Ambiguous("an answer no relay should give", code=code)


def temporary(found: re.Match[str] | None, code: str) -> Unavailable:
    """4xx: later. 4.7.x speaks of us, but of one recipient's greylisting too: no breaker for that."""
    if mail_codes.is_about_us(found):
        return Unavailable(mail_codes.OURS.reason, code=code, blame=Blame.SENDER, scope=Scope.PLACE)
    return Unavailable("put off by the relay", code=code)


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
