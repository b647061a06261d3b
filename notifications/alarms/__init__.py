"""Alarms to staff, by another route than the one that is in trouble.

    watch     what `health` finds wrong becomes a row; what is over is said to be over
    routes    mail to ALARM_EMAIL, a POST to ALARM_URL, and always the log

Run by every sweep and by `manage.py watch`, which is still there when all workers are dead.
"""

from .routes import Notice, tell
from .watch import look, look_after, watch

__all__ = ["Notice", "look", "look_after", "tell", "watch"]
