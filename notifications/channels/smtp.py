"""One SMTP connection: its opening, TLS and login by smtplib; one message a transaction.

Owns the socket and its deadline. Says at which step a transaction ended, and leaves what
that means to `email`. Never used by two threads.
"""

import smtplib
import ssl
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from enum import StrEnum
from typing import Any, NamedTuple

from statuspage.outward.deadline import TlsSocket, connect, secure

from .relay import Relay

IDLE_SECONDS = 60.0
"""A connection that rested longer may be dead without a word; a new one costs less than finding out."""


class Stage(StrEnum):
    """How far a transaction came. After the last one the message may have been taken."""

    OPENING = "opening"  # connection, greeting, TLS, login
    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    DATA = "data"  # the relay was asked to listen
    MESSAGE = "message"  # the message is on its way


class Broken(Exception):
    """The connection ended, or time did, at this stage."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage, self.reason = stage, reason


class Letter(NamedTuple):
    """One message and its envelope."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True)
class Reply:
    """What the relay said last, and at which stage."""

    stage: Stage
    code: int
    text: str


class Session(smtplib.SMTP):
    """smtplib's client on sockets that keep one deadline."""

    def __init__(self, relay: Relay, context: ssl.SSLContext, name: str, deadline: float) -> None:
        self._relay, self._context, self._deadline = relay, context, deadline
        super().__init__(relay.host, relay.port, local_hostname=name)

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        plain = connect(host, port, self._deadline)
        return secure(plain, self._context, host) if self._relay.tls == "implicit" else plain

    def set_deadline(self, deadline: float) -> None:
        """Everything from here on ends by then."""
        self._deadline = deadline
        if self.sock:
            self.sock.deadline = deadline  # type: ignore[attr-defined]

    def begin(self) -> None:
        """Greet, secure, log in. A line that is to be secured and cannot be is left before a password is said."""
        self.ehlo_or_helo_if_needed()
        if self._relay.tls == "starttls":
            self._context.sslsocket_class = TlsSocket
            self.starttls(context=self._context)  # raises where the relay does not offer it
            self.set_deadline(self._deadline)
            self.ehlo()
        if self._relay.user:
            self.login(self._relay.user, self._relay.password)


