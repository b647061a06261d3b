"""The maintenance room: announce a window, move it, take it step by step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage import events, ports
from statuspage.actions import maintenance as actions
from statuspage.models import Maintenance
from statuspage.vocabulary import MaintenanceStatus

from . import doors, drafts, telling_of
from .forms import MaintenanceForm, MoveForm, StartForm, StepForm

NOTICE = timedelta(hours=24)
NEEDS_NOTICE = timedelta(minutes=30)
"""The enterprise contract: 24 hours' notice for maintenance in excess of 30 minutes."""

STEPS: dict[str, tuple[str, Any, type[events.MaintenanceEvent], Callable[..., Any]]] = {
    "move": (gettext_lazy("Move the window"), MoveForm, events.MaintenanceMoved, actions.move_maintenance),
    "say": (gettext_lazy("Say more"), StepForm, events.MaintenanceUpdated, actions.publish_maintenance_update),
    "start": (gettext_lazy("Start now"), StartForm, events.MaintenanceStarted, actions.start_maintenance),
    "verify": (gettext_lazy("Verify"), StepForm, events.MaintenanceUpdated, actions.publish_maintenance_update),
    "complete": (gettext_lazy("Complete now"), StepForm, events.MaintenanceCompleted, actions.complete_maintenance),
    "cancel": (gettext_lazy("Cancel it"), StepForm, events.MaintenanceCancelled, actions.cancel_maintenance),
}
WITHOUT_KEY = {"start", "complete"}
"""Steps that can be taken once anyway."""


def new(request: HttpRequest) -> HttpResponse:
    """Announce a window."""
    form = MaintenanceForm(request.POST or drafts.opened(request, "maintenance") or None)
    return doors.Telling(
        request=request,
        form=form,
        template="console/maintenance_new.html",
        event=lambda: announced(form),
        act=lambda: actions.schedule_maintenance(actor=doors.actor(request), **form.facts()),
        target=lambda maintenance: reverse("admin:maintenance", args=[maintenance.pk]),
        context={"title": _("Schedule maintenance")},
        verdict=lambda: verdict(form),
        draft_kind="maintenance",
    ).answer()


def announced(form: MaintenanceForm) -> events.MaintenanceScheduled:
    facts = form.facts()
    return events.MaintenanceScheduled(
        subject_id="",
        update_id="",
        name=facts["name"],
        status=MaintenanceStatus.SCHEDULED,
        body=facts["body"],
        component_ids=tuple(facts["components"]),
        published_at=timezone.now(),
        notify=facts["notify"],
        window_revision=1,
        scheduled_for=facts["scheduled_for"],
        scheduled_until=facts["scheduled_until"],
        time_zone=facts["time_zone"],
    )


def verdict(form: Any) -> dict[str, Any]:
    """What the notice is worth: hours ahead, and whether these minutes will count."""
    window = form.window()
    return judged(window["scheduled_for"], window["scheduled_until"], timezone.now())


def verdict_of(step: str, form: Any) -> dict[str, Any] | None:
    """Moving and starting early make a new window, with its own notice."""
    if step == "move":
        return verdict(form)
    if step == "start":
        now = timezone.now()
        return judged(now, now + form.facts()["lasts"], now)
    return None


def judged(start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    """Pure: kept, or how much is missing."""
    ahead, length = start - now, end - start
    kept = length <= NEEDS_NOTICE or ahead >= NOTICE
    hours = max(ahead, timedelta(0)) / timedelta(hours=1)
    return {"is_kept": kept, "is_short": length <= NEEDS_NOTICE, "hours": f"{hours:.1f}"}


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one window."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    context = {
        "title": maintenance.name,
        "maintenance": maintenance,
        "updates": telling_of.shown(maintenance.updates.select_related("author")),
        "windows": maintenance.windows.select_related("author"),
        "steps": [(step, STEPS[step][0]) for step in possible(maintenance)],
        "notice_at": ports.notice_completed_at(maintenance.pk, maintenance.window_revision),
    }
    return doors.page(request, "console/maintenance.html", context)


def possible(maintenance: Maintenance) -> list[str]:
    """The steps that a window can take from where it is."""
    if maintenance.status == MaintenanceStatus.SCHEDULED:
        return ["say", "move", "start", "cancel"]
    return ["say", "move", "verify", "complete", "cancel"] if maintenance.is_active else []


def step(request: HttpRequest, pk: str, step: str) -> HttpResponse:
    """One step: its form, who will be told, and then it is taken."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    if step not in STEPS:
        raise Http404
    label, form_class, event, act = STEPS[step]
    form = form_class(request.POST or None, initial=first_words(maintenance, step))
    return doors.Telling(
        request=request,
        form=form,
        template="console/step.html",
        event=lambda: preview(maintenance, event, form),
        act=lambda: act(maintenance=maintenance, actor=doors.actor(request), **facts_of(form, step)),
        target=lambda update: reverse("admin:maintenance", args=[pk]),
        context={"title": label, "maintenance": maintenance, "step": step},
        subject=maintenance,
        verdict=lambda: verdict_of(step, form),
    ).answer()


def first_words(maintenance: Maintenance, step: str) -> dict[str, Any]:
    words = {"start": actions.STARTED, "complete": actions.COMPLETED}
    found: dict[str, Any] = {"version": maintenance.version, "body": str(words.get(step, ""))}
    if step == "start":
        length = maintenance.scheduled_until - maintenance.scheduled_for
        found |= {"minutes": round(length / timedelta(minutes=1))}
    if step == "move":
        zone = ZoneInfo(maintenance.time_zone)
        found |= {
            "time_zone": maintenance.time_zone,
            "starts": maintenance.scheduled_for.astimezone(zone).replace(tzinfo=None),
            "ends": maintenance.scheduled_until.astimezone(zone).replace(tzinfo=None),
        }
    return found


def facts_of(form: Any, step: str) -> dict[str, Any]:
    facts = form.facts()
    if step in WITHOUT_KEY:
        facts.pop("idempotency_key")
    if step == "verify":
        facts["status"] = MaintenanceStatus.VERIFYING
    return dict(facts)


def preview(maintenance: Maintenance, event: type[events.MaintenanceEvent], form: Any) -> events.MaintenanceEvent:
    """The event that this step would emit, for the ports to count by."""
    facts = form.facts()
    return event(
        subject_id=maintenance.pk,
        update_id="",
        name=maintenance.name,
        status=maintenance.status,
        body=facts["body"],
        component_ids=tuple(maintenance.claims.values_list("component_id", flat=True)),
        published_at=timezone.now(),
        notify=facts["notify"],
        window_revision=maintenance.window_revision,
        scheduled_for=facts.get("scheduled_for", maintenance.scheduled_for),
        scheduled_until=facts.get("scheduled_until", maintenance.scheduled_until),
        time_zone=maintenance.time_zone,
    )
