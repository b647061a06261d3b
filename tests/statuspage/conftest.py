"""Fixtures for what is published, and for windows of a browser on it."""

import pytest

from statuspage import events
from statuspage.publishing import store

from .factories import NOW, a_snapshot
from .page_window import Window


@pytest.fixture
def heard():
    """The events that were emitted, in order."""
    found = []

    def listen(sender, event, **_):
        found.append(event)

    events.published.connect(listen)
    yield found
    events.published.disconnect(listen)


@pytest.fixture
def rendered(monkeypatch):
    """The paths of all pages that are rendered from now on; the data beside them are rendered with them."""
    paths, write = [], store.write_page

    def counting(folder, path, body):
        if not path.endswith(".json"):
            paths.append(path)
        write(folder, path, body)

    monkeypatch.setattr(store, "write_page", counting)
    return paths


@pytest.fixture
def reader(chromium):
    """Opens windows on snapshots, `reader(snapshot, timezone_id=...)`, and closes them."""
    opened = []

    def make(snapshot=None, **options):
        opened.append(Window(chromium, snapshot or a_snapshot(), **options))
        opened[-1].page.clock.install(time=NOW)
        return opened[-1]

    yield make
    for each in opened:
        each.context.close()
