"""schemathesis reads our OpenAPI document and tries what it says, and what it does not, on a running server.

All its checks as they are by default: no error of the server's, nothing that the document does not say, nothing
accepted that the document forbids, nothing refused that it allows (but for 404 and 409), no key ignored.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import Site

SITE = {"API_RATE": "10000", "LANGUAGES": "en"}
PREPARED = "from tests.strangers import stage; stage.store_page()"
TIMEOUT_SECONDS = 3600

pytestmark = pytest.mark.serial


def test_the_document_holds(site, tmp_path):
    """The same cases every time: a change must not fail for what it did not do. Coverage takes minutes (below)."""
    tried(site, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "5", "--seed", "7")


@pytest.mark.long
def test_the_document_holds_at_every_edge(site, tmp_path):
    tried(site, tmp_path, "--phases", "coverage", "--seed", "7")


@pytest.mark.long
def test_the_document_holds_whatever_is_tried(site, tmp_path):
    tried(site, tmp_path, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "60")


def tried(site: Site, folder: Path, *options: str) -> None:
    """Its working folder is the test's own: it keeps what it found."""
    key = site.manage("create_api_key", f"schemathesis {len(options)}").stdout.strip()
    program = Path(sys.executable).with_name("st")
    fixed = ("--header", f"Authorization: OAuth {key}", "--generation-database", "none", "--no-color")
    argv = [str(program), "run", f"{site.url}/api/openapi.json", *fixed, *options]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{site.logs('web')[-4000:]}"
