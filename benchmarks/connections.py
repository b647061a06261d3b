"""Mails a second of one process over ten connections, nothing pinned, against postfix's smtp-source with ten sessions.

Where smtp-source is not installed (Debian's package `postfix`; it need not run), the
reference is a loop of ours over ten raw sockets, which sends a prebuilt mail in one write
with the next one's commands, as RFC 2920 allows: somewhat faster than smtp-source.
"""

import shutil
import socket
import subprocess
from pathlib import Path

from django.conf import settings

from benchmarks import people
from benchmarks.mail_rate import one_mail, whole_path
from benchmarks.rounds import figure, interleaved, ratio, timed
from benchmarks.sink import sink
from benchmarks.table import Row

SESSIONS = 10
MAILS = 5_000
SENDER, READER = "status@example.com", "reader@example.org"


def run(database: str, quick: bool) -> list[Row]:
    mails = MAILS // 5 if quick else MAILS
    people.subscribe(1, mails)
    settings.DELIVERY_CONNECTIONS = SESSIONS
    content, _ = one_mail()
    program = source_program()
    with sink() as port:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}/?tls=none"
        whole_path()
        other = (lambda: smtp_source(program, port, mails)) if program else (lambda: raw_sockets(port, mails, content))
        theirs, ours = interleaved([lambda: timed(other), whole_path])
    name = "smtp-source" if program else "raw sockets (no smtp-source here)"
    what = f"mails of one process, whole path, {SESSIONS} connections, unpinned"
    return [Row(what, f"{name}: {figure(theirs)}", figure(ours), ratio(ours, theirs), ">= 0.12", database)]


def source_program() -> str | None:
    """Where smtp-source is, if anywhere; Debian puts it where only root looks."""
    usual = Path("/usr/sbin/smtp-source")
    return shutil.which("smtp-source") or (str(usual) if usual.exists() else None)


def smtp_source(program: str, port: int, mails: int) -> int:
    """postfix's own load generator, on mails as long as ours."""
    sizes = ["-s", str(SESSIONS), "-m", str(mails), "-l", "4096"]
    subprocess.run([program, *sizes, "-d", "-f", SENDER, "-t", READER, f"inet:127.0.0.1:{port}"], check=True)
    return mails


def raw_sockets(port: int, mails: int, content: bytes) -> int:
    """Ten sockets by turns, one write and one answer a mail."""
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{READER}>\r\nDATA\r\n".encode()
    sockets = [opened(port, envelope) for _ in range(SESSIONS)]
    for _ in range(mails // SESSIONS):
        for each in sockets:
            each.sendall(content + b".\r\n" + envelope)
        for each in sockets:
            hear(each, b"354 ")
    for each in sockets:
        each.close()
    return mails // SESSIONS * SESSIONS


def opened(port: int, envelope: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    hear(connection, b"220 ")
    connection.sendall(b"EHLO localhost\r\n")
    hear(connection, b"250 ")
    connection.sendall(envelope)
    hear(connection, b"354 ")
    return connection


def hear(connection: socket.socket, code: bytes) -> None:
    """Read until a line that begins so is complete."""
    heard = b""
    while not (heard.endswith(b"\r\n") and heard.splitlines()[-1].startswith(code)):
        heard += connection.recv(65536)
