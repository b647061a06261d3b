"""Owns which of xdist's workers runs what, and when: the longest first, what shares a site or a browser in one place.

There is a worker more than this machine has cores, since most tests wait most of the time; but whole sites keep
several programs busy, so one worker at least is at something else.
"""

import functools
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).resolve().parent.parent
SHARING = ("tests/faults/",)
"""Folders whose tests share a site."""
SHARING_BY_FILE = ("tests/strangers/",)
"""Folders of whose files each has a site of its own, a fixture of their conftest."""


def order(items: list[pytest.Item]) -> None:
    """What takes a minute begins first, so that nobody waits for it in the end; then whole sites; then all others."""
    items.sort(key=lambda item: (not has_mark(item, "minute"), not has_mark(item, "serial")))


def has_mark(item: pytest.Item, name: str) -> bool:
    return item.get_closest_marker(name) is not None


def unit_of(nodeid: str) -> str:
    """The tests of one unit are run by one worker, one after the other: a test alone, a file's, or a folder's."""
    folder = next((folder for folder in SHARING if nodeid.startswith(folder)), None)
    file = nodeid.partition("::")[0]
    return folder or (file if shares_a_fixture(file) else nodeid)


@functools.cache
def shares_a_fixture(file: str) -> bool:
    """Whether the tests of this file have a site or a browser between them."""
    return "browser" in file or file.startswith(SHARING_BY_FILE) or 'scope="module"' in source(file)


@functools.cache
def starts_sites(file: str) -> bool:
    return "pytest.mark.serial" in source(file)


def source(file: str) -> str:
    return (ROOT / file).read_text()


class Distribution(LoadScopeScheduling):
    """Units in their order; of the workers all but one may be at a whole site."""

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        unit = unit_of(self.registered_collections[node][item_index])
        if all(self.assigned_work[node].get(unit, {"": False}).values()):
            del self.assigned_work[node][unit]

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next_unit(node), last=False)
        super()._assign_work_unit(node)

    def _next_unit(self, node: WorkerController) -> str:
        """The first, unless it is a site too many and there is something else to do."""
        first = next(iter(self.workqueue))
        others = sum(self._is_at_a_site(each) for each in self.nodes if each is not node)
        if others < len(self.nodes) - 1:
            return first
        return next((unit for unit in self.workqueue if not is_site(unit)), first)

    def _is_at_a_site(self, node: WorkerController) -> bool:
        return any(is_site(unit) for unit in self.assigned_work[node])


def is_site(unit: str) -> bool:
    """Whether a unit starts whole sites."""
    return unit in SHARING or starts_sites(unit.partition("::")[0])
