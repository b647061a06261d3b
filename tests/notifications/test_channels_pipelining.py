"""A relay that pipelines: three commands in one piece, and its replies read one by one."""

import socket
import threading

import pytest

from notifications.channels.base import Accepted, Mail, Refused, Unavailable
from notifications.channels.email import EmailChannel
from notifications.channels.relay import Relay


class Pipelining(threading.Thread):
    """Speaks just enough SMTP; `replies` answer MAIL, RCPT and DATA, then the message."""

    def __init__(self, replies: list[str], extension: str = "PIPELINING") -> None:
        super().__init__(daemon=True)
        self.replies = replies
        self.extension = extension
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard: list[bytes] = []

    def run(self) -> None:
        with self.listener, self.listener.accept()[0] as client:
            client.sendall(b"220 hello\r\n")
            self.listen(client)
            client.sendall(f"250-hello\r\n250 {self.extension}\r\n".encode())
            self.listen(client)
            mail, rcpt, data, *after = self.replies
            client.sendall(f"{mail}\r\n{rcpt}\r\n{data}\r\n".encode())
            for reply in after:
                self.listen(client)
                client.sendall(f"{reply}\r\n".encode())

    def listen(self, client: socket.socket) -> None:
        self.heard.append(client.recv(65536))


def send(*replies: str, content: bytes = b"Subject: x\r\n\r\nx\r\n"):
    server = Pipelining(list(replies))
    server.start()
    channel = EmailChannel(Relay("127.0.0.1", server.port, "none"), sender="a@b.example", deadline_seconds=2.0)
    outcome = channel.send(Mail("id", "reader@example.org", content))
    channel.close()
    server.join(5)
    return outcome, server.heard


def test_three_commands_travel_in_one_piece():
    outcome, heard = send("250 ok", "250 ok", "354 go on", "250 queued as ABCD1234")
    assert outcome == Accepted("ABCD1234")
    assert heard[1] == b"MAIL FROM:<a@b.example>\r\nRCPT TO:<reader@example.org>\r\nDATA\r\n"
    assert heard[2].endswith(b"\r\nx\r\n.\r\n")


def test_a_refused_recipient_ends_the_message():
    outcome, heard = send("250 ok", "550 5.1.1 gone", "503 no recipients", "250 reset")
    assert isinstance(outcome, Refused) and outcome.permanent
    assert heard[2].upper() == b"RSET\r\n"


def test_a_relay_that_listens_all_the_same_is_given_an_empty_message():
    """RFC 2920, 3.1: it must not take the next commands for text."""
    outcome, heard = send("250 ok", "451 4.7.1 greylisted", "354 go on", "554 no valid recipients")
    assert isinstance(outcome, Unavailable)
    assert heard[2] == b".\r\n"


@pytest.mark.parametrize(
    "replies", [("421 too many", "421 x", "421 x"), ("550 5.7.1 not you", "503 x", "503 x", "250 x")]
)
def test_a_refused_sender_is_trouble_of_the_channel(replies):
    outcome, _ = send(*replies)
    assert isinstance(outcome, Unavailable) and outcome.scope == "channel"


def test_a_relay_without_8bitmime_gets_seven_bits():
    content = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÜber\r\n"
    outcome, heard = send("250 ok", "250 ok", "354 go on", "250 ok", content=content.encode())
    assert isinstance(outcome, Accepted)
    assert heard[2].isascii() and b"BODY=" not in heard[1]


# --- The next message is known -------------------------------------------------------------------

FIRST, SECOND, OTHER = (
    Mail(name, f"{name}@example.org", b"Subject: x\r\n\r\nx\r\n") for name in ("first", "second", "other")
)
ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<second@example.org>\r\nDATA\r\n"


def send_both(*replies: str, then: Mail = SECOND):
    server = Pipelining(list(replies))
    server.start()
    channel = EmailChannel(Relay("127.0.0.1", server.port, "none"), sender="a@b.example", deadline_seconds=2.0)
    outcomes = [channel.send_before(FIRST, SECOND), channel.send(then)]
    channel.close()
    server.join(5)
    return outcomes, server.heard


def test_the_next_ones_commands_travel_behind_the_dot():
    outcomes, heard = send_both(
        "250 ok",
        "250 ok",
        "354 go on",
        "250 queued as AAAA1111\r\n250 ok\r\n250 ok\r\n354 go on",
        "250 queued as BBBB2222",
    )
    assert outcomes == [Accepted("AAAA1111"), Accepted("BBBB2222")]
    assert heard[2].endswith(b".\r\n" + ENVELOPE)
    assert heard[3] == b"Subject: x\r\n\r\nx\r\n.\r\n"


def test_the_next_recipients_refusal_is_not_the_first_ones():
    outcomes, heard = send_both(
        "250 ok", "250 ok", "354 go on", "250 ok\r\n250 ok\r\n550 5.1.1 gone\r\n503 no recipients", "250 reset"
    )
    assert isinstance(outcomes[0], Accepted) and isinstance(outcomes[1], Refused)
    assert heard[3].upper() == b"RSET\r\n"


def test_a_first_one_that_is_refused_takes_nothing_with_it():
    outcomes, heard = send_both(
        "250 ok", "250 ok", "354 go on", "554 5.6.0 no\r\n250 ok\r\n250 ok\r\n354 go on", "250 queued as BBBB2222"
    )
    assert isinstance(outcomes[0], Refused) and outcomes[1] == Accepted("BBBB2222")


def test_nobody_gets_a_message_that_was_announced_for_another():
    """The relay listens for the second one: what comes instead goes over a new connection, which this relay lacks."""
    outcomes, heard = send_both("250 ok", "250 ok", "354 go on", "250 ok\r\n250 ok\r\n250 ok\r\n354 go on", then=OTHER)
    assert isinstance(outcomes[0], Accepted) and isinstance(outcomes[1], Unavailable)
    assert len(heard) == 3
