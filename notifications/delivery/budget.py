"""Budget: SMS_DAILY_LIMIT texts a day, whatever they are about. Beyond it they wait in the queue, and staff are told.

It binds Severity I too: it is there for the day on which something publishes in a loop, and a
limit with an exception is none on that day. Urgent texts go first within it, and the public
form has a quarter of it at the most (`limits`), so that strangers cannot use it up. An
operator who raises it and restarts the workers lets the waiting texts go.
"""

from datetime import datetime

from notifications import limits, providers
from notifications.models import Delivery
from notifications.states import Channel, State

from . import breakers

SENT = "texts sent"
"""The counter's key."""
CODE = "daily limit"
REASON = "%(limit)s texts were sent in a day, as many as SMS_DAILY_LIMIT allows"


class Budget:
    """What one lane may still send. Channels that cost nothing have no limit."""

    def __init__(self, channel: str) -> None:
        most = providers.daily_limit(channel)
        self.limit = None if most is None else limits.Limit(SENT, most, limits.DAY)

    def take(self, wanted: int, now: datetime) -> int:
        """Up to `wanted` of the day's texts, to be sent or given back; where none is left staff are told."""
        if self.limit is None:
            return wanted
        taken = limits.allot(self.limit, wanted, now)
        if not taken and not has_some_in_hand():
            breakers.hold(Channel.SMS, limits.ends_at(self.limit, now), REASON % {"limit": self.limit.most}, CODE, now)
        return taken

    def give_back(self, unused: int) -> None:
        """What was taken and not sent."""
        if self.limit and unused:
            limits.give_back(self.limit.key, unused)

    def review(self, now: datetime) -> None:
        """Let go what is held back by a limit that was raised since."""
        if self.limit and limits.left(self.limit, now):
            breakers.let_go(Channel.SMS, CODE)


def has_some_in_hand() -> bool:
    """Whether another lane has taken what it may yet give back."""
    return Delivery.objects.filter(channel=Channel.SMS, state=State.SENDING).exists()
