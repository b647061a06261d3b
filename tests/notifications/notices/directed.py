"""The machine, beginning with what chance alone hardly ever finds."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from statuspage.actions import maintenance, maintenance_notices
from statuspage.models import Maintenance

from .machine import AHEAD, DAY, HOUR, LENGTHS, MINUTE, Machine

STORIES = ("", "move_and_live", "replan_and_live", "fail_over_a_start", "miss_a_reminder",
           "cancel_before_a_stranger", "begin_before_it_is_told", "call_off_a_list")  # fmt: skip
"""How a run begins: as chance has it, or with a story in which something breaks."""


class Directed(Machine):
    """A few stories that begin where something breaks, and chance after them."""

    @initialize(ahead=st.sampled_from(AHEAD), story=st.sampled_from(STORIES), choice=st.integers(0, 2))
    def begin(self, ahead: timedelta, story: str, choice: int) -> None:
        self.enter()
        if story:
            getattr(self, story)(choice)
        else:
            self.announce(ahead, LENGTHS[1], None, True)

    def miss_a_reminder(self, choice: int) -> None:
        """Nobody looks while a reminder is due."""
        late = [50 * MINUTE, 20 * MINUTE, 70 * MINUTE][choice]
        self.announce(2 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.time.pass_by((HOUR + late).total_seconds())
        self.sweep()

    def cancel_before_a_stranger(self, choice: int) -> None:
        """Somebody comes between the announcement and its end, and heard of neither."""
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.join()
        self.attempt(maintenance.cancel_maintenance, self.newest(), body="Not needed.")
        self.sweep()

    def replan_and_live(self, choice: int) -> None:
        """Other reminders, one of them as before: told already, or still to come."""
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        if choice:
            self.go_to(self.newest().scheduled_for - HOUR)
        reminders = [[60, 30], [90, 60], [180, 60, 30]][choice]
        self.attempt(maintenance_notices.set_notices, self.newest(), reminders=reminders)
        self.sweep()
        self.live_on(4)

    def fail_over_a_start(self, choice: int) -> None:
        """The provider is down when work begins, and for a while."""
        late = [40 * MINUTE, 20 * MINUTE, 60 * MINUTE][choice]
        self.announce(2 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        self.provider(is_down=True)
        self.go_to(self.newest().scheduled_for)
        self.time.pass_by(late.total_seconds())
        self.sweep()
        self.everybody_knows()

    def move_and_live(self, choice: int) -> None:
        by = [HOUR, DAY, HOUR][choice]
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        self.sweep()
        window = self.newest()
        start, until = window.scheduled_for + by, window.scheduled_until + by
        self.attempt(
            maintenance.move_maintenance, window, scheduled_for=start, scheduled_until=until, body="Otherwise."
        )
        self.live_on(4)

    def begin_before_it_is_told(self, choice: int) -> None:
        """Work begins early while the provider is down, or before anybody looked; told to all, or to nobody."""
        self.provider(is_down=choice == 1)
        self.announce(4 * HOUR, LENGTHS[1], [60], True)
        if choice == 1:
            self.sweep()
        self.attempt(maintenance.start_maintenance, self.newest(), notify=choice < 2)
        self.sweep()

    def call_off_a_list(self, choice: int) -> None:
        """Windows that one message told of are called off by one, one of them moved before."""
        self.recur(3 * DAY, LENGTHS[1])
        if choice != 1:
            self.sweep()
        if choice == 2:
            self.move(1, HOUR, LENGTHS[1], True)
        self.end_series(True)
        self.sweep()

    def newest(self) -> Any:
        return Maintenance.objects.latest("created_at")

    def go_to(self, moment: Any) -> None:
        """Everything runs until then."""
        while (later := self.next_moment()) and later < self.time.seconds + (moment - self.time.now()).total_seconds():
            self.time.set(later)
            self.sweep()
        self.time.pass_by((moment - self.time.now()).total_seconds())
        self.sweep()
