"""An early pytest plugin: the servers and the environment variables that the tests' Django is configured from.

Loaded with `-p`, because pytest-django reads the settings before any conftest. The servers are started once, by the
process that the user started; xdist's workers inherit their addresses. TEST_DATABASE=sqlite chooses the database that
`make run` has, and then only those tests that touch a database; DATABASE_URL and REDIS_URL name servers to use instead.
"""

import atexit
import os
from collections.abc import Callable, Generator
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer

from tests import distribution, temporary
from tests.servers import valkey
from tests.servers.postgres import Postgres

OF_THE_SITE = """
ALARM_EMAIL ALARM_EMAIL_URL ALARM_FORMAT ALARM_URL ALLOWED_HOSTS API_RATE BOUNCE_DOMAIN BRAND_COLOUR BRAND_FOOTER
BRAND_HOME_URL BRAND_LINKS BRAND_LOGO BRAND_SUPPORT_URL CANARY_EMAIL DEBUG DEFAULT_LANGUAGE DELIVERY_CONNECTIONS
EMAIL_FROM EMAIL_URL INSTANCE_ID LANGUAGES LOG_LEVEL METRICS_TOKEN
MIRROR_ALLOWED_HOSTS MIRROR_SECONDS PAGE_TIME_ZONE SECRET_KEY_FALLBACKS SITE_NAME
SMS_COUNTRIES SMS_DAILY_LIMIT SMS_PER_SECOND TRUSTED_PROXIES TWILIO_ACCOUNT_SID TWILIO_API_URL TWILIO_AUTH_TOKEN
TWILIO_FROM TWILIO_MESSAGING_SERVICE_SID UNDO_SECONDS WEBHOOKS WEBHOOK_ALLOWED_HOSTS
""".split()
"""Set in a developer's shell these would send to real people, or change what the tests see."""

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}

hypothesis.settings.register_profile("dev", deadline=None)
# The same examples every time: a change must not fail for what it didn't do. `make test-all` looks further.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("all", deadline=None, max_examples=1000)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Before anybody reads the settings."""
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev"))
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        start_servers()
    configure_site(Path(os.environ["TEST_FOLDER"]) / (worker or "main"))
    yield


def start_servers() -> None:
    """The database, the doorbell and a folder for this run; all of it is gone when this process ends."""
    folder = temporary.make_folder()
    os.environ["TEST_FOLDER"] = str(folder)
    os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or start_database(folder)
    doorbell = valkey.for_tests(folder / "valkey").start()
    atexit.register(doorbell.stop)
    os.environ["REDIS_URL"] = doorbell.url


def start_database(folder: Path) -> str:
    """The address of the chosen database."""
    chosen = os.environ.get("TEST_DATABASE", "postgres")
    if chosen == "sqlite":
        return f"sqlite:///{folder / 'site.sqlite3'}"
    if chosen != "postgres":
        raise pytest.UsageError(f"TEST_DATABASE: {chosen!r} is neither postgres nor sqlite")
    server = Postgres().start()
    atexit.register(server.remove)
    return server.url()


def configure_site(folder: Path) -> None:
    """The environment of a site that nobody knows and that tells nobody anything."""
    folder.mkdir()
    for name in OF_THE_SITE:
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = "a-key-for-tests-" * 4
    os.environ["SITE_URL"] = "http://127.0.0.1:8000"
    os.environ["PUBLISH_ROOT"] = str(folder / "public")
    # One to each side: with all six every publication of every test takes three times as long.
    os.environ["LANGUAGES"] = "en,ar"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> distribution.Distribution:
    """Which worker runs what."""
    config.option.loadscopereorder = False
    return distribution.Distribution(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, and on SQLite what no database can change; there, for the time it takes, browsers,
    who may enter which room, and the mutants that the machines find.

    What a browser asks for is asked for by other tests on both databases; `make test-all` has it all.
    """
    if os.environ.get("HYPOTHESIS_PROFILE") != "all":
        choose(config, items, lambda item: item.get_closest_marker("long") is None)
        if os.environ.get("TEST_DATABASE") == "sqlite":
            choose(config, items, lambda item: "chromium" not in getattr(item, "fixturenames", ()))
            choose(config, items, lambda item: item.get_closest_marker("alike") is None)
    if os.environ.get("TEST_DATABASE") == "sqlite":
        choose(config, items, touches_database)
    distribution.order(items)


def choose(config: pytest.Config, items: list[pytest.Item], is_wanted: Callable[[pytest.Item], bool]) -> None:
    """Run these only; the others are counted as deselected."""
    chosen = {id(item) for item in items if is_wanted(item)}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in chosen])
    items[:] = [item for item in items if id(item) in chosen]


def touches_database(item: pytest.Item) -> bool:
    """Whether a test asks for Django's test database. Whole sites have databases of their own."""
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)
