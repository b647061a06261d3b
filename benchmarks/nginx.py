"""The reference of the pages: nginx with one worker on the same folder, with the same headers."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sites import Served, Site, running
from deploy.processes import Program
from deploy.valkey import free_port
from tests.servers.nginx import program

ITS_OWN = {
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "server",
    "transfer-encoding",
}
"""Headers that nginx sends without being told."""

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=100 inactive=60s;
    gzip_static on;
    charset utf-8;
    types {{ text/html html; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location = / {{ try_files /current/index.html =404; }}
        location = /healthz {{ return 200; }}
        {headers}
    }}
}}
"""


@contextmanager
def served(site: Site, headers: Mapping[str, str]) -> Iterator[Served | None]:
    """nginx on what the site has published, sending these headers too; None where there is no nginx."""
    found = program()
    if found is None:
        yield None
        return
    folder = site.folder / "nginx"
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(configuration(folder, site.published, port, headers))
    argv = [str(found), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with running(Program("nginx", argv), port) as nginx:
        yield nginx


def configuration(folder: Path, root: Path, port: int, headers: Mapping[str, str]) -> str:
    lines = [f'add_header {name} "{text}";' for name, text in headers.items() if name not in ITS_OWN]
    user = "" if os.geteuid() else "user root;"  # as anybody else it could not read below a temporary folder
    return CONFIGURATION.format(folder=folder, root=root, port=port, headers="\n        ".join(lines), user=user)
