"""Only so many passwords are checked at once; whoever comes too many is turned away at once (fault 94)."""

import threading

from statuspage.console.signing_in import CHECKS_AT_ONCE, LOGIN, InTurn


class Slow:
    """An application that takes until it is told."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go = threading.Event()

    def __call__(self, environ, start_response):
        self.inside.release()
        assert self.go.wait(10)
        start_response("200 OK", [])
        return [b"checked"]


def ask(application, method: str, path: str) -> tuple[str, bytes]:
    said = []
    body = b"".join(
        application({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda status, _headers: said.append(status))
    )
    return said[0], body


def test_fault_94_the_third_who_signs_in_at_once_is_turned_away_and_nobody_else_is():
    slow = Slow()
    application = InTurn(slow)
    checked = [threading.Thread(target=ask, args=(application, "POST", LOGIN)) for _ in range(CHECKS_AT_ONCE)]
    for each in checked:
        each.start()
        assert slow.inside.acquire(timeout=10)
    status, words = ask(application, "POST", LOGIN)
    assert status == "503 Service Unavailable" and b"Nothing was checked" in words
    slow.go.set()
    assert ask(application, "GET", LOGIN) == ask(application, "POST", "/admin/incident/new/") == ("200 OK", b"checked")
    for each in checked:
        each.join()
    assert ask(application, "POST", LOGIN) == ("200 OK", b"checked"), "there is a place again"
