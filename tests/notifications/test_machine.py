"""Delivery as a machine that hypothesis drives: no order of events breaks a promise, and five mutants are found."""

from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from notifications.states import Channel
from tests.notifications.machine import mutants
from tests.notifications.machine.clock import VirtualTime, virtual_time
from tests.notifications.machine.machine import Machine
from tests.notifications.machine.provider import Violation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]

STEPS = 25
SHARE = 8
"""A run costs as much as a hundred of a pure function's examples: so much fewer are made."""


@pytest.fixture
def time(quick) -> Iterator[VirtualTime]:
    quick.TWILIO_ACCOUNT_SID = "AC"  # texts then keep the sender's pace
    quick.SMS_PER_SECOND = 10.0
    quick.DELIVERY_MAIL_DEADLINE_SECONDS = 60.0
    quick.DELIVERY_SMS_DEADLINE_SECONDS = 20.0
    with virtual_time() as ruled:
        yield ruled


def run(time: VirtualTime, channel: str, examples: int, **how: object) -> None:
    """So many runs of the machine. Raises whatever the first broken one raised."""
    kind = type("Machine", (Machine,), {"channel": channel, "time": time})
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        **how,
    )
    run_state_machine_as_test(kind, settings=settings)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_no_order_of_events_breaks_a_promise(time, channel):
    run(time, channel, hypothesis.settings.default.max_examples // SHARE)


MUTANTS = [
    (mutants.marked_sent_before_the_call, Channel.EMAIL, "I2"),
    (mutants.no_unique_key, Channel.EMAIL, "I1"),
    (mutants.no_premise_check, Channel.EMAIL, "I5|I6"),
    (mutants.no_sweep, Channel.EMAIL, "I2"),
    (mutants.no_fence, Channel.EMAIL, "I3|I9"),
]
"""Each on mails: of a text the provider is asked before it is repeated, which hides a late outcome too well."""


@pytest.mark.alike
@pytest.mark.parametrize(
    ("mutant", "channel", "invariant"), MUTANTS, ids=[f"{mutant.__name__} {channel}" for mutant, channel, _ in MUTANTS]
)
def test_the_machine_finds_a_mutant(time, mutant, channel, invariant):
    """By the same runs every time, without looking for the shortest."""
    with mutant(), pytest.raises(Violation, match=f"^({invariant}):"):
        run(time, channel, 50, derandomize=True, phases=[Phase.generate])
