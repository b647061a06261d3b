"""Calls of a client that runs in a process of its own (python_client.py)."""

import json
import subprocess
from typing import Any

import pytest


class Refusal(Exception):
    """The client raised an error; `status` is that of the answer."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said["error"])
        self.status = said["status"]


class Client:
    """One client in a process of its own: `client("components.create", name="API")` is what it answers."""

    def __init__(self, argv: list[str], page: str) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.page = page

    def __call__(self, call: str, *args: Any, **kwargs: Any) -> Any:
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.process.stdin.write(json.dumps([call, args, kwargs]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        said = json.loads(line)
        if "error" in said:
            raise Refusal(said)
        return said["answer"]

    def refused(self, call: str, *args: Any, **kwargs: Any) -> int:
        """The status of a call that fails."""
        with pytest.raises(Refusal) as error:
            self(call, *args, **kwargs)
        return error.value.status

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
