"""nginx with the configuration that ships: ports, folders and the certificate alone are others.

Listens on 127.0.0.1, on ports that need no rights, and needs none to run.
"""

import http.client
import os
import shutil
import ssl
from collections.abc import Mapping
from pathlib import Path

import trustme

from deploy.nginx_headers import policy_map
from deploy.processes import ROOT, Program, poll_until
from deploy.valkey import free_port
from tests.site import Response

NAME = "status.example.com"
"""Whom the configuration that ships speaks for."""

MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    include {folder}/status-page.conf;
}}
"""
"""What Debian's own has around it, as far as it matters."""


def program() -> Path | None:
    """Where nginx is, if anywhere; Debian puts it where only root looks."""
    usual = Path("/usr/sbin/nginx")
    found = shutil.which("nginx")
    return Path(found) if found else usual if usual.exists() else None


class Nginx:
    """In front of the programs on the ports `web` and `console`, and of the pages in `published`."""

    def __init__(self, argv0: Path, folder: Path, published: Path, *, web: int, console: int) -> None:
        folder.mkdir()
        self.folder, self.published = folder, published
        self.port, self.plain_port = free_port(), free_port()
        authority = trustme.CA()
        self._trust = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
        authority.issue_cert(NAME, "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "certificate.pem")
        self._write(web, console)
        argv = [str(argv0), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        self.program = Program("nginx", argv)

    def start(self) -> "Nginx":
        """Start, and wait until it answers."""
        self.program.start()
        poll_until(self._answers, 10, "nginx answers")
        return self

    def stop(self) -> None:
        """End it."""
        self.program.end()

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Response:
        """What it answers to one request over TLS; `Accept_Encoding="gzip"` is a header."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self._trust)
        return answered(connection, path, method, body, headers)

    def ask_plainly(self, path: str, **headers: str) -> Response:
        """The same without TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=30)
        return answered(connection, path, "GET", None, headers)

    def log(self) -> str:
        """Who asked for what, as far as nginx wrote that down."""
        return (self.folder / "access.log").read_text()

    def _answers(self) -> bool:
        try:
            return self.ask_plainly("/").status == 301
        except OSError:
            if not self.program.is_alive:
                raise RuntimeError((self.folder / "error.log").read_text()) from None
            return False

    def _write(self, web: int, console: int) -> None:
        """Its files: the main one, ours, and what a release adds."""
        (self.folder / "headers.conf").write_text(policy_map(self.published))
        user = "" if os.geteuid() else "user root;"  # as anybody else it could not read below a temporary folder
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        shipped = (ROOT / "deploy" / "nginx.conf").read_text()
        (self.folder / "status-page.conf").write_text(replaced(shipped, self._places(web, console)))

    def _places(self, web: int, console: int) -> dict[str, str]:
        """What ships -> what is here. IPv6 is not on every machine."""
        certificate = str(self.folder / "certificate.pem")
        return {
            "/etc/nginx/status-page-headers.conf": str(self.folder / "headers.conf"),
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{web};",
            "server 127.0.0.1:8001;": f"server 127.0.0.1:{console};",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "/etc/ssl/private/status.example.com.key": certificate,
            "/etc/ssl/status.example.com.pem": certificate,
            "/var/log/nginx/access.log": str(self.folder / "access.log"),
            "/var/lib/status-page/public": str(self.published),
        }


def replaced(text: str, places: Mapping[str, str]) -> str:
    """With these instead of those, each of which is there."""
    for shipped, here in places.items():
        assert shipped in text, f"deploy/nginx.conf has no {shipped!r} any more"
        text = text.replace(shipped, here)
    return text


def answered(
    connection: http.client.HTTPConnection, path: str, method: str, body: str | None, headers: Mapping[str, str]
) -> Response:
    """One request and its answer; no redirect is followed."""
    sent = {"Host": NAME} | {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        return Response(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
    finally:
        connection.close()
