"""What a provider's page said while a component was down, kept as it was seen: only ever added to. Pure.

`{"incidents": [{"id", "name", "impact", "url", "seen_at", "updates": [{"id", "status", "body", "created_at",
"seen_at"}]}]}`, all texts; times are ISO 8601 in UTC. An update whose text was changed is there twice, each as it was
seen.
"""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .reading import Said, Trouble

INCIDENTS_MAX = 50
UPDATES_MAX = 200
"""Of one outage; an outage that goes on for months does not grow a row without end."""

Kept = dict[str, Any]


def added(kept: Kept | None, seen: Iterable[Trouble], *, page: str, at: datetime) -> Kept | None:
    """What was kept, with what was seen now; the same again adds nothing. None: nothing was ever seen."""
    found: Kept = copy.deepcopy(kept) if kept else {"incidents": []}
    for incident in seen:
        _note(found["incidents"], incident, page, at.isoformat())
    return found if found["incidents"] else None


def _note(rows: list[Kept], incident: Trouble, page: str, at: str) -> None:
    row = next((each for each in rows if each["id"] == incident.id), None)
    if row is None:
        if len(rows) >= INCIDENTS_MAX:
            return
        row = {"id": incident.id, "seen_at": at, "updates": []}
        rows.append(row)
    row |= {"name": incident.name, "impact": incident.impact, "url": incident.url or page}
    said = {(each["id"], each["status"], each["body"]) for each in row["updates"]}
    for update in incident.updates:
        if (update.id, update.status, update.body) not in said and len(row["updates"]) < UPDATES_MAX:
            row["updates"].append(_update(update, at))


def _update(said: Said, at: str) -> Kept:
    created_at = said.created_at.isoformat() if said.created_at else None
    return {"id": said.id, "status": said.status, "body": said.body, "created_at": created_at, "seen_at": at}
