"""The program that a mail server runs for each returned mail, against a real web server."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from notifications import tokens
from notifications.models import Delivery
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, send, states, told
from tests.notifications.returned import mail

PROGRAM = Path(__file__).parent.parent.parent / "deploy/bounce.py"
pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str, mail: bytes = b"") -> int:
    """As Postfix does: the mail on standard input, with bare line feeds."""
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *arguments], input=mail.replace(b"\r\n", b"\n"), timeout=60, check=False
    ).returncode


@pytest.fixture
def accepted(relay, quick) -> Delivery:
    quick.SECURE_SSL_REDIRECT = False
    quick.BOUNCE_DOMAIN = "bounces.example.com"
    subscribers(email=1)
    told(event())
    send()
    return Delivery.objects.get()


def test_a_returned_mail_is_handed_over(accepted, live_server):
    to = f"bounce+{tokens.bounce_token(accepted.pk)}@bounces.example.com"
    assert run(live_server.url, to, mail=mail("postfix_no_such_mailbox", "alias@example.com")) == 0
    assert states() == {"undelivered": 1}


def test_fault_38_a_mail_that_is_none_of_ours_is_dropped_and_not_returned(accepted, live_server):
    """Any other exit status would make the mail server write to a forged sender."""
    assert run(live_server.url, "bounce+x@bounces.example.com", mail=mail("vacation", "x@example.com")) == 0
    assert run(live_server.url, "x@example.com", mail=b"x" * 600_000) == 0
    assert states() == {"accepted": 1}


def test_while_the_site_is_away_the_mail_server_keeps_the_mail():
    assert run("http://127.0.0.1:9", "bounce+x@bounces.example.com", mail=b"To: x\n\nx\n") == 75
    assert run("file:///etc/passwd", "x") == 75
    assert run() == 75


def test_a_wrong_path_is_mended_while_the_mail_server_waits(live_server):
    assert run(f"{live_server.url}/elsewhere", "bounce+x@bounces.example.com", mail=b"To: x\n\nx\n") == 75


class Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on, as a site does that is asked by http and wants https."""

    asked: ClassVar[list[str]] = []

    def do_POST(self):
        self.asked.append(self.command)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(301)
        self.send_header("Location", "/hooks/bounce")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


def test_nothing_is_handed_over_by_way_of_a_redirect():
    """It would arrive as a GET, without the mail."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_address[1]}"
        assert run(site, "bounce+x@bounces.example.com", mail=b"To: x\n\nx\n") == 75
        server.shutdown()
    assert Elsewhere.asked == ["POST"]
