"""A feed reader that polls through fifty publications: it is told each thing once, and nothing twice."""

from datetime import timedelta

import feedparser
import pytest

from statuspage.actions import incidents, maintenance
from tests.notifications.test_documents import get
from tests.statuspage import given

pytestmark = pytest.mark.django_db(transaction=True)

PUBLICATIONS = 50
HOUR = timedelta(hours=1)


class FeedReader:
    """Polls one feed as programs do: with the ETag of the last time; what is new to it by its id, it shows."""

    def __init__(self, path: str) -> None:
        self.path, self.tag = path, ""
        self.shown: list[str] = []
        self.known: set[str] = set()
        self.unchanged = 0

    def poll(self) -> None:
        status, headers, body = get(self.path, HTTP_IF_NONE_MATCH=self.tag)
        if status.startswith("304"):
            self.unchanged += 1
            return
        self.tag = headers["ETag"]
        feed = feedparser.parse(body)
        assert not feed.bozo, feed.get("bozo_exception")
        ids = [entry.id for entry in feed.entries]
        assert len(set(ids)) == len(ids)
        self.shown += [entry.title for entry in feed.entries if entry.id not in self.known]
        self.known |= set(ids)


def publications(api):
    """Fifty, of all kinds: openings, updates, resolutions, windows that are planned and then moved or called off."""
    for number in range(PUBLICATIONS // 5):
        at = given.NOON + number * HOUR
        opened = given.incident({api: "major_outage"}, name=f"Incident {number}", now=at)
        yield
        incidents.publish_update(incident=opened, status="identified", body="A cable.", actor=given.ALICE)
        yield
        window = given.scheduled(api, name=f"Window {number}", now=at)
        yield
        incidents.publish_update(incident=opened, status="resolved", body="Over.", actor=given.ALICE)
        yield
        move(window, at) if number % 2 else call_off(window)
        yield


def move(window, announced_at):
    times = {"scheduled_for": window.scheduled_for + HOUR, "scheduled_until": window.scheduled_until + HOUR}
    facts = {"body": "An hour later.", "actor": given.ALICE, "now": announced_at + HOUR / 2}
    maintenance.move_maintenance(maintenance=window, **times, **facts)


def call_off(window):
    maintenance.cancel_maintenance(maintenance=window, body="Not needed.", actor=given.ALICE)


def test_each_entry_is_shown_once_through_fifty_publications(publish_root):
    """By readers of either format, at the same time."""
    readers, count = [FeedReader("/history.atom"), FeedReader("/history.rss")], 0
    for _ in publications(given.component("API")):
        count += 1
        for reader in readers:
            reader.poll()
            reader.poll()
    assert [count, *(reader.unchanged for reader in readers)] == [PUBLICATIONS] * 3
    expected = [f"{kind} {number}" for number in range(PUBLICATIONS // 5) for kind in ("Incident", "Window")]
    assert [reader.shown for reader in readers] == [expected] * 2
