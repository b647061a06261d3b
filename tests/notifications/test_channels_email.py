"""The mail channel against a real SMTP server: every answer a relay gives, and every silence."""

import socket
import ssl
import threading
import time

import pytest
import trustme

from notifications.channels.base import Accepted, Ambiguous, Blame, Mail, Refused, Scope, Unavailable
from notifications.channels.email import EmailChannel, outcome_of
from notifications.channels.relay import Relay, relay_from
from notifications.channels.smtp import Reply, Stage
from tests.servers.smtp import SmtpSink

CONTENT = b"To: reader@example.org\r\nSubject: Investigating\r\n\r\nRequests fail.\r\n.a line with a dot\r\n"


def mail(to: str = "reader@example.org", content: bytes = CONTENT) -> Mail:
    return Mail("0b5c1a9e", to, content)


@pytest.fixture
def channel(smtp_sink):
    made = EmailChannel(relay_from(smtp_sink.url), sender="status@example.com", deadline_seconds=1.0)
    yield made
    made.close()


def test_a_mail_arrives_as_it_was_built(channel, smtp_sink):
    assert channel.send(mail()) == Accepted("")
    (seen,) = smtp_sink.messages()
    assert seen.raw.replace(b"\r\n", b"\n").strip() == CONTENT.replace(b"\r\n", b"\n").strip()
    assert (seen.mail_from, seen.recipients) == ("status@example.com", ("reader@example.org",))


def test_one_connection_serves_many_mails(channel, smtp_sink):
    smtp_sink.script(stage="connect", reply="421 4.3.2 only once")
    smtp_sink.clear()
    assert isinstance(channel.send(mail()), Accepted)
    smtp_sink.script(stage="connect", reply="421 4.3.2 not twice")
    assert all(isinstance(channel.send(mail(f"r{number}@example.org")), Accepted) for number in range(20))


def test_the_relays_name_for_it_is_kept():
    reply = Reply(Stage.MESSAGE, 250, "2.0.0 Ok: queued as 4XyzAbc1")
    assert outcome_of(reply) == Accepted("4XyzAbc1")


def test_eight_bit_mail_arrives_whole(channel, smtp_sink):
    content = (
        "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÜberall ✓\r\n"
    )
    assert isinstance(channel.send(mail(content=content.encode())), Accepted)
    assert "Überall ✓" in smtp_sink.messages()[0].message.get_content()


# --- Refusals ------------------------------------------------------------------------------------

REFUSALS = {
    "31 no such mailbox": ("550 5.1.1 user unknown", True, Blame.ADDRESS, Scope.MESSAGE),
    "mailbox disabled": ("550 5.2.1 disabled", True, Blame.ADDRESS, Scope.MESSAGE),
    "32 our reputation, Gmail": ("550 5.7.26 unauthenticated", False, Blame.SENDER, Scope.PLACE),
    "32 our reputation, Microsoft": ("550 5.7.515 access denied", False, Blame.SENDER, Scope.PLACE),
    "32 our reputation, Yahoo": ("553 5.7.9 policy", False, Blame.SENDER, Scope.PLACE),
    "32 our domain does not exist": ("550 5.1.8 sender rejected", False, Blame.SENDER, Scope.PLACE),
    "32 by policy, ours or the recipient's": ("550 5.7.1 denied", False, Blame.SENDER, Scope.SUSPECTED),
    "33 full mailbox": ("552 5.2.2 over quota", False, Blame.SOFT, Scope.MESSAGE),
    "33 full mailbox, no words": ("552 too much", False, Blame.SOFT, Scope.MESSAGE),
    "no reason given": ("550 no", False, Blame.SOFT, Scope.MESSAGE),
    "a network address is no code": ("550 5.7.1.12 is on a list", False, Blame.SOFT, Scope.MESSAGE),
    "a code that says nothing": ("550 5.0.0 no", False, Blame.SOFT, Scope.MESSAGE),
    "this message": ("554 5.6.0 content", False, Blame.MESSAGE, Scope.MESSAGE),
}


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize(("reply", "permanent", "blame", "scope"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_blamed_on_whom_it_speaks_of(channel, smtp_sink, stage, reply, permanent, blame, scope):
    smtp_sink.script(stage=stage, reply=reply, times=1)
    outcome = channel.send(mail())
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.blame, outcome.scope) == (permanent, blame, scope)
    assert outcome.code.startswith(reply[:3])


def test_one_refusal_leaves_the_next_recipient_alone(channel, smtp_sink):
    smtp_sink.script(stage="rcpt", reply="550 5.1.1 user unknown", match="gone@example.org")
    assert isinstance(channel.send(mail("gone@example.org")), Refused)
    assert isinstance(channel.send(mail("there@example.org")), Accepted)


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "450 4.2.0 busy", "452 4.3.1 disk", "421 4.4.2 later"])
def test_later_is_this_message_later(channel, smtp_sink, stage, reply):
    smtp_sink.script(stage=stage, reply=reply, times=1)
    outcome = channel.send(mail())
    assert isinstance(outcome, Unavailable) and outcome.counts and outcome.scope == Scope.MESSAGE
    assert isinstance(channel.send(mail()), Accepted)


