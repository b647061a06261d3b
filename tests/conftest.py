"""Fixtures for all tests: folders of their own, servers that speak the real protocols, whole sites, a browser."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import override_settings
from django.test.signals import template_rendered
from pytest_django import Settings

from tests import browsers
from tests.servers import nginx
from tests.servers.smtp import SmtpSink
from tests.servers.twilio import TwilioStandIn
from tests.site import Site
from tests.strangers import packages


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path: Path) -> None:
    """No test sees what another one published or sent."""
    settings.PUBLISH_ROOT = tmp_path / "public"
    settings.OUTGOING_ROOT = tmp_path / "outgoing"


@pytest.fixture(scope="module")
def all_languages() -> Iterator[None]:
    """As many as a site speaks that leaves LANGUAGES alone; the tests' own has two."""
    with override_settings(LANGUAGES=list(configured.KNOWN_LANGUAGES.items())):
        yield


@pytest.fixture
def publish_root(settings: Settings, own_folders: None) -> Path:
    """Where this test's pages are published."""
    root: Path = settings.PUBLISH_ROOT
    return root


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite a file, as a real site has: in memory, other threads would wait for nothing and see tables locked."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture
def smtp_sink(tmp_path: Path) -> Iterator[SmtpSink]:
    """An SMTP server; `EMAIL_URL` is its `url`, what it was sent its `messages()`."""
    sink = SmtpSink(tmp_path / "smtp.jsonl").start()
    yield sink
    sink.stop()


@pytest.fixture
def twilio_server(tmp_path: Path) -> Iterator[TwilioStandIn]:
    """Twilio's API; `TWILIO_API_URL` is its `url`, what it took its `messages()`."""
    server = TwilioStandIn(tmp_path / "twilio.jsonl").start()
    yield server
    server.stop()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes whole running sites, `make_site("sqlite", UNDO_SECONDS="5")`, and ends them."""
    sites: list[Site] = []

    def make(database: str = "sqlite", **options: Any) -> Site:
        sites.append(Site(tmp_path / f"site-{len(sites)}", database, **options))
        return sites[-1].start()

    yield make
    for site in sites:
        site.stop()


@pytest.fixture(scope="session")
def nginx_path() -> Path:
    """nginx's program; without it, its tests are skipped."""
    path = nginx.program()
    if path is None:
        pytest.skip("no nginx: Debian's package nginx-light is enough")
    return path


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium's program; without any, its tests are skipped, or fail where BROWSER=required."""
    path = browsers.found_or_installed()
    if path is None and browsers.is_required():
        pytest.fail("BROWSER=required, and there is no Chromium", pytrace=False)
    if path is None:
        pytest.skip("no Chromium")
    return path


@pytest.fixture(scope="module")
def chromium(chromium_path: Path) -> Iterator[Any]:
    """A running headless Chromium, Playwright's `Browser`."""
    # Playwright's loop runs in this thread, and Django takes that for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, browsers.launched(chromium_path) as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be evaluated in a page."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


@pytest.fixture
def shown() -> Iterator[set[str]]:
    """The names of all templates that were rendered so far."""
    names: set[str] = set()

    def note(sender: Any, template: Any, **facts: Any) -> None:
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None]:
    """Without a browser, or without Node, say so where it can't be missed: in the last lines but one."""
    yield
    if browsers.present() is None:
        terminalreporter.write_line(browsers.NOT_RUN)
    if reason := packages.node_not_run():
        terminalreporter.write_line(f"node: NOT RUN ({reason})")
