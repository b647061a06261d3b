"""Which worker runs what, and where a run keeps its files."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from xdist.remote import Producer

from tests import temporary
from tests.distribution import Distribution, is_site, unit_of

STORM = "tests/chaos/test_storm.py::test_fault_97_everything_at_once_loses_nothing"
KILL = "tests/chaos/test_kill.py::test_with_the_doorbell_dead_and_workers_alive_everyone_is_told_once[postgres]"
RUN = "tests/test_run.py::test_it_ends_with_the_make_that_started_it"
FAULTS = ["tests/faults/test_workers.py::test_fault_01", "tests/faults/test_readers.py::test_fault_19"]
IN_A_BROWSER = [
    "tests/statuspage/test_page_in_browser.py::test_one",
    "tests/statuspage/test_page_in_browser.py::test_2",
]
LIGHT = [f"tests/statuspage/test_text.py::test_it[{number}]" for number in range(30)]


class Worker:
    """What the distribution knows of a worker: it takes tests, by their places, and is told when there are no more."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.queue: list[int] = []

    def send_runtest_some(self, places: list[int]) -> None:
        self.queue += places

    def shutdown(self) -> None:
        self.shutting_down = True


def begun(tests: list[str], count: int = 3) -> tuple[Distribution, list[Worker]]:
    """So many workers that were given their first tests."""
    config = SimpleNamespace(getvalue=lambda name: ["popen"] * count, option=SimpleNamespace(loadscopereorder=False))
    distribution = Distribution(config, Producer("tests", enabled=False))
    workers = [Worker(f"gw{number}") for number in range(count)]
    for worker in workers:
        distribution.add_node(worker)
        distribution.add_node_collection(worker, tests)
    distribution.schedule()
    return distribution, workers


def run(distribution: Distribution, workers: list[Worker], tests: list[str]) -> list[set[str]]:
    """Every worker runs a test at a time; what was run at once, step by step."""
    steps = []
    while any(worker.queue for worker in workers):
        busy = [(worker, worker.queue.pop(0)) for worker in workers if worker.queue]
        steps.append({tests[place] for _, place in busy})
        for worker, place in busy:
            distribution.mark_test_complete(worker, place)
    return steps


def test_every_test_is_run_once_and_never_a_site_by_every_worker_while_there_is_something_else():
    tests = [STORM, KILL, RUN, *FAULTS, *LIGHT]
    steps = run(*begun(tests), tests)
    assert sorted(test for step in steps for test in step) == sorted(tests)
    assert {STORM, KILL} < steps[0]
    assert all(sum(is_site(unit_of(test)) for test in step) <= 2 for step in steps)


def test_where_there_is_nothing_but_sites_every_worker_is_at_one():
    tests = [STORM, KILL, RUN]
    assert run(*begun(tests), tests)[0] == set(tests)


@pytest.mark.parametrize("tests", [FAULTS, IN_A_BROWSER])
def test_what_shares_a_site_or_a_browser_is_run_by_one_worker(tests):
    _, workers = begun([*tests, *LIGHT])
    assert workers[0].queue[:2] == [0, 1]


def test_a_file_without_anything_to_share_is_divided():
    assert len({unit_of(test) for test in LIGHT}) == len(LIGHT)


def test_files_are_kept_in_memory_only_where_there_is_room_to_run_programs(tmp_path: Path, monkeypatch):
    assert not temporary.has_room(tmp_path / "nowhere")
    monkeypatch.setattr(temporary, "ROOM", 1)
    assert temporary.has_room(tmp_path)
    assert not temporary.has_room(Path("/proc")), "nothing can be written"
    monkeypatch.setattr(temporary, "ROOM", 2**60)
    assert not temporary.has_room(tmp_path)
