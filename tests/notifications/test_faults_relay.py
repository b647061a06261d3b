"""Faults 35, 36, 39 and 40: a relay that is slow, not to be trusted, short of breath or not there at all."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from django.db import connections

from notifications import fanout
from notifications.delivery import lanes
from notifications.models import Attempt, Breaker, Delivery, Suppression
from statuspage import audit
from statuspage.actions import incidents
from statuspage.outward import deadline
from statuspage.public.serve import Published
from tests.notifications.given import subscribers
from tests.notifications.ledger import copies, event, make_due, send, states, told
from tests.servers.smtp import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


# --- 35: too late ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["stall", "drip"])
def test_fault_35_one_answer_that_never_ends_keeps_nobody_else_waiting(relay, quick, reply):
    """A deadline for all of it, however many bytes come; and a lease that outlasts it."""
    quick.DELIVERY_CONNECTIONS = 2
    slow, *others = subscribers(email=30)
    relay.script(stage="data", reply=reply, match=slow.address, times=1)
    told(event())
    send(seconds=30)
    assert states() == {"accepted": 29, "queued": 1} and len(others) == 29
    row = Delivery.objects.get(subscription=slow)
    assert (row.attempts, row.ambiguous, row.fence) == (1, 1, 1), "its lease was never lost"
    call = row.tries.get()
    took = (call.ended_at - call.started_at).total_seconds()
    assert call.outcome == "ambiguous" and took < quick.DELIVERY_MAIL_DEADLINE_SECONDS + 1.5
    make_due()
    send()
    assert states() == {"accepted": 30}
    assert copies(relay)[str(row.pk)] == 2 and copies(relay).total() == 31


@pytest.mark.parametrize("stage", ["connect", "rcpt"])
def test_fault_35_before_the_message_is_said_there_is_no_doubt(relay, stage):
    subscribers(email=1)
    relay.script(stage=stage, reply="drip", times=1)
    told(event())
    send(seconds=6)
    row = Delivery.objects.get()
    assert (row.state, row.ambiguous) == ("queued", 0)
    make_due()
    send()
    assert states() == {"accepted": 1} and len(relay.messages()) == 1


# --- 36: TLS ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def secured(folder: Path, authority: trustme.CA, name: str = "127.0.0.1", **validity: datetime) -> SmtpSink:
    """A relay with a certificate for this name, and a login."""
    certificate = authority.issue_cert(name, **validity)
    path = folder / "relay.pem"
    path.write_bytes(certificate.private_key_pem.bytes() + b"".join(c.bytes() for c in certificate.cert_chain_pems))
    return SmtpSink(folder / "secure.jsonl", login=("status", "s3cret"), certificate=path).start()


def trust(authority: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator does whose relay has a certificate of the company's own authority."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


def refused_and_nothing_said(sink: SmtpSink) -> None:
    """Nothing went over the line, no password either; nothing is lost, and staff see why."""
    subscribers(email=5)
    told(event())
    send()
    assert sink.messages() == [] and sink.logins() == []
    assert states() == {"queued": 5} and set(Delivery.objects.values_list("attempts", "ambiguous")) == {(0, 0)}
    assert Breaker.objects.get().scope == "email" and not Suppression.objects.exists()


YESTERDAY = datetime.now(UTC) - timedelta(days=1)
BAD = {
    "nobody vouches for it": {},
    "expired": {"not_before": YESTERDAY - timedelta(days=90), "not_after": YESTERDAY, "is_trusted": True},
    "another host's": {"name": "relay.example.net", "is_trusted": True},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_fault_36_a_bad_certificate_is_refused(quick, tmp_path, authority, monkeypatch, caplog, bad):
    facts = dict(bad)
    if facts.pop("is_trusted", False):
        trust(authority, tmp_path, monkeypatch)
    sink = secured(tmp_path, authority, **facts)
    try:
        quick.EMAIL_URL = sink.url
        refused_and_nothing_said(sink)
        assert "email is held back" in caplog.text and "s3cret" not in caplog.text
    finally:
        sink.stop()


def test_fault_36_where_starttls_is_stripped_no_password_is_said(quick, tmp_path):
    sink = SmtpSink(tmp_path / "stripped.jsonl", login=("status", "s3cret")).start()
    try:
        quick.EMAIL_URL = f"smtp://status:s3cret@127.0.0.1:{sink.port}/?tls=starttls"
        refused_and_nothing_said(sink)
    finally:
        sink.stop()


def test_fault_36_once_the_certificate_is_good_everybody_is_told(quick, tmp_path, authority, monkeypatch):
    trust(authority, tmp_path, monkeypatch)
    sink = secured(tmp_path, authority)
    try:
        quick.EMAIL_URL = sink.url
        subscribers(email=5)
        told(event())
        send()
        assert states() == {"accepted": 5} and not Breaker.objects.exists()
        assert {(mail.used_tls, mail.user) for mail in sink.messages()} == {(True, "status")}
        assert len(sink.logins()) <= quick.DELIVERY_CONNECTIONS, "one login a connection"
    finally:
        sink.stop()


# --- 39: so many on one connection -----------------------------------------------------------------------


@pytest.mark.parametrize("in_words", [True, False], ids=["421", "hangs up"])
def test_fault_39_a_relay_that_takes_a_hundred_on_one_connection_loses_none(relay, quick, in_words):
    quick.DELIVERY_CONNECTIONS = 1
    relay.close_after(messages=100, in_words=in_words)
    subscribers(email=210)
    told(event())
    send(seconds=120)
    assert states() == {"accepted": 210} and set(Delivery.objects.values_list("attempts", "ambiguous")) == {(1, 0)}
    assert len(copies(relay)) == copies(relay).total() == 210 and not Breaker.objects.exists()


# --- 40: nothing comes back ------------------------------------------------------------------------------


@pytest.fixture
def black_hole(quick, monkeypatch):
    """An address where handshakes are dropped: a listener whose backlog is full."""
    monkeypatch.setattr(deadline, "CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.2", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        quick.EMAIL_URL = f"smtp://127.0.0.2:{listener.getsockname()[1]}/?tls=none"
        yield listener
        for each in waiting:
            each.close()


@pytest.mark.django_db(transaction=True)
def test_fault_40_a_relay_that_swallows_everything_delays_mail_and_no_reader(
    black_hole, quick, smtp_sink, publish_root
):
    subscribers(email=40)
    quick.DELIVERY_CONNECTIONS = 1
    incidents.open_incident(name="Cables were cut", body="Requests fail.", actor=audit.SYSTEM)
    fanout.relay()
    sending = threading.Thread(target=lanes.work_apart, args=("email", 10.0))
    started = time.monotonic()
    sending.start()
    answers = []
    while sending.is_alive() and time.monotonic() - started < 20:
        answers.append(read_page())
    sending.join()
    assert time.monotonic() - started < 6, "one connection was waited for, and nobody's after it"
    assert len(answers) > 10 and max(seconds for seconds, _ in answers) < 0.5
    assert all(b"Cables were cut" in page for _, page in answers)
    assert states() == {"queued": 40} and Breaker.objects.get().scope == "email"
    assert set(Delivery.objects.values_list("attempts", "ambiguous")) == {(0, 0)}
    assert Attempt.objects.filter(outcome="unavailable").count() == 1
    quick.EMAIL_URL = smtp_sink.url
    make_due()
    send()
    assert states() == {"accepted": 40} and not Breaker.objects.exists()
    connections.close_all()


def read_page() -> tuple[float, bytes]:
    """How long a reader waits for the page, and what they get."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
    started = time.monotonic()
    page = b"".join(Published(pytest.fail)(environ, lambda status, headers: None))
    return time.monotonic() - started, page


def test_fault_40_connecting_is_given_up_after_ten_seconds():
    assert deadline.CONNECT_SECONDS == 10.0
