"""The maintenance room: announce a window, move it, take it step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import events, own_words, ports
from statuspage.actions import maintenance as actions
from statuspage.actions.base import MaintenanceClosed
from statuspage.models import Component, Maintenance
from statuspage.publishing.times import UTC_NAMES, Clock, duration, zone_of
from statuspage.vocabulary import MaintenanceStatus

from . import doors, lapses, notice, progress, times
from .maintenance_forms import MaintenanceForm, MoveForm, StartForm, StepForm
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


def new(request: HttpRequest) -> HttpResponse:
    """Announce a window."""
    return Telling(
        request=request,
        make=MaintenanceForm,
        template="console/maintenance_new.html",
        context=lambda: {"title": _now("Schedule maintenance")},
        event=announced,
        act=lambda form: actions.schedule_maintenance(actor=doors.actor(request), **form.facts()),
        target=lambda maintenance: reverse("admin:maintenance", args=[maintenance.pk]),
        draft_kind="maintenance",
        review_context=review_new,
    ).answer()


def announced(form: MaintenanceForm) -> events.MaintenanceScheduled:
    """The event that publishing this form would emit, for the ports to count by."""
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


def review_new(form: MaintenanceForm) -> dict[str, Any]:
    facts = form.facts()
    touched = Component.objects.select_related("group").filter(pk__in=facts["components"])
    return {
        "window": (facts["scheduled_for"], facts["scheduled_until"]),
        "clocks": clocks(facts["time_zone"]),
        "length": duration(facts["scheduled_until"] - facts["scheduled_for"]),
        "components": [each.full_name for each in touched],
        "verdict": verdict(form),
    }


def verdict(form: Any) -> notice.Verdict:
    """What the notice is worth if this is published now."""
    facts = form.facts()
    tells = facts["notify"] or ports.installed.audience is None
    start, end = facts["scheduled_for"], facts["scheduled_until"]
    return notice.verdict(start, end, notice_at=timezone.now(), tells=tells)


def clocks(*names: str) -> list[Clock]:
    """A clock for each zone that is not UTC, the page's after the window's own; UTC's where there is none."""
    now = timezone.now()
    wanted = dict.fromkeys([*names, settings.PAGE_TIME_ZONE])
    zones = [zone_of(name) for name in wanted if name not in UTC_NAMES] or [zone_of("UTC")]
    return [Clock(zone, now) for zone in zones]


# --- The room -----------------------------------------------------------------------------------


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one window."""
    maintenance = get_object_or_404(Maintenance, pk=pk)
    return doors.page(request, "console/maintenance.html", room_context(maintenance))


def room_context(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "title": maintenance.name,
        "maintenance": maintenance,
        "clocks": clocks(maintenance.time_zone),
        "length": duration(maintenance.scheduled_until - maintenance.scheduled_for),
        "components": maintenance.components.select_related("group"),
        "timeline": progress.timeline(maintenance.updates.select_related("author", "maintenance"), timezone.now()),
        "lapses": lapses.sentences(maintenance, timezone.now()),
        "windows": maintenance.windows.select_related("author"),
        "changed_walls": times.changed_walls(maintenance),
        "steps": [(name, STEPS[name].label) for name in possible(maintenance)],
        **noticed(maintenance),
    }


def noticed(maintenance: Maintenance) -> dict[str, Any]:
    """Whom the notice of this window has reached, when everybody had it, and what that is worth."""
    at = ports.notice_completed_at(maintenance.pk, maintenance.window_revision)
    reached = notice.reached(ports.notice_reach(maintenance.pk, maintenance.window_revision))
    if at is None:
        return {"reached": reached, "asks_notice": ports.installed.notice_completed_at is not None}
    start, end = maintenance.scheduled_for, maintenance.scheduled_until
    return {"reached": reached, "notice_at": at, "verdict": notice.verdict(start, end, notice_at=at)}


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
        review_context=lambda form: review(maintenance, form),
    ).answer()


def as_prefilled(taken: Step) -> str:
    """What stands in the form: the page's own words in the page's language, which readers get in theirs."""
    return own_words.as_stored(taken.body) if taken.body else ""


def step_context(maintenance: Maintenance, step: str) -> dict[str, Any]:
    return {
        "title": STEPS[step].label,
        "help": lapses.help_of(maintenance, step, STEPS[step].help),
        "maintenance": maintenance,
        "clocks": clocks(maintenance.time_zone),
        "step": step,
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


def review(maintenance: Maintenance, form: Any) -> dict[str, Any]:
    """Moving, and starting early, make a new window."""
    facts = form.facts()
    start, end = window_after(maintenance, facts)
    held = maintenance.scheduled_for, maintenance.scheduled_until
    if (start, end) == held:
        return {}
    tells = facts["notify"] or ports.installed.audience is None
    return {
        "window": (start, end),
        "was": held,
        "length": duration(end - start),
        "verdict": notice.verdict(start, end, notice_at=timezone.now(), tells=tells),
    }


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
    start, end = window_after(maintenance, facts)
    return taken.event(
        subject_id=maintenance.pk,
        update_id="",
        name=maintenance.name,
        status=taken.status or maintenance.status,
        body=facts["body"],
        component_ids=tuple(maintenance.claims.values_list("component_id", flat=True)),
        published_at=timezone.now(),
        notify=facts["notify"],
        window_revision=maintenance.window_revision,
        scheduled_for=start,
        scheduled_until=end,
        time_zone=maintenance.time_zone,
    )
