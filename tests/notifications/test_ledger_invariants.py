"""The promise, whatever happens: seeded storms over the ledger, then the invariants of delivery.md.

Publications, departures, answers of every kind, workers killed between any two steps and
sweeps in between, all on one database; the provider keeps a journal of its own. The
exhaustive machine and the real processes are tests/chaos'.
"""

import contextlib
import random
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import delivery, fanout
from notifications.channels.base import Accepted, Ambiguous, Blame, Refused, Unavailable
from notifications.models import Attempt, Delivery, OutboxEvent, Subscription, Suppression
from notifications.retry import MAX_ATTEMPTS
from notifications.states import UNRESTING, State
from tests.notifications.given import subscribers
from tests.notifications.ledger import event, let_leases_run_out, make_due, send
from tests.notifications.scripted import Killed, Scripted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]

SUBJECTS = ["incidentaaa", "incidentbbb", "incidentccc"]
READERS = 12


class Storm:
    """One seeded run. `journal`: what the provider took, in its own memory."""

    def __init__(self, provider: Scripted, channel: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.channel = channel
        self.provider = provider
        self.journal: list[tuple[str, str, object]] = []
        self.left: dict[object, int] = {}
        self.is_calm = False
        provider.answers = [self.answer]
        provider.find = self.find  # type: ignore[method-assign]

    # --- The provider -----------------------------------------------------------------------

    def answer(self, message):
        """Take it, lose the answer, put it off, refuse it, or die with it."""
        kind = "accept" if self.is_calm else self.chance.choices(
            ["accept", "silent", "lost", "later", "refuse", "kill before", "kill after"], [60, 6, 4, 12, 4, 4, 4]
        )[0]  # fmt: skip
        if kind in {"accept", "silent", "kill after"}:
            content = message.content if self.channel == "email" else message.text
            self.journal.append((message.delivery_id, message.to, content))
        if kind.startswith("kill"):
            raise Killed
        return {
            "accept": Accepted(f"SM{len(self.journal)}"),
            "silent": Ambiguous("timeout"),
            "lost": Ambiguous("reset"),
            "later": Unavailable("later"),
            "refuse": Refused("full", blame=Blame.SOFT),
        }[kind]

    def find(self, message, since):
        """What the account's list shows."""
        if self.channel == "email":
            return Unavailable("mail cannot be looked up")
        return [f"found-{number}" for number, entry in enumerate(self.journal) if entry[0] == message.delivery_id]

    # --- What happens -----------------------------------------------------------------------

    def step(self) -> None:
        happening = self.chance.choice(
            [
                self.publish,
                self.relay,
                self.work,
                self.work,
                self.sweep,
                self.leave,
                self.time_passes,
                self.die_in_fanout,
            ]
        )
        happening()

    def publish(self) -> None:
        if OutboxEvent.objects.count() < 12:
            event(self.chance.choice(SUBJECTS), priority=self.chance.choice([2, 4]))

    def relay(self) -> None:
        fanout.relay()

    def die_in_fanout(self) -> None:
        row = OutboxEvent.objects.filter(fanned_out_at=None).first()
        if row:
            fanout.fan_out(row, timezone.now(), pages=1)
            OutboxEvent.objects.filter(pk=row.pk).update(fan_out_cursor=None, fanned_out_at=None)

    def work(self) -> None:
        with contextlib.suppress(Killed):
            send(self.channel, 0.5)

    def sweep(self) -> None:
        if self.chance.random() < 0.5:
            let_leases_run_out()
        delivery.upkeep()

    def leave(self) -> None:
        if self.chance.random() < 0.3:
            reader = self.chance.choice(list(Subscription.objects.filter(unsubscribed_at=None)))
            Subscription.objects.filter(pk=reader.pk).update(unsubscribed_at=timezone.now())
            self.left[reader.pk] = len(self.journal)

    def time_passes(self) -> None:
        make_due()

    def heal(self) -> None:
        """No more faults; rounds of the sweep until everything rests, without a manual step."""
        self.is_calm = True
        for _ in range(40):
            let_leases_run_out()
            delivery.upkeep()
            fanout.relay()
            make_due()
            self.work()
            if not Delivery.objects.filter(state__in=sorted(UNRESTING)).exists():
                break


@pytest.fixture(params=["email", "sms"])
def channel(request) -> str:
    return request.param


@pytest.mark.parametrize("seed", range(6))
def test_a_storm_leaves_every_promise_kept(scripted, channel, seed, monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_PAGE", 5)
    storm = Storm(scripted(channel), channel, seed)
    subscribers(**{channel: READERS})
    members = set(Subscription.objects.values_list("pk", flat=True))
    for _ in range(60):
        storm.step()
    storm.heal()
    check_the_ledger(storm, members)


def check_the_ledger(storm: Storm, members: set) -> None:
    rows = list(Delivery.objects.select_related("event", "subscription"))
    copies = Counter(entry[0] for entry in storm.journal)

    # I1: exactly one row for every member of every event, and for nobody else.
    by_event = defaultdict(list)
    for row in rows:
        by_event[row.event_id].append(row.subscription_id)
    for row in OutboxEvent.objects.all():
        gone = set(Subscription.objects.filter(unsubscribed_at__lte=row.published_at).values_list("pk", flat=True))
        assert sorted(by_event[row.pk]) == sorted(members - gone)

    # I2: everything rests; what is accepted was seen.
    assert {row.state for row in rows}.isdisjoint(UNRESTING)
    for row in rows:
        assert row.state != State.ACCEPTED or copies[str(row.pk)] >= 1

    # I3: no more copies than calls that ended without an answer, and one.
    for row in rows:
        assert copies[str(row.pk)] <= 1 + row.ambiguous, row
    duplicates = sum(count - 1 for count in copies.values() if count > 1)
    if storm.channel == "sms":
        assert duplicates == 0, "every text in doubt was asked about"

    # I4: copies of one row are identical.
    contents = defaultdict(set)
    for delivery_id, _, content in storm.journal:
        contents[delivery_id].add(content)
    assert all(len(each) == 1 for each in contents.values())

    # I5: nothing is sent to whoever has left, but for what was in flight (one worker: nothing).
    addresses = dict(Subscription.objects.values_list("pk", "address"))
    for pk, position in storm.left.items():
        assert addresses[pk] not in {entry[1] for entry in storm.journal[position:]}

    # I6: no superseded row was sent after a newer one about the same thing to the same person.
    order = {entry[0]: number for number, entry in enumerate(storm.journal)}
    for row in rows:
        newer = [
            order[str(other.pk)]
            for other in rows
            if other.subscription_id == row.subscription_id
            and other.event.subject_id == row.event.subject_id
            and (other.event.published_at, other.event_id) > (row.event.published_at, row.event_id)
            and str(other.pk) in order
        ]
        if str(row.pk) in order and newer:
            assert order[str(row.pk)] < min(newer)

    # I9: tries within their limit; and no copy without an attempt that the ledger knows of.
    assert max((row.attempts for row in rows), default=0) <= MAX_ATTEMPTS
    attempts = Counter(str(pk) for pk in Attempt.objects.values_list("delivery", flat=True))
    assert all(copies[delivery_id] <= attempts[delivery_id] for delivery_id in copies)
    assert not Suppression.objects.exists()


def test_the_states_of_a_row_and_its_columns_agree():
    """The constraints hold what the invariants lean on."""
    from django.db import IntegrityError, transaction

    subscribers(email=1)
    fanout.fan_out(event(), timezone.now())
    wrong = [
        {"state": "sending"},
        {"state": "accepted"},
        {"state": "nonsense", "final_at": timezone.now()},
        {"final_at": timezone.now()},
        {"lease_expires_at": timezone.now() + timedelta(minutes=1)},
    ]
    for facts in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.update(**facts)
