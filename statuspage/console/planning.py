"""The planner: announce a window, with an answer while it is typed. Thin door to `actions.maintenance`."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from statuspage import audit, ports
from statuspage.actions import approvals
from statuspage.actions import maintenance as actions
from statuspage.labels import IMPACT
from statuspage.models import Component, EmergencyApproval, Maintenance
from statuspage.publishing.times import UTC_NAMES, Clock, duration, zone_of
from statuspage.vocabulary import Impact

from . import beside, doors, notice, quiet_hours
from .maintenance_forms import ENDS, MaintenanceForm
from .plans import Plan
from .telling import Telling


def new(request: HttpRequest) -> HttpResponse:
    """Announce a window."""
    return Telling(
        request=request,
        make=MaintenanceForm,
        template="console/maintenance_new.html",
        context=lambda: {"title": _("Schedule maintenance"), **beside.lists(), **asked_at("maintenance-verdict")},
        beside=lambda form: {"quiet": quiet_hours.so_far(form)},
        event=lambda form: plan_of(form).announcement(name=form.facts()["name"], body=form.facts()["body"]),
        act=lambda form: announce(form, doors.actor(request)),
        target=lambda maintenance: reverse("admin:maintenance", args=[maintenance.pk]),
        draft_kind="maintenance",
        review_context=review_new,
    ).answer()


@transaction.atomic
def announce(form: MaintenanceForm, actor: audit.Actor) -> Maintenance:
    """Schedule it, and with a reason ask that it be excluded without notice; both or neither."""
    maintenance = actions.schedule_maintenance(actor=actor, **form.facts())
    reason = form.cleaned_data["emergency"]
    if reason and not EmergencyApproval.objects.filter(maintenance=maintenance).exists():
        approvals.request_emergency(maintenance=maintenance, reason=reason, actor=actor)
    return maintenance


def plan_of(form: Any) -> Plan:
    """What a valid form would announce."""
    facts = form.facts()
    return Plan(
        start=facts["scheduled_for"],
        end=facts["scheduled_until"],
        components=tuple(facts["components"]),
        notify=facts["notify"],
        time_zone=facts["time_zone"],
    )


def review_new(form: MaintenanceForm) -> dict[str, Any]:
    plan, impact = plan_of(form), form.facts()["impact"]
    lines = [(_("Impact"), IMPACT[impact])] if impact != Impact.MAINTENANCE else []
    if reason := form.cleaned_data["emergency"]:
        lines.append((_("Notice was not possible"), reason))
    return {"lines": [*lines, *form.unusual_lines()], "components": names_of(plan), **judged(plan)}


def names_of(plan: Plan) -> list[str]:
    """The components' names, those of groups with their group's."""
    touched = Component.objects.select_related("group").filter(pk__in=plan.components)
    return [each.full_name for each in touched]


def judged(plan: Plan) -> dict[str, Any]:
    """A window in words: its times, its verdict, what it meets, and what must be confirmed."""
    verdict = plan.verdict()
    return {
        "window": (plan.start, plan.end),
        "clocks": clocks(plan.time_zone),
        "length": duration(plan.end - plan.start),
        "verdict": verdict,
        "warnings": beside.warnings(plan),
        "confirm": "" if verdict.is_kept else to_confirm(verdict),
        "takes": takes(plan),
    }


def takes(plan: Plan) -> str:
    """How long the messages will take, where that is worth saying."""
    span = ports.fan_out_estimate(plan.announcement()) if plan.notify else None
    if span is None or span < timedelta(minutes=1):
        return ""
    return _("It takes about %(time)s until the last of them has it.") % {"time": notice.hours(span)}


def to_confirm(verdict: notice.Verdict) -> str:
    return ngettext(
        "Announce it all the same: %(count)s minute will count as downtime.",
        "Announce it all the same: %(count)s minutes will count as downtime.",
        verdict.minutes,
    ) % {"count": verdict.minutes}


def clocks(*names: str) -> list[Clock]:
    """A clock for each zone that is not UTC, the page's after the window's own; UTC's where there is none."""
    now = timezone.now()
    wanted = dict.fromkeys([*names, settings.PAGE_TIME_ZONE])
    zones = [zone_of(name) for name in wanted if name not in UTC_NAMES] or [zone_of("UTC")]
    return [Clock(zone, now) for zone in zones]


# --- While it is typed --------------------------------------------------------------------------


@require_safe
def verdict(request: HttpRequest) -> HttpResponse:
    """What is typed so far, as a piece of a page: both zones' times, and what the notice would be worth."""
    form = MaintenanceForm(request.GET)
    return piece(request, form, lambda start, end: plan_so_far(form, start, end))


def plan_so_far(form: MaintenanceForm, start: datetime, end: datetime) -> Plan:
    said = form.cleaned_data
    return Plan(
        start=start,
        end=end,
        components=tuple(said.get("components", ())),
        notify=said.get("notify", True),
        time_zone=said["time_zone"],
    )


def piece(request: HttpRequest, form: Any, plan: Any) -> HttpResponse:
    """The verdict of a form that may lack anything; `plan`: start, end -> Plan, asked where there is a window."""
    form.is_valid()
    context: dict[str, Any] = {"troubles": troubles(form), "asks": sorted(getattr(form, "asked", ()))}
    if not context["troubles"] and (window := window_so_far(form)):
        context |= judged(plan(*window))
    return doors.page(request, "console/verdict.html", context)


def window_so_far(form: Any) -> tuple[datetime, datetime] | None:
    """Start and end, where both are there and in order."""
    found = getattr(form, "instants", {})
    start, end = found.get("starts"), found.get("ends")
    return (start, end) if start and end else None


def troubles(form: Form) -> list[str]:
    """What is wrong with what was typed of the times; what is still empty is not wrong yet."""
    typed = [name for name in ENDS if form[name].value()] if "starts" in form.fields else []
    return [str(error) for name in typed for error in form.errors.get(name, ())]


def asked_at(name: str, *args: Any) -> dict[str, str]:
    """Where the script asks while somebody types."""
    return {"verdict_address": reverse(f"admin:{name}", args=args)}
