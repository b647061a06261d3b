"""docs/faults.md says which test injects which fault, and the tests' names say the same."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<fault>[^|]+) \| (?P<where>[^|]+) \|$", re.MULTILINE)
NAME = re.compile(r"def test_fault_(?P<number>\d\d)_")
FILE = re.compile(r"`(tests/[\w/]+\.py)`")

ROWS = {int(row["number"]): row["where"] for row in ROW.finditer((ROOT / "docs/faults.md").read_text())}


def injected() -> dict[int, set[str]]:
    """Number of a fault -> the files whose tests bear it."""
    found: dict[int, set[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in NAME.finditer(file.read_text()):
            found.setdefault(int(name["number"]), set()).add(str(file.relative_to(ROOT)))
    return found


def test_the_page_names_every_test_and_no_other():
    named = {number: set(FILE.findall(where)) for number, where in ROWS.items()}
    assert {number: files for number, files in named.items() if files} == injected()
