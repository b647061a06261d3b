"""Emergencies in the maintenance room: ask that a window be excluded without notice, and approve it. Thin doors."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.actions import approvals as actions
from statuspage.models import EmergencyApproval, Maintenance
from statuspage.roles import Ability

from . import doors, plans
from .emergency_forms import ApprovalForm, EmergencyForm
from .keeping import Keeping


def ask(request: HttpRequest, pk: str) -> HttpResponse:
    """Say why notice was not possible."""
    actor = doors.actor(request)
    actor.require(Ability.PUBLISH)
    maintenance = get_object_or_404(Maintenance, pk=pk)
    held = EmergencyApproval.objects.filter(maintenance=maintenance).first()
    form = EmergencyForm(request.POST or None, initial={"reason": held.reason if held else ""})
    return Keeping(
        request=request,
        form=form,
        template="console/emergency.html",
        context={"title": _now("Notice was not possible"), **context(maintenance)},
        act=lambda: actions.request_emergency(maintenance=maintenance, actor=actor, **form.cleaned_data),
        target=lambda done: reverse("admin:maintenance", args=[pk]),
        said=_("Asked for. A service-level officer has to approve it before the start."),
    ).answer()


def approve(request: HttpRequest, pk: str) -> HttpResponse:
    """Read what somebody asked for, and approve it."""
    actor = doors.actor(request)
    actor.require(Ability.SERVICE_LEVELS)
    maintenance = get_object_or_404(Maintenance, pk=pk)
    held = EmergencyApproval.objects.filter(maintenance=maintenance).first()
    if held is None:
        raise Http404
    form = ApprovalForm(
        request.POST if request.method == "POST" else None, initial={"seen": held.requested_at.isoformat()}
    )
    return Keeping(
        request=request,
        form=form,
        template="console/emergency.html",
        context={"title": _now("Approve maintenance without notice"), "approves": True, **context(maintenance)},
        act=lambda: actions.approve_emergency(maintenance=maintenance, actor=actor, **form.cleaned_data),
        target=lambda done: reverse("admin:maintenance", args=[pk]),
        said=_("Approved: this window is excluded from availability."),
    ).answer()


def context(maintenance: Maintenance) -> dict[str, Any]:
    """What the room says of it, and both forms."""
    people = EmergencyApproval.objects.select_related("requested_by", "approved_by")
    is_ahead = maintenance.is_open and not maintenance.started_at
    verdict = plans.verdict_of(maintenance)
    expected = plans.expected(maintenance) if is_ahead and verdict is None else None
    judged = verdict or expected
    return {
        "maintenance": maintenance,
        "emergency": people.filter(maintenance=maintenance).first(),
        "verdict": verdict,
        "expected": expected,
        "is_wanting": is_ahead and judged is not None and not judged.is_kept,
    }


def ended_by_move(maintenance: Maintenance) -> list[str]:
    """What whoever moves a window should know before."""
    if maintenance.is_active or not EmergencyApproval.objects.filter(maintenance=maintenance).exists():
        return []
    return [
        _now(
            "That notice was not possible was said of the old times and ends with them: "
            "for the new ones it must be asked for, and approved before the start, again."
        )
    ]
