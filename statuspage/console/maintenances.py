"""The maintenance room: move a window, take it step by step. It is announced in `planning`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import events, own_words, ports
from statuspage.actions import maintenance as actions
from statuspage.actions.base import MaintenanceClosed
from statuspage.models import Maintenance
from statuspage.publishing.times import duration
from statuspage.vocabulary import MaintenanceStatus

from . import doors, emergencies, lapses, notice, planning, plans, progress, times, withdrawals
from .maintenance_forms import ENDS, MoveForm, StartForm, StepForm
from .plans import Plan
from .telling import Telling


@dataclass(frozen=True)
class Step:
    """One step of a window's life: its words, its form, what it announces, who does it."""

    label: Promise
    help: Promise
    event: type[events.MaintenanceEvent]
    act: Callable[..., Any]
    form: type[StepForm] = StepForm
    body: Promise | None = None
    status: MaintenanceStatus | None = None
    has_key: bool = True


STEPS = {
    "say": Step(
        _("Say more"),
        _("One more word on this window."),
        events.MaintenanceUpdated,
        actions.publish_maintenance_update,
    ),
    "move": Step(
        _("Move the window"),
        _("Everybody who was told of the old times is told of the new ones."),
        events.MaintenanceMoved,
        actions.move_maintenance,
        MoveForm,
    ),
    "start": Step(
        _("Start now"),
        _("It starts by itself at its time. Starting earlier makes a new window, from now on, with its own notice."),
        events.MaintenanceStarted,
        actions.start_maintenance,
        StartForm,
        own_words.STARTED,
        has_key=False,
    ),
    "verify": Step(
        _("Verify"),
        _("The work is done and is being watched."),
        events.MaintenanceUpdated,
        actions.publish_maintenance_update,
        status=MaintenanceStatus.VERIFYING,
    ),
    "complete": Step(
        _("Complete now"),
        _("It completes by itself at its end. Components return to what open incidents say of them."),
        events.MaintenanceCompleted,
        actions.complete_maintenance,
        body=own_words.COMPLETED,
        has_key=False,
    ),
    "cancel": Step(
        _("Cancel it"),
        _("Everybody who was told of it is told that it does not take place."),
        events.MaintenanceCancelled,
        actions.cancel_maintenance,
    ),
}


# --- The room -----------------------------------------------------------------------------------


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one window."""
    maintenance = get_object_or_404(Maintenance.everything, pk=pk)
    if maintenance.withdrawn_at:
        return withdrawals.room(request, maintenance)
    return doors.page(request, "console/maintenance.html", room_context(maintenance))


def room_context(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "title": maintenance.name,
        "maintenance": maintenance,
        "clocks": planning.clocks(maintenance.time_zone),
        "length": duration(maintenance.scheduled_until - maintenance.scheduled_for),
        "components": maintenance.components.select_related("group"),
        "timeline": progress.timeline(maintenance.updates.select_related("author", "maintenance"), timezone.now()),
        "lapses": lapses.sentences(maintenance, timezone.now()),
        "windows": maintenance.windows.select_related("author"),
        "changed_walls": times.changed_walls(maintenance),
        "steps": [(name, STEPS[name].label) for name in possible(maintenance)],
        **noticed(maintenance),
        **emergencies.context(maintenance),
    }


def noticed(maintenance: Maintenance) -> dict[str, Any]:
    """Whom the notice of this window has reached, when everybody had it, and what that is worth."""
    return {
        "reached": notice.reached(ports.notice_reach(maintenance.pk, maintenance.window_revision)),
        "notice_at": ports.notice_completed_at(maintenance.pk, maintenance.window_revision),
        "asks_notice": ports.installed.notice_completed_at is not None,
    }


def possible(maintenance: Maintenance) -> list[str]:
    """The steps that a window can take from where it is."""
    if maintenance.status == MaintenanceStatus.SCHEDULED:
        return ["say", "move", "start", "cancel"]
    if maintenance.status == MaintenanceStatus.IN_PROGRESS:
        return ["say", "move", "verify", "complete", "cancel"]
    return ["say", "move", "complete", "cancel"] if maintenance.is_active else []


# --- Steps --------------------------------------------------------------------------------------


def step(request: HttpRequest, pk: str, step: str) -> HttpResponse:
    """One step: its form, who will be told, and then it is taken."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    taken = STEPS.get(step)
    if taken is None:
        raise Http404
    return Telling(
        request=request,
        make=lambda data: taken.form(data, maintenance=maintenance, body=as_prefilled(taken)),
        template="console/step.html",
        context=lambda: step_context(maintenance, step),
        event=lambda form: preview(maintenance, taken, form),
        act=lambda form: act(request, maintenance, taken, form),
        target=lambda update: reverse("admin:maintenance", args=[pk]),
        subject=maintenance,
        review_context=lambda form: review(maintenance, taken, form),
    ).answer()


