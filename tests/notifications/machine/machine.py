"""The machine: what may happen to the protocol. Hypothesis chooses the order; at the end everything must rest."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from notifications import delivery, doorbell, fanout, outbox, providers, subscriptions
from notifications.delivery import record
from notifications.models import Audience, Delivery, Subscription
from notifications.states import UNRESTING, Channel
from tests.notifications import ledger

from . import invariants, stage
from .clock import VirtualTime
from .provider import TAKEN, Violation, World
from .workers import DIE, Worker

SUBJECTS = ("incidentaaa", "incidentbbb")
MOST_EVENTS = 5
WORKERS = 3

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
SPANS = (1.0, 20.0, MINUTE, 3 * MINUTE, HOUR, DAY)
"""Within a lease, past one, past a wait, past an update's usefulness."""

ANSWERS = ("accept", "accept", "accept", "taken in silence", "silence", "later", "full", "gone", "down", "too many")
QUIET_ROUNDS = 15


class Machine(RuleBasedStateMachine):
    """One channel, three sending processes, six readers, two incidents."""

    channel = Channel.EMAIL
    time: VirtualTime

    # --- How it begins and ends ---------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        stage.forget()
        self.time.set(0)
        self.world = World(self.channel, self.time)
        self.seams = stage.seams(self.world)
        self.seams.__enter__()
        self.workers = [Worker(f"worker {number}") for number in range(WORKERS)]
        self.readers = stage.readers(self.channel, self.time)
        self.has_failed = False
        self.tell(SUBJECTS[0])
        self.upkeep_and_relay()

    def teardown(self) -> None:
        """Heal, and check. Where an invariant was broken already there is nothing more to learn."""
        try:
            if not self.has_failed:
                self.settle()
                invariants.check(self.world)
        finally:
            for worker in self.workers:
                worker.end()
            self.seams.__exit__(None, None, None)
            stage.forget()

    @invariant()
    def no_call_was_wrong(self) -> None:
        if self.world.wrong:
            self.has_failed = True
            raise Violation(self.world.wrong[0])

    def settle(self) -> None:
        """No more faults; rounds of the drain loop until everything rests, without a manual step."""
        for worker in self.workers:
            self.run_on(worker)
        for _ in range(QUIET_ROUNDS):
            self.let_pass(10 * MINUTE)
            self.upkeep_and_relay()
            delivery.work(self.channel)
            if not Delivery.objects.filter(state__in=sorted(UNRESTING)).exists():
                break
        self.upkeep_and_relay()
        self.no_call_was_wrong()

    # --- Publishing and readers ---------------------------------------------------------------------------

    @rule(
        subject=st.sampled_from(SUBJECTS),
        audience=st.sampled_from([*[Audience.MEMBERS] * 4, Audience.MEMBERS_AND_TOLD, Audience.TOLD]),
        priority=st.sampled_from([2, 4]),
    )
    @precondition(lambda self: len(self.world.members) < MOST_EVENTS)
    def publish(self, subject: str, audience: str, priority: int) -> None:
        self.tell(subject, audience, priority)

    def tell(self, subject: str, audience: str = Audience.MEMBERS, priority: int = 2) -> None:
        now = self.tick()
        row = ledger.event(subject, at=now, audience=audience, priority=priority)
        here = Subscription.objects.filter(confirmed_at__lte=now, unsubscribed_at=None)
        self.world.members[row.pk] = set(here.values_list("pk", flat=True))
        self.world.subjects[row.pk] = subject
        if audience == Audience.TOLD:
            outbox.void(row.earlier_about_the_same().filter(voided_at=None), outbox.CANCELLED, now, row)
        doorbell.ring(doorbell.RELAY)

    @rule(number=st.integers(0, stage.READERS - 1))
    def confirm(self, number: int) -> None:
        Subscription.objects.filter(pk=self.readers[number], confirmed_at=None, unsubscribed_at=None).update(
            confirmed_at=self.tick()
        )

    @rule(number=st.integers(0, stage.READERS - 1), way=st.sampled_from(["link", "erase", "stop"]))
    def leave(self, number: int, way: str = "link") -> None:
        self.take_leave(Subscription.objects.get(pk=self.readers[number]), way)

    def take_leave(self, reader: Subscription, way: str = "link") -> None:
        now = self.tick()
        if way == "erase":
            subscriptions.erase(reader, now=now)
        elif way == "stop" and self.channel == Channel.SMS and reader.address:
            subscriptions.stop_by_sms(reader.address, now=now)
        else:
            subscriptions.unsubscribe(reader, reason=subscriptions.Reason.LINK, now=now)
        self.world.left.setdefault(reader.pk, now)
        self.world.gone.setdefault(reader.pk, now)

    # --- The broker -----------------------------------------------------------------------------------------

    @rule(fate=st.sampled_from(["heard", "heard", "lost", "doubled"]))
    @precondition(lambda self: self.world.bell and self.idle())
    def ring(self, fate: str) -> None:
        task, arguments = self.world.bell[0] if fate == "doubled" else self.world.bell.pop(0)
        if fate != "lost":
            self.tick()
            jobs: dict[str, Callable[[], Any]] = {
                doorbell.RELAY: fanout.relay,
                doorbell.DELIVER: lambda: delivery.work_and_go_on(self.channel),
            }
            if task == doorbell.RELAY or arguments == (self.channel,):
                self.idle()[0].start(jobs[task])

    # --- Workers ----------------------------------------------------------------------------------------------

    def idle(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.seam is None]

    def busy(self, *seams: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.seam and (not seams or worker.seam in seams)]

    @rule(job=st.sampled_from([fanout.relay, "deliver", "deliver"]))
    @precondition(lambda self: self.idle())
    def find_work(self, job: Any) -> None:
        """As a drain loop does, without a ring."""
        self.tick()
        self.idle()[0].start(job if callable(job) else lambda: delivery.work(self.channel))

    @rule(number=st.integers(0, WORKERS - 1), steps=st.integers(1, 8))
    @precondition(lambda self: self.busy())
    def go_on(self, number: int, steps: int) -> None:
        """Past so many seams; the provider takes what it is given."""
        worker = self.busy()[number % len(self.busy())]
        for _ in range(steps):
            if worker.seam:
                self.tick()
                worker.go_on()

    @rule(number=st.integers(0, WORKERS - 1), answer=st.sampled_from(ANSWERS))
    @precondition(lambda self: self.busy("calling", "asking"))
    def answer(self, number: int, answer: str) -> None:
        self.tick()
        busy = self.busy("calling", "asking")
        busy[number % len(busy)].go_on(answer)

    @rule(number=st.integers(0, WORKERS - 1), when=st.sampled_from(["here", "die after"]))
    @precondition(lambda self: self.busy())
    def die(self, number: int, when: str = "here") -> None:
        """kill -9: at any seam, before the call or after the provider took it."""
        self.tick()
        worker = self.busy()[number % len(self.busy())]
        self.world.in_doubt += self.held_by(worker)
        worker.go_on(when if worker.seam == "calling" and when in TAKEN else DIE)

    def held_by(self, worker: Worker) -> int:
        """How many messages at most are in doubt when this worker is gone."""
        is_open = worker.seam in {"calling", "recording", "asking"}
        return (1 if self.channel == Channel.SMS else record.GROUP) if is_open else 0

    # --- Time and the sweep -------------------------------------------------------------------------------------

    def tick(self) -> Any:
        self.time.pass_by()
        return self.time.now()

    @rule(seconds=st.sampled_from(SPANS))
    def let_pass(self, seconds: float) -> None:
        """Whoever is at a seam sleeps through it."""
        self.world.naps += len(self.busy())
        self.time.pass_by(seconds)
        for worker in self.busy():
            self.count_overrun(worker)

    def count_overrun(self, worker: Worker) -> None:
        """What a worker holds that is no longer leased to it is in doubt; once for each group."""
        if worker.opened_at and self.time.now() >= worker.opened_at + providers.lease(self.channel):
            self.world.in_doubt += self.held_by(worker)
            worker.opened_at = None

    @rule()
    def sweep(self) -> None:
        """One round of the drain loop's, but for the sending."""
        self.upkeep_and_relay()

    def upkeep_and_relay(self) -> None:
        self.tick()
        delivery.upkeep()
        fanout.relay()

    def run_on(self, worker: Worker, seam: str | None = None) -> None:
        """Let it do all it has to do, or as much as brings it to this seam."""
        while worker.seam and worker.seam != seam:
            self.tick()
            worker.go_on()

    # --- What chance alone hardly ever finds --------------------------------------------------------------------

    @rule(
        subject=st.sampled_from(SUBJECTS),
        answer=st.sampled_from(["accept", "later"]),
        wakes=st.sampled_from(["while the other has it", "when the other was answered", "after the other"]),
    )
    @precondition(lambda self: len(self.world.members) < MOST_EVENTS)
    def sleep_past_a_lease(self, subject: str, answer: str, wakes: str) -> None:
        """A worker sleeps past its lease with its answer in hand, another gets the row, it wakes."""
        sleeper = self.one_with_a_call(subject)
        if sleeper is None:
            return
        row = sleeper.about.delivery_id
        sleeper.go_on(answer)
        self.let_pass(providers.lease(self.channel).total_seconds() + 1)
        self.upkeep_and_relay()
        other = self.next_to_have(row)
        if wakes != "while the other has it":
            self.run_on(other, "recording" if wakes == "when the other was answered" else None)
        for worker in (sleeper, other):
            self.run_on(worker)

    @rule(subject=st.sampled_from(SUBJECTS))
    @precondition(lambda self: len(self.world.members) < MOST_EVENTS)
    def die_before_a_call(self, subject: str) -> None:
        """The row is open, the provider knows nothing of it."""
        worker = self.one_with_a_call(subject)
        if worker:
            self.world.in_doubt += self.held_by(worker)
            worker.go_on(DIE)

    @rule(subject=st.sampled_from(SUBJECTS))
    @precondition(lambda self: len(self.world.members) < MOST_EVENTS)
    def leave_when_claimed(self, subject: str) -> None:
        """Somebody leaves after their row was claimed, and before it is opened."""
        worker = self.one_at("opening", subject)
        if worker:
            first = Delivery.objects.select_related("subscription").get(pk=worker.about[0].id)
            self.take_leave(first.subscription)
            worker.go_on()

    @rule(subject=st.sampled_from(SUBJECTS))
    @precondition(lambda self: len(self.world.members) < MOST_EVENTS - 1)
    def move_while_in_flight(self, subject: str) -> None:
        """A moved window is fanned out again and again until it is known who was told of the old one."""
        worker = self.one_with_a_call(subject)
        self.tell(subject, Audience.MEMBERS_AND_TOLD)
        self.sweep()
        self.sweep()
        if worker:
            self.run_on(worker)

    def one_with_a_call(self, subject: str) -> Worker | None:
        worker = self.one_at("opening", subject)
        while worker and worker.seam in {"opening", "asking"}:
            self.tick()
            worker.go_on()
        return worker if worker and worker.seam == "calling" else None

    def one_at(self, seam: str, subject: str) -> Worker | None:
        """Publish; a worker that has come so far with it. All others finish first."""
        for worker in self.workers:
            self.run_on(worker)
        self.tell(subject)
        self.upkeep_and_relay()
        worker = self.idle()[0]
        self.find_work("deliver")
        return worker if worker.seam == seam else None

    def next_to_have(self, delivery_id: str) -> Worker:
        """Another worker that has this row open: in a call, or asking whether it needs one."""
        worker = self.idle()[0]
        self.find_work("deliver")
        while worker.seam and not (worker.seam in {"calling", "asking"} and worker.about.delivery_id == delivery_id):
            self.tick()
            worker.go_on()
        return worker
