"""Staff in a storm: they publish through the console, as a browser would, and press again where no answer came."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.chaos.people import PASSPHRASE, STAFF
from tests.chaos.plan import Publication
from tests.site import Response, Server, Site

PATIENCE_SECONDS = 90
AGAIN_SECONDS = 0.5
VISIBLE_SECONDS = 2.0
"""I10: what was answered is on the page, in the feed and in the JSON within so long."""
LOOKED_FOR_SECONDS = 15.0
INCIDENT_FEED, WINDOWS, INCIDENTS = (
    "/history.atom",
    "/api/v2/scheduled-maintenances.json",
    "/api/v2/incidents.json",
)


@dataclass
class Told:
    """One publication as staff saw it: how often they pressed, and how long until readers had it, by path."""

    publication: Publication
    subject_id: str = ""
    presses: int = 0
    answered_at: float = 0.0
    lags: dict[str, float | None] = field(default_factory=dict)


class Browser:
    """As much of one as a form needs: cookies, and the token against forged requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = server.port
        self.cookies: dict[str, str] = {}

    def at(self, port: int) -> "Browser":
        """The same, signed in as it is, at another door of the site."""
        other = Browser(self.server)
        other.port, other.cookies = port, dict(self.cookies)
        return other

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, Any]) -> Response:
        """Send a form."""
        body = urlencode(fields | {"csrfmiddlewaretoken": self.cookies.get("csrf", "")}, doseq=True)
        return self.ask("POST", path, body)

    def ask(self, method: str, path: str, body: str | None = None) -> Response:
        """One request; no redirect is followed. Raises OSError, HTTPException where no answer comes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.server.url} if body else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        for line in answer.msg.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)

    def sign_in(self) -> None:
        """With the console's own form."""
        self.get("/admin/login/")
        answer = self.post("/admin/login/", {"username": STAFF, "password": PASSPHRASE, "next": "/admin/"})
        assert answer.status == 302, answer.status


class Staff:
    """Publishes one word after the other. `ids`: subject -> the id the site gave it."""

    def __init__(self, site: Site, components: dict[str, str]) -> None:
        self.browser = Browser(site)
        self.site = site
        self.components = components
        self.ids: dict[str, str] = {}
        self.started_at = datetime.now(UTC)

    def publish(self, publication: Publication, strike: Callable[[str], None]) -> Told:
        """Press until it is answered, strike where that is planned, then look with a reader's eyes."""
        told = Told(publication)
        path, fields = self.form(publication)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_taken(told, path, fields):
            assert time.monotonic() < deadline, f"nobody let staff publish {publication}"
            time.sleep(AGAIN_SECONDS)
        if publication.strike:
            strike(publication.strike)
        self.look(told)
        return told

    def is_taken(self, told: Told, path: str, fields: dict[str, Any]) -> bool:
        """One press of the button. After a lost answer the form may find its own word there already."""
        told.presses += 1
        try:
            answer = self.browser.post(path, fields)
        except (OSError, HTTPException):
            return False
        told.answered_at = time.time()
        if answer.status == 302:
            self.ids.setdefault(told.publication.subject, answer.headers["location"].split("/")[3])
            told.subject_id = self.ids[told.publication.subject]
            return True
        told.subject_id = self.ids.get(told.publication.subject, "")
        assert answer.status >= 500 or told.presses > 1, (answer.status, said(answer))
        return bool(told.subject_id) and answer.status in {409, 422} and self.is_there(told, page_of(told))

    def look(self, told: Told) -> None:
        """How long it takes until each path has the word, in seconds after the answer."""
        json_path = WINDOWS if told.publication.subject.startswith("window") else INCIDENTS
        paths = [page_of(told), INCIDENT_FEED, json_path]
        while missing := [path for path in paths if path not in told.lags]:
            now = time.time()
            told.lags |= {path: now - told.answered_at for path in missing if self.is_there(told, path)}
            if time.time() - told.answered_at > LOOKED_FOR_SECONDS:
                told.lags |= {path: None for path in paths if path not in told.lags}
            time.sleep(0.05)

    def is_there(self, told: Told, path: str) -> bool:
        return told.publication.mark in self.site.get(path).text

    # --- Forms -----------------------------------------------------------------------------------------------

    def form(self, publication: Publication) -> tuple[str, dict[str, Any]]:
        """Where a word is sent, and what is typed."""
        typed: dict[str, Any] = {
            "body": f"Somebody is looking after it: {publication.mark}.",
            "notify": "on",
            "key": publication.mark,
            "step": "publish",
        }
        subject = self.ids.get(publication.subject)
        component = self.components[publication.component]
        if publication.subject.startswith("window"):
            return self.window_form(publication, typed, subject, component)
        if subject:
            return f"/admin/incident/{subject}/", typed | {"status": publication.act, "was_open": "yes"}
        facts = {"name": f"{publication.component}: {publication.subject}", "status": publication.act, "cause": "own"}
        facts |= {f"component_{component}": "partial_outage", "severity": publication.severity or ""}
        return "/admin/incident/new/", typed | facts

    def window_form(
        self, publication: Publication, typed: dict[str, Any], subject: str | None, component: str
    ) -> tuple[str, dict[str, Any]]:
        """A window three days ahead; moved, it is a day later."""
        start = self.started_at + timedelta(days=4 if publication.act == "move" else 3)
        times = {"time_zone": "UTC", "starts": f"{start:%Y-%m-%dT%H:%M}"}
        times["ends"] = f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}"
        if subject is None:
            facts = {"name": f"{publication.component}: {publication.subject}", "components": [component]}
            return "/admin/maintenance/new/", typed | times | facts
        return f"/admin/maintenance/{subject}/{publication.act}/", typed | (times if publication.act == "move" else {})


def page_of(told: Told) -> str:
    return f"/incidents/{told.subject_id}"


def said(answer: Response) -> str:
    """What a refusal reads as, for the one who looks for the reason."""
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())[:2000]
