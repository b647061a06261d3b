"""Ways to break the promise of a window's notices. A machine that lets one of them pass proves little."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Q

from notifications import due_rows, fanout, lateness, notices, outbox
from notifications.models import Audience
from statuspage.events import MaintenanceCancelled, MaintenanceMoved

EVER = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def replaced(module: Any, **names: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setattr(module, name, value)
        yield


def no_void_on_a_move() -> Any:
    """What was planned for the old window comes at its old times."""
    real = outbox.void_overtaken
    return replaced(
        outbox, void_overtaken=lambda event, row: None if isinstance(event, MaintenanceMoved) else real(event, row)
    )


@contextmanager
def late_as_if_on_time() -> Iterator[None]:
    """A reminder is told whenever it is found, and of use until the start."""
    real = notices.reminder
    patient = {"reminder": lambda start, minutes: replace(real(start, minutes), expires_at=start)}
    with replaced(due_rows, past=lambda now: Q(pk__in=[])), replaced(notices, **patient):
        yield


def cancelled_for_everybody() -> Any:
    """Whoever never heard of a window hears that it does not take place."""
    real = notices.audience_of
    return replaced(
        notices,
        audience_of=lambda event: Audience.MEMBERS if isinstance(event, MaintenanceCancelled) else real(event),
    )


def reminded_twice_on_a_new_plan() -> Any:
    """A new plan has again what the old one told already."""
    real = notices.later_notices
    return replaced(notices, later_notices=lambda event, telling, earliest: real(event, telling, earliest=EVER))


def missed_and_not_made_up_for() -> Any:
    """Whom a notice did not reach in time hears nothing more."""
    return replaced(lateness, make_up_for=lambda row, now: True)


def fan_out_skips_one() -> Any:
    """The last of several on each page of a fan-out is passed over."""
    real = fanout.insert

    def insert(row: Any, people: Any, now: datetime) -> int:
        keys = list(people.order_by("pk").values_list("pk", flat=True))
        return real(row, people.exclude(pk__in=keys[1:][-1:]), now)

    return replaced(fanout, insert=insert)
