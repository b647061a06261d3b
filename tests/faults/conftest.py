"""One site for all these tests: starting one takes longer than most faults."""

from collections.abc import Iterator

import pytest

from tests.faults.running import QUICK, Running
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
    one_site.heal()
    one_site.begin(mails=5, texts=2)
    yield one_site
    one_site.heal()
