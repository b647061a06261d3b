"""The one place a Delivery changes state (receipts, a room of its own, moves it forward).

    claim     lease a few rows            queued -> sending
    premise   still true?                 sending -> superseded, suppressed, expired, or open
    courier   render, channel.send        no transaction open
    record    what came of it             sending -> accepted, queued again, or resting
    sweep     what nobody came back for   leases run out, windows moved, time passed
    again     staff's "try again"         unknown, failed -> queued

Called by tasks and commands. Never opens a socket inside a transaction.
"""

from .again import try_again, try_again_by_staff
from .lanes import work, work_and_go_on, work_on_all
from .sweep import upkeep

__all__ = ["try_again", "try_again_by_staff", "upkeep", "work", "work_and_go_on", "work_on_all"]
