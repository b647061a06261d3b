"""What is posted to endpoints: Statuspage's envelope around what was frozen with the publication.

The same delivery gives the same bytes whenever it is built: `generated_at` is when it was
due, not when it is sent. JSON in ASCII, so that every receiver reads it alike.
"""

import json
from typing import Any

from django.conf import settings

from notifications.dialect import VIEW
from notifications.models import OutboxEvent
from notifications.notices import REMINDER
from statuspage.publishing.api_v2 import time

GAP = "https://unsubscribe-link-goes-here.invalid"
"""Stands in the body where the subscription's own link will be: an address, which JSON leaves as it is."""


class Template:
    """One event's body, with a gap for the link. Raises KeyError where nothing was frozen for webhooks."""

    def __init__(self, event: OutboxEvent) -> None:
        before, after = json.dumps(body_of(event), separators=(",", ":")).split(GAP)
        self._before, self._after = before.encode("ascii"), after.encode("ascii")

    def fill(self, unsubscribe_url: str) -> bytes:
        """The body for one subscription."""
        return self._before + unsubscribe_url.encode("ascii") + self._after


def body_of(event: OutboxEvent) -> dict[str, Any]:
    """`meta`, `page` and what the event is about: `incident`, or `component` with its `component_update`."""
    meta = {
        "unsubscribe": GAP,
        "documentation": f"{settings.SITE_URL}/subscribe#webhook",
        "generated_at": time(event.published_at),
    }
    return {"meta": meta, **reminded(event)}


def reminded(event: OutboxEvent) -> dict[str, Any]:
    """The frozen part; a reminder says when it was given."""
    view: dict[str, Any] = event.payload[VIEW]
    if event.kind != REMINDER:
        return view
    return view | {"incident": view["incident"] | {"scheduled_reminded_at": time(event.published_at)}}
