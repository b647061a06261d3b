"""Fixtures for what is published."""

import pytest

from statuspage.publishing import store


@pytest.fixture
def rendered(monkeypatch):
    """The paths of all pages that are rendered from now on."""
    paths, write = [], store.write_page

    def counting(folder, path, body):
        paths.append(path)
        write(folder, path, body)

    monkeypatch.setattr(store, "write_page", counting)
    return paths
