"""How long a console publication's messages can still be taken back."""

from datetime import datetime
from typing import Any

from django.conf import settings

from statuspage.vocabulary import Severity


def seconds_left(update: Any, severity: int | None, now: datetime) -> int:
    """Whole seconds until people are told; 0 when they are, or were never to be held."""
    if not update.deliver_notifications or severity == Severity.I or update.author_id is None:
        return 0
    left = settings.UNDO_SECONDS - (now - update.created_at).total_seconds()
    return max(0, int(left))