def as_prefilled(taken: Step) -> str:
    """What stands in the form: the page's own words in the page's language, which readers get in theirs."""
    return own_words.as_stored(taken.body) if taken.body else ""


def step_context(maintenance: Maintenance, step: str) -> dict[str, Any]:
    return {
        "title": STEPS[step].label,
        "help": lapses.help_of(maintenance, step, STEPS[step].help),
        "maintenance": maintenance,
        "clocks": planning.clocks(maintenance.time_zone),
        "step": step,
        **(planning.asked_at("maintenance-step-verdict", maintenance.pk, step) if step in {"move", "start"} else {}),
        "is_late": step not in possible(maintenance),
    }


def act(request: HttpRequest, maintenance: Maintenance, taken: Step, form: Any) -> Any:
    facts = form.facts()
    if not taken.has_key:
        facts.pop("idempotency_key")
    if taken.status:
        facts["status"] = taken.status
    try:
        return taken.act(maintenance=maintenance, actor=doors.actor(request), **facts)
    except MaintenanceClosed:
        if taken.has_key or not (earlier := same_press(request, maintenance, facts["body"])):
            raise
        return earlier


def same_press(request: HttpRequest, maintenance: Maintenance, body: str) -> Any:
    """What an earlier press of a button did that can be pressed once anyway."""
    newest = maintenance.updates.order_by("-created_at").first()
    is_same = newest and (newest.author, newest.body) == (request.user, body)
    return newest if is_same else None


def review(maintenance: Maintenance, taken: Step, form: Any) -> dict[str, Any]:
    """Moving, and starting early, make a new window."""
    facts = form.facts()
    start, end = window_after(maintenance, facts)
    held = maintenance.scheduled_for, maintenance.scheduled_until
    if (start, end) == held:
        return {}
    judged = planning.judged(plan_after(maintenance, taken, start, end, form))
    ends = emergencies.ended_by_move(maintenance) if taken.event is events.MaintenanceMoved else []
    return {"was": held, **judged, "warnings": [*ends, *judged["warnings"]]}


def plan_after(maintenance: Maintenance, taken: Step, start: datetime, end: datetime, form: Any) -> Plan:
    """The window with these times, as this step would announce it with what is on its form so far."""
    said = form.cleaned_data
    return Plan(
        start=start,
        end=end,
        components=plans.components_of(maintenance),
        notify=said.get("notify", True),
        time_zone=said.get("time_zone", maintenance.time_zone),
        event=taken.event,
        maintenance=maintenance,
    )


def window_after(maintenance: Maintenance, facts: dict[str, Any]) -> tuple[datetime, datetime]:
    """The window as this step leaves it."""
    now = timezone.now()
    if "lasts" in facts and now < maintenance.scheduled_for:
        return now, now + facts["lasts"]
    return facts.get("scheduled_for", maintenance.scheduled_for), facts.get(
        "scheduled_until", maintenance.scheduled_until
    )


def preview(maintenance: Maintenance, taken: Step, form: Any) -> events.MaintenanceEvent:
    """The event that this step would emit, for the ports to count by."""
    facts = form.facts()
    plan = plan_after(maintenance, taken, *window_after(maintenance, facts), form)
    return replace(plan.announcement(body=facts["body"]), status=taken.status or maintenance.status)


# --- While it is typed --------------------------------------------------------------------------


@require_safe
def verdict(request: HttpRequest, pk: str, step: str) -> HttpResponse:
    """What a step's form says so far of new times, as a piece of a page."""
    maintenance, taken = get_object_or_404(Maintenance, pk=pk), STEPS.get(step)
    if taken is None:
        raise Http404
    form = taken.form(request.GET, maintenance=maintenance)
    form.is_valid()
    if isinstance(form, StartForm) and (minutes := form.cleaned_data.get("minutes")):
        form.instants = dict(zip(ENDS, window_after(maintenance, {"lasts": timedelta(minutes=minutes)}), strict=True))
    return planning.piece(request, form, lambda start, end: plan_after(maintenance, taken, start, end, form))
