"""What these rooms share: a page with the console around it, who acts, and words for an event."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import OutboxEvent
from statuspage import audit

KIND: dict[str, Promise] = {
    "incident_update": _("update"),
    "component_update": _("change of a component"),
    "maintenance_scheduled": _("announcement"),
    "maintenance_moved": _("new times"),
    "maintenance_updated": _("update"),
    "maintenance_started": _("start"),
    "maintenance_delayed": _("late start"),
    "maintenance_overran": _("overrun"),
    "maintenance_current": _("how it stands"),
    "maintenance_completed": _("end"),
    "maintenance_cancelled": _("cancellation"),
    "maintenance_advance": _("advance notice"),
    "maintenance_reminder": _("reminder"),
    "confirmation": _("link to confirm"),
    "already_subscribed": _("link to confirm"),
    "still_yours": _("link to confirm"),
    "manage_link": _("link to manage"),
    "webhook_quarantined": _("warning about a webhook"),
    "webhook_ended": _("end of a webhook"),
    "webhook_confirmation": _("link to confirm"),
    "webhook_manage_link": _("link to manage"),
}
ROOM = {"incident": "admin:incident", "maintenance": "admin:maintenance"}


def actor(request: HttpRequest) -> audit.Actor:
    return audit.staff(request.user)  # type: ignore[arg-type]


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A console page with what the admin site puts around it."""
    around = admin.site.each_context(request)
    return render(request, f"notifications/console/{template}", {**around, **context}, status=status)


def named(event: OutboxEvent) -> dict[str, Any]:
    """An event in words: what it was, of what, and the way there."""
    room = ROOM.get(event.subject_kind)
    return {
        "event": event,
        "name": event.payload.get("name") or KIND.get(event.kind, event.kind),
        "kind": KIND.get(event.kind, event.kind),
        "room": reverse(room, args=[event.subject_id]) if room else "",
    }
