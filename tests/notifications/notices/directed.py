"""The machine with rules for what chance alone hardly ever finds."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from statuspage.actions import maintenance, maintenance_notices
from statuspage.models import Maintenance

from .machine import DAY, HOUR, LENGTHS, MINUTE, READERS, WINDOWS, Machine


class Directed(Machine):
    """Chance, and a few stories that begin where something breaks."""

    @rule(late=st.sampled_from([20 * MINUTE, 50 * MINUTE, 70 * MINUTE]))
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def miss_a_reminder(self, late: timedelta) -> None:
        """Nobody looks while a reminder is due."""
        self.announce(2 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.time.pass_by((HOUR + late).total_seconds())
        self.sweep()

    @rule()
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS and len(self.readers) < READERS)
    def cancel_before_a_stranger(self) -> None:
        """Somebody comes between the announcement and its end, and heard of neither."""
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.join()
        self.attempt(maintenance.cancel_maintenance, Maintenance.objects.latest("created_at"), body="Not needed.")
        self.sweep()

    @rule(reminders=st.sampled_from([[60, 30], [90, 60], [180, 60, 30]]), is_told=st.booleans())
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def replan_and_live(self, reminders: list[int], is_told: bool) -> None:
        """Other reminders, one of them as before: told already, or still to come."""
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        window = Maintenance.objects.latest("created_at")
        if is_told:
            self.go_to(window.scheduled_for - HOUR)
        self.attempt(maintenance_notices.set_notices, window, reminders=reminders)
        self.sweep()
        self.live_on(4)

    @rule(late=st.sampled_from([20 * MINUTE, 40 * MINUTE]))
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def fail_over_a_start(self, late: timedelta) -> None:
        """The provider is down when work begins, and for a while."""
        self.announce(2 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.provider(is_down=True)
        self.go_to(Maintenance.objects.latest("created_at").scheduled_for)
        self.time.pass_by(late.total_seconds())
        self.sweep()
        self.everybody_knows()

    def go_to(self, moment: Any) -> None:
        """Everything runs until then."""
        while (later := self.next_moment()) and later < self.time.seconds + (moment - self.time.now()).total_seconds():
            self.time.set(later)
            self.sweep()
        self.time.pass_by((moment - self.time.now()).total_seconds())
        self.sweep()

    @rule(by=st.sampled_from([HOUR, DAY]))
    @precondition(lambda self: Maintenance.objects.count() < WINDOWS)
    def move_and_live(self, by: timedelta) -> None:
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        window = Maintenance.objects.latest("created_at")
        start, until = window.scheduled_for + by, window.scheduled_until + by
        self.attempt(
            maintenance.move_maintenance, window, scheduled_for=start, scheduled_until=until, body="Otherwise."
        )
        self.live_on(4)
