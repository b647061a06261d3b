"""Alarms to staff, by another route than the one that is in trouble.

    watch     what `health` finds wrong becomes a row; what is over is said to be over
    staff     what is promised to somebody and runs out, to each of staff by the way they chose
    routes    mail to ALARM_EMAIL, a POST to ALARM_URL, and always the log

`staff` is told what `statuspage.events.alarm_staff` raised. Run by every sweep and by `manage.py watch`, which is
still there when all workers are dead.
"""

from . import staff
from .routes import Notice, tell
from .watch import look, look_after, watch

__all__ = ["Notice", "look", "look_after", "staff", "tell", "watch"]
