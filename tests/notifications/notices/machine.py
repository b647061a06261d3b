"""The machine: windows are announced, moved, called off, begun and ended while sweeps and provider come and go."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from notifications import addresses, delivery, doorbell, fanout, providers, subscriptions
from notifications.delivery import claim, hold, senders
from notifications.models import Breaker, Delivery, OutboxEvent, Subscriber, Subscription
from notifications.subscriptions import Reason
from statuspage.actions import due, maintenance, maintenance_notices, series
from statuspage.actions.base import MaintenanceClosed
from statuspage.models import Component, Maintenance, MaintenanceSeries, MaintenanceUpdate, Outage
from statuspage.publishing import publish
from statuspage.vocabulary import OPEN_MAINTENANCE
from tests.notifications.machine import stage
from tests.notifications.machine.clock import VirtualTime
from tests.statuspage.given import ALICE

from .world import Untrue, World, stories_hold

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
READERS, WINDOWS = 4, 3

SPANS = (MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 26 * HOUR)
"""Within a reminder's time, past it, past a start's, past a window, past a day."""

AHEAD = (20 * MINUTE, 2 * HOUR, 4 * HOUR, 27 * HOUR, 3 * DAY)
LENGTHS = (20 * MINUTE, 2 * HOUR)
PLANS = (None, [60], [180, 60], [60, 30], [24 * 60, 10])
TELLS = st.sampled_from([True, True, True, False])
"""Mostly people are told."""


class Machine(RuleBasedStateMachine):
    """Four readers at most, few windows, one provider of mails. How a run begins, a subclass says."""

    time: VirtualTime

    # --- How it begins and ends ---------------------------------------------------------------------------

    def enter(self) -> None:
        """An empty site with two readers."""
        forget()
        self.time.set(0)
        self.world = World(self.time)
        self.around = around(self.world)
        self.around.__enter__()
        self.readers: list[UUID] = []
        self.has_failed = False
        self.component = Component.objects.create(name="API", created_at=self.time.now(), updated_at=self.time.now())
        self.join()
        self.join()

    def teardown(self) -> None:
        """Everything runs again; then everybody must know how it stands."""
        try:
            if not self.has_failed:
                self.everybody_knows()
        finally:
            self.around.__exit__(None, None, None)
            forget()

    def everybody_knows(self) -> None:
        """Once everything runs, how each window stands."""
        self.settle()
        self.nothing_was_wrong()
        try:
            stories_hold(self.world, self.time.now())
        except Untrue:
            self.has_failed = True
            raise

    @invariant()
    def nothing_was_wrong(self) -> None:
        if self.world.wrong:
            self.has_failed = True
            raise Untrue(self.world.wrong[0])

    def settle(self) -> None:
        self.world.is_down = False
        for _ in range(4):
            self.heal()
            self.sweep()
            self.time.pass_by(60)

    def heal(self) -> None:
        """Every wait for the provider is over."""
        Breaker.objects.all().delete()
        Delivery.objects.filter(state="queued").update(next_attempt_at=self.time.now())

    # --- Readers ------------------------------------------------------------------------------------------

    @rule()
    @precondition(lambda self: len(self.readers) < READERS)
    def join(self, wants_invitations: bool = False) -> None:
        """Somebody subscribes, and confirms at once."""
        self.tick()
        address = addresses.email(f"reader-{len(self.readers)}@example.org")
        row = Subscription.objects.create(
            subscriber=Subscriber.objects.create(),
            channel=address.channel,
            address=address.value,
            address_key=address.key,
            created_at=self.time.now(),
            confirmed_at=self.time.now(),
            wants_invitations=wants_invitations,
        )
        self.readers.append(row.pk)
        self.tick()

    @rule()
    @precondition(lambda self: len(self.readers) < READERS)
    def join_with_a_calendar(self) -> None:
        self.join(wants_invitations=True)

    @rule(number=st.integers(0, READERS - 1))
    @precondition(lambda self: len(self.readers) > 1)
    def leave(self, number: int) -> None:
        """One of them unsubscribes; from then on nothing may reach them."""
        self.tick()
        reader = Subscription.objects.get(pk=self.readers[number % len(self.readers)])
        subscriptions.unsubscribe(reader, reason=Reason.LINK, now=self.time.now())

    # --- Windows ------------------------------------------------------------------------------------------

    @rule(
        ahead=st.sampled_from(AHEAD),
        length=st.sampled_from(LENGTHS),
        reminders=st.sampled_from(PLANS),
        by_itself=st.booleans(),
    )
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def announce(self, ahead: timedelta, length: timedelta, reminders: Any, by_itself: bool, **plan: bool) -> None:
        now = self.tick()
        maintenance.schedule_maintenance(
            name="Upgrade",
            body="Read-only.",
            components=[self.component.pk],
            scheduled_for=now + ahead,
            scheduled_until=now + ahead + length,
            actor=ALICE,
            reminders=reminders,
            auto_start=by_itself,
            auto_complete=by_itself,
            **plan,
        )

    @rule(
        ahead=st.sampled_from(AHEAD),
        tells_start=st.booleans(),
        tells_end=st.booleans(),
    )
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def announce_in_silence(self, ahead: timedelta, tells_start: bool, tells_end: bool) -> None:
        """A window whose own steps are told or not."""
        self.announce(ahead, LENGTHS[1], None, True, tells_start=tells_start, tells_end=tells_end)

    @rule(ahead=st.sampled_from([4 * HOUR, 3 * DAY]), length=st.sampled_from(LENGTHS))
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def recur(self, ahead: timedelta, length: timedelta) -> None:
        """Two windows a day apart, told of at once."""
        start = (self.tick() + ahead).replace(second=0, microsecond=0, tzinfo=None)
        series.create_series(
            name="Rotation",
            body="Each day.",
            components=[self.component.pk],
            wall_start=start,
            time_zone="UTC",
            length=length,
            rule="FREQ=DAILY;COUNT=2",
            actor=ALICE,
        )

    @rule(tells=TELLS)
    @precondition(lambda self: MaintenanceSeries.objects.exists())
    def end_series(self, tells: bool) -> None:
        """Whatever of a series has not begun is called off at once."""
        self.tick()
        recurring = MaintenanceSeries.objects.latest("created_at")
        waiting = list(recurring.occurrences.filter(status="scheduled"))
        series.end_series(series=recurring, actor=ALICE, cancels_announced=True, body="No more.", notify=tells)
        for window in [] if tells else waiting:
            self.hush(window)

    @rule(
        number=st.integers(0, WINDOWS - 1),
        by=st.sampled_from([-HOUR, HOUR, DAY]),
        longer=st.sampled_from(LENGTHS),
        tells=TELLS,
    )
    def move(self, number: int, by: timedelta, longer: timedelta, tells: bool) -> None:
        """Elsewhere, and as long as this; work that has begun keeps its start."""
        window = self.window(number)
        if window:
            start = window.scheduled_for if window.is_active else window.scheduled_for + by
            until = start + longer
            times = {"scheduled_for": start, "scheduled_until": until}
            self.attempt(maintenance.move_maintenance, window, body="Otherwise.", notify=tells, **times)

    @rule(number=st.integers(0, WINDOWS - 1), tells=TELLS)
    def cancel(self, number: int, tells: bool) -> None:
        self.attempt(maintenance.cancel_maintenance, self.window(number), body="Not needed.", notify=tells)

    @rule(number=st.integers(0, WINDOWS - 1), tells=TELLS)
    def start(self, number: int, tells: bool) -> None:
        self.attempt(maintenance.start_maintenance, self.window(number), notify=tells)

    @rule(number=st.integers(0, WINDOWS - 1), tells=TELLS)
    def complete(self, number: int, tells: bool) -> None:
        self.attempt(maintenance.complete_maintenance, self.window(number), notify=tells)

    @rule(number=st.integers(0, WINDOWS - 1), tells=TELLS)
    def say(self, number: int, tells: bool) -> None:
        body = "One more word."
        self.attempt(maintenance.publish_maintenance_update, self.window(number), body=body, notify=tells)

    @rule(number=st.integers(0, WINDOWS - 1), reminders=st.sampled_from(PLANS))
    def replan(self, number: int, reminders: Any) -> None:
        self.attempt(maintenance_notices.set_notices, self.window(number), reminders=reminders)

    def window(self, number: int) -> Maintenance | None:
        """One that is still open."""
        still = list(Maintenance.objects.filter(status__in=OPEN_MAINTENANCE).order_by("created_at"))
        return still[number % len(still)] if still else None

    def attempt(self, act: Any, window: Maintenance | None, **facts: Any) -> None:
        """Do it where it can be done: what staff are refused happens to nobody."""
        self.tick()
        try:
            if window:
                act(maintenance=window, actor=ALICE, **facts)
                if not facts.get("notify", True):
                    self.hush(window)
        except (MaintenanceClosed, ValidationError):
            pass

    def hush(self, window: Maintenance) -> None:
        """Staff told nobody what they did just now."""
        self.world.hushed[window.pk] = self.time.now()

    # --- Time, sweeps, the provider -----------------------------------------------------------------------

    def tick(self) -> Any:
        self.time.pass_by()
        return self.time.now()

    @rule(span=st.sampled_from(SPANS))
    def nobody_looks(self, span: timedelta) -> None:
        """Time passes, and no sweep runs."""
        self.time.pass_by(span.total_seconds())

    @rule(which=st.sampled_from(["page", "notifications", "both"]))
    def sweep_once(self, which: str) -> None:
        self.tick()
        if which != "notifications":
            due.run_due()
        if which != "page":
            self.tell()

    @rule(moments=st.integers(1, 4))
    def live_on(self, moments: int) -> None:
        """Both sweeps run all the time: at each of the next moments at which something is due."""
        for _ in range(moments):
            later = self.next_moment()
            if later is None:
                break
            self.time.set(later)
            self.sweep()

    def next_moment(self) -> float | None:
        """When the next notice, start or end is due, in the clock's seconds."""
        now = self.time.now()
        waiting = OutboxEvent.objects.filter(fanned_out_at=None, voided_at=None, due_at__gt=now)
        moments = [*waiting.values_list("due_at", flat=True)]
        for window in Maintenance.objects.filter(status__in=OPEN_MAINTENANCE):
            moments += [each for each in (window.scheduled_for, window.scheduled_until) if each > now]
        return self.time.seconds + (min(moments) - now).total_seconds() if moments else None

    @rule(is_down=st.booleans())
    def provider(self, is_down: bool) -> None:
        self.world.is_down = is_down
        if not is_down:
            self.heal()

    def sweep(self) -> None:
        due.run_due()
        self.tell()

    def tell(self) -> None:
        """As the drain loop has it; once more, since what one round wrote down or laid to rest is the next one's."""
        for _ in range(2):
            self.tick()  # SQLite's clock counts no less than a millisecond
            delivery.upkeep()
            fanout.relay()
            if claim.due("email").exists():
                delivery.work("email", 1)


@contextmanager
def around(world: World) -> Iterator[None]:
    """What is no matter here: the broker, the page, whose database it is, and pauses that nobody needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hold, "pulse", lambda now: True)
        patch.setattr(hold, "may_send", lambda: True)
        patch.setattr(doorbell, "ring", lambda *arguments, **options: None)
        patch.setattr(publish, "after_commit", lambda: None)
        patch.setattr(fanout, "HEAD_START_SECONDS", 0)
        patch.setattr(senders, "_kept", {})
        patch.setattr(providers, "provider_for", lambda channel: world)
        yield


def forget() -> None:
    """No window was ever announced."""
    OutboxEvent.objects.update(stood_in_by=None)
    stage.forget()
    Outage.objects.all().delete()
    MaintenanceUpdate.objects.all().delete()
    Maintenance.objects.all().delete()
    MaintenanceSeries.objects.all().delete()
    Component.objects.all().delete()
