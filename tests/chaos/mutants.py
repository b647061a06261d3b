"""Five ways to break the protocol, one at a time: a storm that does not notice them proves little.

A Django application that a site of the tests installs (`tests.chaos.mutated` are its settings) where CHAOS_MUTANT names
one of them. Nothing of the product knows about it.
"""

import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.apps import AppConfig

NAMED_BY = "CHAOS_MUTANT"


class Mutated(AppConfig):
    """Breaks what CHAOS_MUTANT names once everything is loaded."""

    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        MUTANTS[os.environ[NAMED_BY]]()


def sent_before_the_call() -> None:
    """The outcome is written down, then the call is made."""
    from notifications.channels.base import Accepted
    from notifications.delivery.courier import Courier

    def call(self: Any, jobs: Sequence[Any], results: list[Any]) -> int:
        now = time.monotonic()
        self._write([*results, *(self._result(ready, Accepted("early"), now) for ready, _ in jobs)])
        return len(list(self._senders.send(jobs, self._may_start)))

    Courier._call = call  # type: ignore[method-assign]


def no_unique_key() -> None:
    """Nor the outbox row's lock, which alone would keep two fan-outs apart; `drop_unique_key` does the rest."""
    from django.db.models import QuerySet

    from notifications import fanout
    from notifications.models import OutboxEvent

    class Unlocked(QuerySet):  # type: ignore[type-arg]
        def select_for_update(self, *arguments: Any, **options: Any) -> "Unlocked":
            return self

    fanout.REPEATED = ""
    fanout.OutboxEvent = SimpleNamespace(objects=Unlocked(OutboxEvent))  # type: ignore[misc, assignment]


def drop_unique_key() -> None:
    """Once, in the database of the site."""
    from django.db import connection

    from notifications.models import Delivery

    (unique,) = [each for each in Delivery._meta.constraints if each.name == "delivery_once"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Delivery, unique)


def no_premise_check() -> None:
    """What was promised is sent, whatever has become of it since."""
    from notifications.delivery import premise
    from notifications.delivery.premise import Verdict

    judge = premise.judge

    def trusting(claimed: Any, facts: Any) -> Verdict:
        return Verdict.LOST if judge(claimed, facts) == Verdict.LOST else Verdict.GO

    premise.judge = trusting


def no_sweep() -> None:
    """Nobody comes back for what a dead worker held."""
    from notifications import delivery

    delivery.upkeep = lambda: None


def no_fence() -> None:
    """Whoever comes late writes, and sends, as if the row were still theirs."""
    from notifications.delivery import premise, record
    from notifications.states import State

    record.UPDATE = record.UPDATE.replace("fence = column2 AND state = 'sending'", "fence >= column2")
    judge = premise.judge

    def blind(claimed: Any, facts: Any) -> Any:
        theirs = {"fence": claimed.fence, "state": State.SENDING, "lease_expires_at": facts.now + timedelta(hours=1)}
        return judge(claimed, facts._replace(**theirs))

    premise.judge = blind


MUTANTS: dict[str, Callable[[], None]] = {
    "sent before the call": sent_before_the_call,
    "no unique key": no_unique_key,
    "no premise check": no_premise_check,
    "no sweep": no_sweep,
    "no fence": no_fence,
}
