"""The provider of the machine: does as it is told, keeps a journal, and judges every call as it begins."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notifications import providers
from notifications.channels.base import Accepted, Ambiguous, Blame, Outcome, Refused, Scope, Unavailable
from notifications.models import Delivery
from notifications.states import Channel

from . import workers
from .clock import VirtualTime

TAKEN = frozenset({"accept", "taken in silence", "die after"})
"""What the recipient gets, whatever the sender hears of it."""

ANSWERS = {
    "taken in silence": Ambiguous("timeout"),
    "silence": Ambiguous("reset"),
    "later": Unavailable("later", code="451"),
    "too many": Unavailable("too many", code="429", counts=False),
    "down": Unavailable("no connection", scope=Scope.CHANNEL, counts=False),
    "full": Refused("full", blame=Blame.SOFT),
    "gone": Refused("no such recipient", permanent=True, blame=Blame.ADDRESS),
}
FINAL = frozenset({"full", "gone"})


class Violation(AssertionError):
    """An invariant does not hold; the first word is its name."""


@dataclass(frozen=True)
class Copy:
    """What the provider took."""

    delivery_id: str
    to: str
    content: object
    reference: str
    at: datetime


@dataclass
class Call:
    """One call: when its row was opened, when it began, what it was answered."""

    opened_at: datetime
    at: datetime
    answer: str = ""
    recorded: bool = False


@dataclass
class World:
    """All that the machine knows from outside the program."""

    channel: str
    time: VirtualTime
    journal: list[Copy] = field(default_factory=list)
    calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    opened: dict[tuple[int, str], datetime] = field(default_factory=dict)
    members: dict[int, set[UUID]] = field(default_factory=dict)
    subjects: dict[int, str] = field(default_factory=dict)
    promised: dict[tuple[int, UUID], datetime] = field(default_factory=dict)
    left: dict[UUID, datetime] = field(default_factory=dict)
    gone: dict[UUID, datetime] = field(default_factory=dict)
    """Whoever left, and whoever's address the provider said is nobody's: not to be called any more."""
    bell: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    in_doubt: int = 0
    """Messages in the hands of processes that were killed, or slept past their lease, and answers that were lost."""
    naps: int = 0
    """How often a worker woke after time had passed: what it had places for is then sent at once."""

    # --- As a channel ---------------------------------------------------------------------------------

    provider = "machine"

    def send(self, message: Any) -> Outcome:
        """One call."""
        try:
            call = self.judge(message)
        except Exception as error:  # the program takes what a channel raises for an answer that was lost
            self.wrong.append(f"machine: {error!r}")
            raise
        answer = str(workers.pause("calling", message))
        answer = "accept" if answer == workers.GO_ON else answer
        call.answer = answer
        if answer in TAKEN:
            self.take(message)
        if answer.startswith("die"):
            worker = workers.current()
            assert worker
            worker.die()
        if answer == "accept":
            return Accepted(self.journal[-1].reference)
        self.in_doubt += answer.endswith("silence")
        return ANSWERS[answer]

    def take(self, message: Any) -> None:
        content = message.content if self.channel == Channel.EMAIL else message.text
        reference = f"SM{len(self.journal)}"
        self.journal.append(Copy(message.delivery_id, message.to, content, reference, self.time.now()))

    def find(self, message: Any, since: datetime) -> list[str] | Unavailable:
        """As Twilio's list of messages: by number and words, never by our id."""
        if workers.pause("asking", message) == "down":
            return Unavailable("cannot be asked now")
        return [each.reference for each in self.journal if self.is_same(each, message) and each.at >= since]

    def is_same(self, copy: Copy, message: Any) -> bool:
        return copy.to == message.to and copy.content == message.text

    def close(self) -> None:
        """Nothing to hang up."""

    # --- Judged as it begins ----------------------------------------------------------------------------

    def judge(self, message: Any) -> Call:
        """Note whatever forbids this call. What was open before is in flight, and is not held against it."""
        worker = workers.current()
        row = Delivery.objects.select_related("event", "subscription").get(pk=message.delivery_id)
        opened_at = self.opened[worker.process_id if worker else 0, message.delivery_id]
        here = row.subscription
        left_at = self.gone.get(here.pk)
        confirmed_at = here.confirmed_at
        checks = {
            "I5: a call to somebody who has left": left_at is not None and left_at <= opened_at,
            "I6: a call after its time": row.not_after <= opened_at,
            "I6: a call for a superseded row": self.has_newer(row, opened_at),
            "I7: a call to another address": here.address not in {message.to, ""},
            "I7: a call to somebody unconfirmed": confirmed_at is None or confirmed_at > row.event.published_at,
            "I3: a call for what was answered": self.is_answered(message.delivery_id),
            "I9: a call too soon": self.is_too_soon(message.delivery_id),
        }
        self.wrong += [words for words, is_wrong in checks.items() if is_wrong]
        call = Call(opened_at, self.time.now())
        self.calls[message.delivery_id].append(call)
        return call

    def has_newer(self, row: Delivery, by: datetime) -> bool:
        """Whether a later word about the same thing was there for the same person by then."""
        return any(
            event_id > row.event_id
            and subscription_id == row.subscription_id
            and self.subjects[event_id] == row.event.subject_id
            and told_at <= by
            for (event_id, subscription_id), told_at in self.promised.items()
        )

    def note_page(self, event_id: int) -> None:
        """A page of this event's fan-out is in the database."""
        for subscription_id in Delivery.objects.filter(event=event_id).values_list("subscription", flat=True):
            self.promised.setdefault((event_id, subscription_id), self.time.now())

    def is_too_soon(self, delivery_id: str) -> bool:
        """Whether a row that was called before has not waited for as long as that answer asks."""
        if not self.calls[delivery_id]:
            return False
        last = self.calls[delivery_id][-1]
        policy = providers.policy(self.channel)
        lease = last.opened_at + providers.lease(self.channel)
        if not last.recorded:
            return self.time.now() < lease
        floor = policy.ask_after if "silence" in last.answer and policy.can_ask else policy.first_wait
        return self.time.now() < last.at + floor

    def is_answered(self, delivery_id: str) -> bool:
        """Whether an answer that ends the matter was recorded."""
        return any(call.recorded and call.answer in {"accept", *FINAL} for call in self.calls[delivery_id])

    def note_open(self, ids: list[str]) -> None:
        worker = workers.current()
        self.opened |= {(worker.process_id if worker else 0, each): self.time.now() for each in ids}

    def note_record(self, ids: list[str], ours: int) -> None:
        """The outcomes of these calls are in the database, where they were still the caller's to write."""
        for each in ids if ours == len(ids) else []:
            for last in self.calls[each][-1:]:
                last.recorded = True

    def check_rate(self) -> None:
        """I9: as many in a second as the sender is allowed, but for what a sleeper had its places for."""
        rate = providers.per_second(self.channel)
        starts = sorted(call.at for calls in self.calls.values() for call in calls)
        for number, start in enumerate(starts):
            count = sum(start <= each < start + timedelta(seconds=1) for each in starts[number:])
            if rate and count > rate + 1 + self.naps * rate:
                raise Violation(f"I9: {count} calls in a second")
