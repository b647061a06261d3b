"""An SMTP server that keeps what it is sent, and misbehaves on request.

A mail is in the journal before its sender is answered: whoever got 250 finds it there, also after a kill. Use
`SmtpSink` inside the test's process or `SmtpSinkProcess` for one of its own; both have the same methods.
"""

import argparse
import asyncio
import base64
import contextlib
import logging
import ssl
import threading
import weakref
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, ClassVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.control import ServerProcess, serve
from tests.servers.journal import Journal, entries
from tests.servers.mailbox import Mail, read
from tests.servers.rules import Rules

STAGES = ("connect", "auth", "mail", "rcpt", "data")
SILENT = frozenset({"drop", "stall", "drip"})
DRIP_SECONDS = 0.1
LARGEST_MESSAGE = 10_000_000

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's own: every command, which the journal has


class Conversation(SMTP):
    """One client's connection: aiosmtpd's, with faults before its first word and limits on its length."""

    def __init__(self, sink: "SmtpSink", *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sink = sink
        self.messages = 0

    async def _handle_client(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            reply = await self.sink.reply_at("connect", self)
            if reply is None:
                await super()._handle_client()
            else:
                await self.push(reply)
                self.hang_up()

    def hang_up(self) -> None:
        """Close the connection once what was said has gone out."""
        if self.transport:
            self.transport.close()

    async def drip(self) -> None:
        """Begin an answer and never end it, a byte at a time, until the other side has had enough."""
        while isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(b"2")
            await asyncio.sleep(DRIP_SECONDS)

    def drop(self) -> None:
        """Break the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.abort()


class SmtpSink:
    """The sink as an object of the test's process; it serves from a thread."""

    CONTROLS: ClassVar = frozenset({"script", "close_after", "clear"})

    def __init__(
        self,
        journal: Path,
        *,
        port: int = 0,
        login: tuple[str, str] | None = None,
        certificate: Path | None = None,
    ) -> None:
        self.journal_path = journal
        self.port = port
        self._login = login
        self._certificate = certificate
        self._journal = Journal(journal)
        self._rules = Rules()
        self._conversations: weakref.WeakSet[Conversation] = weakref.WeakSet()
        self._limit: int | None = None
        self._ends_in_words = True
        self._loop = asyncio.new_event_loop()
        self._healed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> "SmtpSink":
        """Serve from now on."""
        self._thread.start()
        self._run(self._listen())
        return self

    def stop(self) -> None:
        """Serve no more, break what is open."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._journal.close()

    @property
    def url(self) -> str:
        """The address as EMAIL_URL wants it."""
        user = f"{self._login[0]}:{self._login[1]}@" if self._login else ""
        tls = "starttls" if self._certificate else "none"
        return f"smtp://{user}127.0.0.1:{self.port}/?tls={tls}"

    def facts(self) -> dict[str, Any]:
        """What a sender has to know."""
        return {"port": self.port, "url": self.url, "journal_path": str(self.journal_path)}

    def messages(self, to: str | None = None) -> list[Mail]:
        """Every mail so far, oldest first."""
        return read(self.journal_path, to)

    def logins(self) -> list[str]:
        """The names of all who said a password, true or not."""
        return [entry["user"] for entry in entries(self.journal_path, "login")]

    def script(self, *, stage: str, reply: str, match: str | None = None, times: int | None = None) -> None:
        """From now on give this reply at a stage: `451 4.7.1 later`, `drop` to break off, `stall` for
        silence, `drip` for an answer without end.

        `match` is an address or an @domain, for the stages that know one (mail: the sender; rcpt, data: the recipient).
        """
        if stage not in STAGES:
            raise ValueError(f"stage: {stage!r} is none of {', '.join(STAGES)}")
        self._rules.add({"stage": stage, "address": match}, {"reply": reply}, times)

    def close_after(self, *, messages: int | None, in_words: bool = True) -> None:
        """Take so many messages on one connection, then say 421 and hang up, or only hang up; None for no limit."""
        self._limit, self._ends_in_words = messages, in_words

    def clear(self) -> None:
        """Behave from now on; whoever was kept waiting is hung up on."""
        self._limit = None
        self._rules.clear()
        self._run(self._heal())

    async def reply_at(self, stage: str, conversation: Conversation, address: str | None = None) -> str | None:
        """The scripted reply at this stage, None where all is well. Raises ConnectionResetError for a silent one."""
        fault = self._rules.take(stage=stage, address=address)
        if fault is None:
            return None
        reply = str(fault["reply"])
        self._journal.write("fault", stage=stage, address=address, reply=reply)
        if stage == "data" and reply in SILENT:
            # Seen whole, though its sender will never know: in the journal before anybody can give up waiting.
            self._keep(conversation, None)
        if reply == "stall":
            await self._healed.wait()
        if reply == "drip":
            await conversation.drip()
        if reply in SILENT:
            conversation.drop()
            raise ConnectionResetError("dropped by the script")
        return reply

    # --- What aiosmtpd calls, by its own names ---------------------------------------------------------------

    async def handle_MAIL(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A new message begins."""
        if self._limit is not None and server.messages >= self._limit:
            if not self._ends_in_words:
                server.drop()
                raise ConnectionResetError("enough on this connection")
            self._loop.call_soon(server.hang_up)
            return "421 4.7.0 too many messages on this connection"
        reply = await self.reply_at("mail", server, address)
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient of it."""
        reply = await self.reply_at("rcpt", server, address)
        if reply is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply or "250 2.1.5 OK"

    async def handle_DATA(self, server: Conversation, session: Session, envelope: Envelope) -> str:
        """All of it is here: it is journalled, then answered, or not."""
        reply = await self.reply_at("data", server, envelope.rcpt_tos[0])
        if reply is None:
            server.messages += 1
            self._keep(server, reply := "250 2.0.0 OK kept")
        return reply

    def _keep(self, conversation: Conversation, reply: str | None) -> None:
        session, envelope = conversation.session, conversation.envelope
        assert session and envelope and isinstance(envelope.content, bytes)
        self._journal.write(
            "message",
            mail_from=envelope.mail_from,
            rcpt_to=envelope.rcpt_tos,
            raw=base64.b64encode(envelope.content).decode(),
            reply=reply,
            tls=session.ssl is not None,
            user=session.auth_data.login.decode() if session.auth_data else None,
        )

    def _authenticate(
        self, server: Conversation, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        fault = self._rules.take(stage="auth")
        if fault:
            return AuthResult(success=False, handled=False, message=fault["reply"])
        name, password = (part.decode() for part in data)
        self._journal.write("login", user=name, tls=session.ssl is not None)
        is_known = (name, password) == self._login
        return AuthResult(success=is_known, handled=False, auth_data=data if is_known else None)

    # --- The thread ------------------------------------------------------------------------------------------

    def _run(self, step: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(timeout=10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._conversation, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _conversation(self) -> Conversation:
        conversation = Conversation(
            self,
            self,
            hostname="sink.test",
            loop=self._loop,
            data_size_limit=LARGEST_MESSAGE,
            enable_SMTPUTF8=True,
            tls_context=self._tls(),
            require_starttls=self._certificate is not None,
            auth_required=self._login is not None and self._certificate is not None,
            auth_require_tls=self._certificate is not None,
            authenticator=self._authenticate if self._login else None,
        )
        self._conversations.add(conversation)
        return conversation

    def _tls(self) -> ssl.SSLContext | None:
        if self._certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return context

    async def _heal(self) -> None:
        self._healed.set()
        self._healed = asyncio.Event()

    async def _end(self) -> None:
        assert self._server
        self._server.close()
        self._healed.set()
        for conversation in list(self._conversations):
            conversation.drop()
        others = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class SmtpSinkProcess(ServerProcess):
    """The sink as a process of its own, with the same methods."""

    def __init__(self, journal: Path, port: int = 0) -> None:
        super().__init__("tests.servers.smtp", "--journal", str(journal), "--port", str(port))

    def messages(self, to: str | None = None) -> list[Mail]:
        """Every mail so far, oldest first."""
        return read(Path(self.journal_path), to)


def main() -> None:
    """Be the sink's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    serve(SmtpSink(options.journal, port=options.port))


if __name__ == "__main__":
    main()
