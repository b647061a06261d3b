"""One site for all these tests: starting one takes longer than most faults."""

from collections.abc import Iterator

import pytest

from tests.faults.running import QUICK, Running, begun
from tests.site import Site


@pytest.fixture(scope="package")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    site = Site(tmp_path_factory.mktemp("faults"), "postgres", **QUICK)
    try:
        yield Running(site.start())
    finally:
        site.stop()


@pytest.fixture
def running(one_site: Running) -> Iterator[Running]:
    """The site, with five to mail and two to text."""
    with begun(one_site, mails=5, texts=2) as site:
        yield site


@pytest.fixture
def publishing(one_site: Running) -> Iterator[Running]:
    """The site, with one to tell: what is published matters, and not to how many."""
    with begun(one_site, mails=1) as site:
        yield site
