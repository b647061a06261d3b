"""The SMTP sink: what it answered 250 to is in its journal, and what it answers can be scripted."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.servers.smtp import SmtpSink, SmtpSinkProcess


@pytest.fixture(params=["object", "process"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A sink in this process, and one in its own."""
    kind = SmtpSink if request.param == "object" else SmtpSinkProcess
    running = kind(tmp_path / "smtp.jsonl").start()
    yield running
    running.stop()


def mail(to: str = "ann@example.org", subject: str = "Störung") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "status@example.com", to, subject
    message.set_content("Der Zahlungsdienst ist gestört.")
    message.add_alternative("<p>Der Zahlungsdienst ist gestört.</p>", subtype="html")
    return message


def send(sink: Any, *messages: EmailMessage) -> None:
    """Send on one connection."""
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=2) as client:
        for message in messages:
            client.send_message(message)


def test_a_mail_is_kept_whole(sink):
    send(sink, mail())
    (kept,) = sink.messages()
    assert kept.recipients == ("ann@example.org",)
    assert kept.mail_from == "status@example.com"
    assert kept.subject == "Störung"
    assert kept.text == "Der Zahlungsdienst ist gestört.\n"
    assert "<p>" in kept.html
    assert kept.reply and kept.reply.startswith("250")


def test_mails_are_found_by_recipient(sink):
    send(sink, mail("ann@example.org"), mail("bob@example.org"))
    assert [kept.recipients for kept in sink.messages(to="bob@example.org")] == [("bob@example.org",)]


def test_a_recipient_can_be_deferred_once_and_a_domain_refused(sink):
    sink.script(stage="rcpt", match="ann@example.org", reply="451 4.7.1 later", times=1)
    sink.script(stage="rcpt", match="@refused.example", reply="550 5.1.1 no such user")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="451"):
        send(sink, mail())
    send(sink, mail())
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
            send(sink, mail("any@refused.example"))
    assert len(sink.messages()) == 1


def test_it_can_be_busy_at_connect(sink):
    sink.script(stage="connect", reply="421 4.3.2 busy", times=1)
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        send(sink, mail())
    assert refused.value.smtp_code == 421
    send(sink, mail())


@pytest.mark.parametrize("reply", ["drop", "stall"])
def test_a_mail_whose_sender_gets_no_answer_was_seen_all_the_same(sink, reply):
    sink.script(stage="data", reply=reply, times=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        send(sink, mail())
    (seen,) = sink.messages()
    assert seen.reply is None


def test_it_can_end_a_connection_after_some_messages(sink):
    sink.close_after(messages=2)
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        send(sink, mail(), mail(), mail())
    assert refused.value.smtp_code == 421
    sink.clear()
    send(sink, mail(), mail(), mail())
    assert len(sink.messages()) == 5


def test_an_unknown_stage_is_refused(sink):
    with pytest.raises(ValueError, match="stage"):
        sink.script(stage="dinner", reply="250 yes")


def test_with_a_login_and_a_certificate_it_asks_for_both(tmp_path):
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    sink = SmtpSink(tmp_path / "smtp.jsonl", login=("relay", "secret"), certificate=tmp_path / "server.pem").start()
    try:
        with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
            send(sink, mail())
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=2) as client:
            client.starttls(context=context)
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("relay", "wrong")
            client.login("relay", "secret")
            client.send_message(mail())
        (kept,) = sink.messages()
        assert kept.used_tls
        assert kept.user == "relay"
    finally:
        sink.stop()
