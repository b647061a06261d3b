"""Windows and their notices as a machine that hypothesis drives: all stories are true, and mutants are found."""

from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from tests.notifications.machine.clock import VirtualTime, virtual_time
from tests.notifications.notices import mutants
from tests.notifications.notices.directed import Directed
from tests.notifications.notices.world import Untrue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick", "publish_root")]

STEPS = 15
FEW = 3
"""Steps behind the story with which a run begins: enough for what a mutant does to show."""
USUAL = 100
"""Examples of a pure function that the profiles for every day have."""
SHARE = 8
"""A run costs as much as a hundred of a pure function's examples: so much fewer are made."""


@pytest.fixture
def time(quick) -> Iterator[VirtualTime]:
    with virtual_time() as ruled:
        yield ruled


def run(time: VirtualTime, examples: int, steps: int = STEPS, **how: object) -> None:
    """So many runs of the machine. Raises whatever the first broken one raised."""
    kind = type("Machine", (Directed,), {"time": time})
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        **how,
    )
    run_state_machine_as_test(kind, settings=settings)


def test_every_reader_is_told_a_true_story_in_order(time):
    """The same few stories every time; `make test-all` looks further."""
    wanted = hypothesis.settings.default.max_examples
    run(time, wanted // SHARE, derandomize=wanted <= USUAL)


MUTANTS = [
    (mutants.no_void_on_a_move, "truth|order"),
    (mutants.late_as_if_on_time, "time"),
    (mutants.cancelled_for_everybody, "audience"),
    (mutants.reminded_twice_on_a_new_plan, "once|order"),
    (mutants.missed_and_not_made_up_for, "end|silence"),
    (mutants.fan_out_skips_one, "silence|end"),
]


@pytest.mark.alike
@pytest.mark.parametrize(("mutant", "promise"), MUTANTS, ids=[mutant.__name__ for mutant, _ in MUTANTS])
def test_the_machine_finds_a_mutant(time, mutant, promise):
    """By the same runs every time, without looking for the shortest."""
    with mutant(), pytest.raises(Untrue, match=f"^({promise})"):
        run(time, 50, FEW, derandomize=True, phases=[Phase.generate])
