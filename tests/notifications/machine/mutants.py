"""Five ways to break the protocol. A machine that lets one of them pass proves little."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from notifications import delivery
from notifications.delivery import premise, record
from notifications.delivery.premise import Verdict
from notifications.models import Delivery
from notifications.states import State

from . import stage

Mutant = Callable[[], AbstractContextManager[None]]


@contextmanager
def replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, value)
        yield


def marked_sent_before_the_call() -> AbstractContextManager[None]:
    """A kill between the mark and the call loses the message, as it did in peers."""
    real = premise.open_group

    def open_and_mark(*arguments: Any) -> Any:
        ready = real(*arguments)
        Delivery.objects.filter(pk__in=[each.id for each in ready]).update(
            state=State.ACCEPTED, accepted_at=Now(), final_at=Now(), lease_expires_at=None, opened_at=None
        )
        return ready

    return replaced(premise, "open_group", open_and_mark)


@contextmanager
def no_unique_key() -> Iterator[None]:
    """A fan-out that is repeated adds everybody again."""
    (once,) = [each for each in Delivery._meta.constraints if each.name == "delivery_once"]
    others = [each for each in Delivery._meta.constraints if each is not once]
    # SQLite makes the table anew, with those that the model has then.
    with replaced(Delivery._meta, "constraints", others), connection.schema_editor() as editor:
        editor.remove_constraint(Delivery, once)
    try:
        yield
    finally:
        stage.forget()
        with connection.schema_editor() as editor:
            editor.add_constraint(Delivery, once)


def no_premise_check() -> AbstractContextManager[None]:
    """Whatever was claimed is sent."""
    return replaced(premise, "judge", lambda claimed, facts: Verdict.GO if facts else Verdict.LOST)


def no_sweep() -> AbstractContextManager[None]:
    """Nobody comes for what a dead worker held."""
    return replaced(delivery, "upkeep", lambda: None)


@contextmanager
def no_fence() -> Iterator[None]:
    """Whoever once held a row writes what became of it."""
    real = premise.judge
    unfenced = record.UPDATE.replace("fence = column2", "(fence = column2 OR 1 = 1)")
    assert unfenced != record.UPDATE
    with (
        replaced(record, "UPDATE", unfenced),
        replaced(premise, "judge", lambda claimed, facts: real(replace(claimed, fence=facts.fence), facts)),
    ):
        yield