@pytest.mark.parametrize("reply", ["451 4.7.32 not aligned", "421 4.7.28 rate", "450 4.7.26 unauthenticated"])
def test_put_off_for_what_we_are_is_trouble_of_the_domain(channel, smtp_sink, reply):
    smtp_sink.script(stage="data", reply=reply)
    outcome = channel.send(mail())
    assert isinstance(outcome, Unavailable) and outcome.counts
    assert (outcome.blame, outcome.scope) == (Blame.SENDER, Scope.PLACE)


def test_refused_at_the_door_is_trouble_of_the_whole_channel_and_costs_no_try(channel, smtp_sink):
    smtp_sink.script(stage="connect", reply="421 4.3.2 shutting down")
    outcome = channel.send(mail())
    assert isinstance(outcome, Unavailable) and outcome.scope == Scope.CHANNEL and not outcome.counts


def test_what_is_no_address_never_reaches_the_relay(channel, smtp_sink):
    for poison in ("a@b\r\nBcc: x@y", "a b@c.example", "<a@b.example>", "", "ü@example.org"):
        assert isinstance(channel.send(mail(poison)), Refused)
    assert smtp_sink.messages() == []


# --- Silence ---------------------------------------------------------------------------------------


def test_a_connection_lost_after_the_message_leaves_it_in_doubt(channel, smtp_sink):
    smtp_sink.script(stage="data", reply="drop", times=1)
    assert isinstance(channel.send(mail()), Ambiguous)
    assert isinstance(channel.send(mail()), Accepted)


@pytest.mark.parametrize("stage", ["connect", "mail", "rcpt"])
def test_a_connection_lost_before_the_message_leaves_no_doubt(channel, smtp_sink, stage):
    smtp_sink.script(stage=stage, reply="drop", times=1)
    assert isinstance(channel.send(mail()), Unavailable)


def test_an_answer_that_does_not_come_ends_with_the_deadline(channel, smtp_sink):
    smtp_sink.script(stage="data", reply="stall", times=1)
    started = time.monotonic()
    assert isinstance(channel.send(mail()), Ambiguous)
    assert 0.9 < time.monotonic() - started < 3


