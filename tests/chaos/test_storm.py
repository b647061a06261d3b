"""The chaos test: a storm over a whole site, then fourteen invariants. `make chaos` has ten seeds, and more."""

import pytest

from tests.chaos import seeds, table
from tests.chaos.run import storm
from tests.chaos.storm import SQUALL

pytestmark = pytest.mark.serial


@pytest.mark.minute
def test_fault_97_everything_at_once_loses_nothing(tmp_path):
    """PostgreSQL, two workers of four, two schedulers; the whole crowd, thirty words, every fault, and a power cut."""
    line = storm(tmp_path / "site", seeds.ORDINARY[0])
    print("\n".join([table.head(), table.said(line)]))
    assert line.breaches == []


@pytest.mark.long
def test_fault_97_one_worker_on_sqlite_loses_nothing(tmp_path):
    line = storm(tmp_path / "site", seeds.ORDINARY[0], database="sqlite", weather=SQUALL)
    print("\n".join([table.head(), table.said(line)]))
    assert line.breaches == []
