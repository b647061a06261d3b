"""The site that story, chaos and browser tests stand on: it runs, it can be broken, and it is gone afterwards."""

import os
import subprocess
import sys

import pytest

from deploy.processes import poll_until
from tests import browsers
from tests.test_tooling import living

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_site_serves_its_page_through_kills_and_leaves_nobody(make_site, database):
    site = make_site(database)
    assert site.get("/").status == 200
    assert site.get("/api/v2/status.json", Accept_Encoding="identity").json()["status"]["indicator"] == "none"

    site.kill_workers()
    site.kill_valkey()
    assert site.get("/").status == 200
    site.valkey.start()
    site.start_workers()
    site.kill_web()
    site.start_web()
    assert site.get("/").status == 200

    groups = [program.process.pid for program in site.programs.values()]
    site.stop()
    poll_until(lambda: not any(map(living, groups)), 10, "every program ends")


def test_a_wait_in_vain_shows_what_the_programs_said(make_site):
    site = make_site("sqlite")
    with pytest.raises(TimeoutError, match=r"pigs fly(.|\n)*--- web"):
        site.wait_for(lambda: False, 0.1, "pigs fly")


def test_a_browser_shows_the_page_and_axe_reads_it(make_site, chromium, axe):
    page = chromium.new_page()
    page.goto(make_site("sqlite").url)
    page.evaluate(axe)
    assert page.evaluate("axe.version").startswith("4.")
    assert page.title()
    page.close()


# --- Without a browser -----------------------------------------------------------------------------------------------

NEEDS_BROWSER = "def test_it(chromium):\n    pass\n\ndef test_other():\n    pass\n"


@pytest.fixture
def run_without_browser(tmp_path):
    """Runs two tests, one of which needs a browser, where there is none; answers with status and lines."""
    (tmp_path / "test_needs_browser.py").write_text(NEEDS_BROWSER)
    (tmp_path / "no_browser.py").write_text(
        "from tests import browsers\nbrowsers.present = browsers.found_or_installed = lambda: None\n"
    )

    def run(**overrides):
        environment = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "BROWSER"))}
        environment |= {"PYTHONPATH": str(tmp_path), "TEST_DATABASE": "postgres", **overrides}
        argv = [sys.executable, "-m", "pytest", "-p", "no_browser", "-p", "tests.conftest", str(tmp_path)]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    return run


def test_without_a_browser_all_else_runs_and_the_last_line_but_one_says_so(run_without_browser):
    status, lines = run_without_browser()
    assert status == 0, lines
    assert "1 passed, 1 skipped" in lines[-1]
    assert lines[-2] == browsers.NOT_RUN == "browser: NOT RUN (no Chromium)"


def test_a_required_browser_that_is_missing_is_a_failure(run_without_browser):
    status, lines = run_without_browser(BROWSER="required")
    assert status == 1
    assert any("BROWSER=required, and there is no Chromium" in line for line in lines)
