"""The real Alertmanager on a port of 127.0.0.1, with data below a folder; what it is told stands for Prometheus."""

import json
import shutil
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from deploy.processes import Program, poll_until
from deploy.valkey import free_port

NAMES = ("prometheus-alertmanager", "alertmanager")
"""Debian's name, and its makers'."""
PACKAGE = "prometheus-alertmanager"

CONFIGURATION = """
route:
  receiver: statuspage
  group_by: [statuspagePageId, statuspageComponentId]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 3s
receivers:
  - name: statuspage
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {key}
"""
"""As somebody has it who moved from the bridge: another address, a key, and no patience at all."""


def program() -> str | None:
    """Where Alertmanager is, if anywhere."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Alertmanager:
    """It tells `url`, with that key, of whatever it is told."""

    def __init__(self, argv0: str, folder: Path, *, url: str, key: str) -> None:
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        (folder / "alertmanager.yml").write_text(CONFIGURATION.format(url=url, key=key))
        self._argv = [
            argv0,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.program = Program("alertmanager", self._argv, stdout=log, stderr=log)
            self.program.start()
        poll_until(lambda: self._ask("GET", "/-/ready") == 200, 20, "Alertmanager answers")

    def restart(self, *, number: int = signal.SIGTERM) -> None:
        """End it, in order or at once, and start it again with what it kept: not the alerts."""
        self.program.signal_group(number)
        self.program.end()
        self.start()

    def stop(self) -> None:
        self.program.end()

    def tell(self, alerts: Sequence[dict[str, Any]]) -> None:
        """What Prometheus says of all alerts that it knows, again and again."""
        assert self._ask("POST", "/api/v2/alerts", json.dumps(list(alerts))) == 200

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


def now() -> str:
    return datetime.now(UTC).isoformat()
