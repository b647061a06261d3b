"""A running site for the clients of a file, and the clients themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site
from tests.strangers import packages


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that answers and publishes, and tells nobody: no worker runs.

    A file's `SITE` are settings of its own; `PREPARED` is what is done there before anybody asks, as `manage.py shell`
    takes it.
    """
    options = getattr(request.module, "SITE", {})
    running = Site(tmp_path_factory.mktemp("strangers"), "postgres", workers=0, beats=0, **options)
    try:
        running.start()
        running.manage("shell", "-c", getattr(request.module, "PREPARED", "pass"))
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def python_clients() -> Path:
    """The interpreter of an environment with the clients of `requirements-strangers.lock`."""
    try:
        return packages.python()
    except packages.NotToBeHad as error:
        packages.or_skip("the Python clients", error)
        raise


@pytest.fixture(scope="session")
def node_clients() -> Path:
    """The folder `node_modules` with the packages of `package-lock.json`."""
    try:
        return packages.node_modules()
    except packages.NotToBeHad as error:
        packages.or_skip("the clients in JavaScript", error)
        raise
