"""Enquiries: Twilio is asked for the receipts that never came.

It calls back once, and again a few times; where our end was down for longer, only its own
record still knows. What it says goes the way of every receipt.
"""

import time

from . import providers, receipts
from .channels.base import Reporting, Unavailable
from .channels.twilio_codes import ON_ITS_WAY, rank_of
from .clock import database_now
from .delivery import overdue
from .delivery.senders import senders_for
from .states import Channel

GROUP = 10
MOST = 200
SECONDS = 2.0
"""Of one round of the sweep: ten thousand receipts lost at once are asked for in a few minutes, and nothing waits."""


def ask_for_receipts() -> int:
    """Ask about the texts whose receipts are overdue, as many as fit in one round; how many answers came."""
    first_wait = providers.receipt_after(Channel.SMS)
    if first_wait is None:
        return 0
    until, answers = time.monotonic() + SECONDS, 0
    while answers < MOST and time.monotonic() < until:
        rows = overdue.take(GROUP, database_now(), first_wait)
        asked = sum(answered(row) for row in rows)
        answers += asked
        if asked < GROUP:
            break
    return answers


def answered(row: overdue.Overdue) -> bool:
    """Ask about one text, and follow what is said; False where there was no answer."""
    provider = senders_for(Channel.SMS).one()
    if not isinstance(provider, Reporting):
        return False
    report = provider.look_up(row.reference)
    if isinstance(report, Unavailable):
        return False
    if rank_of(report.status) > ON_ITS_WAY:
        receipts.receive(row.id, receipts.twilio_report(report))
    return True
