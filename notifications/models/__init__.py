"""Rows of the package: who wants to be told (subscriptions), and the ledger of the telling.

Written by `subscriptions`, `outbox`, `fanout`, `delivery`, `receipts` and `retention` only.
"""

from .alarm import Alarm
from .breaker import Breaker, Pace, Suspicion
from .delivery import Attempt, Delivery
from .endpoint import Endpoint
from .following import Following
from .instance import Instance
from .link_token import LinkToken
from .outbox import Audience, OutboxEvent
from .rate_counter import RateCounter
from .receipt import Receipt
from .staff_alarm import StaffAlarm, StaffRoute
from .subscriber import Subscriber
from .subscription import Subscription
from .suppression import Suppression

__all__ = [
    "Alarm",
    "Attempt",
    "Audience",
    "Breaker",
    "Delivery",
    "Instance",
    "Endpoint",
    "Following",
    "LinkToken",
    "OutboxEvent",
    "Pace",
    "RateCounter",
    "Receipt",
    "StaffAlarm",
    "StaffRoute",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Suspicion",
]
