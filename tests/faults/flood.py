"""A flood of sign-ins: a program, `python -m tests.faults.flood PORT N`. Each asks for the form, guesses, and again.

Ends when its standard input does, and says as one JSON object how often each status was the answer.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode

LOGIN = "/admin/login/"
PAUSE_SECONDS = 0.1


class Guesser(threading.Thread):
    """One of them."""

    def __init__(self, port: int, number: int, statuses: Counter[str]) -> None:
        super().__init__(daemon=True)
        self.port, self.number, self.statuses = port, number, statuses

    def run(self) -> None:
        while True:
            try:
                self.guess()
            except (OSError, HTTPException, KeyError):
                self.statuses["hung up"] += 1  # who is refused is not listened to either

    def guess(self) -> None:
        """One form, ten guesses."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", LOGIN)
            answer = connection.getresponse()
            answer.read()
            token = SimpleCookie(answer.getheader("Set-Cookie"))["csrf"].value
            for _ in range(10):
                time.sleep(PAUSE_SECONDS)
                self.statuses[f"POST {self.post(connection, token)}"] += 1
        finally:
            connection.close()

    def post(self, connection: HTTPConnection, token: str) -> int:
        typed = {"username": f"user-{self.number}", "password": "correct horse battery", "csrfmiddlewaretoken": token}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrf={token}"}
        connection.request("POST", LOGIN, urlencode(typed), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def main() -> None:
    port, count = map(int, sys.argv[1:])
    statuses: Counter[str] = Counter()
    for number in range(count):
        Guesser(port, number, statuses).start()
    sys.stdin.read()
    print(json.dumps(dict(statuses)))


if __name__ == "__main__":
    main()