class Connection:
    """One persistent connection, opened when needed and again after it broke."""

    def __init__(self, relay: Relay, context: ssl.SSLContext | None = None, name: str = "localhost") -> None:
        self.relay = relay
        self._context = context
        self._name = name
        self._session: Session | None = None
        self._used_at = 0.0
        self._stage = Stage.OPENING
        self._begun: list[str] = []
        """The commands of a message that the relay was told of already."""

    def transact(self, letter: Letter, deadline: float, following: Letter | None = None) -> Reply:
        """Hand one message over; the relay's last word on it. Raises Broken.

        `following` is the next call's message. Where the relay pipelines, its commands travel
        behind this one's last dot (RFC 2920, 3.1): one round trip a message instead of two.

        A kept connection that turns out dead before the recipient was named is replaced
        at once, and the message begins anew: nothing of it had been said. So does a
        relay that takes only so many messages on one connection (fault 39).
        """
        kept = self._resume(deadline)
        try:
            reply = self._try(letter, deadline, following)
        except Broken as broken:
            if not (kept and broken.stage == Stage.SENDER):
                raise
        else:
            if not (kept and reply.code == 421 and reply.stage == Stage.SENDER):
                return reply
        self.close()
        return self._try(letter, deadline, following)

    def close(self) -> None:
        """Hang up without ceremony: a dead relay would keep a QUIT waiting."""
        session, self._session = self._session, None
        self._begun = []
        if session:
            session.close()

    def _resume(self, deadline: float) -> bool:
        """Whether there is a connection from before."""
        if self._session and time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
        if self._session:
            self._session.set_deadline(deadline)
        return self._session is not None

    def _try(self, letter: Letter, deadline: float, following: Letter | None) -> Reply:
        """One message on the connection there is, or on a new one."""
        self._stage = Stage.OPENING
        try:
            session = self._session or self._open(deadline)
            reply = self._converse(session, letter, following)
            self._used_at = time.monotonic()
        except smtplib.SMTPResponseException as refusal:
            self.close()
            if self._stage == Stage.MESSAGE:
                raise Broken(self._stage, "an answer that cannot be read") from refusal
            return Reply(self._stage, refusal.smtp_code, as_text(refusal.smtp_error))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.close()
            raise Broken(self._stage, f"{type(error).__name__}: {error}") from error
        if reply.code == 421:
            self.close()
        return reply

    def _open(self, deadline: float) -> Session:
        context = self._context or ssl.create_default_context()
        session = Session(self.relay, context, self._name, deadline)
        self._session = session
        session.begin()
        return session

    def _converse(self, session: Session, letter: Letter, following: Letter | None) -> Reply:
        """MAIL, RCPT, DATA, the message; the first three in one piece where the relay pipelines."""
        self._stage = Stage.SENDER
        commands = commands_of(session, letter)
        if not session.has_extn("pipelining"):
            return self._ask_in_turn(session, commands) or self._say(session, letter.content, [])
        begun, self._begun = self._begun, []
        if not begun:
            session.send("".join(commands))
        elif begun != commands:
            raise smtplib.SMTPServerDisconnected("the relay was told of another message")  # so: a new connection
        after = commands_of(session, following) if following else []
        return self._hear(session) or self._say(session, letter.content, after)

    def _ask_in_turn(self, session: Session, commands: list[str]) -> Reply | None:
        """One command, one reply; the first refusal ends it. None: the relay listens."""
        for stage, command in zip(EXPECTED, commands, strict=True):
            self._stage = stage
            session.send(command)
            code, text = session.getreply()
            if code // 10 != EXPECTED[stage]:
                self._reset(session)
                return Reply(stage, code, as_text(text))
        return None

    def _hear(self, session: Session) -> Reply | None:
        """The replies to all three commands (RFC 2920). None: the relay listens."""
        refusal = None
        for stage in EXPECTED:
            self._stage = stage
            try:
                code, text = session.getreply()
            except smtplib.SMTPServerDisconnected:
                if refusal is None:
                    raise
                self.close()  # it said why, and hung up
                return refusal
            if code // 10 != EXPECTED[stage] and refusal is None:
                refusal = Reply(stage, code, as_text(text))
        if refusal and code == 354:
            # It listens although it refused the recipient: an empty message ends that (RFC 2920, 3.1).
            session.send(".\r\n")
            session.getreply()
        elif refusal:
            self._reset(session)
        return refusal

    def _reset(self, session: Session) -> None:
        """Forget the message that was begun; a relay that cannot is left."""
        try:
            session.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _say(self, session: Session, content: bytes, after: list[str]) -> Reply:
        """The message, the dot behind it and what the next one begins with, in one piece."""
        self._stage = Stage.MESSAGE
        if not (content.isascii() or session.has_extn("8bitmime")):
            content = in_seven_bits(content)
        if b"\n." in content:
            content = content.replace(b"\n.", b"\n..")
        session.send(content + b".\r\n" + "".join(after).encode("ascii"))
        self._begun = after
        code, text = session.getreply()
        return Reply(Stage.MESSAGE, code, as_text(text))


EXPECTED = {Stage.SENDER: 25, Stage.RECIPIENT: 25, Stage.DATA: 35}
"""The first two digits of a good reply."""


def commands_of(session: Session, letter: Letter) -> list[str]:
    """What comes before the message itself."""
    is_8bit = not letter.content.isascii() and session.has_extn("8bitmime")
    return [
        f"MAIL FROM:<{letter.sender}>{' BODY=8BITMIME' if is_8bit else ''}\r\n",
        f"RCPT TO:<{letter.recipient}>\r\n",
        "DATA\r\n",
    ]


def in_seven_bits(content: bytes) -> bytes:
    """The same mail for a relay without 8BITMIME."""
    mail = message_from_bytes(content, policy=policy.SMTP.clone(cte_type="7bit", max_line_length=0))
    return mail.as_bytes()


def as_text(words: bytes | str) -> str:
    """A relay's words, whatever their encoding."""
    return words.decode("ascii", "replace") if isinstance(words, bytes) else words
