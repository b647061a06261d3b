"""People who leave in a storm: by one click in their mail program, by STOP, by a link that forgets them."""

import base64
import re
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from tests.chaos.journals import Tail
from tests.chaos.plan import Departure
from tests.site import Site

PATIENCE_SECONDS = 120
LINK_SECONDS = 300
LINK = re.compile(rb"http://127\.0\.0\.1:\d+(/subscriptions/[a-z0-9]+)")


class Departures:
    """`gone_at`: subscription -> when the site had answered, by the sinks' clock: from then on nothing is to start."""

    def __init__(self, site: Site, tokens: dict[str, str], planned: Sequence[Departure]) -> None:
        self.site = site
        self.tokens = tokens
        self.gone_at: dict[str, float] = {}
        self.mails = Tail(Path(site.smtp.journal_path))
        self.wait_for_link = {str(each.person.subscription): each for each in planned if each.way == "erase"}

    def leave(self, departure: Departure) -> None:
        """One goes; whoever wants to be forgotten asks for the link first."""
        subscription = str(departure.person.subscription)
        if departure.way == "stop":
            number = departure.person.address
            self.insist(lambda: self.text_stop(number), departure)
            self.gone_at[subscription] = time.time()
        elif departure.way == "erase":
            self.insist(lambda: self.post(self.unsubscribe_path(subscription), action="manage"), departure)
        else:
            path, one_click = self.unsubscribe_path(subscription), {"List-Unsubscribe": "One-Click"}
            self.insist(lambda: self.post(path, **one_click), departure)
            self.gone_at[subscription] = time.time()

    def finish(self) -> None:
        """Whoever asked for a link uses it once it is there."""
        deadline = time.monotonic() + LINK_SECONDS
        while self.wait_for_link and time.monotonic() < deadline:
            for address, link in self.new_links():
                for subscription, departure in list(self.wait_for_link.items()):
                    if departure.person.address == address:
                        self.erase(subscription, departure, link)
            time.sleep(1)

    def erase(self, subscription: str, departure: Departure, link: str) -> None:
        self.insist(lambda: self.post(link, action="erase"), departure)
        self.gone_at[subscription] = time.time()
        del self.wait_for_link[subscription]

    def insist(self, deed: Callable[[], bool], departure: Departure) -> None:
        """Until the site says yes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not deed():
            assert time.monotonic() < deadline, f"nobody let {departure} go"
            time.sleep(0.5)

    def text_stop(self, number: str) -> bool:
        answer = self.site.twilio.inbound(url=f"{self.site.url}/hooks/twilio/inbound", from_=number, body="STOP")
        return answer["status"] == 200

    def unsubscribe_path(self, subscription: str) -> str:
        return f"/unsubscribe/{self.tokens[subscription]}"

    def post(self, path: str, **fields: str) -> bool:
        """Whether the site took it."""
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            # A link that was used before had its answer lost on the way.
            return answer.status in {200, 303, 410}
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def new_links(self) -> Iterator[tuple[str, str]]:
        """Address and link of the mails that came and were asked for."""
        waiting = {each.person.address for each in self.wait_for_link.values()}
        for entry in self.mails.entries('"kind": "message"'):
            if entry["rcpt_to"][0] in waiting and (found := LINK.search(base64.b64decode(entry["raw"]))):
                yield entry["rcpt_to"][0], found[1].decode()
