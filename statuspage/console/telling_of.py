"""How the telling of updates goes: progress, what can still be stopped, and who stopped it."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from statuspage import ports
from statuspage.actions.telling import STOPPED
from statuspage.models import AuditEntry


def shown(updates: Iterable[Any]) -> list[Any]:
    """The updates, each with `progress`, `undo_seconds` and `stopped` (an audit entry) for the templates."""
    rows = list(updates)
    stops = AuditEntry.objects.filter(action=STOPPED, object_id__in=[row.pk for row in rows])
    stopped = {entry.object_id: entry for entry in stops}
    for row in rows:
        row.progress = ports.progress(row.pk)
        row.stopped = stopped.get(row.pk)
        row.undo_seconds = seconds_left(row.pk)
    return rows


def seconds_left(update_id: str) -> int:
    """Whole seconds until people are told; 0 when they are, or will not be."""
    until = ports.held_until(update_id)
    return max(0, int((until - timezone.now()).total_seconds())) if until else 0
