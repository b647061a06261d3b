"""The stage: where the program's workers stop, who reads, and the database before and after a run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from notifications import doorbell, fanout, providers
from notifications.addresses import Address, email
from notifications.channels.base import Blame, Refused
from notifications.delivery import courier, premise, record, senders
from notifications.models import (
    Attempt,
    Breaker,
    Delivery,
    OutboxEvent,
    Pace,
    Subscriber,
    Subscription,
    Suppression,
)
from notifications.states import Channel

from . import workers
from .clock import VirtualTime
from .provider import World

READERS = 6
PAGE = 4
"""Subscriptions of a fan-out's page here: so that it can be killed between two."""


@contextmanager
def seams(world: World) -> Iterator[None]:
    """Where the program's workers stop, and what the world hears of it."""

    opening, writing = courier.Courier._open, courier.Courier._write

    def open_next(self: Any, group: Sequence[Any]) -> Any:
        workers.pause("recording" if self._pending else "opening", group)
        ready = opening(self, group)
        workers.note_open(world.time.now() if ready else None)
        return ready

    def write(self: Any, results: Sequence[Any]) -> None:
        if results:
            workers.pause("recording", results)
            writing(self, results)

    def open_group(group: Sequence[Any], *rest: Any) -> Any:
        ready = premise.open_group(group, *rest)
        world.note_open([str(each.id) for each in ready])
        return ready

    def recorded(results: Sequence[Any]) -> int:
        ours = record.record(results)
        world.note_record([str(each.ready.id) for each in results], ours)
        for each in results if ours == len(results) else []:
            if isinstance(each.answer, Refused) and each.answer.blame == Blame.ADDRESS:
                world.gone.setdefault(each.ready.subscription_id, world.time.now())
        return ours

    page = fanout.next_page

    def next_page(row_id: int, *rest: Any) -> Any:
        workers.pause("paging", row_id)
        done = page(row_id, *rest)
        world.note_page(row_id)
        return done

    def process_id() -> int:
        worker = workers.current()
        return worker.process_id if worker else 0

    def ring(task: str, *arguments: object, delay_seconds: float = 0) -> None:
        worker = workers.current()
        if worker:
            worker.check_alive()
        world.bell.append((task, arguments))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier.Courier, "_open", open_next)
        patch.setattr(courier.Courier, "_write", write)
        patch.setattr(courier, "open_group", open_group)
        patch.setattr(courier, "record", recorded)
        patch.setattr(fanout, "next_page", next_page)
        patch.setattr(fanout, "FIRST_PAGE", PAGE)
        patch.setattr(fanout, "LARGEST_PAGE", PAGE)
        patch.setattr(fanout, "HEAD_START_SECONDS", 0)
        patch.setattr(doorbell, "ring", ring)
        patch.setattr(senders, "_kept", {})
        patch.setattr(senders, "os", SimpleNamespace(getpid=process_id))
        patch.setattr(providers, "provider_for", lambda channel: world)
        yield


def readers(channel: str, time: VirtualTime) -> list[UUID]:
    """Some confirmed, the last not yet. Their keys are fixed: every run fans out in the same order."""
    then = time.now() - timedelta(hours=1)
    ids = [UUID(int=number, version=4) for number in range(1, READERS + 1)]
    people = Subscriber.objects.bulk_create([Subscriber() for _ in ids])
    rows = [
        Subscription(
            pk=pk,
            subscriber=person,
            channel=channel,
            address=address.value,
            address_key=address.key,
            created_at=then,
            confirmed_at=None if pk == ids[-1] else then,
        )
        for pk, person, address in zip(ids, people, addresses_of(channel), strict=True)
    ]
    Subscription.objects.bulk_create(rows)
    return ids


def addresses_of(channel: str) -> list[Address]:
    mails = [email(f"reader-{number}@example.org") for number in range(READERS)]
    return mails if channel == Channel.EMAIL else [Address("sms", f"+3161000000{number}") for number in range(READERS)]


def forget() -> None:
    """Nothing was ever told to anybody."""
    Delivery.objects.update(superseded_by=None)
    OutboxEvent.objects.update(voided_by=None)
    for model in (Attempt, Delivery, OutboxEvent, Breaker, Pace, Suppression, Subscription, Subscriber):
        model.objects.all()._raw_delete("default")