class Dripping(threading.Thread):
    """A server that says its first line one byte a tenth of a second, for ever."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self) -> None:
        with self.listener, self.listener.accept()[0] as client:
            client.sendall(b"220")
            for _ in range(100):
                try:
                    client.sendall(b"-")
                except OSError:
                    return
                time.sleep(0.1)


def test_one_byte_at_a_time_does_not_outlast_the_deadline():
    server = Dripping()
    server.start()
    channel = EmailChannel(Relay("127.0.0.1", server.port, "none"), sender="a@b.example", deadline_seconds=1.0)
    started = time.monotonic()
    assert isinstance(channel.send(mail()), Unavailable)
    assert time.monotonic() - started < 2
    server.join(5)


def test_a_relay_that_is_not_there_is_trouble_of_the_channel():
    channel = EmailChannel(Relay("127.0.0.1", 9, "none"), sender="a@b.example", deadline_seconds=1.0)
    outcome = channel.send(mail())
    assert isinstance(outcome, Unavailable) and outcome.scope == Scope.CHANNEL and not outcome.counts


def test_a_relay_that_answers_no_connection_is_given_up(monkeypatch):
    monkeypatch.setattr("statuspage.outward.deadline.CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.2", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.2", port))  # the backlog is full: further handshakes are dropped
        channel = EmailChannel(Relay("127.0.0.2", port, "none"), sender="a@b.example", deadline_seconds=5.0)
        started = time.monotonic()
        outcome = channel.send(mail())
        assert isinstance(outcome, Unavailable) and time.monotonic() - started < 3
        for each in waiting:
            each.close()


def test_a_relay_that_stops_after_so_many_messages_loses_none(channel, smtp_sink):
    smtp_sink.close_after(messages=10)
    assert all(isinstance(channel.send(mail(f"r{number}@example.org")), Accepted) for number in range(35))
    assert len(smtp_sink.messages()) == 35


def test_a_kept_connection_that_died_is_replaced_at_once(channel, smtp_sink):
    assert isinstance(channel.send(mail()), Accepted)
    smtp_sink.script(stage="mail", reply="drop", times=1)
    assert isinstance(channel.send(mail()), Accepted)
    assert len(smtp_sink.messages()) == 2


# --- TLS and login -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure_sink(tmp_path, authority):
    certificate = authority.issue_cert("127.0.0.1", "relay.example.com")
    path = tmp_path / "relay.pem"
    path.write_bytes(certificate.private_key_pem.bytes() + b"".join(c.bytes() for c in certificate.cert_chain_pems))
    sink = SmtpSink(tmp_path / "secure.jsonl", login=("status", "s3cret"), certificate=path).start()
    yield sink
    sink.stop()


def trusting(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def secure_channel(sink, context=None, **relay) -> EmailChannel:
    facts = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "user": "status", "password": "s3cret"}
    return EmailChannel(Relay(**facts | relay), sender="status@example.com", deadline_seconds=2.0, context=context)


def test_the_password_goes_over_tls(secure_sink, authority):
    channel = secure_channel(secure_sink, trusting(authority))
    assert isinstance(channel.send(mail()), Accepted)
    assert isinstance(channel.send(mail()), Accepted)
    assert [(each.used_tls, each.user) for each in secure_sink.messages()] == [(True, "status")] * 2
    channel.close()


def test_a_certificate_nobody_vouches_for_is_refused(secure_sink):
    outcome = secure_channel(secure_sink).send(mail())
    assert isinstance(outcome, Unavailable) and outcome.scope == Scope.CHANNEL
    assert secure_sink.messages() == []


def test_where_starttls_is_stripped_no_password_is_said(smtp_sink):
    outcome = secure_channel(smtp_sink).send(mail())
    assert isinstance(outcome, Unavailable) and outcome.scope == Scope.CHANNEL
    assert smtp_sink.messages() == []


def test_a_wrong_password_is_our_fault(secure_sink, authority):
    outcome = secure_channel(secure_sink, trusting(authority), password="wrong").send(mail())
    assert isinstance(outcome, Unavailable)
    assert (outcome.blame, outcome.scope, outcome.counts) == (Blame.SENDER, Scope.CHANNEL, False)


# --- EMAIL_URL ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://relay.example.com", Relay("relay.example.com", 587)),
        ("smtp://relay.example.com/?tls=implicit", Relay("relay.example.com", 465, "implicit")),
        ("smtp://127.0.0.1:2525/?tls=none", Relay("127.0.0.1", 2525, "none")),
        ("smtp://me%40x:p%2Fw@h:25", Relay("h", 25, "starttls", "me@x", "p/w")),
        ("smtp://me:pw@localhost/?tls=none", Relay("localhost", 25, "none", "me", "pw")),
    ],
)
def test_the_address_of_a_relay(url, relay):
    assert relay_from(url) == relay


UNUSABLE = [
    "relay.example.com",
    "http://x/",
    "smtp://",
    "smtp://x/?tls=maybe",
    "smtp://me:s3cret@x:s3cret/",
    "smtp://me:s3cret@relay.example.com/?tls=none",
    "smtp://me:s3cret@[x/",
]


@pytest.mark.parametrize("url", UNUSABLE)
def test_an_unusable_address_is_named_and_its_password_is_not(url):
    with pytest.raises(ValueError, match="^ALARM_EMAIL_URL: ") as refused:
        relay_from(url, "ALARM_EMAIL_URL")
    assert "s3cret" not in str(refused.value)
